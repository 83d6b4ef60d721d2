"""A NOTIFY whose first copies were lost, and news that were held back, are judged by when they were."""

import pytest

from tests.conformance.network.scene import OTHER, Scene, contact, registration

DATAGRAM, STREAM = ({"Via": f"SIP/2.0/{transport} 192.0.2.1:5060;branch=z9hG4bKlate"} for transport in ("UDP", "TCP"))


def told(scene: Scene, seconds: int, duration: int | None, fields: dict[str, str]) -> list[str]:
    """Let a NOTIFY that was made now be seen `seconds` later; `duration` is how long it says we are registered."""
    scene.wait(50)
    left = round(scene.until - scene.now)
    scene.wait(seconds)
    document = registration(contact(OTHER, id="c2", duration_registered=0), contact(duration_registered=duration))
    scene.notify(document, subscription=f"active;expires={left}", fields=fields)
    return [check for check in scene.checks if check == "subscription-expires-rises"]


@pytest.mark.clause("RFC 6665 §4.2.2", "RFC 3261 §17.1.2")
@pytest.mark.parametrize(
    ("seconds", "duration", "fields", "found"),
    [
        (12, None, DATAGRAM, False),
        (12, 50, DATAGRAM, False),
        (12, 62, DATAGRAM, True),
        (40, None, DATAGRAM, True),
        (12, None, STREAM, True),
        (1, None, STREAM, False),
    ],
    ids=["lost at first", "as the document says", "newer", "longer than it is sent", "by TCP", "tolerated"],
)
def test_time_left_may_be_that_of_a_first_copy_which_was_lost(
    seconds: int, duration: int | None, fields: dict[str, str], found: bool
) -> None:
    scene = Scene().watched(duration_registered=0)

    assert bool(told(scene, seconds, duration, fields)) is found


@pytest.mark.clause("RFC 6665 §4.2.2")
def test_the_first_notify_is_not_older_than_its_subscription() -> None:
    scene = Scene()
    scene.register()
    scene.subscribe()

    scene.notify(registration(contact()), subscription="active;expires=7210")

    assert scene.checks == ["subscription-expires-rises"]


def left_and_back(scene: Scene, told_after: float, answered_after: float, back_for: int) -> list[str]:
    """Have a contact leave, be told of that late, and come back; return what is found."""
    scene.register()
    scene.subscribe()
    first = contact(duration_registered=0)
    notify = scene.notify(registration(first, contact(OTHER, id="c2", duration_registered=10)), answered=None)
    scene.wait(answered_after)
    scene.see("out", notify.response(200, to_tag="ue"))
    scene.wait(told_after)
    scene.notify(registration(contact(OTHER, "unregistered", "terminated", "c2")), state="partial")
    scene.wait(5)
    scene.notify(registration(contact(OTHER, id="c2", duration_registered=back_for)), state="partial")
    return scene.checks


@pytest.mark.clause("RFC 3680 §4.10", "RFC 3680 §4.7.2")
@pytest.mark.parametrize(
    ("told_after", "answered_after", "back_for", "found"),
    [
        (5, 0, 9, []),
        (5, 20, 29, []),
        (50, 0, 9, []),
        (50, 0, 15, ["ended-contact-revived"]),
        (50, 20, 29, ["ended-contact-revived"]),
        (5, 0, 20, ["ended-contact-revived"]),
    ],
    ids=["gathered", "watcher was slow", "gathered later", "too long ago", "slow long ago", "before it was told"],
)
def test_a_contact_may_be_back_before_its_end_is_told(
    told_after: float, answered_after: float, back_for: int, found: list[str]
) -> None:
    assert left_and_back(Scene(), told_after, answered_after, back_for) == found
