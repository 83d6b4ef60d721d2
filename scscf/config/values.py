"""Kinds of values in the configuration file, and what is told of a wrong one."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from scscf.config.captures import parse_hep
from scscf.config.listen import is_host, parse_api, parse_diameter, parse_listen
from scscf.yaml_model import NOT_YET, did_you_mean

MAX_SECONDS = 4294967295
"""Longest expiry that SIP can say (RFC 3261 §20.19)."""

Seconds = Annotated[int, Field(ge=0, le=MAX_SECONDS)]
Period = Annotated[float, Field(ge=0, le=86400)]
TimerValue = Annotated[float, Field(ge=0.01, le=60)]
Documents = Literal["full", "partial", "delta"]
Reason = Literal["deactivated", "probation", "rejected", "timeout", "giveup", "noresource", "invariant"]
CauseName = Literal[
    "user",
    "expiry",
    "operator",
    "permanent_termination",
    "new_server_assigned",
    "server_change",
    "remove_scscf",
    "removed_subscriber",
    "profile_change",
    "replaced",
    "max_contacts",
    "flow_lost",
    "as_failure",
    "authentication_failure",
]
CxCommandName = Literal["uar", "mar", "sar"]
CxResultName = Literal[
    "command_unsupported",
    "unable_to_deliver",
    "realm_not_served",
    "too_busy",
    "loop_detected",
    "redirect_indication",
    "application_unsupported",
    "out_of_space",
    "avp_unsupported",
    "authorization_rejected",
    "invalid_avp_value",
    "missing_avp",
    "unable_to_comply",
    "user_unknown",
    "identities_dont_match",
    "identity_not_registered",
    "roaming_not_allowed",
    "identity_already_registered",
    "auth_scheme_not_supported",
    "in_assignment_type",
    "too_much_data",
    "not_supported_user_data",
    "feature_unsupported",
    "serving_node_feature_unsupported",
    "timeout",
    "disconnected",
    "garbage",
]
QuirkName = Literal[
    "version-starts-at-2",
    "version-always-0",
    "deltas-only",
    "stale-contact",
    "missing-tel",
    "expired-on-rtr",
    "expired-on-deregister",
    "no-contact-on-end",
    "unstable-ids",
    "bare-contacts",
    "foreign-attributes",
    "q-always-0",
    "gruu-unasked",
    "lower-case-gruu",
    "aor-aor",
    "unescaped-xml",
    "only-own-contact-told",
    "no-notify-on-refresh",
    "no-final-notify",
    "active-after-terminated",
    "no-subscription-reason",
    "cseq-repeated",
    "contact-in-from-to",
    "wrong-content-type",
    "notify-before-200",
    "shorter-expiry",
    "no-min-expires",
    "empty-contact-on-query",
    "service-route-on-dereg",
    "challenge-late",
    "require-ignored",
    "accept-ignored",
    "500-for-481",
]
"""The names of scscf.quirks.QUIRKS, which a layer above has."""
FailureStatus = Annotated[int, Field(ge=400, le=699)]
EndingEvent = Literal["expired", "deactivated", "probation", "unregistered", "rejected"]

_DIALECTS = ("ims", "rfc3261", "siprege")
_ROUTE = re.compile(r"<sips?:[^\s<>\"]{1,500}>[^\s<>,\"]{0,200}")
_FEATURE_CAPS = re.compile(
    r"\*(;\s?\+[A-Za-z0-9.!%_*+`'~-]{1,100}(=(\"[^\"\\\x00-\x1f\x7f]{0,500}\"|[^\s\";,]{1,500}))?){1,20}"
)
_SIP_URI = re.compile(r"sips?:[^\s<>\",]{1,500}")


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4 else value


def _host(value: str) -> str:
    host = value.removeprefix("[").removesuffix("]") if value.startswith("[") else value
    if not is_host(host):
        raise ValueError(f"{value[:100]}: must be a host name or an IP address")
    return host.lower()


def _address(value: str) -> str:
    try:
        return ip_address(value.removeprefix("[").removesuffix("]")).compressed
    except ValueError:
        raise ValueError(f"{value[:100]}: must be an IP address") from None


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        pass
    try:
        meant = ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value[:100]}: must be an IP address or a network like 10.0.0.0/8") from None
    raise ValueError(f"{value}: must be a network without host bits (did you mean {meant}?)")


def _listener(value: str, info: ValidationInfo) -> str:
    parse_listen(value, _folder_of("listen", info))
    return value


def _not_empty(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("must have at least one listener")
    return value


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _diameter_peer(value: str, info: ValidationInfo) -> str:
    parse_diameter(value, _folder_of("hss", info), remote=True)
    return value


def _diameter_listener(value: str, info: ValidationInfo) -> str:
    parse_diameter(value, _folder_of("diameter", info))
    return value


def _folder_of(key: str, info: ValidationInfo) -> Path:
    context = info.context or {}
    folder: Path = context.get("folder", Path())
    return Path() if key in context.get("options", ()) else folder


def _api(value: str) -> str:
    parse_api(value)
    return value


def _hep(value: str) -> str:
    parse_hep(value)
    return value


def _sip_uri(value: str) -> str:
    if _SIP_URI.fullmatch(value) is None:
        raise ValueError(f"{value[:100]}: must be a SIP URI like sip:scscf.home1.test:5060")
    return value


def _route(value: str) -> str:
    if _ROUTE.fullmatch(value) is None:
        raise ValueError(f'{value[:100]}: must be like "<sip:orig@scscf.home1.test:5060;lr>"')
    if ";lr" not in value.lower().partition(">")[0]:
        raise ValueError(f"{value}: must have the parameter lr (RFC 3608 §6.2)")
    return value


def _feature_caps(value: str) -> str:
    if _FEATURE_CAPS.fullmatch(value) is None:
        raise ValueError(f'{value[:100]}: must be like *;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"')
    return value


def _dialect(value: str) -> str:
    if value not in _DIALECTS:
        raise ValueError(f"{value[:100]}: must be ims, rfc3261 or siprege{did_you_mean(value, list(_DIALECTS))}")
    return value


def _store(value: str) -> str:
    if value.startswith(("sqlite:", "redis:")):
        raise ValueError(f"{value[:100]}: {NOT_YET}; memory is")
    if value != "memory":
        raise ValueError(f"{value[:100]}: must be memory{did_you_mean(value, ['memory'])}")
    return value


def _sec_agree(value: str) -> str:
    if value not in ("off", "headers"):
        raise ValueError(f"{value[:100]}: must be off or headers{did_you_mean(value, ['headers'])}")
    return value


Host = Annotated[str, AfterValidator(_host)]
Dialect = Annotated[str, AfterValidator(_dialect)]
Address = Annotated[str, AfterValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
Listeners = Annotated[
    tuple[Annotated[str, AfterValidator(_listener)], ...], Field(max_length=100), AfterValidator(_not_empty)
]
_ONE_OR_SEVERAL = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 20, "minItems": 1}]}
)
DiameterPeers = Annotated[
    tuple[Annotated[str, AfterValidator(_diameter_peer)], ...],
    Field(max_length=20),
    AfterValidator(_not_empty),
    BeforeValidator(_several),
    _ONE_OR_SEVERAL,
]
DiameterListeners = Annotated[
    tuple[Annotated[str, AfterValidator(_diameter_listener)], ...],
    Field(max_length=20),
    AfterValidator(_not_empty),
    BeforeValidator(_several),
    _ONE_OR_SEVERAL,
]
Api = Annotated[str, AfterValidator(_api)]
HepUri = Annotated[str, AfterValidator(_hep)]
SipUri = Annotated[str, AfterValidator(_sip_uri)]
FeatureCaps = Annotated[str, AfterValidator(_feature_caps)]
Routes = Annotated[tuple[Annotated[str, AfterValidator(_route)], ...], Field(max_length=10)]
Store = Annotated[str, AfterValidator(_store)]
SecAgree = Annotated[str, AfterValidator(_sec_agree)]
SipaeVersion = Annotated[Literal[3, 4], BeforeValidator(_number)]
NtlmVersion = Annotated[Literal[1, 2], BeforeValidator(_number)]
WithoutBinding = Annotated[Literal[480, "init"], BeforeValidator(_number)]
UnknownUser = Annotated[Literal[403, 404, "challenge"], BeforeValidator(_number)]
FileName = Annotated[str, Field(min_length=1, max_length=4096)]
