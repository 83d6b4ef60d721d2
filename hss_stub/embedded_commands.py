"""What the HSS in the S-CSCF's own process is told, and tells the S-CSCF: RTR and PPR without a wire."""

from collections.abc import Callable

from hss_stub.control_shapes import PushView
from hss_stub.control_views import push_view
from hss_stub.embedded import EmbeddedHss
from hss_stub.faults import Command, Corrupt
from hss_stub.pushes import NobodyError, Push, profile_changes, terminated, terminations
from hss_stub.registration_states import RegistrationState
from hss_stub.subscribers import Subscribers
from scscf.cx import (
    DeregistrationReason,
    HssListener,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Result,
)


class EmbeddedCommands:
    """Commands of the API for the HSS of one S-CSCF; `take(subscribers)` has it serve others from now on."""

    def __init__(
        self,
        hss: EmbeddedHss,
        listener: HssListener,
        server_name: Callable[[], str],
        take: Callable[[Subscribers], None],
    ) -> None:
        self._hss = hss
        self._listener = listener
        self._server_name = server_name
        self._take = take

    async def replace(self, subscribers: Subscribers) -> list[PushView]:
        """Take other subscribers; return what that comes to for those who are served."""
        hss, name = self._hss, self._server_name()
        removals = hss.subscribers.removed_in(subscribers, hss.served())
        changed = dict.fromkeys((*hss.changed_in(subscribers), *hss.rekeyed_in(subscribers)))
        self._take(subscribers)
        pushes: list[Push] = [
            Push(
                name,
                None,
                RegistrationTermination(
                    each.private_identity, DeregistrationReason.PERMANENT_TERMINATION, each.public_identities
                ),
            )
            for each in removals
        ]
        gone = {each.private_identity for each in removals}
        pushes += [Push(name, None, PushProfile(each)) for each in changed if each not in gone]
        return [push_view(push, Result.SUCCESS) for push in pushes]

    async def terminate(
        self,
        impi: str | None,
        impus: tuple[str, ...],
        associated: tuple[str, ...],
        reason: DeregistrationReason,
        info: str,
        wait: float | None,
    ) -> list[PushView]:
        """Have registrations ended. Raises NobodyError."""
        views = []
        for push in terminations(self._hss, self._serving, impi, impus, associated, reason, info):
            request = push.request
            answer: RegistrationTerminationAnswer | Result = Result.UNABLE_TO_COMPLY
            if await self._sent(push) is None:
                answer = Result.TIMEOUT
            elif isinstance(request, RegistrationTermination):
                answer = await self._listener.registration_termination(request)
                terminated(self._hss, request, answer.result)
            views.append(push_view(push, answer))
        return views

    async def push(self, impi: str, what: tuple[str, ...]) -> list[PushView]:
        """Tell the S-CSCF what the HSS has of a user now. Raises NobodyError."""
        views = []
        for push in profile_changes(self._hss, self._serving, impi, what):
            result = Result.TIMEOUT
            request = await self._sent(push)
            if isinstance(request, PushProfile):
                result = await self._listener.push_profile(request)
            views.append(push_view(push, result))
        return views

    async def _sent(self, push: Push) -> RegistrationTermination | PushProfile | None:
        """Return what a fault of the stub as a sender leaves of this, after waiting as it says; None: nothing."""
        command = Command.PPR if isinstance(push.request, PushProfile) else Command.RTR
        fault = self._hss.faults.next(command, push.request.private_identity)
        if fault is None:
            return push.request
        if fault.delay:
            await self._hss.wait(fault.delay)
        if fault.silent or fault.disconnect:
            return None
        if fault.corrupt is Corrupt.GARBAGE and isinstance(push.request, PushProfile):
            return push.request._replace(user_data=b"<IMSSubscription>")
        return push.request

    def _serving(self, private_identity: str) -> tuple[str, str | None]:
        subscriber = self._hss.subscribers.find(private_identity)
        if subscriber is None:
            raise NobodyError(f"there is no {private_identity}")
        rows = subscriber.profile.sets
        states = {self._hss.registration_state(private_identity, row[0].uri) for row in rows}
        if states == {RegistrationState.NOT_REGISTERED}:
            raise NobodyError(f"{private_identity} has no S-CSCF")
        return self._server_name(), None
