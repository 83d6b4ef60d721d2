"""Which requests meet which criteria, in which order."""

import pytest

from scscf.profile.filter_criteria import (
    ApplicationServer,
    FilterCriterion,
    RegistrationType,
    ServiceProfile,
    SessionCase,
    Trial,
    matching,
)
from scscf.profile.pattern import compiled
from scscf.profile.trigger import (
    All,
    AnyOf,
    Header,
    MethodIs,
    Not,
    RegistrationIs,
    RequestUri,
    SessionCaseIs,
    SessionDescription,
    in_groups,
)
from scscf.sip.message import Request, make_request

pytestmark = pytest.mark.clause("TS 29.228 annex C")

SDP = b"v=0\r\nm=video 4000 RTP/AVP 96\r\na=rtpmap:96 H264\r\n"


def request(method: str = "INVITE", uri: str = "sip:bob@home1.test:5070", body: bytes = b"") -> Request:
    headers = [("Via", "SIP/2.0/UDP h;branch=z9hG4bKa"), ("P-Access-Network-Info", "3GPP-UTRAN-TDD"), ("Accept", "a/b")]
    return make_request(method, uri, headers + ([("Content-Type", "application/sdp")] if body else []), body)


def trial(case: SessionCase = SessionCase.ORIGINATING_REGISTERED, **more: object) -> Trial:
    return Trial(request(**more), case)  # type: ignore[arg-type]


TRUE, FALSE = MethodIs("INVITE"), MethodIs("invite")


@pytest.mark.parametrize(
    ("trigger", "holds"),
    [
        (TRUE, True),
        (FALSE, False),
        (Not(FALSE), True),
        (All((TRUE, TRUE)), True),
        (All((TRUE, FALSE)), False),
        (AnyOf((FALSE, TRUE)), True),
        (AnyOf(()), False),
        (RequestUri(compiled("home1")), True),
        (RequestUri(compiled("5070$")), True),
        (RequestUri(compiled("bob")), False),
        (Header(compiled("accept", ignore_case=True)), True),
        (Header(compiled("^p-access-network-info$", ignore_case=True), compiled("UTRAN")), True),
        (Header(compiled("accept", ignore_case=True), compiled("UTRAN")), False),
        (SessionCaseIs(frozenset({SessionCase.ORIGINATING_REGISTERED})), True),
        (SessionCaseIs(frozenset({SessionCase.TERMINATING_REGISTERED})), False),
        (SessionDescription(compiled("m"), compiled("video")), False),
        (RegistrationIs(frozenset(RegistrationType)), False),
    ],
)
def test_a_condition(trigger: object, holds: bool) -> None:
    assert trigger.holds(trial()) is holds  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "content", "holds"), [("m", "video", True), ("m", None, True), ("a", "H264", True), ("m", "audio", False)]
)
def test_a_condition_on_the_session_description(line: str, content: str | None, holds: bool) -> None:
    condition = SessionDescription(compiled(line), None if content is None else compiled(content))
    assert condition.holds(trial(body=SDP)) is holds


def test_the_number_of_a_tel_uri_counts() -> None:
    assert RequestUri(compiled(r"^\+1555")).holds(trial(uri="tel:+15550001"))


def test_a_request_uri_that_is_none_meets_no_condition() -> None:
    assert not RequestUri(compiled("")).holds(trial(uri="sip:"))


@pytest.mark.parametrize("kind", RegistrationType)
def test_the_kind_of_a_registration(kind: RegistrationType) -> None:
    asked = Trial(request("REGISTER"), SessionCase.ORIGINATING_REGISTERED, kind)
    for condition in (MethodIs("REGISTER", frozenset({kind})), RegistrationIs(frozenset({kind}))):
        assert condition.holds(asked)
    others = frozenset(RegistrationType) - {kind}
    assert not MethodIs("REGISTER", others).holds(asked)
    assert MethodIs("REGISTER").holds(asked)


@pytest.mark.parametrize(
    ("conjunctive", "groups", "holds"),
    [
        (True, [(1, TRUE), (1, FALSE), (2, TRUE)], True),
        (True, [(1, TRUE), (2, FALSE)], False),
        (False, [(1, TRUE), (1, FALSE), (2, TRUE)], True),
        (False, [(1, TRUE), (1, FALSE), (2, FALSE)], False),
    ],
)
def test_normal_forms(conjunctive: bool, groups: list[tuple[int, MethodIs]], holds: bool) -> None:
    conditions = tuple((frozenset({number}), condition) for number, condition in groups)
    assert in_groups(conditions, conjunctive=conjunctive).holds(trial()) is holds


def test_a_condition_may_be_in_several_groups() -> None:
    conditions = ((frozenset({1, 2}), TRUE), (frozenset({1}), FALSE), (frozenset({2}), TRUE))
    assert in_groups(conditions, conjunctive=False).holds(trial())


def criterion(priority: int, trigger: object = None, part: bool | None = None) -> FilterCriterion:
    return FilterCriterion(priority, ApplicationServer(f"sip:as{priority}@home1.test"), trigger, part)  # type: ignore[arg-type]


@pytest.mark.clause("TS 29.228 annex C", "TS 29.228 §B.2.2")
def test_criteria_are_met_in_their_order_and_by_their_part_of_the_profile() -> None:
    profile = ServiceProfile(
        "p", (criterion(0, FALSE), criterion(1), criterion(2, TRUE, True), criterion(3, TRUE, False))
    )

    def met(case: SessionCase) -> list[int]:
        return [each.priority for each in matching(profile, request(), case)]

    assert met(SessionCase.ORIGINATING_REGISTERED) == [1, 2]
    assert met(SessionCase.TERMINATING_UNREGISTERED) == [1, 3]
    assert list(matching(None, request(), SessionCase.ORIGINATING_REGISTERED)) == []
