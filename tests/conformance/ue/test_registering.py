"""REGISTERs of a UE that are wrong by themselves, or beside the one before."""

import pytest

from scscf.conformance.ue.profile import PLAIN, UeProfile
from scscf.sip.parser import parse_message
from tests.conformance.ue.talk import AOR, CONTACT, SERVICE_ROUTE, TEL, Talk, finds

STRICT = UeProfile(strict=True)
AKA = UeProfile(aka=True)


@finds()
def test_a_good_ue_registers_refreshes_and_leaves(talk: Talk) -> None:
    talk.registered()
    talk.wait(1)
    talk.subscribed()
    talk.wait(2990)
    talk.refreshed()
    talk.wait(10)
    talk.unsubscribed()
    talk.deregistered()
    talk.wait(100_000)


@finds()
def test_a_retransmission_is_not_judged_twice(talk: Talk) -> None:
    request = talk.register()
    talk.wait(0.5)
    talk.see("in", request)
    response = talk.challenge(request)
    talk.see("in", request)
    talk.see("out", response)
    answer = talk.register()
    talk.see("in", answer)
    talk.accept(answer)
    talk.see("in", answer)
    talk.subscribed()


@finds()
def test_what_is_permitted_is_not_reported(talk: Talk) -> None:
    talk.judge = type(talk.judge)(AOR, permitted=frozenset({"max-forwards-missing"}))
    talk.register(Max_Forwards=None)


@pytest.mark.clause("RFC 3261 §8.1.1")
@finds("malformed-request")
def test_a_request_without_call_id_is_malformed(talk: Talk) -> None:
    talk.register(Call_ID=None)
    talk.register(Call_ID=None)


@finds("malformed-request")
def test_a_request_whose_credentials_cannot_be_read_is_malformed(talk: Talk) -> None:
    talk.register(Authorization='Digest nonce="')


@finds("content-length-wrong")
def test_a_body_shorter_than_its_content_length(talk: Talk) -> None:
    wire = (
        f"REGISTER sip:home1.test SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
        f"From: <{AOR}>;tag=f\r\nTo: <{AOR}>\r\nCall-ID: a@ue\r\nCSeq: 1 REGISTER\r\nContact: <{CONTACT}>\r\n"
        f"Content-Length: 5\r\n\r\nabc"
    ).encode()
    talk.findings += talk.judge.observe("in", parse_message(wire), talk.now)


@finds("via-branch-without-cookie")
def test_a_branch_without_its_cookie(talk: Talk) -> None:
    talk.register(Via="SIP/2.0/UDP [2001:db8::1]:5064;branch=99ueth")


@finds()
def test_the_via_that_is_judged_is_the_ue_s_own(talk: Talk) -> None:
    talk.register(Via="SIP/2.0/UDP pcscf.test;branch=x1, SIP/2.0/UDP [2001:db8::1]:5064;branch=z9hG4bKue")


@finds("max-forwards-missing")
def test_max_forwards_missing_is_found_once(talk: Talk) -> None:
    talk.challenge(talk.register(Max_Forwards=None))
    talk.register(Max_Forwards=None)


@finds("from-tag-missing")
def test_from_without_tag(talk: Talk) -> None:
    talk.register(From=f"<{AOR}>")


@finds("to-tag-outside-dialog")
def test_a_register_with_a_to_tag(talk: Talk) -> None:
    talk.register(To=f"<{AOR}>;tag=x")


@finds("to-differs-from-from")
def test_a_register_for_somebody_else(talk: Talk) -> None:
    talk.register(From="<sip:other@home1.test>;tag=f0")


@finds("register-uri-with-user")
def test_a_register_to_a_user(talk: Talk) -> None:
    talk.send(
        "REGISTER",
        AOR,
        {"Call-ID": "a@ue", "CSeq": "1 REGISTER", "Contact": f"<{CONTACT}>", "Authorization": talk.authorization()},
    )


@pytest.mark.clause("TS 24.229 §5.1.1.2")
@finds("wrong-identity")
def test_another_public_identity(talk: Talk) -> None:
    talk.register(To="<sip:eve@home1.test>", From="<sip:eve@home1.test>;tag=f0")


@finds("wrong-identity")
def test_another_private_identity(talk: Talk) -> None:
    talk.challenge(talk.register(Authorization=talk.authorization(username='"eve@home1.test"')))
    talk.register(Authorization=talk.authorization(username='"eve@home1.test"'))


