"""Flows in which nothing is wrong, though some look like it."""

from collections.abc import Callable

from tests.conformance.network.scene import AOR, CONTACT, OTHER, TEL, Scene, contact, registration

ACTIVE = registration(contact())
OVER = registration(contact(event="unregistered", state="terminated", expires=0), state="terminated")
FLOWS: list[Callable[[Scene], object]] = []


def flow(play: Callable[[Scene], object]) -> Callable[[Scene], object]:
    FLOWS.append(play)
    return play


@flow
def a_life(scene: Scene) -> None:
    scene.watched()
    scene.wait(1800)
    scene.register()
    scene.notify(registration(contact(event="refreshed")))
    scene.wait(60)
    scene.refresh()
    scene.notify(registration(contact(event="refreshed", expires=3540)))
    scene.deregister()
    scene.notify(OVER, subscription="terminated;reason=noresource")


@flow
def a_notify_before_the_200_to_its_subscribe(scene: Scene) -> None:
    scene.register()
    fields = {"Event": "reg", "Contact": f"<{CONTACT}>", "Expires": "7200"}
    request = scene.ask("SUBSCRIBE", fields, AOR, "s@ue")
    scene.notify(ACTIVE)
    scene.answer(request, 200, {"Contact": "<sip:scscf.home1.test>", "Expires": "7200"})


@flow
def a_challenged_subscribe(scene: Scene) -> None:
    scene.register()
    scene.subscribe(status=401, told={"WWW-Authenticate": 'Digest realm="home1.test", nonce="a"'})
    scene.subscribe()
    scene.notify(ACTIVE)


@flow
def a_refused_subscribe(scene: Scene) -> None:
    scene.subscribe(status=480)


@flow
def a_fetch(scene: Scene) -> None:
    scene.register()
    scene.subscribe(0)
    scene.notify(ACTIVE, subscription="terminated;reason=timeout")


@flow
def a_pending_subscription(scene: Scene) -> None:
    scene.subscribe()
    scene.notify(body=b"", subscription="pending;expires=7200")
    scene.notify(registration(state="init"))


@flow
def a_subscription_that_runs_out(scene: Scene) -> None:
    scene.register()
    scene.subscribe(60)
    scene.notify(ACTIVE)
    scene.wait(59.99)
    scene.notify(registration(contact(expires=3540)), subscription="terminated;reason=timeout")
    scene.wait(60)


@flow
def a_subscription_that_the_network_shortens(scene: Scene) -> None:
    scene.register()
    scene.subscribe(7200)
    scene.notify(ACTIVE, subscription="active;expires=600")
    scene.wait(600)
    scene.notify(registration(contact(expires=3000)), subscription="terminated;reason=timeout")
    scene.wait(10)


@flow
def a_watcher_that_does_not_answer(scene: Scene) -> None:
    scene.register()
    scene.subscribe(60)
    scene.notify(ACTIVE, answered=None)
    scene.deregister()
    scene.wait(100)


@flow
def a_watcher_that_refuses(scene: Scene) -> None:
    scene.register()
    scene.subscribe(60)
    scene.notify(ACTIVE, answered=481)
    scene.wait(100)


@flow
def partial_documents(scene: Scene) -> None:
    scene.register()
    scene.subscribe()
    scene.notify(ACTIVE, registration(contact(id="c2", event="created"), aor=TEL, id="r2"))
    scene.notify(registration(contact(OTHER, id="c3")), state="partial")
    scene.notify(registration(contact(OTHER, "expired", "terminated", "c3", 0)), state="partial", after=3600)


@flow
def shortened_and_registered_again(scene: Scene) -> None:
    scene.watched()
    scene.notify(registration(contact(event="shortened", expires=60)))
    scene.wait(30)
    scene.register()
    scene.notify(registration(contact(event="refreshed")))


@flow
def probation_and_back(scene: Scene) -> None:
    scene.watched()
    gone = contact(event="probation", state="terminated", retry_after=30, expires=0)
    scene.notify(registration(gone, state="terminated"), subscription="terminated;reason=probation;retry-after=30")
    scene.wait(30)
    scene.register()
    scene.version = 0
    scene.subscribe(call_id="t@ue")
    scene.notify(registration(contact(id="c9")), fields={"Call-ID": "t@ue"})


@flow
def an_expiry_told_in_time(scene: Scene) -> None:
    scene.register(expires=60)
    scene.subscribe()
    scene.notify(registration(contact(expires=60)))
    scene.wait(60)
    scene.notify(registration(contact(event="expired", state="terminated", expires=0), state="terminated"))


@flow
def a_contact_for_emergencies_beside_the_other(scene: Scene) -> None:
    scene.register()
    scene.register(f"<{CONTACT};sos>", 1200, [f"<{CONTACT}>;expires=3600", f"<{CONTACT};sos>;expires=1200"])
    scene.subscribe()
    scene.notify(ACTIVE)


@flow
def a_contact_that_replaces_another(scene: Scene) -> None:
    scene.watched()
    scene.register(f"<{OTHER}>")
    scene.notify(registration(contact(event="deactivated", state="terminated", expires=0), contact(OTHER, id="c2")))


@flow
def two_flows_of_one_instance(scene: Scene) -> None:
    one, two = (f'<{CONTACT}>;+sip.instance="<urn:uuid:1>";reg-id={number}' for number in (1, 2))
    scene.register(one, asked={"Supported": "outbound"}, told={"Require": "outbound"})
    scene.register(two, 3600, [f"{one};expires=3600", f"{two};expires=3600"], asked={"Supported": "outbound"})
    ids = [f'<unknown-param name="reg-id">{number}</unknown-param>' for number in (1, 2)]
    scene.subscribe()
    scene.notify(registration(contact(inside=ids[0]), contact(id="c2", inside=ids[1])))


@flow
def a_brief_expiry_is_refused(scene: Scene) -> None:
    scene.register(expires=10, status=423, told={"Min-Expires": "60"})
    scene.register(expires=60)


@flow
def star_in_both_ways(scene: Scene) -> None:
    scene.register()
    scene.register("*", 3600, None, status=400)
    scene.register("*", 0, None)


@flow
def what_another_package_says_is_none_of_this(scene: Scene) -> None:
    scene.subscribe(asked={"Event": "presence"}, told={"Expires": None})


@flow
def a_registration_that_the_network_forgot(scene: Scene) -> None:
    scene.register()
    scene.wait(60)
    scene.register(None, None, None)
    scene.subscribe(status=480)
