"""The keys of the configuration file, their bounds and defaults."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from scscf.config.siprege import SipregeKeys
from scscf.config.values import (
    MAX_SECONDS,
    Address,
    Api,
    CauseName,
    CxCommandName,
    CxResultName,
    Dialect,
    DiameterListeners,
    DiameterPeers,
    Documents,
    EndingEvent,
    FailureStatus,
    FeatureCaps,
    FileName,
    HepUri,
    Host,
    Listeners,
    Network,
    Period,
    QuirkName,
    Reason,
    Routes,
    SecAgree,
    Seconds,
    SipUri,
    Store,
    TimerValue,
    UnknownUser,
    WithoutBinding,
)
from scscf.yaml_model import Section


def in_order(section: Section, names: tuple[str, ...]) -> str | None:
    """Return what is wrong where the written values of these keys do not rise, None where they do."""
    written = [(name, getattr(section, name)) for name in names if name in section.model_fields_set]
    for (smaller, low), (bigger, high) in pairwise(written):
        if low > high:
            return f"{smaller} ({low}) must not be more than {bigger} ({high})"
    return None


class _ExpiryLimits(Section):
    default_expires: Seconds = 3600
    min_expires: Seconds = 60
    max_expires: Seconds = 600000

    @model_validator(mode="after")
    def _ordered(self) -> "_ExpiryLimits":
        wrong = in_order(self, ("min_expires", "default_expires", "max_expires"))
        if wrong:
            raise ValueError(wrong)
        return self


class RegistrarLimits(_ExpiryLimits):
    """`registrar`: what a REGISTER may ask for, in seconds (RFC 3261 §10.3)."""

    default_expires: Seconds = 3600
    """Where it is not written: 3600, in the dialect siprege 7200."""
    non_sip_expires: Seconds = MAX_SECONDS
    """Granted to contacts that are no SIP URI and ask for nothing."""
    max_contacts: Annotated[int, Field(ge=1, le=1000)] = 10
    """Bindings of one address of record."""
    on_max_contacts: Literal["refuse", "replace_oldest"] = "refuse"
    """What becomes of one more; where it is not written, in the dialect siprege: replace_oldest."""
    cseq_order: Literal["enforced", "ignored"] = "enforced"
    """Whether a REGISTER whose CSeq does not rise within its Call-ID is refused with 500 (RFC 3261 §10.3 step 7)."""
    max_flows: Annotated[int, Field(ge=1, le=100)] = 4
    """Outbound bindings that one private identity may have at a time (RFC 5626 §6); another is refused with 403."""
    flow_timer: Annotated[int, Field(ge=0, le=3600)] = 120
    """Flow-Timer that a UE is told whose flow ends here (RFC 5626 §4.4.1); 0: none."""
    unregistered: Annotated[int, Field(ge=1, le=86400)] = 300
    """Seconds that a user is served who is not registered, since the last request for them."""
    restoration: bool = False
    """Whether the HSS is given contacts and Paths to keep, and asked for them when they are lost (TS 23.380)."""
    keep_server_name: bool = False
    """Whether the HSS is asked to keep this S-CSCF for a user who leaves (TS 29.228 §6.1.2)."""


class RegEventKeys(_ExpiryLimits):
    """`reg_event`: subscriptions to the registration state, in seconds (RFC 3680 §4)."""

    default_expires: Seconds = 3761
    min_expires: Seconds = 0
    max_expires: Seconds = 600000
    documents: Documents = "full"
    """Where it is not written: `full`, in the dialect rfc3261 `delta`."""
    without_binding: WithoutBinding = 480
    """The answer to a SUBSCRIBE where nothing is bound: 480, or a document in state init.

    Where it is not written: 480 in the dialect ims, init in the others.
    """
    terminated_reason: Reason = "noresource"
    """Subscription-State reason of the last NOTIFY (RFC 6665 §4.1.3)."""
    end_with_own_contact: bool = True
    """Whether a UE's subscription ends with the UE's own contact."""
    min_interval: Period = 0
    """Least seconds between two NOTIFYs of one subscription."""


class SessionKeyKeys(Section):
    """`auth.session_keys`: CK and IK in an AKA challenge (TS 24.229 §7.2A.1)."""

    to: Literal["trusted", "always", "never"] = "trusted"
    """Who is told them: the P-CSCFs among trusted_peers, everybody, or nobody."""
    ck: bool = True
    ik: bool = True


class AuthKeys(Section):
    """`auth`: challenges (RFC 3261 §22, TS 24.229 §5.4.1)."""

    nonce_lifetime: Annotated[int, Field(ge=1, le=86400)] = 300
    """Seconds after which a nonce is stale."""
    unknown_user: UnknownUser = 403
    """The answer to a user whom the HSS does not know; `challenge` hides that."""
    failures: Annotated[int, Field(ge=1, le=100)] = 3
    """How many wrong answers in a row are met with another challenge before 403."""
    reg_await_auth: Annotated[int, Field(ge=1, le=86400)] = 240
    """Seconds that an AKA challenge waits for its answer (TS 24.229 table 7.8.1)."""
    session_keys: SessionKeyKeys = SessionKeyKeys()
    """CK and IK in an AKA challenge."""
    aka_qop: Literal["auth", "none"] = "auth"
    """What an AKA challenge offers as qop."""


class TimerKeys(Section):
    """`timers`: SIP timer values in seconds (RFC 3261 table 4)."""

    t1: TimerValue = 0.5
    t2: TimerValue = 4
    t4: TimerValue = 5

    @model_validator(mode="after")
    def _ordered(self) -> "TimerKeys":
        if self.t1 > self.t2:
            raise ValueError(f"t1 ({self.t1}) must not be more than t2 ({self.t2})")
        return self


class CauseKeys(Section):
    """One override of `causes`: how a change is told to its watchers (RFC 3680 §4.7.2, RFC 6665 §4.1.3)."""

    event: EndingEvent | None = None
    reason: Reason | None = None


class DiameterKeys(Section):
    """`diameter`: this S-CSCF as a Diameter node (RFC 6733), with `hss`."""

    origin_host: Host | None = None
    """Without it the host of server_name where that is a name, else scscf. and the home domain."""
    origin_realm: Host | None = None
    """Without it the home domain."""
    destination_realm: Host | None = None
    """The HSS's realm; without it the home domain."""
    destination_host: Host | None = None
    """The one HSS that is meant; without it any of the realm."""
    listen: DiameterListeners | None = None
    """Where an HSS may connect to, besides that we connect to it."""
    timeout: Annotated[float, Field(ge=0.1, le=60)] = 5
    """Seconds in which an answer has to come."""
    watchdog: Annotated[float, Field(ge=6, le=3600)] = 30
    """Seconds of silence after which a peer is asked whether it is there: Tw of RFC 3539 §3.4.1."""
    user_authorization: Literal["auto", "always", "never"] = "auto"
    """Whether the HSS is asked who may register (UAR), as an I-CSCF does; auto: not where a trusted peer sends."""


