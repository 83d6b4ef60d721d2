"""What can be wrong with documents, by themselves, beside those before them and beside the answers to REGISTERs."""

from tests.conformance.network.breaches import breach
from tests.conformance.network.scene import AOR, CONTACT, OTHER, TEL, Scene, contact, registration

GRUUS = "urn:ietf:params:xml:ns:gruuinfo"
INSTANCE = '<unknown-param name="+sip.instance">"&lt;urn:uuid:1&gt;"</unknown-param>'
OVER = registration(contact(event="unregistered", state="terminated"), state="terminated")
ACTIVE = registration(contact())


def gruu(uri: str) -> str:
    return f'<g:pub-gruu xmlns:g="{GRUUS}" uri="{uri}"/>'


@breach("reginfo-not-well-formed")
def _(scene: Scene) -> None:
    scene.watched().notify(body=scene.document(registration(contact("sip:tobias@192.0.2.9?a=b&c=d"))))


@breach("reginfo-invalid")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(received="sip:192.0.2.5")))


@breach("aor-no-uri", "reginfo-invalid")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(contact(OTHER, id="c2"), aor="aor", id="r2"))


@breach("aor-twice", "registration-id-changed")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(contact(), contact(OTHER, id="c2"), id="r2"))


@breach("registration-id-twice")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(contact(id="c2"), aor=TEL))


@breach("contact-id-shared")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(contact(OTHER), aor=TEL, id="r2"))


@breach("init-with-contact")
def _(scene: Scene) -> None:
    gone = contact(OTHER, "expired", "terminated", "c2")
    scene.watched().notify(ACTIVE, registration(gone, aor=TEL, id="r2", state="init"))


@breach("active-contact-of-ended")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(contact(OTHER, id="c2"), aor=TEL, id="r2", state="terminated"))


@breach("active-without-contact")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(aor=TEL, id="r2"))


@breach("event-not-of-state")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(contact(OTHER, "expired", id="c2"), aor=TEL, id="r2"))


@breach("shortened-without-expires")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(event="shortened", expires=None)))


@breach("probation-without-retry-after")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(event="probation", state="terminated"), state="terminated"))


@breach("retry-after-without-probation")
def _(scene: Scene) -> None:
    gone = contact(event="rejected", state="terminated", retry_after=60)
    scene.watched().notify(registration(gone, state="terminated"))


@breach("contact-uri-unreadable", "reginfo-invalid")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, registration(contact("", id="c2"), aor=TEL, id="r2"))


@breach("unknown-param-known")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(inside='<unknown-param name="expires">60</unknown-param>')))


@breach("gruu-without-instance")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(inside=gruu(f"{AOR};gr=1"))))


@breach("document-gruu-unasked", also=frozenset({"document-gruu-unasked"}))
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(inside=INSTANCE + gruu(f"{AOR};gr=1"))))


@breach("watched-aor-missing")
def _(scene: Scene) -> None:
    scene.subscribe()
    scene.notify(registration(contact(), aor=TEL))


@breach("version-not-from-0")
def _(scene: Scene) -> None:
    scene.version = 2
    scene.watched()


@breach("version-gap")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, version=2)


@breach("version-repeated")
def _(scene: Scene) -> None:
    scene.watched().notify(ACTIVE, version=0)


@breach("version-goes-back")
def _(scene: Scene) -> None:
    scene.watched()
    scene.notify(ACTIVE)
    scene.notify(ACTIVE, version=0)


@breach("registration-id-changed")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(), id="r2"))


@breach("contact-id-changed")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(id="c2")))


@breach("registration-vanished")
def _(scene: Scene) -> None:
    scene.register()
    scene.subscribe()
    scene.notify(ACTIVE, registration(contact(), aor=TEL, id="r2"))
    scene.notify(ACTIVE)


@breach("contact-vanished")
def _(scene: Scene) -> None:
    scene.register()
    scene.subscribe()
    scene.notify(registration(contact(), contact(OTHER, id="c2")))
    scene.notify(ACTIVE)


@breach("contact-end-not-told")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(state="terminated"))


@breach("ended-contact-revived")
def _(scene: Scene) -> None:
    scene.register()
    scene.subscribe()
    scene.notify(registration(contact(), contact(OTHER, id="c2", duration_registered=10)))
    scene.notify(registration(contact(OTHER, "unregistered", "terminated", "c2")), state="partial")
    scene.wait(50)
    scene.notify(registration(contact(OTHER, id="c2", duration_registered=60)), state="partial")


@breach("refresh-told-as-registered")
def _(scene: Scene) -> None:
    scene.watched()
    scene.wait(1000)
    scene.register()
    scene.notify(ACTIVE)


@breach("shortened-not-shorter")
def _(scene: Scene) -> None:
    scene.watched()
    scene.notify(registration(contact(event="shortened", expires=4000)))


@breach("cut-not-told-as-shortened", "reginfo-expires-disagrees")
def _(scene: Scene) -> None:
    scene.watched(callid="r@ue", cseq=1).notify(registration(contact(expires=60, callid="r@ue", cseq=1)))


@breach("duration-falls")
def _(scene: Scene) -> None:
    scene.watched(duration_registered=60).notify(registration(contact(duration_registered=1)))


@breach("stale-contact")
def _(scene: Scene) -> None:
    scene.watched()
    scene.deregister()
    scene.notify(OVER)
    scene.wait(5)
    scene.notify(ACTIVE)


@breach("reginfo-expires-disagrees")
def _(scene: Scene) -> None:
    scene.register(listed=f"<{CONTACT}>;expires=3240")
    scene.subscribe()
    scene.notify(ACTIVE)


@breach("cseq-disagrees")
def _(scene: Scene) -> None:
    scene.watched(callid="r@ue", cseq=9)


@breach("gruu-disagrees")
def _(scene: Scene) -> None:
    scene.register(listed=f'<{CONTACT}>;expires=3600;pub-gruu="{AOR};gr=A"', asked={"Supported": "gruu"})
    scene.subscribe()
    scene.notify(registration(contact(inside=INSTANCE + gruu(f"{AOR};gr=a"))))


@breach("q-disagrees")
def _(scene: Scene) -> None:
    scene.watched(q="0.000")


@breach("wrong-event-after-deregister", "expired-too-early")
def _(scene: Scene) -> None:
    scene.watched()
    scene.deregister()
    scene.notify(registration(contact(event="expired", state="terminated"), state="terminated"))


@breach("expired-too-early")
def _(scene: Scene) -> None:
    scene.watched().notify(registration(contact(event="expired", state="terminated"), state="terminated"))


@breach("expiry-told-late")
def _(scene: Scene) -> None:
    scene.register(expires=60)
    scene.subscribe()
    scene.notify(registration(contact(expires=60)))
    scene.wait(66.4)
    gone = contact(event="expired", state="terminated", expires=0)
    scene.notify(registration(gone, state="terminated"))


@breach("contact-uri-changed")
def _(scene: Scene) -> None:
    scene.watched(uri="sip:someone@192.0.2.77", callid="r@ue", cseq=1)


@breach("identity-not-told")
def _(scene: Scene) -> None:
    scene.register(told={"P-Associated-URI": f"<{AOR}>, <{TEL}>"})
    scene.subscribe()
    scene.notify(ACTIVE)


@breach("identity-not-associated")
def _(scene: Scene) -> None:
    scene.register(told={"P-Associated-URI": f"<{AOR}>"})
    scene.subscribe()
    scene.notify(ACTIVE, registration(contact(), aor=TEL, id="r2"))
