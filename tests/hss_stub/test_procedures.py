from random import Random

import pytest

from hss_stub.embedded import EmbeddedHss
from hss_stub.milenage import Milenage
from hss_stub.registration_states import STATE_AFTER, RegistrationState
from hss_stub.subscribers import Removal, demo_subscribers, subscribers_of
from hss_stub.vectors import Distortion
from scscf.cx import AssignmentAnswer, AuthAnswer, Cx, DigestVector, Result, ServerAssignment
from scscf.yaml_file import parse_yaml
from tests.hss_stub.phone import auts, sqn_of

SUBSCRIBERS = """
subscriptions:
  - private_identities: [{id: bob@biloxi.example.com, auth: {scheme: digest, username: bob, password: zanzibar}}]
    implicit_sets: [[sip:bob@biloxi.example.com], [sip:robert@biloxi.example.com]]
  - private_identities:
      - {id: two@home1.test, auth: {scheme: digest, password: x, algorithms: [SHA-256, MD5]}}
      - {id: ready@home1.test, auth: {scheme: digest, ha1: 92CC8E2AD7ECDD6B98F13FA1170F5EA9}}
      - {id: none@home1.test, auth: {scheme: none}}
      - {id: aka@home1.test, auth: {scheme: aka, k: &k 00000000000000000000000000000000, op: *k}}
    implicit_sets: [[sip:two@home1.test, sip:tooth@home1.test]]
  - range: [1, 100]
    private_identities: [{id: "u{n}@home1.test", auth: {scheme: digest, password: "pw{n}"}}]
    implicit_sets: [["sip:u{n}@home1.test"]]
  - private_identities: [{id: guest@home1.test, auth: {scheme: none}}]
    roaming: [Visited.test]
    implicit_sets:
      - - {id: sip:imsi@home1.test, barred: true}
        - sip:guest@home1.test
        - {id: "sip:desk!.*!@home1.test", wildcarded: true}
      - [{id: sip:lost@home1.test, barred: true}]
"""
BOB = ("bob@biloxi.example.com", "sip:bob@biloxi.example.com")
HA1 = "92cc8e2ad7ecdd6b98f13fa1170f5ea9"


