import pytest

from hss_stub.procedures import STATE_AFTER, EmbeddedHss, RegistrationState
from hss_stub.subscribers import Removal, subscribers_of
from scscf.cx import AssignmentAnswer, AuthAnswer, Cx, DigestVector, Result, ServerAssignment
from scscf.yaml_file import parse_yaml

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
"""
BOB = ("bob@biloxi.example.com", "sip:bob@biloxi.example.com")
HA1 = "92cc8e2ad7ecdd6b98f13fa1170f5ea9"


@pytest.fixture
def hss():
    return EmbeddedHss(subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml")))


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
    hss = EmbeddedHss(subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml")))
    answer = mar(hss, *BOB, "atlanta.example.com")
    assert answer == AuthAnswer(Result.SUCCESS, "digest", (DigestVector("MD5", "atlanta.example.com", "bob", HA1),))
    assert mar(hss, *BOB, "atlanta.example.com") is answer


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


def test_aka_is_not_available_yet(hss):
    assert mar(hss, "aka@home1.test", "sip:two@home1.test").result is Result.AUTH_SCHEME_NOT_SUPPORTED


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
    assert removals == [Removal("u1@home1.test", ()), Removal("two@home1.test", ("sip:two@home1.test",))]
    assert mar(hss, *BOB).vectors != secret
    assert hss.registration_state("u1@home1.test", "sip:u1@home1.test") is RegistrationState.NOT_REGISTERED
    assert hss.registration_state("two@home1.test", "sip:tooth@home1.test") is RegistrationState.REGISTERED
    profile = sar(hss, "two@home1.test", "sip:tooth@home1.test", ServerAssignment.RE_REGISTRATION).profile
    assert [identity.uri for identity in profile.sets[0]] == ["sip:tooth@home1.test"]


def test_data_that_are_lost_leave_nobody_registered(hss):
    sar(hss, *BOB, ServerAssignment.REGISTRATION)
    hss.forget()
    assert hss.registration_state(*BOB) is RegistrationState.NOT_REGISTERED
