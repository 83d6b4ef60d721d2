"""Clocks that are moved: the network's while the wire's goes on, and the capture's."""

import pytest

from scscf.capture.recording import Recorded
from scscf.judgement.judgement import Judgement
from tests.capture.wires import interface, packet, section, udp
from tests.judgement.traces import SERVER, UE, WATCHER, Trace, checks, contact, judged, judged_file

MOVED = (
    "The network's clock was moved on by 300 s, as duration-registered and expires show: nothing is said of times and "
    "of what is late. Users concerned: 1.",
)


def since(seconds: int, told: str) -> str:
    return told.replace(" event=", f' duration-registered="{seconds}" event=')


def a_watched_user() -> Trace:
    trace = Trace()
    trace.register(UE, SERVER)
    trace.subscribe(WATCHER, SERVER)
    trace.notify(SERVER, WATCHER, contacts=since(0, contact()))
    return trace


def test_a_clock_of_the_network_that_was_moved_on_is_seen_and_times_are_let_be() -> None:
    trace = a_watched_user()
    trace.notify(SERVER, WATCHER, version=1, contacts=since(300, contact(expires=300)),
                 subscription="active;expires=300")  # fmt: skip
    trace.notify(SERVER, WATCHER, version=3, number=3, state="terminated",
                 contacts=since(600, contact(event="expired", state="terminated", expires=0)),
                 subscription="terminated;reason=noresource")  # fmt: skip

    judgement = judged(trace.messages)

    assert checks(judgement) == {"version-gap"}
    assert judgement.notices == MOVED


def test_an_end_that_comes_as_much_too_early_as_a_clock_was_moved_is_seen() -> None:
    trace = a_watched_user()
    trace.notify(SERVER, WATCHER, version=1, state="terminated", subscription="terminated;reason=noresource",
                 contacts=since(600, contact(event="expired", state="terminated", expires=0)))  # fmt: skip

    assert checks(judged(trace.messages)) == set()


@pytest.mark.clause("RFC 3680 §5.1")
def test_a_network_that_does_not_count_is_no_clock_that_was_moved() -> None:
    trace = a_watched_user()
    trace.now = 300.0
    trace.notify(SERVER, WATCHER, version=1, contacts=since(0, contact()), subscription="active;expires=300")

    judgement = judged(trace.messages)

    assert "reginfo-expires-disagrees" in checks(judgement)
    assert judgement.notices == ()


def in_order(messages: list[Recorded]) -> Judgement:
    """Return the verdict on messages in the order in which they are given, whatever their times are."""
    file = section() + interface()
    return judged_file(
        file
        + b"".join(packet(udp(each.data, each.source, each.destination), round(each.at * 1e6)) for each in messages)
    )


def a_long_row() -> Trace:
    trace = a_watched_user()
    trace.now = 100.0
    trace.register(UE, SERVER, number=2)
    told = contact(event="refreshed")
    trace.notify(SERVER, WATCHER, version=1, contacts=told, subscription="active;expires=500")
    trace.notify(SERVER, WATCHER, version=2, contacts=told, subscription="active;expires=500")
    return trace


def test_a_capture_whose_clock_is_set_back_is_read_in_the_order_of_its_frames() -> None:
    messages = a_long_row().messages
    stepped = [each._replace(at=each.at - 20 * (number > 7)) for number, each in enumerate(messages)]

    judgement = in_order(stepped)

    assert checks(judgement) == set()
    assert judgement.notices == ("The clock of the capture was set back by 20.0 s at frame 9: times go on from there.",)


def test_captures_that_were_put_together_are_read_by_their_times() -> None:
    messages = a_long_row().messages

    judgement = in_order([*messages[8:], *messages[:8]])

    assert checks(judgement) == set()
    assert judgement.notices == ()