@finds()
def test_an_identity_that_the_network_named_is_the_ue_s_own(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.accept(talk.register(To=f"<{TEL}>", From=f"<{TEL}>;tag=f0"))


@pytest.mark.clause("RFC 3261 §10.2")
@finds("register-flood")
def test_two_registers_at_once(talk: Talk) -> None:
    first = talk.register()
    talk.wait(0.1)
    second = talk.register()
    talk.challenge(first)
    talk.challenge(second)


@finds()
def test_a_register_after_one_that_timed_out_is_no_flood(talk: Talk) -> None:
    talk.register()
    talk.wait(32)
    talk.challenge(talk.register())
    talk.accept(talk.register())
    talk.subscribed()


@finds()
def test_two_flows_may_be_registered_at_once(talk: Talk) -> None:
    talk.register(Contact=f'<{CONTACT};ob>;reg-id=1;+sip.instance="<urn:uuid:1>"')
    talk.register(Contact=f'<{CONTACT};ob>;reg-id=2;+sip.instance="<urn:uuid:1>"', Call_ID="r2@ue")


@finds("cseq-not-rising")
def test_the_same_cseq_in_a_new_request(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.cseq -= 1
    talk.answer(talk.register(), 500)


@pytest.mark.clause("TS 24.229 §5.1.1.2")
@finds("register-without-contact")
def test_an_initial_register_that_only_asks(talk: Talk) -> None:
    talk.register(Contact=None)


@finds(profile=PLAIN)
def test_without_ims_a_query_is_a_query(talk: Talk) -> None:
    talk.register(None, Contact=None)


@pytest.mark.clause("RFC 3261 §10.2.2")
@finds("deregister-without-contact")
def test_a_de_registration_that_names_no_contact(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.answer(talk.register(0, Contact=None), 200)


@pytest.mark.clause("RFC 3261 §10.2.2")
@finds("star-with-expires")
def test_star_that_does_not_de_register(talk: Talk) -> None:
    talk.answer(talk.register(3600, Contact="*"), 400)


@finds()
def test_star_ends_everything(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.answer(talk.register(0, Contact="*"), 200)
    talk.wait(100_000)


@pytest.mark.clause("RFC 5627 §5.1")
@finds("gruu-as-contact")
def test_a_gruu_is_no_contact(talk: Talk) -> None:
    talk.register(Contact=f"<{AOR};gr=urn:uuid:1>")


@finds("register-with-route", profile=STRICT)
def test_a_route_in_a_register_where_the_profile_is_strict(talk: Talk) -> None:
    talk.register(Route="<sip:pcscf.home1.test;lr>")


@finds()
def test_a_plain_ue_may_have_an_outbound_proxy(talk: Talk) -> None:
    talk.register(Route="<sip:proxy.home1.test;lr>")


@pytest.mark.clause("RFC 3608 §6.1")
@finds("service-route-in-register")
def test_the_service_route_is_not_for_registers(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.accept(talk.register(Route=SERVICE_ROUTE))


@finds("not-600000", profile=STRICT)
def test_another_expiry_than_600000_where_the_profile_is_strict(talk: Talk) -> None:
    talk.register(3600)


@pytest.mark.clause("TS 24.229 §5.1.1.2.2")
@finds("no-authorization-at-first", profile=AKA)
def test_a_ue_with_a_usim_says_who_it_is(talk: Talk) -> None:
    talk.register(Authorization=None)


@pytest.mark.clause("RFC 3261 §10.2.8")
@finds("ignores-423")
def test_423_and_the_same_interval_again(talk: Talk) -> None:
    talk.answer(talk.register(600000), 423, {"Min-Expires": "700000"})
    talk.answer(talk.register(600000), 423, {"Min-Expires": "700000"})
    talk.accept(talk.register(700000))
    talk.subscribed()


@finds("ignores-423")
def test_423_and_nothing_more(talk: Talk) -> None:
    talk.answer(talk.register(600000), 423, {"Min-Expires": "700000"})
    talk.wait(61)


@finds()
def test_423_and_a_longer_interval(talk: Talk) -> None:
    talk.answer(talk.register(600000), 423, {"Min-Expires": "700000"})
    talk.challenge(talk.register(700000))
    talk.accept(talk.register(700000))
    talk.subscribed()


@finds()
def test_423_without_min_expires_asks_nothing(talk: Talk) -> None:
    talk.answer(talk.register(60), 423)
    talk.register(60)
    talk.wait(100)


@pytest.mark.clause("RFC 3261 §21.5.4")
@finds("retry-before-retry-after")
def test_503_and_no_patience(talk: Talk) -> None:
    talk.answer(talk.register(), 503, {"Retry-After": "120 (soon)"})
    talk.wait(60)
    talk.accept(talk.register())
    talk.subscribed()


@finds()
def test_503_and_patience(talk: Talk) -> None:
    talk.answer(talk.register(), 503, {"Retry-After": "120"})
    talk.wait(119.8)
    talk.accept(talk.register())
    talk.subscribed()


@pytest.mark.clause("TS 24.229 §5.1.1.6")
@finds("refresh-after-deregistration", algorithm="AKAv1-MD5")
def test_a_refresh_after_de_registration(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.deregistered()
    talk.wait(2000)
    talk.challenge(talk.register())


@finds(algorithm="AKAv1-MD5", profile=AKA)
def test_a_new_registration_after_de_registration(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.deregistered()
    talk.nonce = ""
    talk.registered()
    talk.subscribed()


@finds("retry-before-retry-after")
def test_an_emergency_registration_waits_for_nothing(talk: Talk) -> None:
    talk.answer(talk.register(), 503, {"Retry-After": "120"})
    talk.accept(talk.register(Contact=f"<{CONTACT};sos>"))
    talk.wait(61)
    talk.register()
