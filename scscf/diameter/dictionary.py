"""The dictionary: every AVP and command that is understood, with the numbers, kinds and flags of their standards.

RFC 6733 §4.5 and §3.1 for the base protocol, RFC 4740 and RFC 7155 for what Cx borrows, TS 29.229 §6.3 for Cx.
"""

from enum import Enum
from typing import NamedTuple

TGPP = 10415
"""Vendor-Id of 3GPP."""
ETSI = 13019
"""Vendor-Id of ETSI, of whose older Cx (TS 183 033) some peers still send what is passed over here."""
CX = 16777216
"""Application-Id of Cx and Dx (TS 29.229 §6)."""
RELAY = 0xFFFFFFFF
"""Application-Id that relay agents advertise (RFC 6733 §2.4)."""
BASE = 0
"""Application-Id of the base protocol's own messages."""


class Kind(Enum):
    """What the data of an AVP are (RFC 6733 §4.2, §4.3), and what they are in Python."""

    OCTETS = "OctetString"
    """bytes"""
    TEXT = "UTF8String"
    """str; DiameterIdentity, DiameterURI and IPFilterRule too."""
    UNSIGNED32 = "Unsigned32"
    """int; Enumerated too."""
    INTEGER32 = "Integer32"
    UNSIGNED64 = "Unsigned64"
    ADDRESS = "Address"
    """str, an IP address."""
    GROUPED = "Grouped"
    """A list of (name, value)."""


class AvpDefinition(NamedTuple):
    """One AVP. `mandatory`: whether it is sent with the M bit set."""

    name: str
    code: int
    vendor: int
    kind: Kind
    mandatory: bool


class Command(NamedTuple):
    """One command, and the AVPs without which its request or its answer is none (RFC 6733 §3.2)."""

    name: str
    code: int
    application: int
    request: tuple[str, ...]
    answer: tuple[str, ...]


_O, _T, _U, _G = Kind.OCTETS, Kind.TEXT, Kind.UNSIGNED32, Kind.GROUPED

_BASE: tuple[tuple[int, str, Kind], ...] = (
    (1, "User-Name", _T),
    (25, "Class", _O),
    (33, "Proxy-State", _O),
    (257, "Host-IP-Address", Kind.ADDRESS),
    (258, "Auth-Application-Id", _U),
    (259, "Acct-Application-Id", _U),
    (260, "Vendor-Specific-Application-Id", _G),
    (261, "Redirect-Host-Usage", _U),
    (262, "Redirect-Max-Cache-Time", _U),
    (263, "Session-Id", _T),
    (264, "Origin-Host", _T),
    (265, "Supported-Vendor-Id", _U),
    (266, "Vendor-Id", _U),
    (268, "Result-Code", _U),
    (273, "Disconnect-Cause", _U),
    (277, "Auth-Session-State", _U),
    (278, "Origin-State-Id", _U),
    (279, "Failed-AVP", _G),
    (280, "Proxy-Host", _T),
    (282, "Route-Record", _T),
    (283, "Destination-Realm", _T),
    (284, "Proxy-Info", _G),
    (292, "Redirect-Host", _T),
    (293, "Destination-Host", _T),
    (296, "Origin-Realm", _T),
    (297, "Experimental-Result", _G),
    (298, "Experimental-Result-Code", _U),
    (299, "Inband-Security-Id", _U),
    (104, "Digest-Realm", _T),
    (110, "Digest-QoP", _T),
    (111, "Digest-Algorithm", _T),
    (121, "Digest-HA1", _T),
    (8, "Framed-IP-Address", _O),
    (96, "Framed-Interface-Id", Kind.UNSIGNED64),
    (97, "Framed-IPv6-Prefix", _O),
)

_BASE_OPTIONAL: tuple[tuple[int, str, Kind], ...] = (
    (267, "Firmware-Revision", _U),
    (269, "Product-Name", _T),
    (281, "Error-Message", _T),
    (294, "Error-Reporting-Host", _T),
    (301, "DRMP", _U),
    (621, "OC-Supported-Features", _G),
    (622, "OC-Feature-Vector", Kind.UNSIGNED64),
    (623, "OC-OLR", _G),
    (650, "Load", _G),
)

_CX: tuple[tuple[int, str, Kind], ...] = (
    (600, "Visited-Network-Identifier", _O),
    (601, "Public-Identity", _T),
    (602, "Server-Name", _T),
    (603, "Server-Capabilities", _G),
    (604, "Mandatory-Capability", _U),
    (605, "Optional-Capability", _U),
    (606, "User-Data", _O),
    (607, "SIP-Number-Auth-Items", _U),
    (608, "SIP-Authentication-Scheme", _T),
    (609, "SIP-Authenticate", _O),
    (610, "SIP-Authorization", _O),
    (611, "SIP-Authentication-Context", _O),
    (612, "SIP-Auth-Data-Item", _G),
    (613, "SIP-Item-Number", _U),
    (614, "Server-Assignment-Type", _U),
    (615, "Deregistration-Reason", _G),
    (616, "Reason-Code", _U),
    (617, "Reason-Info", _T),
    (618, "Charging-Information", _G),
    (619, "Primary-Event-Charging-Function-Name", _T),
    (620, "Secondary-Event-Charging-Function-Name", _T),
    (621, "Primary-Charging-Collection-Function-Name", _T),
    (622, "Secondary-Charging-Collection-Function-Name", _T),
    (623, "User-Authorization-Type", _U),
    (624, "User-Data-Already-Available", _U),
    (625, "Confidentiality-Key", _O),
    (626, "Integrity-Key", _O),
    (628, "Supported-Features", _G),
    (633, "Originating-Request", _U),
)

