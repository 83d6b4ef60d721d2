"""What a judge of the network makes of what began before its first message, and of several subscriptions."""

import pytest

from tests.conformance.network.scene import Scene as Whole
from tests.conformance.network.scene import contact, registration


class Scene(Whole):
    """A scene of which not everything was seen."""

    def __init__(self) -> None:
        super().__init__(from_start=False)


@pytest.mark.clause("RFC 3680 §5.1")
def test_a_subscription_that_began_unseen_is_followed_from_its_first_notify_on() -> None:
    scene = Scene()
    scene.notify(registration(contact()), version=7)
    scene.notify(registration(contact()), version=8)
    scene.notify(registration(contact(id="c2")), version=10)

    assert scene.checks == ["version-gap", "contact-id-changed"]


def test_its_first_document_may_be_partial_and_of_any_version() -> None:
    scene = Scene()
    scene.notify(registration(contact()), version=2**32 - 1, state="partial")
    scene.notify(registration(contact(event="refreshed")), version=0, state="partial")
    strange = Scene()
    strange.notify(body=strange.document(registration(contact())).replace(b'version="0"', b'version="x"'))

    assert scene.checks == []
    assert strange.checks == ["reginfo-invalid"]


def test_its_refresh_owes_a_notify_and_its_end_the_last_one() -> None:
    scene = Scene()
    scene.notify(registration(contact()), version=3)
    scene.wait(1)
    scene.refresh()
    assert scene.end(7) == ["no-notify-after-subscribe", "no-full-state-after-subscribe"]

    other = Scene()
    other.notify(registration(contact()), version=3, subscription="active;expires=60")
    assert other.end(70) == ["no-final-notify"]


def test_what_is_seen_from_the_start_belongs_to_a_subscription_or_is_found() -> None:
    scene = Whole()
    scene.notify(registration(contact()), version=7)

    assert scene.checks == ["notify-outside-dialog"]


@pytest.mark.clause("RFC 3680 §4.7.2")
@pytest.mark.parametrize(("duration", "found"), [(None, True), (900, True), (0, False)])
def test_another_subscription_shows_that_a_refresh_is_told_as_registered(duration: int | None, found: bool) -> None:
    scene = Whole()
    scene.watched()
    scene.wait(900)
    scene.register()
    scene.notify(registration(contact(event="refreshed")))
    scene.subscribe(call_id="again@ue")
    scene.version = 0
    shown = registration(contact(duration_registered=duration))
    scene.notify(shown, fields={"Call-ID": "again@ue"}, after=1.0)

    assert ("refresh-told-as-registered" in scene.checks) == found


@pytest.mark.clause("RFC 3680 §4.10")
def test_an_end_that_is_told_late_is_that_of_the_contact_before() -> None:
    scene = Whole()
    scene.watched()
    scene.deregister()
    scene.register()
    scene.wait(4)
    scene.notify(registration(contact(event="unregistered", state="terminated", expires=0), state="terminated"))
    scene.notify(registration(contact(expires=3596)))

    assert scene.checks == []
