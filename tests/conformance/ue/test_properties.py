"""What holds of the judge of UEs whatever comes."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.conformance.ue.judge import UeJudge
from scscf.conformance.ue.profile import PLAIN, UeProfile, Vector
from scscf.sip.message import Request, Response
from scscf.sip.parser import Unparseable, parse_message
from tests.conformance.ue.bad_ue import VICES, BadTalk, BadUe
from tests.conformance.ue.good_ue import GoodUe
from tests.conformance.ue.talk import AOR, IMPI, Talk


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("profile", [UeProfile(), PLAIN, UeProfile(aka=True, sec_agree=True)])
def test_a_good_ue_is_never_blamed(seed: int, profile: UeProfile) -> None:
    algorithm = "AKAv1-MD5" if profile.aka else "MD5"
    talk = Talk(profile, algorithm=algorithm, agreement=profile.sec_agree, vector_of=lambda nonce: Vector.GOOD)
    ue = GoodUe(talk, seed, profile)
    ue.play(60)
    talk.findings += talk.judge.end(talk.now)

    assert talk.findings == []


@pytest.mark.parametrize("vice", VICES)
def test_a_ue_with_one_vice_is_blamed_for_that_and_nothing_else(vice: str) -> None:
    seen: set[str] = set()
    for seed in range(12):
        talk = BadTalk()
        BadUe(talk, seed, UeProfile(), vice).play(60)
        seen |= set(talk.names)

    assert seen == {vice}


FIELDS = (
    *("Contact", "Expires", "Authorization", "Event", "Route", "Min-Expires", "Retry-After", "WWW-Authenticate"),
    *("Security-Server", "Security-Verify", "Subscription-State", "Service-Route", "P-Associated-URI"),
)


class Kept(Talk):
    """A talk that keeps what was said."""

    def see(self, direction: str, message: Request | Response) -> None:
        self.said.append((direction, message.to_bytes(), self.now))
        super().see(direction, message)

    said: list[tuple[str, bytes, float]]


def some_talk(seed: int) -> list[tuple[str, bytes, float]]:
    talk = Kept()
    talk.said = []
    GoodUe(talk, seed, UeProfile()).play(30)
    return talk.said


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_broken_or_left_out_the_judge_goes_on(seed: int) -> None:
    random = Random(seed)
    judge = UeJudge(AOR, IMPI)
    for direction, data, now in some_talk(seed):
        octets = bytearray(data)
        for _ in range(random.choice((0, 0, 1, 3))):
            octets[random.randrange(len(octets))] = random.randrange(256)
        if random.random() < 0.1:
            continue
        try:
            message = parse_message(bytes(octets))
        except Unparseable:
            continue
        for finding in judge.observe(direction, message, now):
            assert finding.at <= now
    judge.end(1e9)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["in", "out"]),
            st.sampled_from(["REGISTER", "SUBSCRIBE", "NOTIFY"]),
            st.sampled_from([0, 200, 401, 423, 503]),
            st.lists(
                st.tuples(
                    st.sampled_from(
                        [
                            "Contact",
                            "Expires",
                            "Authorization",
                            "Event",
                            "Route",
                            "Min-Expires",
                            "Retry-After",
                            "WWW-Authenticate",
                            "Security-Server",
                            "Security-Verify",
                            "Subscription-State",
                            "Service-Route",
                        ]
                    ),
                    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
                ),
                max_size=4,
            ),
            st.integers(0, 3),
        ),
        max_size=12,
    )
)
def test_no_field_of_any_kind_stops_the_judge(
    messages: list[tuple[str, str, int, list[tuple[str, str]], int]],
) -> None:
    judge = UeJudge(AOR, IMPI)
    for now, (direction, method, status, fields, cseq) in enumerate(messages):
        headers = [
            ("Via", f"SIP/2.0/UDP h;branch=z9hG4bK{now}"),
            ("From", f"<{AOR}>;tag=1"),
            ("To", f"<{AOR}>;tag=1"),
            ("Call-ID", "a@ue"),
            ("CSeq", f"{cseq} {method}"),
            *fields,
        ]
        message = Response(status, "", headers) if status else Request(method, "sip:home1.test", headers)
        judge.observe(direction, message, float(now))
    judge.end(1e9)
