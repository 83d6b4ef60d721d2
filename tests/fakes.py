"""Stand-ins for what a node talks to."""

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from scscf.cx import AssignmentAnswer, AuthAnswer, Cx, Restoration, Result, Resynchronisation, ServerAssignment
from scscf.profile.service_profile import UserProfile
from scscf.promise import Promise


class Question(NamedTuple):
    """A Cx command that waits for its answer."""

    command: str
    private_identity: str
    answer: Callable[[], None]
    """Give the answer that the HSS has made."""
    time_out: Callable[[], None]
    """Say that no answer came."""


class SlowHss:
    """An HSS that acts at once and answers when the test says so, in any order."""

    def __init__(self, hss: Cx) -> None:
        self._hss = hss
        self.is_slow = True
        self.waiting: list[Question] = []

    async def multimedia_auth(
        self,
        private_identity: str,
        public_identity: str,
        realm: str,
        failed: Resynchronisation | None = None,
        *,
        ntlm: bool = False,
    ) -> AuthAnswer:
        made = self._hss.multimedia_auth(private_identity, public_identity, realm, failed, ntlm=ntlm)
        answer: AuthAnswer = await self._slowly("MAR", private_identity, made, AuthAnswer(Result.TIMEOUT))
        return answer

    async def server_assignment(
        self,
        private_identity: str,
        public_identity: str,
        assignment: ServerAssignment,
        known: UserProfile | None = None,
        restoration: Restoration | None = None,
    ) -> AssignmentAnswer:
        made = self._hss.server_assignment(private_identity, public_identity, assignment, known, restoration)
        lost = AssignmentAnswer(Result.TIMEOUT)
        answer: AssignmentAnswer = await self._slowly(f"SAR {assignment.name}", private_identity, made, lost)
        return answer

    async def user_authorization(
        self, private_identity: str, public_identity: str, visited_network: str | None, emergency: bool
    ) -> Result:
        return await self._hss.user_authorization(private_identity, public_identity, visited_network, emergency)

    async def identify(self, username: str, aor: str, realm: str, *, ntlm: bool = False) -> str | None:
        return await self._hss.identify(username, aor, realm, ntlm=ntlm)

    async def default_private_identity(self, aor: str) -> str | None:
        return await self._hss.default_private_identity(aor)

    async def _slowly(self, command: str, who: str, made: Coroutine[Any, Any, Any], lost: object) -> Any:
        answer = await made
        if not self.is_slow:
            return answer
        later: Promise[Any] = Promise()
        self.waiting.append(Question(command, who, lambda: later.keep(answer), lambda: later.keep(lost)))
        return await later
