"""Cx requests as Diameter messages, written and read (TS 29.229 §6.1)."""

from collections.abc import Callable
from typing import Any, TypeVar

from scscf.cx import (
    NTLM,
    Assignment,
    DeregistrationReason,
    LocationInfo,
    MultimediaAuth,
    PushProfile,
    RegistrationTermination,
    Resynchronisation,
    ServerAssignment,
    UserAuthorization,
    UserAuthorizationType,
)
from scscf.diameter.avp import Avps, encode_avps
from scscf.diameter.cx_avps import (
    charging_avps,
    charging_of,
    digest_avp,
    digest_of,
    first,
    nt_hash_of,
    octets,
    text_of,
)
from scscf.diameter.cx_restoration import restoration_avp, restoration_of
from scscf.diameter.dictionary import CX, TGPP
from scscf.diameter.identity import Identity
from scscf.diameter.message import DiameterError, Message
from scscf.enums import Named

CxRequest = UserAuthorization | LocationInfo | MultimediaAuth | Assignment | RegistrationTermination | PushProfile

APPLICATION: tuple[str, Avps] = (
    "Vendor-Specific-Application-Id",
    [("Vendor-Id", TGPP), ("Auth-Application-Id", CX)],
)
NO_STATE_MAINTAINED = ("Auth-Session-State", 1)

_N = TypeVar("_N", bound=Named)
_EMERGENCY = 1
"""UAR-Flags bit 0."""


def request_message(
    request: CxRequest, session_id: str, origin: Identity, realm: str, host: str | None = None
) -> Message:
    """Return a Cx request as a message for `realm`, and for `host` where one is meant (TS 29.229 §6.1)."""
    command, avps = _WRITERS[type(request)](request)
    head: Avps = [
        ("Session-Id", session_id),
        APPLICATION,
        NO_STATE_MAINTAINED,
        ("Origin-Host", origin.host),
        ("Origin-Realm", origin.realm),
    ]
    if host is not None:
        head.append(("Destination-Host", host))
    head.append(("Destination-Realm", realm))
    head += avps
    return Message(command, head, is_proxiable=True)


def read_request(message: Message) -> CxRequest:
    """Return the Cx request that a message is, which scscf.diameter.check has let through.

    Raises DiameterError: 5004 for a value that is none, 3001 for a message of another application.
    """
    reader = _READERS.get(message.command)
    if reader is None:
        raise DiameterError(3001, f"{message.command} is no request of Cx", None, message)
    return reader(message)


def _user_authorization(request: UserAuthorization) -> tuple[str, Avps]:
    avps: Avps = [
        ("User-Name", request.private_identity),
        ("Public-Identity", request.public_identity),
        ("Visited-Network-Identifier", octets(request.visited_network or "")),
        ("User-Authorization-Type", request.type.value),
    ]
    if request.emergency:
        avps.append(("UAR-Flags", _EMERGENCY))
    return "User-Authorization", avps


def _read_user_authorization(message: Message) -> UserAuthorization:
    visited = message.get("Visited-Network-Identifier")
    return UserAuthorization(
        message.get("User-Name"),
        message.get("Public-Identity"),
        text_of(visited) if visited else None,
        _named(message, UserAuthorizationType, "User-Authorization-Type", 0),
        bool(message.get("UAR-Flags", 0) & _EMERGENCY),
    )


def _location_info(request: LocationInfo) -> tuple[str, Avps]:
    avps: Avps = [("Public-Identity", request.public_identity)]
    if request.originating:
        avps.append(("Originating-Request", 0))
    if request.type is not None:
        avps.append(("User-Authorization-Type", request.type.value))
    return "Location-Info", avps


def _read_location_info(message: Message) -> LocationInfo:
    kind = message.get("User-Authorization-Type")
    return LocationInfo(
        message.get("Public-Identity"),
        message.get("Originating-Request") is not None,
        None if kind is None else _named(message, UserAuthorizationType, "User-Authorization-Type", 0),
    )


def _multimedia_auth(request: MultimediaAuth) -> tuple[str, Avps]:
    item: Avps = [("SIP-Authentication-Scheme", request.scheme)]
    if request.failed is not None:
        item.append(("SIP-Authorization", request.failed.rand + request.failed.auts))
    return "Multimedia-Auth", [
        ("User-Name", request.private_identity),
        ("Public-Identity", request.public_identity),
        ("SIP-Auth-Data-Item", item),
        ("SIP-Number-Auth-Items", request.items),
        ("Server-Name", request.server_name),
    ]


def _read_multimedia_auth(message: Message) -> MultimediaAuth:
    item = message.get("SIP-Auth-Data-Item")
    said = first(item, "SIP-Authorization")
    failed = Resynchronisation(said[:16], said[16:]) if said is not None and len(said) == 30 else None
    if said and failed is None:
        text = "SIP-Authorization must be RAND and AUTS, 30 octets"
        raise _invalid(message, text, ("SIP-Auth-Data-Item", [("SIP-Authorization", said)]))
    return MultimediaAuth(
        message.get("User-Name"),
        message.get("Public-Identity"),
        message.get("Server-Name"),
        first(item, "SIP-Authentication-Scheme", "Unknown"),
        message.get("SIP-Number-Auth-Items"),
        failed,
    )