class LogKeys(Section):
    """`log`: what is logged and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class MessageKeys(Section):
    """`messages`: the SIP and Cx messages that are kept to be looked at; the older ones give way."""

    keep: Annotated[int, Field(ge=0, le=1_000_000)] = 10_000
    """How many; 0: none."""
    octets: Annotated[int, Field(ge=0, le=10_000_000_000)] = 32_000_000
    """Of how many octets in all."""


class CaptureKeys(Section):
    """`capture`: every message in a file that Wireshark opens (pcapng)."""

    file: FileName | None = None
    """The file, relative to this one; without it there is none."""
    octets: Annotated[int, Field(ge=10_000, le=100_000_000_000)] = 100_000_000
    """When the file is so large, another is begun."""
    files: Annotated[int, Field(ge=1, le=1000)] = 10
    """How many there are: FILE, and FILE with .1 (the one before it), .2 ... before its suffix."""
    keys: bool = False
    """Whether captures have digest responses, CK, IK and the like as they travelled, and the file TLS secrets."""


class DomainKeys(Section):
    """One entry of `domains`; `registrar` and `reg_event` hold what differs from the top-level ones."""

    name: Host
    realm: Annotated[str, Field(min_length=1, max_length=255, pattern=r'^[^"\\\x00-\x1f]*$')] | None = None
    aliases: Annotated[tuple[Host, ...], Field(max_length=100)] = ()
    dialect: Dialect | None = None
    registrar: RegistrarLimits = RegistrarLimits()
    reg_event: RegEventKeys = RegEventKeys()


class ConfigKeys(Section):
    """The configuration file. Every key may be left out."""

    home_domain: Host | None = None
    """Short for one entry of `domains`; home1.test where neither is written."""
    domains: Annotated[tuple[DomainKeys, ...], Field(max_length=1000)] | None = None
    """The home domains that this S-CSCF serves."""
    listen: Listeners = ("udp://127.0.0.1:5060", "tcp://127.0.0.1:5060")
    """udp://, tcp:// and tls:// ADDRESS:PORT; port 0: any free one; ?advertise=HOST:PORT: as the world sees it."""
    hosts: Annotated[Mapping[Host, Address], Field(max_length=10000)] = Field(default_factory=dict)
    """Name → address: answers instead of DNS."""
    api: Api = "http://127.0.0.1:8060"
    """Where the control API listens; another address than loopback needs a token."""
    api_token: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """Bearer token of the control API."""
    api_token_file: FileName | None = None
    """File that holds the token, relative to this one."""
    subscribers: FileName | None = None
    """The embedded HSS stub's subscribers, relative to this file; without it the demo subscribers."""
    hss: DiameterPeers | None = None
    """An HSS over Cx in place of the embedded stub, or several: the first that can be reached is asked."""
    diameter: DiameterKeys | None = None
    """How Cx is spoken with `hss`."""
    server_name: SipUri | None = None
    """Cx Server-Name; without it the first listener's advertised address."""
    service_route: Routes | None = None
    """Values of Service-Route (RFC 3608); without it sip:orig@ and the server name's host and port, ;lr."""
    feature_caps: Annotated[tuple[FeatureCaps, ...], Field(max_length=20)] = ()
    """Values of Feature-Caps in the 200 to a REGISTER (RFC 6809)."""
    dialect: Dialect = "ims"
    """ims, rfc3261 or siprege, for domains that do not say."""
    trusted_peers: Annotated[tuple[Network, ...], Field(max_length=1000)] = ()
    """Addresses and networks whose P-Asserted-Identity, integrity-protected and Path are believed."""
    direct_ues: Literal["challenge", "by_flow"] = "challenge"
    """How a UE without a P-CSCF is known outside REGISTER: by digest, or by its registered flow."""
    sec_agree: SecAgree = "off"
    """RFC 3329 towards UEs without a P-CSCF: off, or headers: Security-Server, 494 and 421, but no IPsec."""
    registrar: RegistrarLimits = RegistrarLimits()
    reg_event: RegEventKeys = RegEventKeys()
    auth: AuthKeys = AuthKeys()
    siprege: SipregeKeys = SipregeKeys()
    timers: TimerKeys = TimerKeys()
    causes: Mapping[CauseName, CauseKeys] = Field(default_factory=dict)
    """Overrides of the table cause → contact event and Subscription-State reason."""
    cx_failures: Mapping[CxCommandName, Mapping[CxResultName, FailureStatus]] = Field(default_factory=dict)
    """Overrides of the SIP status that a failure of the HSS becomes: command (uar, mar, sar) → result → status."""
    quirks: Annotated[tuple[QuirkName, ...], Field(max_length=100)] = ()
    """Ways to misbehave as networks in the field do, from the start."""
    strict: bool = False
    """Whether what is lenient by default is refused."""
    store: Store = "memory"
    """Where registrations are kept. Only memory yet."""
    log: LogKeys = LogKeys()
    messages: MessageKeys = MessageKeys()
    capture: CaptureKeys = CaptureKeys()
    hep: HepUri | None = None
    """udp://HOST:PORT of a Homer that SIP messages are sent to (HEP3); ?agent=NUMBER&key=PASSWORD."""
