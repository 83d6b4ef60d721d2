"""The calls of the HSS stub's API: faults, subscribers, and what the HSS says unasked.

The S-CSCF offers the same calls for the stub in its own process.
"""

from collections.abc import Awaitable, Callable, Iterable
from heapq import nsmallest
from typing import Any, NamedTuple

from hss_stub.control_bodies import (
    REASONS,
    AssignmentsQuery,
    FaultBody,
    PushBody,
    SubscribersQuery,
    SubscriptionBody,
    TerminationBody,
)
from hss_stub.control_shapes import (
    AssignmentsView,
    ChangedView,
    FaultsView,
    FaultView,
    HssHealthView,
    PushesView,
    PushView,
    RemovedView,
    SubscribersView,
    SubscriberView,
)
from hss_stub.control_views import fault_view, subscriber_view
from hss_stub.editing import InRangeError, with_subscription, without
from hss_stub.faults import Command
from hss_stub.procedures import HssProcedures
from hss_stub.pushes import NobodyError
from hss_stub.servers import Servers
from hss_stub.subscribers import Subscribers
from scscf.control.bodies import BadRequest, NoQuery
from scscf.control.exposition import exposed
from scscf.control.route import Answer, Call, NotFound, Route
from scscf.cx import DeregistrationReason
from scscf.errors import InputError, SipError
from scscf.metrics.metric import Reading
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of


class HssCommands(NamedTuple):
    """How the HSS does what it is told: over Diameter, or in the S-CSCF's own process."""

    replace: Callable[[Subscribers], Awaitable[list[PushView]]]
    """Takes other subscribers and tells the S-CSCFs what that means."""
    terminate: Callable[
        [str | None, tuple[str, ...], tuple[str, ...], DeregistrationReason, str, float | None],
        Awaitable[list[PushView]],
    ]
    """RTR: impi, impus, associated, reason, reason info, seconds to wait. Raises NobodyError."""
    push: Callable[[str, tuple[str, ...]], Awaitable[list[PushView]]]
    """PPR: impi, what. Raises NobodyError."""
    health: Callable[[], HssHealthView] | None = None
    readings: Callable[[], list[Reading]] | None = None


