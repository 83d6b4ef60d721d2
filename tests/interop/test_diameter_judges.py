"""Foreign decoders read our golden Diameter messages: pycrate to the same octets, tshark without a fault."""

from pathlib import Path
from struct import pack

import pytest

from scscf.diameter.dictionary import AVPS
from scscf.diameter.message import decode
from tests.diameter.golden import NAMES, octets
from tests.interop.capture import DIAMETER_FAULTS, Capture

pytestmark = pytest.mark.interop

OURS = [name for name in NAMES if name != "mar-etsi"]
WITH_A_STRANGER = "error-avp-unsupported"


def packets(messages: list[bytes]) -> bytes:
    """Return a capture file of IPv4 packets, a message each, on connections of their own to port 3868."""
    file = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, 101)
    for number, message in enumerate(messages):
        tcp = pack("!HHIIBBHHH", 20000 + number, 3868, 1, 1, 5 << 4, 0x18, 0xFFFF, 0, 0) + message
        ip = pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), number, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
        file += pack("<IIII", number, 0, len(ip) + len(tcp), len(ip) + len(tcp)) + ip + tcp
    return file


def captured(folder: Path, names: list[str]) -> Capture:
    file = folder / "golden.pcap"
    file.write_bytes(packets([octets(name) for name in names]))
    return Capture(file)


@pytest.mark.peer("pycrate")
@pytest.mark.parametrize("name", OURS)
def test_pycrate_reads_and_writes_the_same_octets(name: str) -> None:
    from pycrate_diameter.Diameter3GPP import Diameter3GPP  # not there without the extra

    message = Diameter3GPP()
    message.from_bytes(octets(name))

    assert message.to_bytes().hex() == octets(name).hex()
    assert [avp[0][0].get_val() for avp in message[1]] == [AVPS[avp].code for avp, _ in decode(octets(name)).avps]


@pytest.mark.peer("tshark")
def test_tshark_knows_every_avp_and_finds_no_fault(tmp_path: Path) -> None:
    names = [name for name in OURS if name != WITH_A_STRANGER]
    capture = captured(tmp_path, names)

    assert capture.read(DIAMETER_FAULTS, "frame.number", "_ws.expert.message", "diameter.avp.code") == []
    seen = capture.read("diameter", "diameter.cmd.code", "diameter.flags.request")
    assert [int(code) for code, _ in seen] == [int.from_bytes(octets(name)[5:8]) for name in names]


@pytest.mark.peer("tshark")
def test_tshark_sees_the_avp_that_nobody_knows(tmp_path: Path) -> None:
    capture = captured(tmp_path, [WITH_A_STRANGER])

    rows = capture.read("diameter.avp.unknown", "diameter.Result-Code", "diameter.avp.code")
    assert [(row[0], "4711" in row[1].split(",")) for row in rows] == [("5001", True)]
