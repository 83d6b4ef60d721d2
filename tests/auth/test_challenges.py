"""Which nonce is good for whom, how long and how often (RFC 7616 §3.4, RFC 3261 §22.4)."""

import pytest

from scscf.auth.aka_challenges import AkaChallenge, AkaChallenges
from scscf.auth.challenges import Challenge, Challenges, is_right, vector_for
from scscf.auth.digest import expected_response, hash_ha1
from scscf.cx import AkaVector, AuthAnswer, DigestVector, Result
from scscf.sip.credentials import Credentials

PHONE, PAGER, TOBIAS = "phone@home1.test", "pager@home1.test", "sip:tobias@home1.test"
REALM = "home1.test"
MD5 = DigestVector("MD5", REALM, PHONE, hash_ha1("MD5", PHONE, REALM, "secret"))
SHA = DigestVector("SHA-256", REALM, PHONE, hash_ha1("SHA-256", PHONE, REALM, "secret"))


def challenge(challenges: Challenges, nonce: str = "n1", at: float = 0.0, who: str = PHONE) -> Challenge:
    return challenges.open(nonce, who, TOBIAS, (MD5,), at, named=True)


def credentials(nc: str | None = "00000001", vector: DigestVector = MD5, **params: str) -> Credentials:
    """Return right credentials."""
    known = {"username": PHONE, "realm": REALM, "nonce": "n1", "uri": "sip:home1.test", "algorithm": vector.algorithm}
    if nc is not None:
        known |= {"qop": "auth", "nc": nc, "cnonce": "c"}
    known |= params
    unanswered = Credentials("digest", known)
    response = expected_response(unanswered, vector.ha1, "REGISTER", b"")
    return Credentials("digest", {"response": response, **known})


def test_a_right_response_is_right_in_either_case() -> None:
    right = credentials()
    shouted = Credentials("digest", {**right.params, "response": right.params["response"].upper()})

    assert is_right(right, (MD5,), "REGISTER", b"")
    assert is_right(shouted, (MD5,), "REGISTER", b"")


@pytest.mark.parametrize(
    "wrong",
    [
        {"response": "0" * 32},
        {"response": ""},
        {"response": "\udcff"},
        {"username": PAGER},
        {"uri": "sip:elsewhere.test"},
        {"algorithm": "SHA-256"},
        {"algorithm": "AKAv1-MD5"},
    ],
)
def test_anything_else_is_wrong(wrong: dict[str, str]) -> None:
    given = Credentials("digest", {**credentials().params, **wrong})

    assert not is_right(given, (MD5,), "REGISTER", b"")


def test_another_method_is_wrong() -> None:
    assert not is_right(credentials(), (MD5,), "SUBSCRIBE", b"")


def test_the_vector_of_the_algorithm_that_the_client_chose_is_taken() -> None:
    assert vector_for(credentials(vector=SHA), (SHA, MD5)) is SHA
    assert vector_for(credentials(), (SHA, MD5)) is MD5
    assert vector_for(credentials(), (SHA,)) is None
    assert vector_for(credentials(algorithm="md5-SESS"), (SHA, MD5)) is MD5


@pytest.mark.clause("RFC 7616 §3.3")
def test_a_nonce_is_found_by_the_user_it_was_given_to_until_it_runs_out() -> None:
    challenges = Challenges(300)
    opened = challenge(challenges)

    assert challenges.find("n1", PHONE, 299.9) is opened
    assert challenges.find("n1", PAGER, 10) is None
    assert challenges.find("n2", PHONE, 10) is None
    assert challenges.find("n1", PHONE, 300) is None


def test_a_nonce_that_named_nobody_is_bound_to_who_answers_it_first() -> None:
    challenges = Challenges(300)
    opened = challenges.open("n1", PAGER, TOBIAS, (), 0, named=False)
    assert challenges.find("n1", PHONE, 1) is opened

    challenges.adopt(opened, PHONE, (MD5,))

    assert challenges.find("n1", PHONE, 1) is opened
    assert challenges.find("n1", PAGER, 1) is None
    assert (challenges.withdraw(PAGER), challenges.withdraw(PHONE)) == (0, 1)


@pytest.mark.clause("RFC 7616 §3.4")
@pytest.mark.parametrize(
    ("counts", "taken"),
    [
        (["00000001", "00000002", "00000003"], [True, True, True]),
        (["00000001", "00000001"], [True, False]),
        (["00000005", "00000004", "00000006"], [True, False, True]),
        (["00000000"], [False]),
        (["FFFFFFFF", "00000001"], [True, False]),
    ],
)
def test_the_nonce_count_has_to_rise(counts: list[str], taken: list[bool]) -> None:
    challenges = Challenges(300)
    opened = challenge(challenges)

    assert [challenges.take(opened, credentials(count), "a@ue", 1) for count in counts] == taken