class HssApi:
    """The API of one HSS stub. `servers` None: the HSS is the S-CSCF's own."""

    def __init__(self, core: HssProcedures, commands: HssCommands, servers: Servers | None = None) -> None:
        self.core = core
        self.servers = servers
        self._commands = commands

    async def hss_health(self, call: Call) -> Answer:
        """Tell what runs, and who is connected."""
        assert self._commands.health is not None  # noqa: S101  # only the stub's own process has this route
        return Answer(200, self._commands.health())

    async def hss_metrics(self, call: Call) -> Answer:
        """Tell counts and durations in the text format of Prometheus."""
        assert self._commands.readings is not None  # noqa: S101  # only the stub's own process has this route
        return exposed(self._commands.readings())

    async def assignments(self, call: Call) -> Answer:
        """Show which S-CSCF serves which subscription; `next` continues it."""
        query: AssignmentsQuery = call.query
        kept = self.servers.all() if self.servers is not None else {}
        names = nsmallest(query.limit + 1, (name for name in kept if name > query.after))
        more = len(names) > query.limit
        names = names[: query.limit]
        body: AssignmentsView = {
            "assignments": [
                {"subscription": name, "server": one.server_name, "host": one.host, "pending": one.pending}
                for name, one in ((name, kept[name]) for name in names)
            ],
            "total": len(kept),
            "next": names[-1] if more else None,
        }
        return Answer(200, body)

    async def subscribers(self, call: Call) -> Answer:
        """List private identities in the order of the file; `next` continues it."""
        query: SubscribersQuery = call.query
        page: list[str] = []
        more = False
        for position, impi in enumerate(self.core.subscribers.private_identities()):
            if position < query.after:
                continue
            if len(page) == query.limit:
                more = True
                break
            page.append(impi)
        body: SubscribersView = {
            "subscribers": page,
            "total": len(self.core.subscribers),
            "next": query.after + query.limit if more else None,
        }
        return Answer(200, body)

    async def subscriber(self, call: Call) -> Answer:
        """Show a private identity; its secrets are left out."""
        return Answer(200, self._view(call.path[0]))

    async def add_subscription(self, call: Call) -> Answer:
        """Add a subscription, with the keys of the subscribers file."""
        return Answer(201, await self._change(call.body, None))

    async def put_subscriber(self, call: Call) -> Answer:
        """Put a subscription in place of the one of a private identity, or add it; who is served is told of it."""
        return Answer(200, await self._change(call.body, call.path[0]))

    async def remove_subscriber(self, call: Call) -> Answer:
        """Take out the subscription of a private identity; who is registered is de-registered."""
        impi = call.path[0]
        entry = self._known(impi)
        gone = [device.private_identity.text(entry.numbers[0]) for device in entry.devices]
        try:
            pushes = await self._commands.replace(without(self.core.subscribers, impi))
        except InRangeError as error:
            raise BadRequest("in_range", str(error)) from None
        body: ChangedView = {"subscribers": gone, "pushes": pushes}
        return Answer(200, body)

    async def faults(self, call: Call) -> Answer:
        """Show every fault that is set, and how often it was done."""
        body: FaultsView = {
            "faults": [fault_view(command, scripted) for command, scripted in self.core.faults.all().items()]
        }
        return Answer(200, body)

    async def fault(self, call: Call) -> Answer:
        """Show the fault of a command."""
        command = _command(call.path[0])
        scripted = self.core.faults.get(command)
        if scripted is None:
            raise NotFound("no_fault", f"nothing is wrong with {command.value}")
        return Answer(200, fault_view(command, scripted))

    async def set_fault(self, call: Call) -> Answer:
        """Have something go wrong with a command from now on, in place of what went wrong before."""
        command = _command(call.path[0])
        wanted: FaultBody = call.body
        if command is not Command.MAR and (wanted.corrupt in ("mac", "sqn") or wanted.sqn):
            raise BadRequest(
                "bad_fault", f"{command.value} has no vectors: corrupt mac, corrupt sqn and sqn are of MAR"
            )
        if command in (Command.RTR, Command.PPR) and wanted.result_code is not None:
            raise BadRequest("bad_fault", f"{command.value} is answered by the S-CSCF: result_code is not the HSS's")
        if command is Command.RTR and wanted.corrupt is not None:
            raise BadRequest("bad_fault", "RTR: one of delay, silent and disconnect")
        self.core.faults.set(command, wanted.fault())
        return await self.fault(call)

    async def clear_fault(self, call: Call) -> Answer:
        """Take a fault back."""
        body: RemovedView = {"removed": int(self.core.faults.clear(_command(call.path[0])))}
        return Answer(200, body)

    async def clear_faults(self, call: Call) -> Answer:
        """Take all faults back."""
        body: RemovedView = {"removed": len(self.core.faults)}
        self.core.faults.clear_all()
        return Answer(200, body)

    async def terminate(self, call: Call) -> Answer:
        """Have the S-CSCFs end registrations (RTR), and tell what they answered."""
        wanted: TerminationBody = call.body
        try:
            pushes = await self._commands.terminate(
                wanted.impi,
                tuple(map(_aor, wanted.impus)),
                tuple(wanted.associated),
                REASONS[wanted.reason],
                wanted.reason_info,
                wanted.wait,
            )
        except NobodyError as error:
            raise NotFound("nobody", str(error)) from None
        body: PushesView = {"pushes": pushes}
        return Answer(201, body)

    async def push(self, call: Call) -> Answer:
        """Tell the S-CSCF of a user what the HSS has of them now (PPR)."""
        wanted: PushBody = call.body
        try:
            pushes = await self._commands.push(wanted.impi, tuple(wanted.what or ("user_data", "charging")))
        except NobodyError as error:
            raise NotFound("nobody", str(error)) from None
        body: PushesView = {"pushes": pushes}
        return Answer(201, body)

    async def _change(self, body: SubscriptionBody, impi: str | None) -> ChangedView:
        subscribers = self.core.subscribers
        replaced = impi if impi is not None and subscribers.entry_of(impi) is not None else None
        try:
            changed, entry = with_subscription(subscribers, body.root, replaced)
        except InputError as error:
            raise BadRequest("bad_subscription", "; ".join(_plain(error.problems))) from None
        except InRangeError as error:
            raise BadRequest("in_range", str(error)) from None
        there = [device.private_identity.text(entry.numbers[0]) for device in entry.devices]
        if impi is not None and changed.entry_of(impi) is not entry:
            raise BadRequest("bad_subscription", f"the subscription has to have {impi} among its private_identities")
        return {"subscribers": there, "pushes": await self._commands.replace(changed)}

    def _view(self, impi: str) -> SubscriberView:
        subscriber = self.core.subscribers.find(impi)
        if subscriber is None:
            raise NotFound("no_subscriber", f"there is no {impi[:200]}")
        serving = self.servers.find(subscriber.profile.subscription) if self.servers is not None else None
        return subscriber_view(self.core, subscriber, serving.server_name if serving is not None else None)

    def _known(self, impi: str) -> Any:
        entry = self.core.subscribers.entry_of(impi)
        if entry is None:
            raise NotFound("no_subscriber", f"there is no {impi[:200]}")
        return entry


