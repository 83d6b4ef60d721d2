"""Cx answers as Diameter messages, written and read (TS 29.229 §6.1)."""

from collections.abc import Callable
from typing import Any

from scscf.cx import (
    AkaVector,
    AssignmentData,
    AuthItem,
    LocationInfoAnswer,
    MultimediaAuthAnswer,
    RegistrationTerminationAnswer,
    Result,
    UserAuthorizationAnswer,
)
from scscf.diameter.avp import Avps
from scscf.diameter.cx_avps import (
    capabilities_avps,
    capabilities_of,
    charging_avps,
    charging_of,
    digest_avp,
    digest_of,
    first,
    nt_hash_of,
)
from scscf.diameter.cx_requests import APPLICATION, NO_STATE_MAINTAINED
from scscf.diameter.cx_restoration import restoration_avp, restoration_of
from scscf.diameter.dictionary import TGPP
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message

CxAnswer = (
    UserAuthorizationAnswer
    | LocationInfoAnswer
    | MultimediaAuthAnswer
    | AssignmentData
    | RegistrationTerminationAnswer
    | Result
)

_RESULT_OF: dict[tuple[str, int], Result] = {(str(result.value[0]), result.value[1]): result for result in Result}
_CLASS_OF = {
    1: Result.GARBAGE,
    2: Result.SUCCESS,
    3: Result.UNABLE_TO_DELIVER,
    4: Result.TOO_BUSY,
    5: Result.UNABLE_TO_COMPLY,
}
"""Thousands of a Result-Code that is not known by itself → the result that stands for it (RFC 6733 §7.1)."""


