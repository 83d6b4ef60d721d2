"""What can be wrong with NOTIFYs."""

from tests.conformance.network.breaches import breach
from tests.conformance.network.scene import AOR, CONTACT, Scene, contact, registration

OVER = registration(contact(event="unregistered", state="terminated"), state="terminated")
ACTIVE = registration(contact())


@breach("notify-unreadable")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, fields={"From": "<sip:"})


@breach("notify-outside-dialog")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, fields={"Call-ID": "another"})


@breach("notify-cseq-not-rising")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, fields={"CSeq": "1 NOTIFY"})


@breach("notify-without-from-tag")
def _(scene: Scene) -> None:
    scene.register()
    scene.ask("SUBSCRIBE", {"Event": "reg", "Contact": f"<{CONTACT}>", "Expires": "7200"}, AOR, "s@ue")
    scene.notify(ACTIVE, fields={"From": f"<{AOR}>"})


@breach("notify-identity-changed")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, fields={"From": f"<{CONTACT}>;tag=net"})


@breach("notify-without-contact")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, fields={"Contact": None})


@breach("notify-event-differs")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, fields={"Event": "reg;id=7"})


@breach("notify-to-wrong-target")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, uri="sip:tobias@192.0.2.77")


@breach("notify-after-terminated")
def _(scene: Scene) -> None:
    scene.watched()
    scene.notify(ACTIVE, subscription="terminated;reason=timeout")
    scene.notify(ACTIVE)


@breach("notify-after-refusal")
def _(scene: Scene) -> None:
    scene.watched()
    scene.notify(ACTIVE, answered=481)
    scene.wait(5)
    scene.notify(registration(contact(expires=3595)))


@breach("subscription-state-malformed")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, subscription=None)


@breach("subscription-state-without-expires")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, subscription="active")


@breach("subscription-expires-rises")
def _(scene: Scene) -> None:
    scene.watched()
    scene.wait(100)
    scene.notify(registration(contact(expires=3500)), subscription="active;expires=7200")


@breach("terminated-without-reason")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, subscription="terminated")


@breach("terminated-with-expires")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, subscription="terminated;reason=timeout;expires=10")


@breach("unknown-reason")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, subscription="terminated;reason=expired")


@breach("notify-without-document")
def _(scene: Scene) -> None:
    scene.watched().notify(body=b"")


@breach("notify-body-type")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, fields={"Content-Type": "application/xml"})


@breach("first-notify-not-full", "no-full-state-after-subscribe")
def _(scene: Scene) -> None:
    scene.register()
    scene.subscribe()
    scene.notify(ACTIVE, state="partial")


@breach("notify-before-answer")
def _(scene: Scene) -> None:
    scene.watched()
    request = scene.ask("REGISTER", {"Contact": f"<{CONTACT}>", "Expires": "0"})
    scene.notify(OVER, subscription="terminated;reason=noresource")
    scene.answer(request, 200)


@breach("subscription-outlives-registrations", "associated-uri-missing", "service-route-missing", ims=True)
def _(scene: Scene) -> None:
    scene.watched()
    scene.deregister()
    scene.notify(OVER)