_CX_OPTIONAL: tuple[tuple[int, str, Kind], ...] = (
    (629, "Feature-List-ID", _U),
    (630, "Feature-List", _U),
    (631, "Supported-Applications", _G),
    (632, "Associated-Identities", _G),
    (634, "Wildcarded-Public-Identity", _T),
    (635, "SIP-Digest-Authenticate", _G),
    (636, "Wildcarded-IMPU", _T),
    (637, "UAR-Flags", _U),
    (638, "Loose-Route-Indication", _U),
    (639, "SCSCF-Restoration-Info", _G),
    (640, "Path", _O),
    (641, "Contact", _O),
    (642, "Subscription-Info", _G),
    (643, "Call-ID-SIP-Header", _O),
    (644, "From-SIP-Header", _O),
    (645, "To-SIP-Header", _O),
    (646, "Record-Route", _O),
    (647, "Associated-Registered-Identities", _G),
    (648, "Multiple-Registration-Indication", _U),
    (649, "Restoration-Info", _G),
    (650, "Session-Priority", _U),
    (651, "Identity-with-Emergency-Registration", _G),
    (652, "Privileged-Sender-Indication", _U),
    (653, "LIA-Flags", _U),
    (654, "Initial-CSeq-Sequence-Number", _U),
    (655, "SAR-Flags", _U),
    (656, "Allowed-WAF-WWSF-Identities", _G),
    (657, "WebRTC-Authentication-Function-Name", _T),
    (658, "WebRTC-Web-Server-Function-Name", _T),
    (659, "RTR-Flags", _U),
)

_ETSI: tuple[tuple[int, str, Kind], ...] = (
    (500, "Line-Identifier", _O),
    (501, "ETSI-SIP-Authenticate", _O),
    (502, "ETSI-SIP-Authorization", _O),
    (503, "ETSI-SIP-Authentication-Info", _O),
)
"""Groups that nothing is read of; they may have the M bit, so they have to be known."""

AVPS: dict[str, AvpDefinition] = {
    name: AvpDefinition(name, code, vendor, kind, mandatory)
    for rows, vendor, mandatory in (
        (_BASE, 0, True),
        (_BASE_OPTIONAL, 0, False),
        (_CX, TGPP, True),
        (_CX_OPTIONAL, TGPP, False),
        (_ETSI, ETSI, False),
    )
    for code, name, kind in rows
}
"""Every AVP by its name."""

AVP_OF: dict[tuple[int, int], AvpDefinition] = {(each.vendor, each.code): each for each in AVPS.values()}
"""(vendor, code) → AVP."""

_ORIGIN = ("Origin-Host", "Origin-Realm")
_REQUEST = ("Session-Id", "Auth-Session-State", *_ORIGIN, "Destination-Realm")
_ANSWER = ("Session-Id", "Auth-Session-State", *_ORIGIN)

COMMANDS: dict[str, Command] = {
    each.name: each
    for each in (
        Command(
            "Capabilities-Exchange",
            257,
            BASE,
            (*_ORIGIN, "Host-IP-Address", "Vendor-Id", "Product-Name"),
            ("Result-Code", *_ORIGIN, "Host-IP-Address", "Vendor-Id", "Product-Name"),
        ),
        Command("Device-Watchdog", 280, BASE, _ORIGIN, ("Result-Code", *_ORIGIN)),
        Command("Disconnect-Peer", 282, BASE, (*_ORIGIN, "Disconnect-Cause"), ("Result-Code", *_ORIGIN)),
        Command(
            "User-Authorization",
            300,
            CX,
            (*_REQUEST, "User-Name", "Public-Identity", "Visited-Network-Identifier"),
            _ANSWER,
        ),
        Command(
            "Server-Assignment",
            301,
            CX,
            (*_REQUEST, "Server-Name", "Server-Assignment-Type", "User-Data-Already-Available"),
            _ANSWER,
        ),
        Command("Location-Info", 302, CX, (*_REQUEST, "Public-Identity"), _ANSWER),
        Command(
            "Multimedia-Auth",
            303,
            CX,
            (*_REQUEST, "User-Name", "Public-Identity", "SIP-Auth-Data-Item", "SIP-Number-Auth-Items", "Server-Name"),
            _ANSWER,
        ),
        Command(
            "Registration-Termination",
            304,
            CX,
            (*_REQUEST, "Destination-Host", "User-Name", "Deregistration-Reason"),
            _ANSWER,
        ),
        Command("Push-Profile", 305, CX, (*_REQUEST, "Destination-Host", "User-Name"), _ANSWER),
    )
}
"""Every command by its name, `Session-Id` first where there is one."""

COMMAND_OF: dict[int, Command] = {each.code: each for each in COMMANDS.values()}
"""Code → command."""

MEMBERS: dict[str, tuple[str, ...]] = {
    "Vendor-Specific-Application-Id": (),
    "Experimental-Result": ("Vendor-Id", "Experimental-Result-Code"),
    "Deregistration-Reason": ("Reason-Code",),
    "Supported-Features": ("Vendor-Id", "Feature-List-ID", "Feature-List"),
    "SIP-Digest-Authenticate": ("Digest-Realm", "Digest-QoP", "Digest-HA1"),
    "SCSCF-Restoration-Info": ("User-Name", "Restoration-Info"),
    "Restoration-Info": ("Path", "Contact"),
    "Subscription-Info": ("Call-ID-SIP-Header", "From-SIP-Header", "To-SIP-Header", "Contact"),
}
"""Grouped AVP → the members without which it is none."""

FEATURES: dict[int, int] = {1: 0b0100}
"""Feature-List-ID → Feature-List of 3GPP that is there (TS 29.229 §7.1.1): bit 2, IMSRestorationInd."""
