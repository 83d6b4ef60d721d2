"""The security associations that clients of NTLM have with this server (MS-SIPAE §3.3.1)."""

from base64 import b64encode
from collections import OrderedDict

from scscf.auth.ntlm import MessageKeys, Target, challenge_message
from scscf.auth.security_association import Input, SecurityAssociation, State
from scscf.auth.sipae import VERSIONS
from scscf.sip.credentials import Credentials

__all__ = ["SecurityAssociation", "SecurityAssociations", "State"]


class SecurityAssociations:
    """Every association, bounded in number for each endpoint, for each user and in all; the oldest makes room.

    `version` is the highest of the protocol that is offered; `lifetime` is that of an association, in seconds, and
    `limit` bounds the established ones and, apart from them, the challenges that have no answer yet.
    """

    PER_USER = 64
    """Established ones of a private identity and, apart from them, challenges for an address of record."""
    PER_ENDPOINT = 4
    """Established ones of an endpoint: requests may be on their way in one while it agrees on the next."""
    UNANSWERED_FOR = 60.0
    """Seconds after which a challenge without an answer goes."""

    def __init__(
        self,
        realm: str,
        targetname: str,
        version: int,
        target: Target,
        lifetime: float = 28800.0,
        limit: int = 100_000,
    ) -> None:
        self.realm = realm
        self.targetname = targetname
        self.version = version
        self._target = target
        self._lifetime = lifetime
        self._challenged = _Kept(limit, self.PER_USER)
        self._established = _Kept(limit, self.PER_USER)
        self._used: dict[tuple[str, str | tuple[str, int]], SecurityAssociation] = {}
        """(private identity, endpoint), (AOR, endpoint), (AOR, address) → the association that was used last."""

    def __len__(self) -> int:
        """Return how many associations there are, those with a challenge without an answer among them."""
        return len(self._challenged.every) + len(self._established.every)

    def __contains__(self, opaque: str) -> bool:
        """Tell whether an association has this name."""
        return self.named(opaque) is not None

    def first_challenge(self) -> str:
        """Return the value of WWW-Authenticate that says what is offered, and no more (MS-SIPAE §3.3.5.1)."""
        return f'NTLM realm="{self.realm}", targetname="{self.targetname}", version={self.version}'

    def open(self, opaque: str, server_challenge: bytes, now: float, aor: str, endpoint: str) -> str:
        """Begin an association of an endpoint, and return the value of WWW-Authenticate with its CHALLENGE_MESSAGE.

        `opaque` is its name, 8 random hex digits; whichever had that name before is forgotten. `server_challenge` is
        8 random octets.
        """
        self.sweep(now)
        before = self.named(opaque)
        if before is not None:
            self.end(before)
        challenge = challenge_message(server_challenge, self._target)
        sa = SecurityAssociation(self, opaque, challenge, now + self.UNANSWERED_FOR, aor, endpoint)
        for gone in self._challenged.put(aor, sa):
            self.end(gone)
        data = b64encode(challenge).decode("ascii")
        return (
            f'NTLM opaque="{opaque}", gssapi-data="{data}", targetname="{self.targetname}", '
            f'realm="{self.realm}", version={self.version}'
        )

    def find(self, credentials: Credentials, endpoint: str, now: float) -> SecurityAssociation | None:
        """Return the association of an endpoint that credentials name by their opaque (MS-SIPAE §3.3.5.2).

        None for one that is unknown, another endpoint's, withdrawn or over, and for credentials for another realm or
        another server name.
        """
        params = credentials.params
        if params.get("realm", self.realm) != self.realm or params.get("targetname", "") not in ("", self.targetname):
            return None
        sa = self.named(params.get("opaque", ""))
        if sa is None or sa.endpoint != endpoint or sa.state is State.WITHDRAWN:
            return None
        if sa.expires_at <= now:
            self._forget(sa, Input.RAN_OUT)
            return None
        return sa

    def named(self, opaque: str) -> SecurityAssociation | None:
        """Return the association of this name, whatever its state is."""
        return self._established.every.get(opaque) or self._challenged.every.get(opaque)

    def signing(self, user: str, where: str | tuple[str, int], now: float) -> SecurityAssociation | None:
        """Return the association in which messages to an endpoint are signed: that which it has used last.

        `user` is a private identity, and `where` the name of the endpoint; or an address of record, and where the
        name or the address (host, port) that messages are sent to. None where there is none, or its time is over.
        """
        sa = self._used.get((user, where))
        return sa if sa is not None and sa.keys is not None and sa.expires_at > now else None

    def establish(
        self, sa: SecurityAssociation, private_identity: str, keys: MessageKeys, now: float, version: int = 0
    ) -> None:
        """Give an association its user and its keys; one that is established already, or over, stays what it is.

        `version`: of the protocol, as the client says; 0 and what is not offered stand for the highest offered.
        """
        if sa.state is not State.CHALLENGED:
            return
        self._challenged.drop(sa.aor, sa)
        sa.establish(private_identity, keys, now + self._lifetime)
        if version in VERSIONS and version < self.version:
            sa.version = version
        gone = self._established.put(private_identity, sa)
        own = [each for each in self._established.of(private_identity) if each.endpoint == sa.endpoint]
        for each in {*gone, *own[: -self.PER_ENDPOINT]}:
            self.end(each)

    def use(self, sa: SecurityAssociation, remote: tuple[str, int]) -> None:
        """Note that a request within an association has come from an address: messages go back by it."""
        if sa.remote is not None and sa.remote != remote:
            self._unuse(sa, (sa.aor, sa.remote))
        sa.remote = remote
        for key in _keys(sa):
            self._used[key] = sa

    def end(self, sa: SecurityAssociation) -> None:
        """Forget an association."""
        self._forget(sa, Input.ENDED)

    def withdraw(self, private_identity: str) -> int:
        """Take no request in any association of a private identity, so that its next one is challenged.

        Return how many there were. What is sent to its endpoints stays signed.
        """
        mine = [sa for sa in self._established.of(private_identity) if sa.is_established]
        for sa in mine:
            sa.withdraw()
        return len(mine)

    def clear(self) -> int:
        """Forget everything; return how many associations there were."""
        every = [*self._challenged.every.values(), *self._established.every.values()]
        for sa in every:
            self.end(sa)
        return len(every)

    def sweep(self, now: float) -> None:
        """Forget the associations that have run out: the oldest stand first."""
        for kept in (self._challenged, self._established):
            while kept.every:
                sa = next(iter(kept.every.values()))
                if sa.expires_at > now:
                    break
                self._forget(sa, Input.RAN_OUT)

    def _forget(self, sa: SecurityAssociation, why: Input) -> None:
        self._challenged.drop(sa.aor, sa)
        self._established.drop(sa.private_identity or "", sa)
        for key in _keys(sa):
            self._unuse(sa, key)
        sa.over(why)

    def _unuse(self, sa: SecurityAssociation, key: tuple[str, str | tuple[str, int]]) -> None:
        if self._used.get(key) is sa:
            del self._used[key]


