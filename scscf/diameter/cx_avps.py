"""Grouped AVPs that several Cx commands share (TS 29.229 §6.3)."""

from typing import Any

from scscf.cx import NTLM, Capabilities, DigestVector
from scscf.diameter.avp import BLANKS, Avps
from scscf.errors import SipError
from scscf.profile.service_profile import ChargingFunctions
from scscf.sip.grammar import split_list

_EVENT = ("Primary-Event-Charging-Function-Name", "Secondary-Event-Charging-Function-Name")
_COLLECTION = ("Primary-Charging-Collection-Function-Name", "Secondary-Charging-Collection-Function-Name")

_NT_HASH_OCTETS = 16
"""What SIP-Authorization has with the scheme NTLM (MS-NLMP §3.3.1)."""


def first(avps: Avps, name: str, default: Any = None) -> Any:
    """Return the value of the first AVP of that name in a group."""
    for each, value in avps:
        if each == name:
            return value
    return default


def octets(text: str) -> bytes:
    """Return a SIP text as an OctetString has it."""
    return text.encode("utf-8", "surrogateescape")


def text_of(data: bytes) -> str:
    """Return an OctetString that is a SIP text; control characters, on which others stumble, become blanks."""
    text = data.decode("utf-8", "replace")
    return text if text.isprintable() else text.translate(BLANKS)


def lists_of(avps: Avps, name: str) -> tuple[str, ...]:
    """Return the header field values in OctetStrings of that name, each a comma separated list (TS 29.229 §6.3.46).

    What is no such list stays in one piece.
    """
    values: list[str] = []
    for each, value in avps:
        if each == name:
            text = text_of(value)
            try:
                values += split_list(text)
            except SipError:
                values.append(text)
    return tuple(filter(None, values))


def charging_avps(charging: ChargingFunctions) -> tuple[str, Avps]:
    """Return Charging-Information (TS 29.229 §6.3.19)."""
    avps: Avps = list(zip(_EVENT, charging.ecf, strict=False))
    avps += zip(_COLLECTION, charging.ccf, strict=False)
    return "Charging-Information", avps


def charging_of(avps: Avps) -> ChargingFunctions:
    """Return what Charging-Information says."""
    ccf, ecf = ([first(avps, name) for name in names] for names in (_COLLECTION, _EVENT))
    return ChargingFunctions(tuple(filter(None, ccf)), tuple(filter(None, ecf)))


def digest_avp(vector: DigestVector) -> tuple[str, Avps]:
    """Return SIP-Digest-Authenticate (TS 29.229 §6.3.36)."""
    return "SIP-Digest-Authenticate", [
        ("Digest-Realm", vector.realm),
        ("Digest-Algorithm", vector.algorithm),
        ("Digest-QoP", "auth"),
        ("Digest-HA1", vector.ha1),
    ]


def digest_of(avps: Avps | None, username: str) -> DigestVector | None:
    """Return what SIP-Digest-Authenticate says, None where it lacks a realm or a hash."""
    if avps is None:
        return None
    realm, ha1 = first(avps, "Digest-Realm"), first(avps, "Digest-HA1")
    if not realm or not ha1:
        return None
    return DigestVector(first(avps, "Digest-Algorithm", "MD5"), realm, username, ha1.lower())


def nt_hash_of(avps: Avps) -> bytes:
    """Return the NT hash of a SIP-Auth-Data-Item whose scheme is NTLM; else nothing."""
    expected: bytes = first(avps, "SIP-Authorization", b"")
    is_ntlm = first(avps, "SIP-Authentication-Scheme", "").upper() == NTLM
    return expected if is_ntlm and len(expected) == _NT_HASH_OCTETS else b""


def capabilities_avps(capabilities: Capabilities) -> tuple[str, Avps]:
    """Return Server-Capabilities (TS 29.229 §6.3.4)."""
    avps: Avps = [("Mandatory-Capability", each) for each in capabilities.mandatory]
    avps += [("Optional-Capability", each) for each in capabilities.optional]
    avps += [("Server-Name", each) for each in capabilities.server_names]
    return "Server-Capabilities", avps


def capabilities_of(avps: Avps) -> Capabilities:
    """Return what Server-Capabilities says."""
    mandatory, optional, names = (
        tuple(value for each, value in avps if each == name)
        for name in ("Mandatory-Capability", "Optional-Capability", "Server-Name")
    )
    return Capabilities(mandatory, optional, names)
