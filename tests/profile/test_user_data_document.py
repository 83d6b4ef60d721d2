"""Cx user data as we print them: read again, they say the same."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from scscf.profile.filter_criteria import (
    ApplicationServer,
    DefaultHandling,
    FilterCriterion,
    RegistrationType,
    ServiceProfile,
    SessionCase,
    Trial,
    Trigger,
)
from scscf.profile.normal_form import normal_form
from scscf.profile.pattern import compiled
from scscf.profile.service_profile import ImplicitSet, PublicIdentity, UserProfile
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
)
from scscf.profile.user_data import parse_user_data
from scscf.profile.user_data_document import user_data
from scscf.sip.message import make_request
from tests.profile.test_user_data import DOCUMENT

pytestmark = pytest.mark.clause("TS 29.228 annex E")

PATTERNS = st.sampled_from(["a", "^sip", "b<&>", "[[:digit:]]+"]).map(compiled)
NAMES = st.sampled_from(["Accept", "^p-.*"]).map(lambda text: compiled(text, ignore_case=True))
CONDITIONS = st.one_of(
    st.builds(MethodIs, st.sampled_from(["INVITE", "REGISTER"])),
    st.builds(RegistrationIs, st.frozensets(st.sampled_from(RegistrationType), min_size=1)),
    st.builds(SessionCaseIs, st.frozensets(st.sampled_from(SessionCase), min_size=1, max_size=3)),
    st.builds(RequestUri, PATTERNS),
    st.builds(Header, NAMES, st.none() | PATTERNS),
    st.builds(SessionDescription, st.just(compiled("m")), st.none() | PATTERNS),
)
TRIGGERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)
TEXTS = st.text("ab<>&\"'é", min_size=1, max_size=5)
SERVERS = st.builds(
    ApplicationServer,
    st.just("sip:as.home1.test;lr"),
    st.sampled_from(DefaultHandling),
    st.none() | TEXTS,
    st.booleans(),
    st.booleans(),
)
CRITERIA = st.lists(
    st.builds(FilterCriterion, st.integers(0, 9), SERVERS, st.none() | TRIGGERS, st.sampled_from([None, True, False])),
    min_size=1,
    max_size=3,
    unique_by=lambda criterion: criterion.priority,
).map(lambda criteria: tuple(sorted(criteria, key=lambda criterion: criterion.priority)))
PROFILES = st.none() | st.builds(ServiceProfile, st.just("p"), CRITERIA)
NAMED = st.booleans(), st.none() | TEXTS
IDENTITIES = st.one_of(
    st.builds(PublicIdentity, st.sampled_from(["sip:a@h", "tel:+1"]), *NAMED, st.just(False), PROFILES),
    st.builds(PublicIdentity, st.just("sip:desk!.*!@h"), *NAMED, st.just(True), PROFILES),
)

SDP = b"m=audio\r\n"
TYPED = [("Content-Type", "application/sdp"), ("P-Charging-Vector", "a1")]
TRIALS = [
    Trial(make_request(method, uri, headers, SDP if headers is TYPED else b""), case, kind)
    for (method, kind), uri, headers, case in product(
        [("INVITE", None), *(("REGISTER", kind) for kind in RegistrationType)],
        ["sip:bob@a1.test", "tel:+1555"],
        [TYPED, [("Accept", "b")]],
        SessionCase,
    )
]


def as_tried(criterion: FilterCriterion) -> tuple[object, ...]:
    trigger = criterion.trigger
    return (*criterion._replace(trigger=None), [trigger is None or trigger.holds(trial) for trial in TRIALS])


def as_read(implicit_set: ImplicitSet) -> ImplicitSet:
    return parse_user_data(user_data(UserProfile("a@h", "a", (implicit_set,)), implicit_set)).implicit_set


@settings(max_examples=60)
@given(st.lists(IDENTITIES, min_size=1, max_size=4).map(tuple))
def test_what_is_written_is_read_again(before: ImplicitSet) -> None:
    for old, new in zip(before, as_read(before), strict=True):
        assert new._replace(service_profile=None) == old._replace(service_profile=None)
        assert (new.service_profile is None) is (old.service_profile is None)
        if old.service_profile is not None and new.service_profile is not None:
            pairs = zip(new.service_profile.criteria, old.service_profile.criteria, strict=True)
            assert all(as_tried(one) == as_tried(other) for one, other in pairs)


def test_an_hss_s_document_is_written_as_it_was_read() -> None:
    first = parse_user_data(DOCUMENT.encode())
    written = user_data(UserProfile(first.private_identity, "a", (first.implicit_set,)), first.implicit_set)
    again = parse_user_data(written)
    assert again.private_identity == first.private_identity
    assert [identity._replace(service_profile=None) for identity in again.implicit_set] == [
        identity._replace(service_profile=None) for identity in first.implicit_set
    ]
    assert [element.tag for element in etree.fromstring(written)] == ["PrivateID", "ServiceProfile", "ServiceProfile"]


def test_characters_that_xml_has_not_are_left_out() -> None:
    identity = PublicIdentity("sip:a@h", display_name="A\x00\x1b\ud800B")
    assert as_read((identity,))[0].display_name == "AB"


INVITE = MethodIs("INVITE")


@pytest.mark.parametrize("trigger", [All(()), Not(AnyOf(()))])
def test_a_criterion_that_user_data_have_no_word_for_is_left_out(trigger: Trigger) -> None:
    server = ApplicationServer("sip:as")
    criteria = (FilterCriterion(0, server, trigger), FilterCriterion(1, server))
    (found,) = as_read((PublicIdentity("sip:a@h", service_profile=ServiceProfile("p", criteria)),))
    assert found.service_profile is not None
    assert [criterion.priority for criterion in found.service_profile.criteria] == [1]


def test_the_shorter_normal_form_is_taken() -> None:
    rows = tuple(All(tuple(Header(compiled(f"{n}{m}")) for m in range(2))) for n in range(12))
    assert (normal_form(AnyOf(rows)).conjunctive, len(normal_form(AnyOf(rows)).groups)) == (False, 12)
    assert (normal_form(Not(AnyOf(rows))).conjunctive, len(normal_form(Not(AnyOf(rows))).groups)) == (True, 12)


def test_a_trigger_that_is_too_large_both_ways_has_no_normal_form() -> None:
    rows = tuple(All(tuple(Header(compiled(f"{n}{m}")) for m in range(2))) for n in range(12))
    columns = tuple(AnyOf(tuple(Header(compiled(f"x{n}{m}")) for m in range(2))) for n in range(12))
    with pytest.raises(ValueError, match="more than 1000 groups"):
        normal_form(All((AnyOf(rows), AnyOf((All(columns), INVITE)))))