def result_of(message: Message) -> Result:
    """Return the result of an answer; GARBAGE where it has none."""
    code = message.get("Result-Code")
    if code is not None:
        return _RESULT_OF.get(("base", code)) or _CLASS_OF.get(code // 1000, Result.GARBAGE)
    experimental = message.get("Experimental-Result")
    code = first(experimental, "Experimental-Result-Code") if experimental is not None else None
    if code is None:
        return Result.GARBAGE
    kind = "cx" if first(experimental, "Vendor-Id") == TGPP else ""
    return _RESULT_OF.get((kind, code)) or _CLASS_OF.get(code // 1000, Result.GARBAGE)


def result_avp(result: Result) -> tuple[str, Any]:
    """Return Result-Code or Experimental-Result; what is no answer becomes UNABLE_TO_COMPLY."""
    kind, code = result.value
    if kind == "cx":
        return "Experimental-Result", [("Vendor-Id", TGPP), ("Experimental-Result-Code", code)]
    return "Result-Code", code if kind == "base" else Result.UNABLE_TO_COMPLY.value[1]


def answer_message(request: Message, answer: CxAnswer, origin: Identity) -> Message:
    """Return the answer to a Cx request as a message."""
    result = answer if isinstance(answer, Result) else answer.result
    kind, code = result.value
    avps: Avps = [
        APPLICATION,
        result_avp(result),
        NO_STATE_MAINTAINED,
        ("Origin-Host", origin.host),
        ("Origin-Realm", origin.realm),
    ]
    writer = _WRITERS.get(type(answer))
    if writer is not None:
        avps += writer(answer)
    avps += [("Proxy-Info", value) for value in request.all("Proxy-Info")]
    return request.answer(avps, is_error=kind == "base" and 3000 <= code < 4000)


def read_answer(message: Message) -> CxAnswer:
    """Return what an answer says, a Result for a PPA. What cannot be read has the result GARBAGE."""
    result = result_of(message)
    reader = _READERS.get(message.command)
    return result if reader is None else reader(message, result)


def _user_authorization(answer: UserAuthorizationAnswer) -> Avps:
    return _server(answer.server_name, answer)


def _location_info(answer: LocationInfoAnswer) -> Avps:
    avps = _server(answer.server_name, answer)
    if answer.wildcarded is not None:
        avps.append(("Wildcarded-Public-Identity", answer.wildcarded))
    return avps


def _server(name: str | None, answer: UserAuthorizationAnswer | LocationInfoAnswer) -> Avps:
    avps: Avps = [("Server-Name", name)] if name is not None else []
    if answer.capabilities is not None:
        avps.append(capabilities_avps(answer.capabilities))
    return avps


def _multimedia_auth(answer: MultimediaAuthAnswer) -> Avps:
    if not answer.items:
        return []
    avps: Avps = [
        ("User-Name", answer.private_identity),
        ("Public-Identity", answer.public_identity),
        ("SIP-Number-Auth-Items", len(answer.items)),
    ]
    for number, each in enumerate(answer.items, 1):
        item: Avps = [("SIP-Item-Number", number), ("SIP-Authentication-Scheme", each.scheme)]
        if each.aka is not None:
            rand, autn, xres, ck, ik = each.aka
            item += [
                ("SIP-Authenticate", rand + autn),
                ("SIP-Authorization", xres),
                ("Confidentiality-Key", ck),
                ("Integrity-Key", ik),
            ]
        if each.nt_hash:
            item.append(("SIP-Authorization", each.nt_hash))
        if each.digest is not None:
            item.append(digest_avp(each.digest))
        avps.append(("SIP-Auth-Data-Item", item))
    return avps


def _assignment(answer: AssignmentData) -> Avps:
    avps: Avps = [("User-Name", answer.private_identity)] if answer.private_identity else []
    if answer.user_data is not None:
        avps.append(("User-Data", answer.user_data))
    if answer.charging is not None:
        avps.append(charging_avps(answer.charging))
    for name, identities in (
        ("Associated-Identities", answer.associated),
        ("Associated-Registered-Identities", answer.registered),
    ):
        if identities:
            avps.append((name, [("User-Name", each) for each in identities]))
    avps += [restoration_avp(each) for each in answer.restoration]
    if answer.server_name is not None:
        avps.append(("Server-Name", answer.server_name))
    if answer.wildcarded is not None:
        avps.append(("Wildcarded-Public-Identity", answer.wildcarded))
    return avps


def _registration_termination(answer: RegistrationTerminationAnswer) -> Avps:
    avps: Avps = []
    if answer.associated:
        avps.append(("Associated-Identities", [("User-Name", each) for each in answer.associated]))
    avps += [
        ("Identity-with-Emergency-Registration", [("User-Name", private), ("Public-Identity", public)])
        for private, public in answer.emergency
    ]
    return avps


def _read_user_authorization(message: Message, result: Result) -> UserAuthorizationAnswer:
    offered = message.get("Server-Capabilities")
    capabilities = capabilities_of(offered) if offered is not None else None
    return UserAuthorizationAnswer(result, message.get("Server-Name"), capabilities)


def _read_location_info(message: Message, result: Result) -> LocationInfoAnswer:
    offered = message.get("Server-Capabilities")
    return LocationInfoAnswer(
        result,
        message.get("Server-Name"),
        capabilities_of(offered) if offered is not None else None,
        message.get("Wildcarded-Public-Identity") or message.get("Wildcarded-IMPU"),
    )


def _read_multimedia_auth(message: Message, result: Result) -> MultimediaAuthAnswer:
    user = message.get("User-Name", "")
    numbered = sorted(message.all("SIP-Auth-Data-Item"), key=lambda avps: int(first(avps, "SIP-Item-Number", 0)))
    items = tuple(_auth_item(avps, user) for avps in numbered)
    if result is Result.SUCCESS and not items:
        result = Result.GARBAGE
    return MultimediaAuthAnswer(result, user, message.get("Public-Identity", ""), items)


def _auth_item(avps: Avps, user: str) -> AuthItem:
    scheme = first(avps, "SIP-Authentication-Scheme", "Unknown")
    sent, expected = first(avps, "SIP-Authenticate", b""), first(avps, "SIP-Authorization", b"")
    ck, ik = first(avps, "Confidentiality-Key", b""), first(avps, "Integrity-Key", b"")
    aka = None
    if len(sent) == 32 and 4 <= len(expected) <= 16 and len(ck) == len(ik) == 16:
        aka = AkaVector(sent[:16], sent[16:], expected, ck, ik)
    return AuthItem(scheme, aka, digest_of(first(avps, "SIP-Digest-Authenticate"), user), nt_hash_of(avps))


def _read_assignment(message: Message, result: Result) -> AssignmentData:
    charging = message.get("Charging-Information")
    associated, registered = (
        tuple(value for each, value in message.get(name, []) if each == "User-Name")
        for name in ("Associated-Identities", "Associated-Registered-Identities")
    )
    user = message.get("User-Name")
    return AssignmentData(
        result,
        user,
        message.get("User-Data"),
        charging_of(charging) if charging is not None else None,
        associated,
        registered,
        tuple(restoration_of(avps, user or "") for avps in message.all("SCSCF-Restoration-Info")),
        message.get("Server-Name"),
        message.get("Wildcarded-Public-Identity") or message.get("Wildcarded-IMPU"),
    )


def _read_registration_termination(message: Message, result: Result) -> RegistrationTerminationAnswer:
    return RegistrationTerminationAnswer(
        result,
        tuple(value for each, value in message.get("Associated-Identities", []) if each == "User-Name"),
        tuple(
            (first(avps, "User-Name", ""), first(avps, "Public-Identity", ""))
            for avps in message.all("Identity-with-Emergency-Registration")
        ),
    )


_WRITERS: dict[type, Callable[[Any], Avps]] = {
    UserAuthorizationAnswer: _user_authorization,
    LocationInfoAnswer: _location_info,
    MultimediaAuthAnswer: _multimedia_auth,
    AssignmentData: _assignment,
    RegistrationTerminationAnswer: _registration_termination,
}

_READERS: dict[str, Callable[[Message, Result], CxAnswer]] = {
    "User-Authorization": _read_user_authorization,
    "Location-Info": _read_location_info,
    "Multimedia-Auth": _read_multimedia_auth,
    "Server-Assignment": _read_assignment,
    "Registration-Termination": _read_registration_termination,
}
