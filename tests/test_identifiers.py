"""Identifiers out of injected randomness: the same from the same source, and none twice."""

from random import Random

from scscf.identifiers import Identifiers


def made(seed: int) -> list[str]:
    identifiers = Identifiers(Random(seed).randbytes)
    return [
        each
        for _ in range(500)
        for each in (identifiers.tag(), identifiers.branch(), identifiers.nonce(), identifiers.call_id())
    ]


def test_one_source_gives_the_same_again_and_another_others() -> None:
    assert made(1) == made(1)
    assert not set(made(1)) & set(made(2))


def test_none_comes_twice() -> None:
    assert len(set(made(1))) == 2000


def test_their_shapes() -> None:
    identifiers = Identifiers(Random(1).randbytes)

    assert len(identifiers.tag()) == 16
    assert identifiers.branch().startswith("z9hG4bK")
    assert len(identifiers.nonce()) == 32
    assert [len(identifiers.hex(octets)) for octets in (1, 6, 5000)] == [2, 12, 10000]
    assert [identifiers.serial(), identifiers.serial()] == [1, 2]


def test_no_digit_is_given_out_twice() -> None:
    given: list[bytes] = []

    def source(octets: int) -> bytes:
        given.append(Random(len(given)).randbytes(octets))
        return given[-1]

    identifiers = Identifiers(source)
    pieces = "".join(identifiers.hex(7) for _ in range(3000))

    assert len(given) > 4
    for block in given:
        assert pieces.count(block.hex()[:32]) == 1
