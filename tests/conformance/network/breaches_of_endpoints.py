"""What can be wrong with what one of Microsoft's endpoints is answered and told."""

from tests.conformance.network.breaches import breach
from tests.conformance.network.scene import AOR, CONTACT, Headers, Scene

INSTANCE = "<urn:uuid:B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97>"
OWN = f'<{CONTACT}>;proxy=replace;+sip.instance="{INSTANCE}"'
LISTED = f'<sip:192.0.2.5:40001>;expires=7200;+sip.instance="{INSTANCE.lower()}"'
FROM = f"<{AOR}>;tag=ue;epid=492a7ce35f"
ASKED: Headers = {"Event": "registration", "From": FROM}
SIGNED = 'NTLM qop="auth", opaque="99052D67", crand="1", cnum="1", response="01"'


def sealed(number: int) -> str:
    return f'NTLM rspauth="01", srand="168CE345", snum="{number}", opaque="99052D67", qop="auth"'


def enter(
    scene: Scene, number: int | None = 1, *, authorization: str | None = None, listed: str | None = LISTED
) -> None:
    """Register the endpoint; the answer is signed with a number, or not at all."""
    asked = {**ASKED, "Authorization": authorization}
    told = {"Authentication-Info": None if number is None else sealed(number), "Expires": "7200"}
    scene.register(OWN, None, listed, asked=asked, told=told)


def tell(
    scene: Scene, number: int | None = 2, body: bytes = b"deregistered;event=rejected", **changes: str | None
) -> None:
    """Tell the endpoint something of itself."""
    fields: dict[str, str | list[str] | None] = {
        "To": FROM,
        "Call-ID": "r@ue",
        "Contact": None,
        "Event": "registration-notify",
        "Subscription-State": None,
        "subscription-state": "terminated;expires=0",
        "ms-diagnostics-public": '4141;reason="User disabled"',
        "Content-Type": "text/registration-event",
        "Authentication-Info": None if number is None else sealed(number),
    }
    scene.notify(body=body, fields={**fields, **{name.replace("_", "-"): value for name, value in changes.items()}})


@breach("endpoint-not-listed")
def _(scene: Scene) -> None:
    enter(scene, listed=LISTED.replace("b43b", "0000"))


@breach("endpoint-still-listed")
def _(scene: Scene) -> None:
    enter(scene)
    scene.register(OWN, 0, LISTED, asked=ASKED)


@breach("endpoint-answer-unsigned")
def _(scene: Scene) -> None:
    enter(scene)
    enter(scene, None, authorization=SIGNED)


@breach("endpoint-number-repeated")
def _(scene: Scene) -> None:
    enter(scene)
    enter(scene, 1, authorization=SIGNED)


@breach("endpoint-notify-unsigned")
def _(scene: Scene) -> None:
    enter(scene)
    tell(scene, None)


@breach("endpoint-notice-to")
def _(scene: Scene) -> None:
    enter(scene)
    tell(scene, To=f"<{AOR}>;tag=ue")
    tell(scene, 3, Call_ID="another")


@breach("endpoint-notice-body")
def _(scene: Scene) -> None:
    enter(scene)
    tell(scene, body=b"registered;event=rejected", subscription_state="active;expires=7000")
    tell(scene, 3, body=b"rejected")
    tell(scene, 4, Content_Type="text/plain")


@breach("endpoint-notice-error-id")
def _(scene: Scene) -> None:
    enter(scene)
    tell(scene, ms_diagnostics_public='4140;reason="User disabled"')
    tell(scene, 3, ms_diagnostics_public=None)
    tell(scene, 4, ms_diagnostics_public="none")


@breach("endpoint-notice-state")
def _(scene: Scene) -> None:
    enter(scene)
    tell(scene, subscription_state="active;expires=0")


@breach("endpoint-registrar-missing")
def _(scene: Scene) -> None:
    enter(scene)
    tell(
        scene,
        body=b"deregistered;event=preferred-registrar-change",
        ms_diagnostics_public='4167;reason="Preferred registrar changed"',
    )
