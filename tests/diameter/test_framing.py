"""Messages out of a stream."""

import pytest

from scscf.diameter.framing import MAX_MESSAGE, Framing
from scscf.diameter.message import DiameterError
from tests.diameter.golden import octets

MAR, DWR = octets("mar"), octets("dwr")


@pytest.mark.parametrize("size", [1, 3, 20, 21, 1000])
def test_a_stream_in_pieces_of_any_size(size: int) -> None:
    stream = MAR + DWR + MAR
    framing, found = Framing(), []
    for at in range(0, len(stream), size):
        found += framing.feed(stream[at : at + size])

    assert found == [MAR, DWR, MAR]


@pytest.mark.clause("RFC 6733 §7.1.5")
@pytest.mark.parametrize(
    ("head", "result"),
    [("02000014", 5011), ("01000010", 5015), ("01000016", 5015), ("01100004", 5015), ("47455420", 5011)],
    ids=["version", "short", "not of 4", "long", "HTTP"],
)
def test_where_no_more_can_be_read(head: str, result: int) -> None:
    with pytest.raises(DiameterError) as caught:
        Framing().feed(bytes.fromhex(head) + MAR[4:20])

    assert caught.value.result == result
    request = caught.value.request
    assert request is not None
    assert (request.command, request.hop_by_hop, request.end_to_end) == ("Multimedia-Auth", 0x14, 0x24)


@pytest.mark.parametrize("head", ["02000014", "0200001400000000"])
def test_without_a_whole_header_there_is_nothing_to_answer(head: str) -> None:
    with pytest.raises(DiameterError) as caught:
        Framing().feed(bytes.fromhex(head))

    assert caught.value.request is None


def test_an_answer_that_is_wrong_is_not_answered() -> None:
    with pytest.raises(DiameterError) as caught:
        Framing().feed(b"\x02" + octets("maa-aka")[1:])

    assert caught.value.request is None


def test_the_longest_message_is_taken() -> None:
    message = b"\x01" + MAX_MESSAGE.to_bytes(3) + MAR[4:20] + bytes(MAX_MESSAGE - 20)

    assert Framing().feed(message) == [message]


@pytest.mark.parametrize("head", ["02000014", "01000010"], ids=["version", "short"])
def test_what_is_whole_before_it_is_not_lost(head: str) -> None:
    framing = Framing()

    assert framing.feed(DWR + MAR + bytes.fromhex(head) + MAR[4:20]) == [DWR, MAR]
    with pytest.raises(DiameterError):
        framing.feed(b"")
