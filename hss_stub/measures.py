"""What there is to measure of a running HSS stub, and what it is called."""

import platform
from collections import Counter
from typing import Final

from hss_stub.server import HssStub
from scscf import __version__
from scscf.metrics.metric import Kind, Metric, Reading, by_name_and_end, events, plain
from scscf.metrics.table import DIAMETER_EVENTS

CX_SECONDS: Final = Metric(
    "hss_cx_seconds",
    Kind.HISTOGRAM,
    ("command", "result"),
    "Cx commands by result: of UAR, SAR, LIR and MAR how long they took here, of RTR and PPR how long the S-CSCF took.",
)
FAULT_HITS: Final = Metric(
    "hss_fault_hits", Kind.GAUGE, ("command",), "Commands that a fault was done to, of the faults that are set now."
)
DIAMETER_EVENTS_TOTAL: Final = Metric(
    "hss_diameter_events_total", Kind.COUNTER, ("event",), "What Diameter connections met with."
)
BUGS_TOTAL: Final = Metric(
    "hss_bugs_total", Kind.COUNTER, (), "Exceptions that were nobody's answer; each is in the log."
)
SUBSCRIBERS: Final = Metric("hss_subscribers", Kind.GAUGE, (), "Private identities that there are.")
SERVED: Final = Metric("hss_served", Kind.GAUGE, (), "IMS subscriptions that have an S-CSCF.")
PEERS: Final = Metric("hss_peers", Kind.GAUGE, ("state",), "Diameter peers by state (RFC 6733 §5.6).")
BUILD_INFO: Final = Metric("hss_build_info", Kind.GAUGE, ("version", "python"), "1; its labels say what runs.")

METRICS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order above; beside these the process's own come (process_...)."""


def readings(stub: HssStub) -> list[Reading]:
    """Return the numbers of a stub."""
    core = stub.hss.core
    states = Counter(peer.state for peer in stub.diameter.peers())
    faults = core.faults.all()
    return [
        by_name_and_end(CX_SECONDS, stub.server.times),
        Reading(FAULT_HITS, {(command.value,): scripted.hits for command, scripted in faults.items()}),
        events(DIAMETER_EVENTS_TOTAL, (stub.diameter.counters,), DIAMETER_EVENTS),
        plain(BUGS_TOTAL, stub.shell.bugs),
        plain(SUBSCRIBERS, len(core.subscribers)),
        plain(SERVED, len(stub.hss.servers)),
        Reading(PEERS, {(state,): count for state, count in states.items()}),
        Reading(BUILD_INFO, {(__version__, platform.python_version()): 1}),
    ]
