"""Vectors as a USIM sees them: the network proves itself, sequence numbers rise, AUTS sets them right."""

from random import Random

import pytest

from hss_stub.entry import Aka
from hss_stub.milenage import Milenage
from hss_stub.template import Template
from hss_stub.tuak import Tuak
from hss_stub.vectors import Distorted, Distortion, Functions, Usim
from scscf.cx import AkaVector, Resynchronisation
from tests.hss_stub.phone import auts, sqn_of

pytestmark = pytest.mark.clause("TS 33.102 §6.3")

K = "465b5ce8b199b49faa5f0a2ee238a6bc"
OPC = "cd63cb71954a9f4e48a5994e37a02baf"
TOPC = "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff"


def _text(text: str) -> Template:
    return Template((text,), ())


def milenage(sqn: str = "000000000000") -> Usim:
    return Usim(Aka("milenage", _text(K), None, _text(OPC), None, _text("8000"), _text(sqn)), -1)


def tuak() -> Usim:
    return Usim(Aka("tuak", _text(K), None, None, _text(TOPC), _text("8000"), _text("000000000000")), -1)


BOTH = pytest.mark.parametrize(
    ("hss", "phone"),
    [
        (milenage(), Milenage(bytes.fromhex(K), bytes.fromhex(OPC))),
        (tuak(), Tuak(bytes.fromhex(K), bytes.fromhex(TOPC))),
    ],
    ids=["milenage", "tuak"],
)


@pytest.mark.clause("TS 35.206 §4.1")
def test_the_vector_and_auts_of_test_set_1() -> None:
    """SQN ff9bb4d0b607 is SEQ 7fcdda685b0 and IND 7: the one before it has one less of both."""
    last = ((0xFF9BB4D0B607 >> 5) - 1) << 5 | 6
    rand = bytes.fromhex("23553cbe9637a89d218ae64dae47bf35")
    usim = Usim(Aka("milenage", _text(K), None, _text(OPC), None, _text("b9b9"), _text(f"{last:012x}")), -1)

    vector = usim.vector(lambda octets: rand[:octets])

    assert vector.autn.hex() == "55f328b43577b9b94a9ffac354dfafb3"
    assert vector.xres.hex() == "a54211d5e3ba50bf"
    phone = Milenage(bytes.fromhex(K), bytes.fromhex(OPC))
    assert auts(vector, phone, 0xFF9BB4D0B607).auts.hex() == "ba853f3c123ccf44e93596e355c6"


@BOTH
def test_a_phone_believes_every_vector_and_no_number_comes_twice(hss: Usim, phone: Functions) -> None:
    numbers = [sqn_of(hss.vector(Random(n).randbytes), phone) for n in range(70)]

    assert numbers == sorted(set(numbers))
    assert [number >> 5 for number in numbers] == list(range(numbers[0] >> 5, (numbers[0] >> 5) + 70))
    assert {number & 31 for number in numbers} == set(range(32))


@BOTH
def test_what_a_phone_says_of_its_own_number_is_taken_where_it_is_proved(hss: Usim, phone: Functions) -> None:
    vector = hss.vector(Random(1).randbytes)

    assert hss.resynchronise(auts(vector, phone, 5_000_000))
    assert sqn_of(hss.vector(Random(2).randbytes), phone) >> 5 == (5_000_000 >> 5) + 1


@pytest.mark.clause("TS 33.102 §6.3.5")
def test_an_auts_of_long_ago_brings_no_number_back() -> None:
    usim, phone = milenage(), Milenage(bytes.fromhex(K), bytes.fromhex(OPC))
    old = auts(usim.vector(Random(1).randbytes), phone, 40 << 5)
    assert usim.resynchronise(old)
    used = sqn_of(usim.vector(Random(2).randbytes), phone)

    assert usim.resynchronise(old)

    assert sqn_of(usim.vector(Random(3).randbytes), phone) > used


@pytest.mark.clause("TS 33.102 annex C.2.1")
@pytest.mark.parametrize(("ahead", "following"), [(1 << 28, (1 << 28) + 100), ((1 << 28) + 1, 101)])
def test_an_hss_too_far_ahead_of_a_phone_comes_back_to_it(ahead: int, following: int) -> None:
    """A phone believes numbers up to 2^28 above its own."""
    phone = Milenage(bytes.fromhex(K), bytes.fromhex(OPC))
    usim = milenage(f"{(100 + ahead - 1) << 5:012x}")
    vector = AkaVector(bytes(16), b"", b"", b"", b"")

    assert usim.resynchronise(auts(vector, phone, 100 << 5))

    assert sqn_of(usim.vector(Random(3).randbytes), phone) >> 5 == following


@pytest.mark.parametrize("wrong", [bytes(14), bytes(13), b""])
def test_an_auts_that_proves_nothing_changes_nothing(wrong: bytes) -> None:
    usim = milenage("0000000000ff")
    vector = usim.vector(Random(1).randbytes)
    before = usim.sqn

    assert not usim.resynchronise(Resynchronisation(vector.rand, wrong))
    assert usim.sqn == before


def test_a_repr_shows_no_key() -> None:
    assert repr(milenage()._keys) == "<_Keys milenage>"


def test_the_configured_number_is_the_last_one_used() -> None:
    phone = Milenage(bytes.fromhex(K), bytes.fromhex(OPC))

    assert sqn_of(milenage("0000000000e7").vector(Random(1).randbytes), phone) > 0xE7


def test_a_number_begins_again_after_the_greatest() -> None:
    assert milenage("ffffffffffff").vector(Random(1).randbytes).autn


def test_a_bad_mac_is_for_the_next_vectors_only() -> None:
    phone = Milenage(bytes.fromhex(K), bytes.fromhex(OPC))
    usim = milenage()
    usim.distorted = Distorted(Distortion.BAD_MAC, 2)

    for n in range(2):
        with pytest.raises(AssertionError):
            sqn_of(usim.vector(Random(n).randbytes), phone)

    sqn_of(usim.vector(Random(3).randbytes), phone)


@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.clause("TS 33.102 annex C.2.1")
def test_an_old_number_is_one_that_no_usim_believes_whether_it_has_seen_the_others_or_not(before: int) -> None:
    phone = Milenage(bytes.fromhex(K), bytes.fromhex(OPC))
    usim = milenage()
    last = max((sqn_of(usim.vector(Random(n).randbytes), phone) for n in range(before)), default=0)
    usim.distorted = Distorted(Distortion.OLD_SQN, 1)

    assert sqn_of(usim.vector(Random(4).randbytes), phone) == 0
    assert sqn_of(usim.vector(Random(5).randbytes), phone) > last
