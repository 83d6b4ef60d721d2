"""Every metric of the S-CSCF; docs/guides/metrics.md says how to read them."""

from typing import Final

from scscf.metrics.metric import Kind, Metric

REGISTER_TOTAL: Final = Metric(
    "scscf_register_total", Kind.COUNTER, ("status",), "REGISTER requests answered, by final status."
)
REGISTER_SECONDS: Final = Metric(
    "scscf_register_seconds",
    Kind.HISTOGRAM,
    ("status",),
    "From the turn that read a REGISTER to its final answer; waiting for others and for the HSS included.",
)
SUBSCRIBE_TOTAL: Final = Metric(
    "scscf_subscribe_total", Kind.COUNTER, ("status",), "SUBSCRIBE requests answered, by final status."
)
REQUESTS_TOTAL: Final = Metric(
    "scscf_requests_total",
    Kind.COUNTER,
    ("method", "status"),
    "Requests answered, REGISTER and SUBSCRIBE too, by method (`other`: no standard one) and final status.",
)
NOTIFY_TOTAL: Final = Metric(
    "scscf_notify_total",
    Kind.COUNTER,
    ("status",),
    "NOTIFY requests that came to an end: the watcher's status, `timeout` or `transport`.",
)
NOTIFY_SECONDS: Final = Metric(
    "scscf_notify_seconds", Kind.HISTOGRAM, ("status",), "From the sending of a NOTIFY to its end."
)
CX_SECONDS: Final = Metric(
    "scscf_cx_seconds",
    Kind.HISTOGRAM,
    ("command", "result"),
    "Cx commands by result: of UAR, MAR and SAR how long the HSS took (the one in this process no time, unless a fault "
    "delays it), of RTR and PPR how long it took here.",
)
SIP_EVENTS_TOTAL: Final = Metric(
    "scscf_sip_events_total",
    Kind.COUNTER,
    ("event",),
    "What transactions and transports met with: sent again, malformed, stray, refused, not sent ...",
)
DIAMETER_EVENTS_TOTAL: Final = Metric(
    "scscf_diameter_events_total", Kind.COUNTER, ("event",), "What Diameter connections met with; none with no peer."
)
HEP_TOTAL: Final = Metric(
    "scscf_hep_total", Kind.COUNTER, ("outcome",), "Copies of SIP messages for a Homer; none without --hep."
)
RULE_HITS_TOTAL: Final = Metric(
    "scscf_rule_hits_total", Kind.COUNTER, ("rule",), "Messages that a rule was done to, of the rules that are set."
)
BUGS_TOTAL: Final = Metric(
    "scscf_bugs_total", Kind.COUNTER, (), "Exceptions that were nobody's answer; each is in the log."
)
USERS: Final = Metric("scscf_users", Kind.GAUGE, (), "IMS subscriptions that have a binding.")
REGISTRATIONS: Final = Metric(
    "scscf_registrations", Kind.GAUGE, ("state",), "Addresses of record by state (RFC 3680); of a set each counts."
)
CONTACTS: Final = Metric(
    "scscf_contacts",
    Kind.GAUGE,
    ("event",),
    "Contacts of addresses of record by their last event (RFC 3680); of a set each counts.",
)
UNREGISTERED_USERS: Final = Metric(
    "scscf_unregistered_users", Kind.GAUGE, (), "Addresses of record that are served unregistered (TS 29.228)."
)
SUBSCRIPTIONS: Final = Metric(
    "scscf_subscriptions",
    Kind.GAUGE,
    ("state",),
    "Subscriptions to reg-event; terminated: the last NOTIFY is not answered yet.",
)
NOTIFY_OUTSTANDING: Final = Metric(
    "scscf_notify_outstanding", Kind.GAUGE, (), "NOTIFY requests that wait for their answer."
)
QUEUE_LENGTH: Final = Metric(
    "scscf_queue_length",
    Kind.GAUGE,
    ("queue",),
    "What waits: notify (owed, held back by one that is outstanding or by min_interval), procedures (suspended), "
    "turns (behind another procedure of the same private identity), outbox (to be sent in this turn), "
    "application_servers (third-party REGISTERs), hss (what it may not have heard).",
)
TRANSACTIONS: Final = Metric(
    "scscf_transactions",
    Kind.GAUGE,
    ("side",),
    "SIP transactions, server and client, those included that only absorb retransmissions.",
)
CONNECTIONS: Final = Metric(
    "scscf_connections", Kind.GAUGE, ("transport",), "SIP connections, those that are being made included."
)
CHALLENGES: Final = Metric("scscf_challenges", Kind.GAUGE, ("scheme",), "Challenges that are open: digest, aka.")
DEADLINES: Final = Metric(
    "scscf_deadlines", Kind.GAUGE, ("clock",), "Timers that are set: wire (transactions), service (bindings)."
)
RULES: Final = Metric("scscf_rules", Kind.GAUGE, (), "Rules that are set.")
QUIRKS: Final = Metric("scscf_quirks", Kind.GAUGE, ("quirk",), "1 for each quirk that is on.")
LISTENERS: Final = Metric("scscf_event_listeners", Kind.GAUGE, (), "Event streams and others who follow what happens.")
MESSAGES_KEPT: Final = Metric("scscf_messages_kept", Kind.GAUGE, (), "Messages that GET /v1/messages can show.")
HSS_UP: Final = Metric("scscf_hss_up", Kind.GAUGE, (), "1 where the HSS can be asked.")
BUILD_INFO: Final = Metric(
    "scscf_build_info", Kind.GAUGE, ("version", "commit", "python"), "1; its labels say what runs."
)

METRICS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order above; beside these the process's own come (process_...)."""

SIP_EVENTS: Final = (
    "STUN messages",
    "connections refused",
    "malformed ACKs",
    "malformed messages",
    "malformed responses",
    "messages not sent",
    "requests never answered",
    "requests refused with 503",
    "requests sent again",
    "stray responses",
)
"""Names under which transactions and transports count."""
DIAMETER_EVENTS: Final = ("answers to nothing", "failed over", "malformed", "timeouts")
"""Names under which Diameter nodes count."""
HEP_OUTCOMES: Final = ("not sent", "sent", "too long")
"""Names under which a sender to a Homer counts."""
