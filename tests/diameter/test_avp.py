"""AVPs: what is malformed, which result it has, and what Failed-AVP shows of it."""

import pytest

from scscf.diameter.avp import MAX_AVPS, MAX_DEPTH, decode_avps, encode_avps
from scscf.diameter.avp_error import MalformedAvp

TGPP = "000028af"


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.clause("RFC 6733 §4.1", "RFC 6733 §4.2", "RFC 6733 §4.3")
@pytest.mark.parametrize(
    ("avp", "written"),
    [
        (("User-Name", "abcde"), "00000001 4000000d 6162636465 000000"),
        (("User-Name", "ü"), "00000001 4000000a c3bc 0000"),
        (("Result-Code", 2001), "0000010c 4000000c 000007d1"),
        (("Error-Message", "no"), "00000119 0000000a 6e6f 0000"),
        (("Host-IP-Address", "192.0.2.1"), "00000101 4000000e 0001c0000201 0000"),
        (("Host-IP-Address", "2001:db8::1"), "00000101 4000001a 000220010db8000000000000000000000001 0000"),
        (("OC-Feature-Vector", 1), "0000026e 00000010 0000000000000001"),
        (("Server-Assignment-Type", 1), f"00000266 c0000010 {TGPP} 00000001"),
        (("UAR-Flags", 1), f"0000027d 80000010 {TGPP} 00000001"),
        (("User-Data", b"<x/>"), f"0000025e c0000010 {TGPP} 3c782f3e"),
        (("Line-Identifier", b"1"), "000001f4 8000000d 000032db 31 000000"),
        (("99:4711", b"abc"), "00001267 8000000f 00000063 616263 00"),
        (("0:4711", b"abc"), "00001267 0000000b 616263 00"),
    ],
)
def test_each_kind_of_data_with_flags_vendor_and_padding(avp: tuple[str, object], written: str) -> None:
    assert encode_avps([avp]).hex() == octets(written).hex()
    assert decode_avps(octets(written)) == [avp]


def test_codes_of_two_vendors_are_two_avps() -> None:
    load = encode_avps([("Load", [])])

    assert decode_avps(load + encode_avps([("Session-Priority", 2)])) == [("Load", []), ("Session-Priority", 2)]


@pytest.mark.clause("RFC 6733 §7.1.5", "RFC 6733 §7.5")
@pytest.mark.parametrize(
    ("sent", "result", "failed"),
    [
        ("00001267 40000009 61 000000", 5001, "00001267 40000009 61"),
        ("00000001 c000000d 00000063 61 000000", 5001, "00000001 c000000d 00000063 61"),
        ("00000259 4000000a 6162 0000", 5001, "00000259 4000000a 6162"),
        ("00000001 4000", 5014, "00000001 40000008"),
        ("00000001", 5014, "00000001 00000008"),
        ("00000001 40000007", 5014, "00000001 40000008"),
        ("00000001 40000010 61626364", 5014, "00000001 40000008"),
        ("0000010c 40000010 00000000", 5014, "0000010c 4000000c 00000000"),
        ("00000101 40000000 00000000", 5014, "00000101 4000000e 000000000000"),
        (f"00000259 c0000008 {TGPP}", 5014, f"00000259 c000000c {TGPP}"),
        ("00000259 c000000c", 5014, "00000259 c000000c 00000000"),
        ("0000010c 4000000b 000007 00", 5014, "0000010c 4000000b 000007"),
        ("0000026e 0000000c 00000001", 5014, "0000026e 0000000c 00000001"),
        ("0000010c 4100000c 000007d1", 3009, "0000010c 4100000c 000007d1"),
        ("00000101 4000000c 0001c000", 5004, "00000101 4000000c 0001c000"),
        ("00000101 4000000e 0002c0000201 0000", 5004, "00000101 4000000e 0002c0000201"),
        ("00000001 40000009 ff 000000", 5004, "00000001 40000009 ff"),
        ("00000001 4000000b 610d0a 00", 5004, "00000001 4000000b 610d0a"),
        ("00000104 40000010 0000010a 40000007", 5014, "00000104 40000014 0000010a 4000000c 00000000"),
        (
            f"00000264 c0000018 {TGPP} 00001267 4000000a 6162 0000",
            5001,
            f"00000264 c0000018 {TGPP} 00001267 4000000a 6162 0000",
        ),
    ],
)
def test_a_malformed_avp_has_its_result_and_is_shown(sent: str, result: int, failed: str) -> None:
    with pytest.raises(MalformedAvp) as caught:
        decode_avps(encode_avps([("User-Name", "before")]) + octets(sent))

    assert caught.value.result == result
    assert caught.value.failed.hex() == octets(failed).hex()
    assert caught.value.before == [("User-Name", "before")]
    assert int.from_bytes(caught.value.failed[5:8]) == len(caught.value.failed)


@pytest.mark.clause("RFC 6733 §4.1")
def test_in_an_answer_what_is_not_known_is_passed_over() -> None:
    sent = octets("00001267 40000009 61 000000 0000010c 4100000c 000007d1 00000001 40000009 ff 000000")

    assert decode_avps(sent, strict=False) == [("0:4711", b"a"), ("Result-Code", 2001), ("User-Name", "\ufffd")]


def test_a_text_for_people_is_taken_without_its_control_characters() -> None:
    assert decode_avps(octets("00000119 0000000d 610d0a1b62 000000")) == [("Error-Message", "a   b")]


def test_unused_flag_p_is_ignored() -> None:
    assert decode_avps(octets("0000010c 6000000c 000007d1")) == [("Result-Code", 2001)]


@pytest.mark.clause("RFC 6733 §4.4")
def test_groups_go_only_so_deep() -> None:
    def nested(depth: int) -> bytes:
        data = b""
        for _ in range(depth):
            data = octets("0000011c") + b"\x40" + (8 + len(data)).to_bytes(3) + data
        return data

    assert decode_avps(nested(MAX_DEPTH))
    with pytest.raises(MalformedAvp) as caught:
        decode_avps(nested(5000))
    assert caught.value.result == 5004


@pytest.mark.parametrize("grouped", [False, True])
def test_there_are_only_so_many_avps_with_those_in_groups(grouped: bool) -> None:
    one = encode_avps([("Proxy-Info", [("Class", b"")] * 9)] if grouped else [("Class", b"")])
    most = MAX_AVPS // 10 if grouped else MAX_AVPS

    assert len(decode_avps(one * most)) == most
    with pytest.raises(MalformedAvp) as caught:
        decode_avps(one * (most + 1))
    assert caught.value.result == 5009


@pytest.mark.clause("TS 29.229 §7.2.1")
@pytest.mark.parametrize(
    ("flags", "number", "features", "result"),
    [
        ("c0", 1, 0b0100, None),
        ("c0", 1, 0b0101, 5011),
        ("c0", 2, 0b0001, 5011),
        ("80", 1, 0b0101, None),
    ],
)
def test_features_that_are_insisted_on_have_to_be_there(
    flags: str, number: int, features: int, result: int | None
) -> None:
    members = encode_avps([("Vendor-Id", 10415), ("Feature-List-ID", number), ("Feature-List", features)])
    sent = octets(f"00000274 {flags} 000038 {TGPP}") + members

    if result is None:
        assert [name for name, _ in decode_avps(sent)] == ["Supported-Features"]
        return
    assert decode_avps(sent, strict=False)
    with pytest.raises(MalformedAvp) as caught:
        decode_avps(sent)
    assert (caught.value.result, caught.value.vendor) == (result, 10415)
