"""What the procedures share: one node's state, and the commit through which all of it changes."""

import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple

from scscf.auth import ntlm
from scscf.auth.challenges import Challenges
from scscf.auth.security_associations import SecurityAssociations
from scscf.auth.security_server import KEY_OCTETS as SECURITY_SERVER_KEY_OCTETS
from scscf.auth.security_server import SecurityServer
from scscf.config import Config, Domain
from scscf.cx import Cx, Result
from scscf.dialects import DIALECTS, Dialect
from scscf.errors import ScscfError
from scscf.feed import Feed
from scscf.identifiers import Identifiers
from scscf.messages.ring import Ring
from scscf.procedures.cx_failures import CxCommand, Overrides
from scscf.procedures.duties import Duties
from scscf.procedures.expiry_wheel import ExpiryWheel
from scscf.procedures.turns import Turns
from scscf.procedures.unregistered import Unregistered
from scscf.proxy.proxying import Proxying
from scscf.regevent.notifier import Notifier
from scscf.regevent.subscription import Policy, Telling
from scscf.registration.change import SILENT_CAUSES, CauseKind, Change
from scscf.registration.expiry import Limits
from scscf.registration.flows import Flows
from scscf.registration.gruu import KEY_OCTETS, Gruus
from scscf.registration.record import Record
from scscf.registration.registration import Event, State
from scscf.registration.store import MemoryStore
from scscf.sip.locating import is_address
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow, Outbox
from scscf.sip.uri import Uri, parse_uri
from scscf.sip.uri_comparison import aor_of
from scscf.timers import Deadlines

log = logging.getLogger("scscf")


class NotRegisteredError(ScscfError):
    """A command names an address of record, device or contact that nothing is bound to."""


class HomeDomain(NamedTuple):
    """A home domain with what the procedures make of its configuration."""

    config: Domain
    dialect: Dialect
    limits: Limits
    policy: Policy
    events: Mapping[CauseKind, Event] = {}
    """Cause → event of a contact that it ends, where that is not the table's."""

    @classmethod
    def of(cls, domain: Domain, overrides: Mapping[CauseKind, Event]) -> "HomeDomain":
        """Return a configured domain, ready to be used; `overrides` are the configured events."""
        registrar, reg_event = domain.registrar, domain.reg_event
        dialect = DIALECTS[domain.dialect]
        return cls(
            domain,
            dialect,
            Limits(registrar.default_expires, registrar.min_expires, registrar.max_expires, registrar.non_sip_expires),
            Policy(
                reg_event.terminated_reason,
                reg_event.without_binding == 480,
                reg_event.end_with_own_contact,
                reg_event.min_interval,
            ),
            {**dialect.events, **overrides},
        )


