"""SIPp as a phone with a USIM, and two SIPps that reach each other through the S-CSCF; tshark judges it all."""

import re
from base64 import b64decode
from pathlib import Path

import pytest

from hss_stub.milenage import Milenage
from tests.interop import sipp
from tests.interop.capture import Capture
from tests.interop.programs import Finished
from tests.interop.server import Server

pytestmark = [pytest.mark.interop, pytest.mark.peer("sipp", "tshark")]

K, OP = "ErinsSubscriber1", "OperatorVariant7"
"""As texts: SIPp reads on behind the octets of a key that is written in hexadecimal."""
USIM = f"aka_K={K} aka_OP={OP} aka_AMF=0x8000"
PHONE = Milenage.of_op(K.encode(), OP.encode())
ERIN = ("001010000000001", "001010000000001@home1.test", USIM)
ALICE = ("alice", "alice@home1.test", "secret")
BOB = ("bob", "bob@home1.test", "bobsword")


def register_by_aka(folder: Path, port: int) -> Finished:
    """Register with SIPp's USIM, once more where SIPp cannot: it takes RES for a text, which ends at an octet 00."""
    done = sipp.call(folder, "register_aka", [ERIN], port=port)
    while done.status != 0:
        nonce = re.findall(r'nonce="([^"]+)"', sipp.messages(folder, "register_aka"))[-1]
        res, *_ = PHONE.f2345(b64decode(nonce)[:16])
        if 0 not in res:
            break
        done = sipp.call(folder, "register_aka", [ERIN], port=port)
    return done


def test_a_phone_without_isim_registers_with_aka(server: Server, capture: Capture, tmp_path: Path) -> None:
    registered = register_by_aka(tmp_path, 5071)

    assert registered.status == 0, registered.output
    assert server.registration("sip:erin@home1.test")["state"] == "active"
    assert server.registration("tel:+15550002")["state"] == "active"
    capture.judge(REGISTER=2)


def test_aka_again_and_again_without_repeating_a_sequence_number(
    server: Server, capture: Capture, tmp_path: Path
) -> None:
    for port in (5071, 5072, 5073):
        registered = register_by_aka(tmp_path, port)
        assert registered.status == 0, registered.output

    contacts = server.registration("sip:erin@home1.test")["contacts"]
    assert [contact["uri"].rpartition(":")[2] for contact in contacts] == ["5073"]
    capture.stop()
    sent = capture.read("sip.Status-Code == 401", "sip.Call-ID", "sip.CSeq", "sip.auth.nonce")
    challenges = {(call_id, cseq): nonce for call_id, cseq, nonce in sent}
    assert len(set(challenges.values())) == len(challenges) >= 3
    capture.judge(REGISTER=6)


@pytest.mark.parametrize(
    ("sender", "receiver", "messages"),
    [
        pytest.param("message", "receive_message", {"MESSAGE": 3}, id="MESSAGE"),
        pytest.param("call", "answer", {"INVITE": 3, "BYE": 2}, id="INVITE and BYE"),
        pytest.param("give_up", "ring", {"INVITE": 3, "CANCEL": 2}, id="CANCEL"),
    ],
)
@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_one_reaches_the_other_through_the_s_cscf(
    server: Server,
    capture: Capture,
    tmp_path: Path,
    sender: str,
    receiver: str,
    messages: dict[str, int],
    transport: str,
) -> None:
    for user, port in ((ALICE, 5071), (BOB, 5072)):
        registered = sipp.call(tmp_path, "register", [user], port=port)
        assert registered.status == 0, registered.output
    waiting = sipp.start(tmp_path, receiver, [BOB], port=5072)
    try:
        reached: Finished = sipp.call(tmp_path, sender, [ALICE], port=5071, transport=transport)

        assert reached.status == 0, reached.output + sipp.errors(tmp_path, receiver)
        assert waiting.wait() == 0, waiting.output() + sipp.errors(tmp_path, receiver)
    finally:
        waiting.stop()
    capture.judge(**messages)
