"""The HSS in the S-CSCF's own process: nothing but calls, and faults where they are set."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from hss_stub.faults import Command, Corrupt, Fault
from hss_stub.logon import logged_on
from hss_stub.procedures import HssProcedures
from hss_stub.subscribers import Subscribers
from scscf.cx import (
    COMMAND_OF,
    AssignmentAnswer,
    AuthAnswer,
    Restoration,
    Result,
    Resynchronisation,
    ServerAssignment,
)
from scscf.metrics.times import Tally
from scscf.profile.service_profile import UserProfile

_T = TypeVar("_T")


async def _at_once(seconds: float) -> None:
    """Wait for no time at all."""


class EmbeddedHss(HssProcedures):
    """Implements scscf.cx.Cx."""

    def __init__(self, subscribers: Subscribers, random_bytes: Callable[[int], bytes]) -> None:
        super().__init__(subscribers, random_bytes)
        self.wait: Callable[[float], Awaitable[None]] = _at_once
        """Waits for so many seconds: how a fault makes an answer come late, or not at all."""
        self.timeout = 5.0
        """Seconds after which the S-CSCF takes an answer for one that does not come."""
        self.times = Tally(COMMAND_OF.values())
        """Results, by command, with the seconds of `clock` that they took: none unless a fault has them come late."""
        self.clock: Callable[[], float] = lambda: 0.0

    async def multimedia_auth(
        self,
        private_identity: str,
        public_identity: str,
        realm: str,
        failed: Resynchronisation | None = None,
        *,
        ntlm: bool = False,
    ) -> AuthAnswer:
        """MAR: what the HSS does, unless a fault is set."""
        fault = self.faults.next(Command.MAR, private_identity) if self.faults.any else None
        if fault is not None:
            self.suffer(private_identity, fault)
            made = partial(self.authenticate, private_identity, public_identity, realm, failed, ntlm=ntlm)
            began = self.clock()
            answer = await self._faulty(fault, made, AuthAnswer)
            self.times["MAR"].add(answer.result, self.clock() - began)
            return answer
        answer = self.authenticate(private_identity, public_identity, realm, failed, ntlm=ntlm)
        self.times["MAR"].at_once(answer.result)
        return answer

    async def user_authorization(
        self, private_identity: str, public_identity: str, visited_network: str | None, emergency: bool
    ) -> Result:
        """UAR, likewise."""
        fault = self.faults.next(Command.UAR, private_identity) if self.faults.any else None
        if fault is not None:
            made = partial(self.authorise, private_identity, public_identity, visited_network, emergency)
            began = self.clock()
            result = await self._faulty(fault, made, lambda result: result)
            self.times["UAR"].add(result, self.clock() - began)
            return result
        result = self.authorise(private_identity, public_identity, visited_network, emergency)
        self.times["UAR"].at_once(result)
        return result

    async def server_assignment(
        self,
        private_identity: str,
        public_identity: str,
        assignment: ServerAssignment,
        known: UserProfile | None = None,
        restoration: Restoration | None = None,
    ) -> AssignmentAnswer:
        """SAR, likewise."""
        fault = self.faults.next(Command.SAR, private_identity) if self.faults.any else None
        if fault is not None:
            made = partial(self.assign, private_identity, public_identity, assignment)
            began = self.clock()
            answer = await self._faulty(fault, made, AssignmentAnswer)
            self.times["SAR"].add(answer.result, self.clock() - began)
            return answer
        answer = self.assign(private_identity, public_identity, assignment)
        self.times["SAR"].at_once(answer.result)
        return answer

    async def _faulty(self, fault: Fault, made: Callable[[], _T], failed: Callable[[Result], _T]) -> _T:
        """Do what a fault leaves of a command, and return what the S-CSCF hears of it."""
        if fault.result is not None:
            answer = failed(fault.result)
        elif (fault.silent or fault.disconnect) and not fault.executed:
            answer = failed(Result.TIMEOUT)
        else:
            answer = made()
        late = self.timeout if fault.silent else min(fault.delay, self.timeout)
        if late and not fault.disconnect:
            await self.wait(late)
        if fault.disconnect or late >= self.timeout:
            return failed(Result.TIMEOUT)
        return failed(Result.GARBAGE) if fault.corrupt is Corrupt.GARBAGE else answer

    async def identify(self, username: str, aor: str, realm: str, *, ntlm: bool = False) -> str | None:
        """Return the private identity that logs in with `username` as `aor`, None where nobody does."""
        if ntlm:
            return logged_on(self.subscribers, username, aor, realm)
        return username if username in self._served else self.subscribers.identify(username, aor, realm)

    async def default_private_identity(self, aor: str) -> str | None:
        """Return the private identity to challenge for `aor`, None for a stranger."""
        return self.subscribers.default_private_identity(aor)
