"""Whether a request has the AVPs that its command needs, and none too often (RFC 6733 §3.2, §7.1.5).

Every command and group that is served may have further AVPs (`*[ AVP ]`), so that none is forbidden (5008).
Vendor-Specific-Application-Id is not insisted on: the header says the application.
"""

from typing import Any

from scscf.diameter.avp import encode_avps
from scscf.diameter.dictionary import AVPS, COMMANDS, MEMBERS, Kind
from scscf.diameter.message import DiameterError, Message

_EXAMPLES: dict[Kind, Any] = {
    Kind.OCTETS: b"",
    Kind.TEXT: "",
    Kind.UNSIGNED32: 0,
    Kind.INTEGER32: 0,
    Kind.UNSIGNED64: 0,
    Kind.ADDRESS: "0.0.0.0",  # noqa: S104  # an example of an address, not one to listen at
    Kind.GROUPED: [],
}

ONCE = frozenset(
    {
        "Associated-Identities",
        "Auth-Session-State",
        "Charging-Information",
        "Deregistration-Reason",
        "Destination-Host",
        "Destination-Realm",
        "Disconnect-Cause",
        "LIA-Flags",
        "Multiple-Registration-Indication",
        "Origin-Host",
        "Origin-Realm",
        "Origin-State-Id",
        "Originating-Request",
        "Product-Name",
        "RTR-Flags",
        "SAR-Flags",
        "SCSCF-Restoration-Info",
        "SIP-Auth-Data-Item",
        "SIP-Number-Auth-Items",
        "Server-Assignment-Type",
        "Server-Name",
        "Session-Id",
        "Session-Priority",
        "UAR-Flags",
        "User-Authorization-Type",
        "User-Data",
        "User-Data-Already-Available",
        "User-Name",
        "Vendor-Id",
        "Visited-Network-Identifier",
        "Wildcarded-Public-Identity",
    }
)
"""AVPs that no request has more than once."""

ONE_IDENTITY = frozenset({"User-Authorization", "Location-Info", "Multimedia-Auth"})
"""Commands whose request names one Public-Identity only."""


def check(request: Message) -> None:
    """Raise DiameterError for a request that lacks an AVP (5005), or has one too often (5009), with a Failed-AVP."""
    seen: set[str] = set()
    for name, value in request.avps:
        if name in seen and (name in ONCE or (name == "Public-Identity" and request.command in ONE_IDENTITY)):
            raise DiameterError(5009, f"{name} is there twice", encode_avps([(name, value)]), request)
        seen.add(name)
        if isinstance(value, list):
            missing = _missing(name, value)
            if missing is not None:
                text = f"{missing[0][0]} is missing in {name}"
                raise DiameterError(5005, text, encode_avps([(name, missing)]), request)
    for name in COMMANDS[request.command].request:
        if name not in seen:
            raise DiameterError(5005, f"{name} is missing", example(name), request)


def example(name: str) -> bytes:
    """Return an AVP of least length that stands for one that is missing (RFC 6733 §7.5)."""
    return encode_avps([(name, _EXAMPLES[AVPS[name].kind])])


def _missing(name: str, value: list[tuple[str, Any]]) -> list[tuple[str, Any]] | None:
    """Return a group that has only what a group lacks, itself or in a group in it; None where it is whole."""
    present = {each for each, _ in value}
    for member in MEMBERS.get(name, ()):
        if member not in present:
            return [(member, _EXAMPLES[AVPS[member].kind])]
    for each, inner in value:
        if isinstance(inner, list):
            lacking = _missing(each, inner)
            if lacking is not None:
                return [(each, lacking)]
    return None
