"""What can be wrong with answers to REGISTER and SUBSCRIBE."""

from tests.conformance.network.breaches import breach
from tests.conformance.network.scene import AOR, CONTACT, OTHER, TEL, Scene, contact, registration

DIGEST = 'Digest realm="home1.test", nonce="abc", algorithm=MD5, qop="auth"'
IMS = {"P-Associated-URI": f"<{AOR}>", "Service-Route": "<sip:orig@scscf.home1.test;lr>"}
OUTBOUND = f'<{CONTACT}>;+sip.instance="<urn:uuid:1>";reg-id=1'


@breach("not-answered")
def _(scene: Scene) -> None:
    request = scene.ask("REGISTER", {"Contact": f"<{CONTACT}>"})
    for seconds in (0.5, 1, 2, 4, 4, 4, 4, 4, 4, 4):
        scene.wait(seconds)
        scene.see("out", request)
    scene.wait(40)


@breach("answer-unreadable")
def _(scene: Scene) -> None:
    scene.register(listed="<sip:tobias@")


@breach("answer-fields-changed")
def _(scene: Scene) -> None:
    scene.register(told={"From": f"<{AOR}>;tag=other"})


@breach("answer-without-to-tag")
def _(scene: Scene) -> None:
    scene.answer(scene.ask("REGISTER", {}), 404, to_tag=None)


@breach("provisional-answer")
def _(scene: Scene) -> None:
    request = scene.ask("REGISTER", {})
    scene.answer(request, 183)
    scene.answer(request, 200)


@breach("answered-408")
def _(scene: Scene) -> None:
    scene.register(status=408)


@breach("answered-6xx")
def _(scene: Scene) -> None:
    scene.register(status=603)


@breach("record-route-in-answer")
def _(scene: Scene) -> None:
    scene.register(told={"Record-Route": "<sip:p.home1.test;lr>"})


@breach("allow-missing")
def _(scene: Scene) -> None:
    scene.register(status=405)


@breach("unsupported-missing")
def _(scene: Scene) -> None:
    scene.register(status=420, asked={"Require": "foo"})


@breach("allow-events-missing")
def _(scene: Scene) -> None:
    scene.subscribe(status=489, asked={"Event": "weather"})


@breach("security-server-missing")
def _(scene: Scene) -> None:
    scene.register(status=494)


@breach("min-expires-missing")
def _(scene: Scene) -> None:
    scene.register(expires=10, status=423)


@breach("423-not-due")
def _(scene: Scene) -> None:
    scene.register(expires=3600, status=423, told={"Min-Expires": "7200"})


@breach("challenge-incomplete")
def _(scene: Scene) -> None:
    scene.register(status=401, told={"WWW-Authenticate": 'Digest realm="home1.test"'})


@breach("aka-nonce-malformed")
def _(scene: Scene) -> None:
    scene.register(status=401, told={"WWW-Authenticate": 'Digest realm="h", nonce="YWJj", algorithm=AKAv1-MD5'})


@breach("challenged-again", also=frozenset({"challenged-again"}))
def _(scene: Scene) -> None:
    answer = 'Digest username="u", realm="home1.test", nonce="abc", uri="sip:home1.test", response="0"'
    scene.register(status=401, told={"WWW-Authenticate": DIGEST})
    scene.register(status=401, asked={"Authorization": answer}, told={"WWW-Authenticate": DIGEST})


@breach("require-ignored")
def _(scene: Scene) -> None:
    scene.register(asked={"Require": "foo"})


@breach("star-not-refused")
def _(scene: Scene) -> None:
    scene.register(contact="*", expires=3600, listed=None, status=500)


@breach("empty-contact")
def _(scene: Scene) -> None:
    scene.register(contact=None, expires=None, listed=[""])


@breach("contact-without-expires")
def _(scene: Scene) -> None:
    scene.register(listed=f"<{CONTACT}>")


