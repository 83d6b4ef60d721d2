"""Whether a request has the AVPs that its command needs (RFC 6733 §3.2, §7.5)."""

from scscf.diameter.avp import encode_avps
from scscf.diameter.dictionary import AVPS, COMMANDS, MEMBERS, Kind
from scscf.diameter.message import DiameterError, Message

_EXAMPLES = {
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
        "Session-Id",
        "Auth-Session-State",
        "Origin-Host",
        "Origin-Realm",
        "Destination-Host",
        "Destination-Realm",
        "User-Name",
        "Server-Name",
        "Server-Assignment-Type",
        "User-Data-Already-Available",
        "User-Authorization-Type",
        "Visited-Network-Identifier",
        "SIP-Number-Auth-Items",
        "Deregistration-Reason",
        "User-Data",
        "Charging-Information",
        "Disconnect-Cause",
        "Product-Name",
    }
)
"""AVPs that a request has at most once."""


def check(request: Message) -> None:
    """Raise DiameterError for a request that lacks an AVP (5005), or has one too often (5009), with a Failed-AVP."""
    seen: set[str] = set()
    for name, value in request.avps:
        if name in seen:
            if name in ONCE:
                raise DiameterError(5009, f"{name} is there twice", encode_avps([(name, value)]), request)
        else:
            seen.add(name)
            members = MEMBERS.get(name)
            if members:
                _check_members(request, name, value, members)
    for name in COMMANDS[request.command].request:
        if name not in seen:
            raise DiameterError(5005, f"{name} is missing", example(name), request)


def example(name: str) -> bytes:
    """Return an AVP of least length that stands for one that is missing (RFC 6733 §7.5)."""
    return encode_avps([(name, _EXAMPLES[AVPS[name].kind])])


def _check_members(
    request: Message, name: str, value: list[tuple[str, object]], members: tuple[str, ...]
) -> None:
    present = {each for each, _ in value}
    for member in members:
        if member not in present:
            failed = encode_avps([(name, [(member, _EXAMPLES[AVPS[member].kind])])])
            raise DiameterError(5005, f"{member} is missing in {name}", failed, request)
