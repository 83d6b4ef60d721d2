"""One procedure at a time for each private identity, with few waiting."""

from collections import deque

from scscf.errors import SipError
from scscf.profile.service_profile import UserProfile
from scscf.promise import Promise


class Turns:
    """Whose turn it is, by private identity. Whoever takes a turn gives it back, whatever happens."""

    WAITERS = 4
    """How many may wait for the one at work; a further one gets 500."""

    def __init__(self) -> None:
        self._taken: dict[str, deque[Promise[None]] | None] = {}
        self._ended: set[str] = set()
        self._pushed: dict[str, UserProfile] = {}

    def __len__(self) -> int:
        """Return how many private identities have a procedure at work."""
        return len(self._taken)

    def __contains__(self, private_identity: str) -> bool:
        """Tell whether a procedure of this private identity is at work."""
        return private_identity in self._taken

    @property
    def waiting(self) -> int:
        """How many procedures wait for their turn."""
        return sum(len(waiters) for waiters in self._taken.values() if waiters)

    def take_at_once(self, private_identity: str) -> bool:
        """Take the turn where nobody has it; else return False."""
        if private_identity in self._taken:
            return False
        self._taken[private_identity] = None
        return True

    async def take(self, private_identity: str) -> None:
        """Take the turn once those who came before have given it back. Raises SipError(500) where too many wait."""
        if not self.take_at_once(private_identity):
            await self._wait(private_identity, self.WAITERS)

    async def take_patiently(self, private_identity: str) -> None:
        """Take the turn however many wait for it already: for what has nobody to be refused to."""
        if not self.take_at_once(private_identity):
            await self._wait(private_identity, None)

    def end(self, private_identity: str) -> bool:
        """Tell the procedure at work, if any, that its registration is over before it has come to be."""
        if private_identity not in self._taken:
            return False
        self._ended.add(private_identity)
        return True

    def is_ended(self, private_identity: str) -> bool:
        """Tell the procedure at work whether its registration is over already."""
        return bool(self._ended) and private_identity in self._ended

    def push(self, private_identity: str, profile: UserProfile) -> bool:
        """Tell the procedure at work, if any, that the HSS has changed the profile; return whether there is one."""
        if private_identity not in self._taken:
            return False
        self._pushed[private_identity] = profile
        return True

    def pushed(self, private_identity: str) -> UserProfile | None:
        """Return the profile that the HSS has sent while the procedure was at work."""
        return self._pushed.get(private_identity) if self._pushed else None

    def give_back(self, private_identity: str) -> None:
        """Let the next in line go on."""
        if self._ended:
            self._ended.discard(private_identity)
        if self._pushed:
            self._pushed.pop(private_identity, None)
        waiters = self._taken[private_identity]
        if waiters:
            waiters.popleft().keep(None)
        else:
            del self._taken[private_identity]

    async def _wait(self, private_identity: str, most: int | None) -> None:
        waiters = self._taken[private_identity]
        if waiters is None:
            waiters = self._taken[private_identity] = deque()
        if most is not None and len(waiters) >= most:
            raise SipError(500, "Too Many Requests Waiting", [("Retry-After", "1")])
        turn: Promise[None] = Promise()
        waiters.append(turn)
        await turn