@pytest.fixture
def hss():
    return EmbeddedHss(subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml")), Random(1).randbytes)


def run(coroutine):
    with pytest.raises(StopIteration) as caught:
        coroutine.send(None)
    return caught.value.value


def mar(hss, private_identity, public_identity, realm="home1.test"):
    return run(hss.multimedia_auth(private_identity, public_identity, realm))


def sar(hss, private_identity, public_identity, assignment):
    return run(hss.server_assignment(private_identity, public_identity, assignment))


def test_the_stub_is_an_hss(hss):
    assert_is_cx: Cx = hss
    assert assert_is_cx is hss


def test_a_password_is_told_as_its_hash():
    """H(bob:atlanta.example.com:zanzibar), as RFC 3665's users have it."""
    hss = EmbeddedHss(subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml")), Random(1).randbytes)
    answer = mar(hss, *BOB, "atlanta.example.com")
    assert answer == AuthAnswer(Result.SUCCESS, "digest", (DigestVector("MD5", "atlanta.example.com", "bob", HA1),))
    assert mar(hss, *BOB, "atlanta.example.com") is answer


@pytest.mark.clause("TS 29.228 §6.3")
def test_vectors_come_in_the_order_of_preference(hss):
    vectors = mar(hss, "two@home1.test", "sip:tooth@home1.test").vectors
    assert [(vector.algorithm, len(vector.ha1)) for vector in vectors] == [("SHA-256", 64), ("MD5", 32)]


def test_a_ready_hash_is_used_as_it_is_in_lower_case(hss):
    (vector,) = mar(hss, "ready@home1.test", "sip:two@home1.test").vectors
    assert vector == DigestVector("MD5", "home1.test", "ready@home1.test", HA1)


def test_users_of_a_range_have_their_own_secrets(hss):
    first, second = (mar(hss, f"u{n}@home1.test", f"sip:u{n}@home1.test").vectors[0].ha1 for n in (1, 2))
    assert first != second


def test_a_user_may_never_be_challenged(hss):
    assert mar(hss, "none@home1.test", "sip:two@home1.test") == AuthAnswer(Result.SUCCESS, "none")


PHONE = Milenage.of_op(bytes(16), bytes(16))
"""What the USIM of aka@home1.test reckons with."""


def next_vector(hss, failed=None):
    answer = run(hss.multimedia_auth("aka@home1.test", "sip:two@home1.test", "home1.test", failed))
    assert answer[:3] == (Result.SUCCESS, "aka", ())
    return answer.aka


def changed(hss, before, after):
    """Let the HSS read its file again, with something else in it."""
    assert before in SUBSCRIBERS
    hss.replace(subscribers_of(parse_yaml(SUBSCRIBERS.replace(before, after), "s.yaml")))


@pytest.mark.clause("TS 29.228 §6.3", "TS 33.102 §6.3")
def test_a_user_with_a_usim_gets_a_new_vector_each_time(hss):
    vectors = [next_vector(hss) for _ in range(3)]

    assert len({vector.rand for vector in vectors}) == 3
    assert [sqn_of(vector, PHONE) >> 5 for vector in vectors] == [1, 2, 3]


@pytest.mark.clause("TS 33.102 §6.3.5", "TS 29.228 §6.3")
def test_a_phone_that_is_ahead_sets_the_sequence_number_right(hss):
    before = next_vector(hss)

    after = next_vector(hss, auts(before, PHONE, 7_000_000 << 5))

    assert sqn_of(after, PHONE) >> 5 == 7_000_001
    assert after.rand != before.rand


@pytest.mark.clause("TS 33.102 §6.3.5")
def test_a_forged_auts_gets_the_vector_that_would_have_come_anyway(hss):
    before = next_vector(hss)
    forged = auts(before, PHONE, 7_000_000 << 5)

    assert sqn_of(next_vector(hss, forged._replace(auts=forged.auts[:-1] + b"?")), PHONE) >> 5 == 2


@pytest.mark.clause("TS 33.102 §6.3")
def test_sequence_numbers_outlive_a_loss_of_data_and_a_new_file_with_the_same_keys(hss):
    used = sqn_of(next_vector(hss), PHONE)

    hss.forget()
    changed(hss, "op: *k", 'sqn: "000000000001", op: *k')
    assert sqn_of(next_vector(hss), PHONE) >> 5 == (used >> 5) + 1

    changed(hss, "op: *k", "opc: 66e94bd4ef8a2c3b884cfa59ca342b2e")
    assert sqn_of(next_vector(hss), PHONE) >> 5 == (used >> 5) + 2


def test_other_keys_in_the_file_are_another_usim(hss):
    next_vector(hss)

    changed(hss, "op: *k", 'op: "11111111111111111111111111111111"')

    assert sqn_of(next_vector(hss), Milenage.of_op(bytes(16), bytes([0x11] * 16))) >> 5 == 1


@pytest.mark.clause("TS 33.102 §6.3")
def test_vectors_may_be_made_wrong_for_some_time(hss):
    last = sqn_of(next_vector(hss), PHONE)

    assert hss.distort("aka@home1.test", Distortion.OLD_SQN, 2)
    assert [sqn_of(next_vector(hss), PHONE) > last for _ in range(3)] == [False, False, True]

    assert hss.distort("aka@home1.test", Distortion.BAD_MAC)
    with pytest.raises(AssertionError):
        sqn_of(next_vector(hss), PHONE)
    sqn_of(next_vector(hss), PHONE)


def test_only_who_has_a_usim_can_get_vectors_made_wrong(hss):
    assert not hss.distort("nobody@home1.test", Distortion.BAD_MAC)
    assert not hss.distort("two@home1.test", Distortion.BAD_MAC)


@pytest.mark.clause("TS 29.228 §6.1.1")
@pytest.mark.parametrize(
    ("private_identity", "public_identity", "visited_network", "emergency", "result"),
    [
        ("nobody@home1.test", "sip:two@home1.test", None, False, Result.USER_UNKNOWN),
        ("two@home1.test", "sip:bob@biloxi.example.com", None, False, Result.IDENTITIES_DONT_MATCH),
        ("two@home1.test", "sip:two@home1.test", None, False, Result.SUCCESS),
        ("two@home1.test", "sip:two@home1.test", "anywhere.test", False, Result.SUCCESS),
        ("guest@home1.test", "sip:guest@home1.test", None, False, Result.SUCCESS),
        ("guest@home1.test", "sip:guest@home1.test", "visited.test", False, Result.SUCCESS),
        ("guest@home1.test", "sip:guest@home1.test", "elsewhere.test", False, Result.ROAMING_NOT_ALLOWED),
        ("guest@home1.test", "sip:guest@home1.test", "elsewhere.test", True, Result.SUCCESS),
        ("guest@home1.test", "sip:imsi@home1.test", None, False, Result.SUCCESS),
        ("guest@home1.test", "sip:lost@home1.test", None, False, Result.AUTHORIZATION_REJECTED),
        ("guest@home1.test", "sip:lost@home1.test", None, True, Result.SUCCESS),
        ("guest@home1.test", "sip:desk7@home1.test", None, False, Result.SUCCESS),
        ("guest@home1.test", "sip:chair7@home1.test", None, False, Result.IDENTITIES_DONT_MATCH),
    ],
)
def test_who_may_register_what_and_where(hss, private_identity, public_identity, visited_network, emergency, result):
    answer = run(hss.user_authorization(private_identity, public_identity, visited_network, emergency))

    assert answer is result


@pytest.mark.clause("TS 23.003 §13.4A")
def test_an_identity_that_a_wildcard_stands_for_belongs_to_its_set(hss):
    desk = ("guest@home1.test", "sip:desk7@home1.test")
    assert mar(hss, *desk).result is Result.SUCCESS

    sar(hss, *desk, ServerAssignment.REGISTRATION)

    assert hss.registration_state("guest@home1.test", "sip:guest@home1.test") is RegistrationState.REGISTERED
    assert hss.registration_state("guest@home1.test", "sip:lost@home1.test") is RegistrationState.NOT_REGISTERED


@pytest.mark.clause("TS 24.229 §5.4.1.2.2", "TS 35.206 §4.1")
def test_the_demo_phone_without_isim_registers_an_identity_that_is_barred():
    hss = EmbeddedHss(demo_subscribers(), Random(1).randbytes)
    phone = Milenage.of_op(
        bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc"), bytes.fromhex("cdc202d5123e20f62b6d676ac72cb318")
    )
    erin = ("001010000000001@home1.test", "sip:001010000000001@home1.test")

    assert run(hss.user_authorization(*erin, None, False)) is Result.SUCCESS
    assert sqn_of(mar(hss, *erin).aka, phone)
    profile = sar(hss, *erin, ServerAssignment.REGISTRATION).profile
    assert [(identity.uri, identity.barred) for identity in profile.sets[0]] == [
        (erin[1], True),
        ("sip:erin@home1.test", False),
        ("tel:+15550001", False),
    ]


@pytest.mark.parametrize(
    ("private_identity", "public_identity", "result"),
    [
        ("nobody@home1.test", "sip:two@home1.test", Result.USER_UNKNOWN),
        ("u101@home1.test", "sip:u101@home1.test", Result.USER_UNKNOWN),
        ("two@home1.test", "sip:bob@biloxi.example.com", Result.IDENTITIES_DONT_MATCH),
        ("u1@home1.test", "sip:u2@home1.test", Result.IDENTITIES_DONT_MATCH),
        ("", "", Result.USER_UNKNOWN),
    ],
)
def test_strangers_and_foreign_identities_are_refused(hss, private_identity, public_identity, result):
    assert mar(hss, private_identity, public_identity).result is result
    assert sar(hss, private_identity, public_identity, ServerAssignment.REGISTRATION) == AssignmentAnswer(result)


def test_a_registration_brings_the_profile_and_is_remembered(hss):
    answer = sar(hss, *BOB, ServerAssignment.REGISTRATION)
    assert answer.result is Result.SUCCESS
    assert answer.profile.set_of(BOB[1]) is not None
    assert hss.registration_state(*BOB) is RegistrationState.REGISTERED
    again = sar(hss, *BOB, ServerAssignment.RE_REGISTRATION)
    assert again.profile is answer.profile


def test_sets_are_registered_one_by_one(hss):
    sar(hss, *BOB, ServerAssignment.REGISTRATION)
    assert hss.registration_state(BOB[0], "sip:robert@biloxi.example.com") is RegistrationState.NOT_REGISTERED
    sar(hss, BOB[0], "sip:robert@biloxi.example.com", ServerAssignment.REGISTRATION)
    sar(hss, *BOB, ServerAssignment.USER_DEREGISTRATION)
    assert hss.registration_state(*BOB) is RegistrationState.NOT_REGISTERED
    assert hss.registration_state(BOB[0], "sip:robert@biloxi.example.com") is RegistrationState.REGISTERED


@pytest.mark.parametrize("assignment", list(ServerAssignment))
@pytest.mark.parametrize("before", [ServerAssignment.REGISTRATION, ServerAssignment.USER_DEREGISTRATION])
def test_every_assignment_leaves_the_state_of_the_table(hss, before, assignment):
    assert sar(hss, *BOB, before).result is Result.SUCCESS
    state = hss.registration_state(*BOB)
    answer = sar(hss, *BOB, assignment)
    assert answer.result is Result.SUCCESS
    assert hss.registration_state(*BOB) is (STATE_AFTER[assignment] or state)


def test_the_table_is_total():
    assert set(STATE_AFTER) == set(ServerAssignment)


def test_a_deregistration_brings_no_profile(hss):
    sar(hss, *BOB, ServerAssignment.REGISTRATION)
    assert sar(hss, *BOB, ServerAssignment.TIMEOUT_DEREGISTRATION) == AssignmentAnswer(Result.SUCCESS)


def test_an_unregistered_user_needs_no_private_identity(hss):
    answer = sar(hss, "", BOB[1], ServerAssignment.UNREGISTERED_USER)
    assert answer.profile.private_identity == BOB[0]
    assert hss.registration_state(*BOB) is RegistrationState.UNREGISTERED


def test_who_logs_in_is_told_registered_or_not(hss):
    assert run(hss.identify("bob", BOB[1], "atlanta.example.com")) == BOB[0]
    sar(hss, *BOB, ServerAssignment.REGISTRATION)
    assert run(hss.identify(BOB[0], BOB[1], "atlanta.example.com")) == BOB[0]
    assert run(hss.identify("mallory", BOB[1], "atlanta.example.com")) is None
    assert run(hss.default_private_identity(BOB[1])) == BOB[0]


def test_another_file_takes_from_those_who_are_registered(hss):
    for n in (1, 2):
        sar(hss, f"u{n}@home1.test", f"sip:u{n}@home1.test", ServerAssignment.REGISTRATION)
    sar(hss, "two@home1.test", "sip:tooth@home1.test", ServerAssignment.REGISTRATION)
    text = SUBSCRIBERS.replace("[1, 100]", "[2, 100]").replace("sip:two@home1.test, ", "").replace("zanzibar", "new")
    secret = mar(hss, *BOB).vectors
    removals = hss.replace(subscribers_of(parse_yaml(text, "s.yaml")))
    assert removals == [Removal("u1@home1.test", ())]
    assert mar(hss, *BOB).vectors != secret
    assert hss.registration_state("u1@home1.test", "sip:u1@home1.test") is RegistrationState.NOT_REGISTERED
    assert hss.registration_state("two@home1.test", "sip:tooth@home1.test") is RegistrationState.REGISTERED
    profile = sar(hss, "two@home1.test", "sip:tooth@home1.test", ServerAssignment.RE_REGISTRATION).profile
    assert [identity.uri for identity in profile.sets[0]] == ["sip:tooth@home1.test"]


def test_data_that_are_lost_leave_nobody_registered(hss):
    sar(hss, *BOB, ServerAssignment.REGISTRATION)
    hss.forget()
    assert hss.registration_state(*BOB) is RegistrationState.NOT_REGISTERED
