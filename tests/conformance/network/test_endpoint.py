"""What a registrar of Microsoft's does rightly is not found."""

import pytest

from tests.conformance.network.breaches_of_endpoints import ASKED, OWN, SIGNED, enter, sealed, tell
from tests.conformance.network.scene import Scene


@pytest.mark.clause("MS-SIPREGE §4.1.3", "MS-SIPAE §3.3")
def test_the_life_of_an_endpoint_is_in_order() -> None:
    scene = Scene()

    enter(scene)
    enter(scene, 2, authorization=SIGNED)
    tell(
        scene,
        3,
        b" Registered;event=userservices-unavailable\r\n",
        subscription_state="active;expires=7000",
        ms_diagnostics_public='4165;reason="away"',
    )
    scene.register(OWN, None, None, 503, asked={**ASKED, "Authorization": SIGNED})
    scene.register(OWN, None, None, 401, asked={**ASKED, "Authorization": SIGNED}, told={"WWW-Authenticate": "NTLM"})
    scene.register(OWN, 0, None, asked={**ASKED, "Authorization": SIGNED}, told={"Authentication-Info": sealed(4)})

    assert [check for check in scene.end(40) if check.startswith("endpoint")] == []


def test_who_never_signs_owes_no_signature() -> None:
    scene = Scene()

    enter(scene, None)
    tell(scene, None)

    assert scene.end(40) == []


def test_an_hour_after_the_last_signature_the_association_may_be_over() -> None:
    scene = Scene()
    enter(scene)
    scene.wait(3600)

    tell(scene, None)

    assert scene.end(40) == []


def test_a_notice_that_is_sent_again_is_the_same_message() -> None:
    scene = Scene()
    enter(scene)
    tell(scene)
    scene.notify_cseq -= 1
    scene._branch -= 1

    tell(scene)

    assert scene.end(40) == []