def _assignment(request: Assignment) -> tuple[str, Avps]:
    avps: Avps = []
    if request.private_identity:
        avps.append(("User-Name", request.private_identity))
    avps += [("Public-Identity", each) for each in request.public_identities]
    if request.wildcarded is not None:
        avps.append(("Wildcarded-Public-Identity", request.wildcarded))
    avps += [
        ("Server-Name", request.server_name),
        ("Server-Assignment-Type", request.type.value),
        ("User-Data-Already-Available", 1 if request.user_data_available else 0),
    ]
    if request.restoration is not None:
        avps.append(restoration_avp(request.restoration))
    if request.multiple:
        avps.append(("Multiple-Registration-Indication", 1))
    return "Server-Assignment", avps


def _read_assignment(message: Message) -> Assignment:
    kept = message.get("SCSCF-Restoration-Info")
    return Assignment(
        _named(message, ServerAssignment, "Server-Assignment-Type"),
        message.get("Server-Name"),
        message.get("User-Name"),
        tuple(message.all("Public-Identity")),
        message.get("User-Data-Already-Available") == 1,
        None if kept is None else restoration_of(kept, message.get("User-Name") or ""),
        message.get("Multiple-Registration-Indication") == 1,
        message.get("Wildcarded-Public-Identity"),
    )


def _registration_termination(request: RegistrationTermination) -> tuple[str, Avps]:
    avps: Avps = []
    if request.associated:
        avps.append(("Associated-Identities", [("User-Name", each) for each in request.associated]))
    avps.append(("User-Name", request.private_identity))
    avps += [("Public-Identity", each) for each in request.public_identities]
    why: Avps = [("Reason-Code", request.reason.value)]
    if request.reason_info:
        why.append(("Reason-Info", request.reason_info))
    avps.append(("Deregistration-Reason", why))
    return "Registration-Termination", avps


def _read_registration_termination(message: Message) -> RegistrationTermination:
    why = message.get("Deregistration-Reason")
    code = first(why, "Reason-Code")
    reason = next((each for each in DeregistrationReason if each.value == code), None)
    if reason is None:
        raise _invalid(message, f"Reason-Code {code}", ("Deregistration-Reason", [("Reason-Code", code)]))
    return RegistrationTermination(
        message.get("User-Name"),
        reason,
        tuple(message.all("Public-Identity")),
        tuple(value for name, value in message.get("Associated-Identities", []) if name == "User-Name"),
        first(why, "Reason-Info", ""),
    )


def _push_profile(request: PushProfile) -> tuple[str, Avps]:
    avps: Avps = [("User-Name", request.private_identity)]
    if request.user_data is not None:
        avps.append(("User-Data", request.user_data))
    if request.charging is not None:
        avps.append(charging_avps(request.charging))
    if request.digest is not None:
        avps.append(("SIP-Auth-Data-Item", [("SIP-Authentication-Scheme", "SIP Digest"), digest_avp(request.digest)]))
    elif request.nt_hash:
        item: Avps = [("SIP-Authentication-Scheme", NTLM), ("SIP-Authorization", request.nt_hash)]
        avps.append(("SIP-Auth-Data-Item", item))
    return "Push-Profile", avps


def _read_push_profile(message: Message) -> PushProfile:
    charging, item = message.get("Charging-Information"), message.get("SIP-Auth-Data-Item")
    user = message.get("User-Name")
    return PushProfile(
        user,
        message.get("User-Data"),
        None if charging is None else charging_of(charging),
        None if item is None else digest_of(first(item, "SIP-Digest-Authenticate"), user),
        b"" if item is None else nt_hash_of(item),
    )


def _named(message: Message, kind: type[_N], name: str, default: int | None = None) -> _N:
    """Return an Enumerated AVP's member. Raises DiameterError(5004) for a number that is none."""
    value = message.get(name, default)
    for member in kind:
        if member.value == value:
            return member
    raise _invalid(message, f"{name} {value}", (name, value))


def _invalid(message: Message, text: str, avp: tuple[str, Any]) -> DiameterError:
    return DiameterError(5004, text, encode_avps([avp]), message)


_WRITERS: dict[type, Callable[[Any], tuple[str, Avps]]] = {
    UserAuthorization: _user_authorization,
    LocationInfo: _location_info,
    MultimediaAuth: _multimedia_auth,
    Assignment: _assignment,
    RegistrationTermination: _registration_termination,
    PushProfile: _push_profile,
}

_READERS: dict[str, Callable[[Message], CxRequest]] = {
    "User-Authorization": _read_user_authorization,
    "Location-Info": _read_location_info,
    "Multimedia-Auth": _read_multimedia_auth,
    "Server-Assignment": _read_assignment,
    "Registration-Termination": _read_registration_termination,
    "Push-Profile": _read_push_profile,
}
