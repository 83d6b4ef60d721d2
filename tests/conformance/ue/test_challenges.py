"""How a UE answers a challenge: Call-ID, CSeq, credentials, AKA and the security agreement."""

import pytest

from scscf.conformance.ue.profile import UeProfile, Vector
from tests.conformance.ue.talk import CLIENT, CONTACT, Talk, finds

SEC_AGREE = UeProfile(sec_agree=True)
AKA = "AKAv1-MD5"


def good(nonce: str) -> Vector:
    return Vector.GOOD


def bad_mac(nonce: str) -> Vector:
    return Vector.BAD_MAC


def old_sqn(nonce: str) -> Vector:
    return Vector.OLD_SQN


@finds(algorithm=AKA, agreement=True, profile=UeProfile(aka=True, sec_agree=True), vector_of=good)
def test_a_good_ue_with_a_usim_and_a_security_agreement(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.wait(2995)
    talk.refreshed()
    talk.wait(3000)
    talk.challenge(talk.register())
    talk.accept(talk.register())


@pytest.mark.clause("RFC 3261 §8.1.3.5")
@finds("call-id-changed-after-401")
def test_another_call_id_after_401(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.call_id = "other@ue"
    talk.accept(talk.register())
    talk.subscribed()


@finds()
def test_a_ue_that_begins_anew_may_have_another_call_id(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.new_call()
    talk.registered()
    talk.subscribed()


@pytest.mark.clause("RFC 3261 §8.1.3.5")
@finds("cseq-wrong-after-401")
def test_the_same_cseq_after_401(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.cseq -= 1
    talk.accept(talk.register())
    talk.subscribed()


@finds("cseq-wrong-after-401")
def test_cseq_two_higher_after_401(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.cseq += 1
    talk.accept(talk.register())
    talk.subscribed()


@finds()
def test_cseq_two_higher_where_one_register_was_lost(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.cseq += 1
    talk.wait(33)
    talk.accept(talk.register())
    talk.subscribed()


@pytest.mark.clause("TS 24.229 §5.1.1.5")
@finds("contact-changed-after-401")
def test_another_contact_after_401(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.contact = "sip:[2001:db8::1]:9999"
    talk.accept(talk.register())
    talk.subscribed()


@finds("contact-changed-after-401")
def test_no_contact_after_401(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(talk.register(Contact=None), 200)


@finds(agreement=True, algorithm=AKA)
def test_the_port_may_become_the_protected_one(talk: Talk) -> None:
    talk.contact = "sip:[2001:db8::1]:5060"
    talk.challenge(talk.register())
    talk.contact = CONTACT
    talk.accept(talk.register())
    talk.subscribed()


@pytest.mark.clause("RFC 3261 §10.2.2")
@finds("expires-zero-by-accident")
def test_an_answer_that_de_registers(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(talk.register(0), 200)


@pytest.mark.clause("RFC 3261 §22.2")
@finds("no-credentials-after-401")
def test_401_is_ignored_again_and_again(talk: Talk) -> None:
    for _ in range(5):
        talk.challenge(talk.register(Authorization=None))
    talk.wait(10)


@finds(algorithm="MD4")
def test_a_challenge_that_no_ue_knows_asks_nothing(talk: Talk) -> None:
    talk.challenge(talk.register(Authorization=None))
    talk.register(Authorization=None)
    talk.wait(100)


@pytest.mark.clause("RFC 7616 §3.3")
@finds("stale-nonce-reused")
def test_the_nonce_of_before_after_401(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    old = talk.nonce
    talk.challenge(talk.register())
    talk.answer(talk.register(Authorization=talk.authorization(nonce=f'"{old}"', nc="00000009")), 403)


@pytest.mark.clause("RFC 7616 §3.4")
@finds("nc-not-rising")
def test_a_nonce_count_that_stays(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.wait(2990)
    talk.count -= 1
    talk.accept(talk.register())


@pytest.mark.clause("TS 24.229 §5.1.1.4")
@finds(algorithm=AKA)
def test_aka_repeats_its_last_answer(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.wait(2990)
    talk.refreshed()


@finds("credentials-incomplete")
def test_qop_without_a_nonce_count(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.accept(talk.register(Authorization=talk.authorization(nc=None)))
    talk.subscribed()


@pytest.mark.parametrize(
    ("name", "value"), [("realm", '"other"'), ("opaque", None), ("opaque", '"p"'), ("algorithm", "SHA-256")]
)
def test_credentials_that_do_not_repeat_the_challenge(name: str, value: str | None) -> None:
    talk = Talk()
    talk.challenge(talk.register())
    talk.accept(talk.register(Authorization=talk.authorization(**{name: value})))

    assert talk.names == ["challenge-not-echoed"]


@finds("challenge-not-echoed")
def test_credentials_without_the_opaque_of_the_challenge(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.accept(talk.register(Authorization=talk.authorization(opaque=None)))
    talk.subscribed()


@pytest.mark.clause("TS 24.229 §5.1.1.5")
@finds("challenge-not-answered")
def test_401_and_nothing_more(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.wait(61)


@finds()
def test_a_ue_whose_password_is_refused_may_give_up(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.challenge(talk.register())
    talk.wait(100)


@pytest.mark.clause("RFC 3310 §3.3")
@finds("empty-response", algorithm=AKA, vector_of=good)
def test_an_empty_response_to_a_good_challenge(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(talk.register(Authorization=talk.authorization(response='""')), 403)


@finds(algorithm=AKA)
def test_an_empty_response_is_believed_where_the_vector_is_not_known(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.challenge(talk.register(Authorization=talk.authorization(response='""')))
    talk.challenge(talk.register(Authorization=talk.authorization(auts='"xxx"')))
    talk.accept(talk.register())
    talk.subscribed()


@pytest.mark.clause("RFC 3310 §3.4")
@finds("auts-without-reason", algorithm=AKA, vector_of=good)
def test_auts_for_a_sequence_number_in_order(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.challenge(talk.register(Authorization=talk.authorization(auts='"xxx"')))


@pytest.mark.clause("TS 34.229-1 §9.1")
@finds("response-after-bad-mac", algorithm=AKA, vector_of=bad_mac)
def test_a_response_to_a_wrong_mac(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(talk.register(), 403)


@finds(algorithm=AKA, agreement=True, vector_of=bad_mac)
def test_an_empty_response_to_a_wrong_mac_with_new_ports(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(
        talk.register(
            Authorization=talk.authorization(response='""'),
            Security_Client=CLIENT.replace("5062", "5072"),
            Security_Verify=None,
        ),
        403,
    )


@pytest.mark.clause("TS 34.229-1 §9.2")
@finds("no-auts-after-old-sqn", algorithm=AKA, vector_of=old_sqn)
def test_an_old_sequence_number_and_no_auts(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(talk.register(), 403)


@pytest.mark.clause("RFC 3329 §2.3.1")
@finds("sec-agree-missing", profile=SEC_AGREE)
def test_no_security_client(talk: Talk) -> None:
    talk.answer(talk.register(), 421)


@finds("sec-agree-missing", agreement=True)
def test_sec_agree_is_not_required(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.accept(talk.register(Proxy_Require=None))
    talk.subscribed()


@pytest.mark.clause("RFC 3329 §2.3.1")
@finds("wrong-security-verify", agreement=True)
def test_security_verify_is_not_security_server(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(talk.register(Security_Verify="ipsec-3gpp;q=0.1;alg=hmac-md5-96"), 494)


@finds("wrong-security-verify", agreement=True)
def test_security_verify_missing(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.answer(talk.register(Security_Verify=None), 494)


@finds("wrong-security-verify", agreement=True)
def test_security_verify_of_494_is_judged_too(talk: Talk) -> None:
    talk.answer(talk.register(), 494, {"Security-Server": "tls"})
    talk.challenge(talk.register(Security_Verify="digest"))


@finds("wrong-security-verify", agreement=True, algorithm=AKA)
def test_security_verify_of_a_refresh_is_judged_where_it_is_there(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.accept(talk.register(Security_Verify="tls"))


@pytest.mark.clause("TS 24.229 §5.1.1.5")
@finds("security-client-changed", agreement=True)
def test_another_security_client_after_401(talk: Talk) -> None:
    talk.challenge(talk.register())
    talk.accept(talk.register(Security_Client=CLIENT.replace("spi-c=1", "spi-c=9")))
    talk.subscribed()


@finds()
def test_behind_a_p_cscf_no_security_agreement_is_seen(talk: Talk) -> None:
    vias = "SIP/2.0/UDP pcscf.test;branch=z9hG4bKp{}, SIP/2.0/UDP [2001:db8::1]:5064;branch=z9hG4bKu{}"
    talk.challenge(talk.register(Via=vias.format(1, 1)), Security_Server="tls")
    talk.accept(talk.register(Via=vias.format(2, 2)))
    talk.subscribed()