class _Kept:
    """Associations by name, in the order in which they came, with a bound for each user and one for all."""

    def __init__(self, limit: int, per_user: int) -> None:
        self.every: OrderedDict[str, SecurityAssociation] = OrderedDict()
        self._limit = limit
        self._per_user = per_user
        self._of_user: dict[str, list[SecurityAssociation]] = {}

    def of(self, user: str) -> list[SecurityAssociation]:
        """Return those of a user, the oldest first."""
        return list(self._of_user.get(user, ()))

    def put(self, user: str, sa: SecurityAssociation) -> list[SecurityAssociation]:
        """Take one in, and return those that have to make room."""
        self.every[sa.opaque] = sa
        own = self._of_user.setdefault(user, [])
        own.append(sa)
        if len(own) > self._per_user:
            return [own[0]]
        return [next(iter(self.every.values()))] if len(self.every) > self._limit else []

    def drop(self, user: str, sa: SecurityAssociation) -> None:
        """Take one out, where it is there."""
        if self.every.get(sa.opaque) is not sa:
            return
        del self.every[sa.opaque]
        own = self._of_user[user]
        own.remove(sa)
        if not own:
            del self._of_user[user]


def _keys(sa: SecurityAssociation) -> list[tuple[str, str | tuple[str, int]]]:
    """Return what an association that was used is found by."""
    if sa.remote is None:
        return []
    return [(sa.private_identity or "", sa.endpoint), (sa.aor, sa.endpoint), (sa.aor, sa.remote)]
