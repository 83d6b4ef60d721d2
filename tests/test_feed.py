"""Everybody who listens hears of each event until they stop."""

from collections.abc import Mapping

from scscf.feed import Feed


def test_listeners_hear_until_they_stop() -> None:
    feed = Feed()
    heard: list[tuple[str, str]] = []

    def listener(name: str):  # type: ignore[no-untyped-def]
        def listen(kind: str, data: Mapping[str, object]) -> None:
            heard.append((name, kind))

        return listen

    stop = feed.listen(listener("a"))
    feed.listen(listener("b"))
    feed.publish("contact", {})
    stop()
    feed.publish("notify", {})

    assert heard == [("a", "contact"), ("b", "contact"), ("b", "notify")]


def test_one_that_stops_while_it_hears_disturbs_nobody() -> None:
    feed = Feed()
    heard: list[str] = []
    stops = [feed.listen(lambda kind, data: stops[0]()), feed.listen(lambda kind, data: heard.append(kind))]
    feed.publish("contact", {})

    assert heard == ["contact"]
    assert len(feed.listeners) == 1


def test_the_newest_number_is_that_of_an_event_or_of_a_message_that_nobody_was_told_of() -> None:
    feed = Feed()
    assert feed.newest == 0

    feed.publish("contact", {})
    assert feed.newest == 1

    message = feed.next_number()
    feed.last_message = lambda: message
    assert feed.newest == 2

    feed.publish("notify", {})
    assert feed.newest == 3
