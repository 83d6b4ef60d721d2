from ipaddress import ip_address

import pytest

from scscf.net.stun import binding_response, is_stun

pytestmark = pytest.mark.clause("RFC 5626 §3.5.1")

TRANSACTION = bytes(range(12))
REQUEST = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + TRANSACTION


def test_the_answers_of_rfc_5769_are_reproduced() -> None:
    # RFC 5769 §2.2 and §2.3: 192.0.2.1 port 32853, and 2001:db8:1234:5678:11:2233:4455:6677 port 32853
    transaction = bytes.fromhex("b7e7a701bc34d686fa87dfae")
    request = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + transaction
    v4 = binding_response(request, ("192.0.2.1", 32853))
    v6 = binding_response(request, ("2001:db8:1234:5678:11:2233:4455:6677", 32853))
    assert v4 is not None
    assert v6 is not None
    assert v4[20:] == bytes.fromhex("002000080001a147e112a643")
    assert v6[20:] == bytes.fromhex("002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9")
    assert v4[:20] == bytes.fromhex("0101000c2112a442") + transaction


@pytest.mark.parametrize(
    ("data", "stun"),
    [
        (REQUEST, True),
        (REQUEST[:-1], False),
        (REQUEST + b"x", False),
        (b"\x00\x01\x00\x04" + REQUEST[4:] + b"abcd", True),
        (b"REGISTER sip:home1.test SIP/2.0\r\n\r\n", False),
        (b"\r\n\r\n", False),
        (b"", False),
    ],
)
def test_stun_is_told_from_sip(data: bytes, stun: bool) -> None:
    assert is_stun(data) is stun


def test_only_binding_requests_are_answered() -> None:
    assert binding_response(b"\x00\x11" + REQUEST[2:], ("192.0.2.1", 1)) is None


def test_a_scoped_address_is_answered_without_its_scope() -> None:
    answer = binding_response(REQUEST, ("fe80::1%eth0", 1))
    assert answer is not None
    mask = REQUEST[4:20]
    assert bytes(a ^ b for a, b in zip(answer[28:], mask, strict=True)) == ip_address("fe80::1").packed