def test_without_qop_a_pair_of_call_id_and_cseq_serves_once() -> None:
    challenges = Challenges(300)
    opened = challenge(challenges)
    pairs = [("a@ue", 1), ("a@ue", 2), ("a@ue", 1), ("b@ue", 1)]

    assert [challenges.take(opened, credentials(None), *pair) for pair in pairs] == [True, True, False, True]


def test_without_qop_a_nonce_serves_so_many_requests_and_no_more() -> None:
    challenges = Challenges(300)
    opened = challenge(challenges)
    taken = [challenges.take(opened, credentials(None), "a@ue", cseq) for cseq in range(Challenges.PAIRS + 10)]

    assert taken == [True] * Challenges.PAIRS + [False] * 10


def test_the_oldest_nonce_of_an_identity_makes_room() -> None:
    challenges = Challenges(300)
    for number in range(Challenges.PER_IDENTITY + 2):
        challenge(challenges, f"n{number}")
    challenge(challenges, "other", who=PAGER)

    assert len(challenges) == Challenges.PER_IDENTITY + 1
    assert challenges.find("n1", PHONE, 1) is None
    assert challenges.find("n2", PHONE, 1) is not None
    assert challenges.find("other", PAGER, 1) is not None


def test_the_oldest_nonce_of_all_makes_room() -> None:
    challenges = Challenges(300, limit=100)
    for number in range(150):
        challenge(challenges, f"n{number}", who=f"u{number}")

    assert len(challenges) == 100
    assert challenges.find("n49", "u49", 1) is None
    assert challenges.find("n50", "u50", 1) is not None


def test_what_has_run_out_is_swept_when_another_one_opens() -> None:
    challenges = Challenges(300)
    for number in range(10):
        challenge(challenges, f"n{number}", at=number, who=f"u{number}")

    challenge(challenges, "new", at=305.5)

    assert len(challenges) == 5


def test_a_withdrawn_identity_is_challenged_anew() -> None:
    challenges = Challenges(300)
    challenge(challenges, "n1")
    challenge(challenges, "n2")

    assert challenges.withdraw(PHONE) == 2
    assert challenges.find("n1", PHONE, 1) is None
    assert challenges.withdraw(PHONE) == 0


def test_failures_in_a_row_are_counted_within_a_nonce_s_life() -> None:
    challenges = Challenges(300)

    assert [challenges.failed(PHONE, at) for at in (0, 10, 299)] == [1, 2, 3]
    assert challenges.failed(PHONE, 600) == 1
    challenges.succeeded(PHONE)
    assert challenges.failed(PHONE, 601) == 1


def test_failures_are_bounded() -> None:
    challenges = Challenges(300)
    for number in range(Challenges.FAILURES + 100):
        challenges.failed(f"u{number}", 0)

    assert challenges.failed("u0", 1) == 1
    assert challenges.failed(f"u{Challenges.FAILURES}", 1) == 2


def test_everything_can_be_forgotten() -> None:
    challenges = Challenges(300)
    challenge(challenges)
    challenges.failed(PHONE, 0)

    assert challenges.clear() == 1
    assert len(challenges) == 0
    assert challenges.failed(PHONE, 1) == 1


def aka(private_identity: str, nonce: str = "n") -> AkaChallenge:
    vector = AkaVector(bytes(16), bytes(16), bytes(8), bytes(16), bytes(16))
    return AkaChallenge(nonce, private_identity, "sip:erin@home1.test", "call", "AKAv1-MD5", vector)


@pytest.mark.clause("TS 24.229 §5.4.1.2.1A")
def test_a_private_identity_has_one_aka_challenge_at_a_time() -> None:
    challenges = AkaChallenges()
    first, second = aka("erin", "1"), aka("erin", "2")

    assert challenges.open(first) == []
    assert challenges.open(second) == [first]
    assert challenges.find("erin") is second
    assert challenges.find("frank") is None
    assert challenges.close("erin") is second
    assert challenges.close("erin") is None
    assert len(challenges) == 0


def test_of_too_many_aka_challenges_the_oldest_makes_room() -> None:
    challenges = AkaChallenges(limit=2)
    opened = [aka(name) for name in ("a", "b", "c")]

    assert [challenges.open(each) for each in opened] == [[], [], [opened[0]]]
    assert challenges.clear() == opened[1:]
    assert len(challenges) == 0


def test_what_is_shown_of_an_aka_challenge_has_no_secret_in_it() -> None:
    vector = AkaVector(bytes(16), bytes(16), b"secret!!", b"secret!!" * 2, b"secret!!" * 2)

    shown = repr(AuthAnswer(Result.SUCCESS, "aka", aka=vector)) + str(vector)

    assert "secret" not in shown
    assert "736563726574" not in shown