@breach("contact-listed-twice")
def _(scene: Scene) -> None:
    scene.register(listed=[f"<{CONTACT}>;expires=3600", f"<{CONTACT}>;expires=3600"])


@breach("own-contact-missing")
def _(scene: Scene) -> None:
    scene.register(listed=f"<{OTHER}>;expires=3600")


@breach("removed-contact-listed")
def _(scene: Scene) -> None:
    scene.register(
        contact=[f"<{CONTACT}>;expires=0", f"<{OTHER}>"], listed=[f"<{CONTACT}>;expires=54", f"<{OTHER}>;expires=60"]
    )  # type: ignore[arg-type]


@breach("granted-more-than-asked")
def _(scene: Scene) -> None:
    scene.register(expires=60, listed=f"<{CONTACT}>;expires=3600")


@breach("path-not-echoed")
def _(scene: Scene) -> None:
    scene.register(asked={"Path": "<sip:p.home1.test;lr>"}, told={"Path": "<sip:q.home1.test;lr>"})


@breach("gruu-unasked")
def _(scene: Scene) -> None:
    scene.register(listed=f'<{CONTACT}>;expires=3600;pub-gruu="{AOR};gr=1"')


@breach("gruu-changed")
def _(scene: Scene) -> None:
    for number in (1, 2):
        listed = f'<{CONTACT}>;expires=3600;pub-gruu="{AOR};gr={number}"'
        scene.register(listed=listed, asked={"Supported": "gruu"})


@breach("outbound-unasked")
def _(scene: Scene) -> None:
    scene.register(asked={"Supported": "path"}, told={"Require": "outbound"})


@breach("associated-uri-missing", ims=True)
def _(scene: Scene) -> None:
    scene.register(told={**IMS, "P-Associated-URI": None})


@breach("associated-uri-twice")
def _(scene: Scene) -> None:
    scene.register(told={"P-Associated-URI": f"<{AOR}>, <{TEL}>, <{AOR}>"})


@breach("service-route-missing", ims=True)
def _(scene: Scene) -> None:
    scene.register(told={**IMS, "Service-Route": None})


@breach("service-route-on-deregister", ims=True)
def _(scene: Scene) -> None:
    scene.register(told=IMS)
    scene.deregister(IMS)


@breach("not-481")
def _(scene: Scene) -> None:
    scene.subscribe(asked={"To": f"<{AOR}>;tag=unheard"}, status=500)


@breach("event-missing-accepted")
def _(scene: Scene) -> None:
    scene.subscribe(asked={"Event": None})


@breach("accept-ignored")
def _(scene: Scene) -> None:
    scene.subscribe(asked={"Accept": "text/plain"})
    scene.notify(registration(state="init"))


@breach("answered-202", also=frozenset({"answered-202"}))
def _(scene: Scene) -> None:
    scene.subscribe(status=202)
    scene.notify(registration(state="init"))


@breach("subscribe-answer-without-expires")
def _(scene: Scene) -> None:
    scene.subscribe(told={"Expires": None})
    scene.notify(registration(state="init"))


@breach("subscription-longer-than-asked")
def _(scene: Scene) -> None:
    scene.subscribe(60, 7200)
    scene.notify(registration(state="init"))


@breach("subscribe-answer-without-contact")
def _(scene: Scene) -> None:
    scene.subscribe(told={"Contact": None})
    scene.notify(registration(state="init"))


@breach("no-notify-after-subscribe", "no-full-state-after-subscribe")
def _(scene: Scene) -> None:
    scene.subscribe()


@breach("no-full-state-after-subscribe")
def _(scene: Scene) -> None:
    scene.watched()
    scene.wait(1)
    scene.refresh()
    scene.notify(registration(contact()), state="partial")


@breach("no-final-notify")
def _(scene: Scene) -> None:
    scene.watched()
    scene.refresh(0)


@breach("change-not-told")
def _(scene: Scene) -> None:
    scene.watched()
    scene.deregister()
