"""The trace of somebody else's network: what is wrong in it is found, at the leg nearest to the S-CSCF."""

from scscf.judgement.legs import Leg
from tests.judgement.traces import KAMAILIO, checks, judged_file

PCSCF, ICSCF, SCSCF = ("127.0.0.24", 5060), ("127.0.0.23", 4060), ("127.0.0.22", 6060)


def test_what_kamailio_does_wrong_is_found() -> None:
    judgement = judged_file(KAMAILIO.read_bytes())

    assert judgement.messages == 50
    assert judgement.notices == ()
    assert [user.exchanged.aors for user in judgement.users] == [("sip:p000001@ims.test", "sip:p000001.alias@ims.test")]
    assert checks(judgement) == {
        "contact-id-changed",
        "expired-too-early",
        "notify-before-answer",
        "path-not-echoed",
        "q-disagrees",
        "refresh-told-as-registered",
        "reginfo-expires-disagrees",
        "service-route-on-deregister",
        "subscription-outlives-registrations",
        "version-not-from-0",
        "wrong-event-after-deregister",
    }


def test_the_legs_before_the_s_cscf_are_left_aside() -> None:
    judgement = judged_file(KAMAILIO.read_bytes())

    assert judgement.legs == (
        ("NOTIFY", Leg(SCSCF, PCSCF), 3),
        ("REGISTER", Leg(ICSCF, SCSCF), 6),
        ("SUBSCRIBE", Leg(ICSCF, SCSCF), 2),
    )
    assert (judgement.judged, judgement.passed_on) == (22, 14)


def test_findings_name_the_frames_that_wireshark_counts() -> None:
    (user,) = judged_file(KAMAILIO.read_bytes()).users

    assert {each.frame for each in user.found if each.finding.check == "version-not-from-0"} == {16, 35}
    assert [each.frame for each in user.found if each.finding.check == "service-route-on-deregister"] == [47]
