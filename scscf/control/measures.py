"""What there is to measure of a running S-CSCF, read off where it is kept."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from scscf.control.next_turn import next_turn
from scscf.metrics import table
from scscf.metrics.metric import Reading, by_end, by_name_and_end, durations, events, plain
from scscf.metrics.times import Tally
from scscf.net.endpoint import Endpoint
from scscf.net.shell import Shell
from scscf.procedures.state import Node
from scscf.regevent.subscription import State as Watching
from scscf.registration.registration import ACTIVE_EVENTS, Event, State
from scscf.rules.script import Script

AT_A_TIME: Final = 2000
"""Records or subscriptions that are counted before the network is listened to again."""

T = TypeVar("T")


class Measures:
    """Reads the numbers of one node. `cx_times` counts Cx commands."""

    def __init__(self, node: Node, shell: Shell, endpoint: Endpoint, script: Script, cx_times: Tally) -> None:
        self._node = node
        self._shell = shell
        self._endpoint = endpoint
        self._script = script
        self._cx_times = cx_times
        self.build = ("", "", "")
        """Version, commit and Python."""
        self.to_servers: Callable[[], int] = lambda: 0
        """How many third-party REGISTERs wait for their turn."""
        self.hss_up: Callable[[], bool] = lambda: True
        self.diameter_events: Callable[[], Counter[str] | None] = lambda: None
        """What Diameter connections have met with; None: there is no HSS over Diameter."""
        self.hep: Callable[[], Counter[str] | None] = lambda: None
        """What became of the copies for a Homer; None: there is none."""

    async def readings(self) -> list[Reading]:
        """Return all of them; many registrations are counted in several turns."""
        return [*self._answers(), *await self._registrations(), *await self._watchers(), *self._state()]

    def _answers(self) -> Iterator[Reading]:
        node, endpoint = self._node, self._endpoint
        answers, notified = endpoint.layer.servers.answers, node.notifier.answers
        yield by_end(table.REGISTER_TOTAL, answers["REGISTER"])
        yield durations(table.REGISTER_SECONDS, answers["REGISTER"])
        yield by_end(table.SUBSCRIBE_TOTAL, answers["SUBSCRIBE"])
        yield by_name_and_end(table.REQUESTS_TOTAL, answers)
        yield by_end(table.NOTIFY_TOTAL, notified)
        yield durations(table.NOTIFY_SECONDS, notified)
        yield by_name_and_end(table.CX_SECONDS, self._cx_times)
        counters = (endpoint.counters, endpoint.layer.counters, self._shell.counters)
        yield events(table.SIP_EVENTS_TOTAL, counters, table.SIP_EVENTS)
        diameter, hep = self.diameter_events(), self.hep()
        if diameter is not None:
            yield events(table.DIAMETER_EVENTS_TOTAL, (diameter,), table.DIAMETER_EVENTS)
        if hep is not None:
            yield events(table.HEP_TOTAL, (hep,), table.HEP_OUTCOMES)
        yield Reading(table.RULE_HITS_TOTAL, {(rule.name,): rule.hits for rule in self._script.rules.all()})
        yield plain(table.BUGS_TOTAL, self._shell.bugs)

    async def _registrations(self) -> list[Reading]:
        node = self._node
        active = known = 0
        by_event = dict.fromkeys(Event, 0)
        for some in _slices(list(node.store.records())):
            for record in some:
                for _, contacts in record.registrations:
                    known += 1
                    active += bool(contacts)
                    for contact in contacts:
                        by_event[contact.event] += 1
            await self._pause(some)
        return [
            plain(table.USERS, len(node.store)),
            Reading(table.REGISTRATIONS, {(State.INIT.value,): known - active, (State.ACTIVE.value,): active}),
            Reading(table.CONTACTS, {(event.value,): n for event, n in by_event.items() if event in ACTIVE_EVENTS}),
            plain(table.UNREGISTERED_USERS, len(node.unregistered)),
        ]

    async def _watchers(self) -> list[Reading]:
        by_state = dict.fromkeys(Watching, 0)
        outstanding = owed = 0
        for some in _slices(list(self._node.notifier.subscriptions.values())):
            for subscription in some:
                by_state[subscription.state] += 1
                outstanding += bool(subscription.outstanding)
                owed += len(subscription.queue)
            await self._pause(some)
        return [
            Reading(table.SUBSCRIPTIONS, {(state.value,): count for state, count in by_state.items()}),
            plain(table.NOTIFY_OUTSTANDING, outstanding),
            Reading(table.QUEUE_LENGTH, {("notify",): owed, **self._queues()}),
        ]

    def _queues(self) -> dict[tuple[str, ...], float]:
        node = self._node
        return {
            ("procedures",): self._shell.performer.waiting,
            ("turns",): node.turns.waiting,
            ("outbox",): len(node.outbox.items),
            ("application_servers",): self.to_servers(),
            ("hss",): len(node.duties),
        }

    def _state(self) -> Iterator[Reading]:
        node, endpoint, script = self._node, self._endpoint, self._script
        layer = endpoint.layer
        yield Reading(table.TRANSACTIONS, {("server",): len(layer.servers), ("client",): len(layer.clients)})
        streams = dict.fromkeys((each for each in endpoint.transports if each != "udp"), 0)
        streams.update(endpoint.connections.by_transport())
        yield Reading(table.CONNECTIONS, {(transport,): count for transport, count in streams.items()})
        challenges: dict[tuple[str, ...], float] = {
            ("digest",): len(node.challenges),
            ("aka",): len(node.challenges.aka),
        }
        yield Reading(table.CHALLENGES, challenges)
        yield Reading(table.DEADLINES, {("wire",): len(self._shell.wire), ("service",): len(self._shell.service)})
        yield plain(table.RULES, len(script.rules))
        yield Reading(table.QUIRKS, {(name,): 1 for name in script.quirks.on})
        yield plain(table.LISTENERS, len(node.feed.listeners))
        yield plain(table.MESSAGES_KEPT, len(node.messages))
        yield plain(table.HSS_UP, self.hss_up())
        yield Reading(table.BUILD_INFO, {self.build: 1})

    async def _pause(self, counted: Sequence[object]) -> None:
        """Let others have their turn, where there is more to count than fits into one."""
        if len(counted) >= AT_A_TIME:
            await next_turn(self._node)


def _slices(items: list[T]) -> Iterator[list[T]]:
    return (items[start : start + AT_A_TIME] for start in range(0, len(items), AT_A_TIME))