def _command(text: str) -> Command:
    try:
        return Command(text.upper())
    except ValueError:
        allowed = ", ".join(command.value for command in Command)
        raise NotFound("no_command", f"{text[:50]}: must be one of {allowed}") from None


def _aor(text: str) -> str:
    """Return the canonical address of record of a URI; what is none is nobody's."""
    try:
        return aor_of(parse_uri(text))
    except SipError:
        return text


def _plain(problems: Iterable[Any]) -> list[str]:
    return [problem.message for problem in problems]


SHARED: tuple[Route, ...] = (
    Route("GET", "/v1/subscribers", HssApi.subscribers, 200, SubscribersView, SubscribersQuery),
    Route("POST", "/v1/subscribers", HssApi.add_subscription, 201, ChangedView, NoQuery, SubscriptionBody),
    Route("GET", "/v1/subscribers/{impi}", HssApi.subscriber, 200, SubscriberView, NoQuery, None, (404,)),
    Route("PUT", "/v1/subscribers/{impi}", HssApi.put_subscriber, 200, ChangedView, NoQuery, SubscriptionBody),
    Route("DELETE", "/v1/subscribers/{impi}", HssApi.remove_subscriber, 200, ChangedView, NoQuery, None, (404,)),
    Route("GET", "/v1/faults", HssApi.faults, 200, FaultsView),
    Route("DELETE", "/v1/faults", HssApi.clear_faults, 200, RemovedView),
    Route("GET", "/v1/faults/{command}", HssApi.fault, 200, FaultView, NoQuery, None, (404,)),
    Route("PUT", "/v1/faults/{command}", HssApi.set_fault, 200, FaultView, NoQuery, FaultBody, (404,)),
    Route("DELETE", "/v1/faults/{command}", HssApi.clear_fault, 200, RemovedView, NoQuery, None, (404,)),
    Route("POST", "/v1/terminations", HssApi.terminate, 201, PushesView, NoQuery, TerminationBody, (404,)),
    Route("POST", "/v1/pushes", HssApi.push, 201, PushesView, NoQuery, PushBody, (404,)),
)
"""Calls that the S-CSCF offers too, for the HSS stub in its own process."""

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/health", HssApi.hss_health, 200, HssHealthView),
    Route("GET", "/metrics", HssApi.hss_metrics, 200, str),
    Route("GET", "/v1/assignments", HssApi.assignments, 200, AssignmentsView, AssignmentsQuery),
    *SHARED,
)
"""Every call of the HSS stub's own API."""
