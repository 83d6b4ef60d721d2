"""The dictionary agrees with itself."""

import pytest

from scscf.diameter.dictionary import AVP_OF, AVPS, COMMANDS, CX, ETSI, MEMBERS, TGPP, Kind


def test_no_two_avps_have_one_code() -> None:
    assert len(AVP_OF) == len(AVPS)


@pytest.mark.clause("TS 29.229 §6.3")
@pytest.mark.parametrize(
    ("name", "code", "vendor", "kind", "mandatory"),
    [
        ("Visited-Network-Identifier", 600, TGPP, Kind.OCTETS, True),
        ("User-Data", 606, TGPP, Kind.OCTETS, True),
        ("Supported-Features", 628, TGPP, Kind.GROUPED, True),
        ("Originating-Request", 633, TGPP, Kind.UNSIGNED32, True),
        ("SIP-Digest-Authenticate", 635, TGPP, Kind.GROUPED, False),
        ("Digest-HA1", 121, 0, Kind.TEXT, True),
        ("Product-Name", 269, 0, Kind.TEXT, False),
        ("Line-Identifier", 500, ETSI, Kind.OCTETS, False),
    ],
)
def test_codes_vendors_kinds_and_m_bits(name: str, code: int, vendor: int, kind: Kind, mandatory: bool) -> None:
    assert AVPS[name] == (name, code, vendor, kind, mandatory)


def test_members_are_of_groups() -> None:
    assert all(AVPS[name].kind is Kind.GROUPED for name in MEMBERS)


@pytest.mark.clause("TS 29.229 §6.1")
def test_the_commands_of_cx() -> None:
    codes = {each.code: each.name for each in COMMANDS.values() if each.application == CX}

    assert codes == {
        300: "User-Authorization",
        301: "Server-Assignment",
        302: "Location-Info",
        303: "Multimedia-Auth",
        304: "Registration-Termination",
        305: "Push-Profile",
    }
