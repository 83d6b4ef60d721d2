"""Answers of the base protocol: capabilities, watchdogs, disconnections, and refusals (RFC 6733 §5, §6, §7)."""

from typing import Any

from scscf.diameter.avp import VERBATIM, Avps
from scscf.diameter.dictionary import FEATURES, RELAY
from scscf.diameter.identity import Identity
from scscf.diameter.message import DiameterError, Message

SUCCESS = 2001
UNABLE_TO_DELIVER = 3002
REALM_NOT_SERVED = 3003
TOO_BUSY = 3004
LOOP_DETECTED = 3005
INVALID_AVP_VALUE = 5004
NO_COMMON_APPLICATION = 5010
NO_COMMON_SECURITY = 5017

REBOOTING = 0
BUSY = 1
DO_NOT_WANT_TO_TALK_TO_YOU = 2


def capabilities(identity: Identity) -> Avps:
    """Return what a CER says of a node (RFC 6733 §5.3.1)."""
    avps: Avps = [*identity.origin()]
    avps += [("Host-IP-Address", address) for address in identity.addresses]
    avps += [("Vendor-Id", identity.vendor), ("Product-Name", identity.product)]
    avps.append(("Origin-State-Id", identity.origin_state_id))
    avps += [("Supported-Vendor-Id", vendor) for vendor in dict.fromkeys(v for v, _ in identity.applications)]
    avps += [
        ("Vendor-Specific-Application-Id", [("Vendor-Id", vendor), ("Auth-Application-Id", application)])
        for vendor, application in identity.applications
    ]
    return avps


def capabilities_request(identity: Identity) -> Message:
    """Return a CER."""
    return Message("Capabilities-Exchange", capabilities(identity))


def capabilities_answer(request: Message, identity: Identity, result: int = SUCCESS) -> Message:
    """Return a CEA."""
    return request.answer([("Result-Code", result), *capabilities(identity)])


def common_application(message: Message, identity: Identity) -> bool:
    """Tell whether a CER or CEA names an application that is ours too, or a relay (RFC 6733 §5.3)."""
    theirs = set(message.all("Auth-Application-Id")) | set(message.all("Acct-Application-Id"))
    for group in message.all("Vendor-Specific-Application-Id"):
        theirs |= {value for name, value in group if name in ("Auth-Application-Id", "Acct-Application-Id")}
    return RELAY in theirs or any(application in theirs for _, application in identity.applications)


def why_unusable(answer: Message, identity: Identity) -> str | None:
    """Tell why there is no connection after a CEA; None where there is one (RFC 6733 §5.3)."""
    result, host = answer.get("Result-Code"), answer.get("Origin-Host")
    if result != SUCCESS:
        reason = answer.get("Error-Message") or "no reason given"
    elif not host:
        reason = "no Origin-Host"
    elif not common_application(answer, identity):
        reason = "no application in common"
    else:
        return None
    return f"the capabilities exchange came to {result}: {reason}"


def watchdog_request(identity: Identity) -> Message:
    """Return a DWR (RFC 6733 §5.5)."""
    return Message("Device-Watchdog", [*identity.origin(), ("Origin-State-Id", identity.origin_state_id)])


def disconnect_request(identity: Identity, cause: int = REBOOTING) -> Message:
    """Return a DPR (RFC 6733 §5.4)."""
    return Message("Disconnect-Peer", [*identity.origin(), ("Disconnect-Cause", cause)])


def success(request: Message, identity: Identity) -> Message:
    """Return an answer that agrees: DWA, DPA."""
    return request.answer([("Result-Code", SUCCESS), *identity.origin()])


def refusal(request: Message, identity: Identity, result: int, text: str = "", failed: bytes | None = None) -> Message:
    """Return an answer with an error of the base protocol; `failed` is the AVP at fault, as it came (RFC 6733 §7.2)."""
    avps: list[tuple[str, Any]] = [("Result-Code", result), *identity.origin()]
    if text:
        avps.append(("Error-Message", text))
    if failed is not None:
        avps.append(("Failed-AVP", [(VERBATIM, failed)]))
    avps += [("Proxy-Info", value) for value in request.all("Proxy-Info")]
    return request.answer(avps, is_error=3000 <= result < 4000)


def undeliverable(request: Message, identity: Identity) -> Message | None:
    """Return the refusal of a request that is not for this node, None where it is (RFC 6733 §6.1.3, §6.1.4, §6.1.6)."""
    host, realm = request.get("Destination-Host"), request.get("Destination-Realm")
    if identity.host.lower() in (each.lower() for each in request.all("Route-Record")):
        return refusal(request, identity, LOOP_DETECTED, "it was here before")
    if host is not None and host.lower() != identity.host.lower():
        return refusal(request, identity, UNABLE_TO_DELIVER, f"this is {identity.host}")
    if realm is not None and realm.lower() != identity.realm.lower():
        return refusal(request, identity, REALM_NOT_SERVED, f"this is of {identity.realm}")
    return None


def refusal_of(error: DiameterError, identity: Identity) -> Message | None:
    """Return the answer that an error asks for, None where it was no request."""
    if error.request is None or not error.request.is_request:
        return None
    if error.vendor:
        return _refusal_of_vendor(error, error.request, identity)
    return refusal(error.request, identity, error.result, error.text, error.failed)


def _refusal_of_vendor(error: DiameterError, request: Message, identity: Identity) -> Message:
    """Return the answer to a request that insists on features, with those that there are (TS 29.229 §7.2.1)."""
    avps: Avps = [
        ("Experimental-Result", [("Vendor-Id", error.vendor), ("Experimental-Result-Code", error.result)]),
        ("Auth-Session-State", 1),
        *identity.origin(),
        ("Error-Message", error.text),
    ]
    avps += [
        ("Supported-Features", [("Vendor-Id", error.vendor), ("Feature-List-ID", number), ("Feature-List", features)])
        for number, features in FEATURES.items()
    ]
    avps += [("Proxy-Info", value) for value in request.all("Proxy-Info")]
    return request.answer(avps)