class Node:
    """One S-CSCF: what it keeps, whom it asks and how it is told the time.

    `clock` tells service time in seconds since 1970, `wire_clock` wire time; `perform` runs a procedure that may wait.
    """

    def __init__(
        self,
        config: Config,
        cx: Cx,
        identifiers: Identifiers,
        outbox: Outbox,
        deadlines: Deadlines,
        wire_deadlines: Deadlines,
        clock: Callable[[], float],
        wire_clock: Callable[[], float],
        perform: Callable[[Coroutine[Any, Any, Any]], object],
    ) -> None:
        self.config = config
        self.cx = cx
        self.identifiers = identifiers
        self.outbox = outbox
        self.deadlines = deadlines
        self.wire_deadlines = wire_deadlines
        self.now = clock
        self.wire_now = wire_clock
        self.started = clock()
        """Service time at which it came to be: it tells one run from the next."""
        self.perform = perform
        self.feed = Feed()
        self.messages = Ring(config.messages.keep, config.messages.octets, clock, self.feed.next_number)
        """The messages that were seen last."""
        self.store = MemoryStore()
        self.notifier = Notifier(outbox, deadlines, clock, wire_clock, self.feed)
        self.challenges = Challenges(config.auth.nonce_lifetime)
        self.security_server = SecurityServer(lambda: bytes.fromhex(identifiers.hex(SECURITY_SERVER_KEY_OCTETS)))
        self.expiries = ExpiryWheel(deadlines)
        self.turns = Turns()
        self.gruus = Gruus(lambda: bytes.fromhex(identifiers.hex(KEY_OCTETS)))
        self.notifier.gruus = self.gruus
        self.flows = Flows()
        self.duties = Duties(wire_deadlines, wire_clock)
        self.unregistered = Unregistered(deadlines, clock)
        self.flow_alive: Callable[[Flow], bool] = lambda flow: True
        """Tells whether a connection is still open."""
        self.proxying = Proxying(identifiers.hex)
        self.after_commit: Callable[[Change, tuple[Request, Response] | None], None] = lambda _change, _exchange: None
        """Tells others than watchers what was committed: application servers."""
        self.stop: Callable[[], None] = lambda: None
        """Shuts the node down."""
        self.draining = False
        """Everybody is being de-registered before the node stops: nobody may come back."""
        self.overrides: dict[CauseKind, Event] = {
            CauseKind(name): Event(keys.event) for name, keys in config.causes.items() if keys.event
        }
        self.domains = [HomeDomain.of(domain, self.overrides) for domain in config.domains]
        self._domain_of_host = {
            host: domain for domain in reversed(self.domains) for host in (domain.config.name, *domain.config.aliases)
        }
        self._domain_of_name = {domain.config.name: domain for domain in self.domains}
        self.has_endpoints = any(domain.dialect.implicit is not None for domain in self.domains)
        """Whether one of the domains is that of Microsoft's clients."""
        self.target_name = config.siprege.target_name or _target_name(config, self.domains)
        """What Microsoft's clients know this server by (MS-SIPAE §2.2.1)."""
        self.without_services: set[str] = set()
        """Addresses of record whose user services are not there, apart from registration (MS-SIPREGE §3.5)."""
        self.associations = _associations(config, self.target_name) if self.has_endpoints else None
        """The security associations of NTLM, where it is offered."""
        self.keep_alive: Callable[[Flow, float], None] = lambda flow, seconds: None
        """Has a connection closed after so many seconds without an octet of the peer."""
        self.own_hosts: set[str] = set()
        """Addresses and names of our listeners: a Request-URI may name them in place of the domain."""
        self.own_ports: set[int] = set()
        """Ports of our listeners: a Route or Request-URI with another one is somebody else's."""
        self.reached_at: Callable[[Flow], tuple[str, int]] = lambda flow: flow.local
        """Tells the address at which the world reaches the listener of a flow."""
        self.server_name = ""
        """This S-CSCF's SIP URI, as the HSS knows it (TS 29.228 §6.1)."""
        self.service_route: tuple[str, ...] = ()
        self.reasons: dict[CauseKind, str] = {
            CauseKind(name): keys.reason for name, keys in config.causes.items() if keys.reason
        }
        self.cx_failures: Overrides = {
            (CxCommand(command), Result[name.upper()]): status
            for command, results in config.cx_failures.items()
            for name, status in results.items()
        }
        self._warned: set[str] = set()

    def domain_of(self, host: str) -> HomeDomain | None:
        """Return the home domain whose name or alias a host is, None where it is none of ours."""
        return self._domain_of_host.get(host)

    def domain_named(self, name: str) -> HomeDomain:
        """Return the domain that a record was made in."""
        return self._domain_of_name[name]

    def aor_in(self, domain: HomeDomain, uri: Uri) -> str:
        """Return the canonical address of record; a port of ours is no part of it.

        An alias or address of ours stands for the domain's name.
        """
        if uri.port in self.own_ports:
            uri = uri._replace(port=None, text="")
        if uri.host != domain.config.name and (uri.host in domain.config.aliases or uri.host in self.own_hosts):
            uri = uri._replace(host=domain.config.name, port=None, text="")
        return aor_of(uri)

    def contact_on(self, flow: Flow, *, sips: bool) -> str:
        """Return our Contact towards a peer: the listener of its flow, SIPS if it asked so (RFC 3261 §12.1.1)."""
        host, port = self.reached_at(flow)
        if ":" in host:
            host = f"[{host}]"
        if sips:
            return f"<sips:{host}:{port}>"
        return f"<sip:{host}:{port}{'' if flow.transport == 'udp' else f';transport={flow.transport}'}>"

    def is_trusted(self, flow: Flow) -> bool:
        """Tell whether a peer's P-Asserted-Identity and Path are believed (`trusted_peers`)."""
        if not self.config.trusted_peers:
            return False
        return _is_within(flow.remote[0], self.config.trusted_peers)

    def is_trusted_host(self, host: str) -> bool:
        """Tell whether a next hop is among `trusted_peers`; a name only where `hosts` has its address."""
        host = self.config.hosts.get(host, host)
        return bool(self.config.trusted_peers) and is_address(host) and _is_within(host, self.config.trusted_peers)

    def ignore(self, what: str, flow: Flow) -> None:
        """Warn, once for each header and peer, that something is not believed for want of trust."""
        warning = f"{what} of {flow.remote[0]}"
        if warning not in self._warned and len(self._warned) < 1000:
            self._warned.add(warning)
            log.warning("%s is ignored: %s is not among trusted_peers", warning, flow.remote[0])

    def commit(self, change: Change, exchange: tuple[Request, Response] | None = None) -> list[Telling]:
        """Tell everybody whom a saved change concerns, its answer being in the outbox; return who was told.

        `exchange` is the UE's REGISTER and the 200 to it, where that is what changed the record.
        """
        if not change.rows:
            return []
        reason = self.reasons.get(change.cause.kind)
        if reason is not None and change.cause.reason is None:
            change = change._replace(cause=change.cause._replace(reason=reason))
        told: list[Telling] = []
        if change.cause.kind in SILENT_CAUSES and self._is_silent(change):
            self.notifier.end_silently(change)
        else:
            told = self.notifier.change(change)
        self.after_commit(change, exchange)
        self.expiries.arm(change.record, change.now)
        if self.feed.listeners:
            self._publish(change)
        return told

    def _is_silent(self, change: Change) -> bool:
        """Tell whether nobody is told of a change of one of the silent causes (TS 29.228 §6.1.3)."""
        kind = change.cause.kind
        if kind in self.overrides:
            return False
        domain = self._domain_of_name.get(change.record.domain)
        return domain is None or kind in domain.dialect.silent

    def events_in(self, record: Record | None) -> Mapping[CauseKind, Event]:
        """Return the events of contacts that causes end, where the record's domain has other ones than the table."""
        domain = self._domain_of_name.get(record.domain) if record is not None else None
        return self.overrides if domain is None else domain.events

    def _publish(self, change: Change) -> None:
        for aor in dict.fromkeys(row.aor for row in change.rows):
            state = "active" if change.record.contacts(aor) else "terminated"
            self.feed.publish("registration", {"aor": aor, "state": state, "cause": change.cause.kind.value})
        for row in change.rows:
            contact = row.contact
            self.feed.publish(
                "contact",
                {
                    "aor": row.aor,
                    "id": contact.id,
                    "uri": contact.binding.uri,
                    "state": contact.state.value,
                    "event": contact.event.value,
                    "expires": contact.binding.remaining(change.now) if contact.state is State.ACTIVE else 0,
                    "retry_after": contact.retry_after,
                },
            )


def _target_name(config: Config, domains: list[HomeDomain]) -> str:
    """Return the server name's host where that is a name, else scscf. and the domain of Microsoft's clients."""
    host = parse_uri(config.server_name).host if config.server_name else ""
    if host and not is_address(host):
        return host
    return f"scscf.{next((each.config.name for each in domains if each.dialect.ntlm), domains[0].config.name)}"


def _associations(config: Config, target_name: str) -> SecurityAssociations | None:
    """Return what keeps the security associations, None where NTLM is off or its library is not installed."""
    settings = config.siprege
    if settings.ntlm == "off":
        return None
    if not ntlm.is_available():
        log.warning("NTLM is not offered: it needs the extra siprege (pip install 'scscf-simulator[siprege]')")
        return None
    host, _, domain = target_name.partition(".")
    target = ntlm.Target((domain or host).partition(".")[0].upper(), host.upper(), domain, target_name)
    return SecurityAssociations(settings.realm, target_name, settings.version, target, settings.sa_lifetime)


def _is_within(host: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    address = ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return any((mapped or address) in network for network in networks)
