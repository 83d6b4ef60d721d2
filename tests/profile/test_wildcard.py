"""Wildcarded identities, and the distinct ones within their range."""

import pytest

from scscf.profile.pattern import PatternError
from scscf.profile.service_profile import PublicIdentity, UserProfile, identity_in
from scscf.profile.wildcard import example, matches, pattern_of

pytestmark = pytest.mark.clause("TS 23.003 §13.4A")

DESKS = "sip:desk!.*!@home1.test"
DISTINCT = PublicIdentity("sip:desk1@home1.test", display_name="Reception")
SET = (PublicIdentity("sip:office@home1.test"), PublicIdentity(DESKS, wildcarded=True), DISTINCT)


@pytest.mark.parametrize(
    ("wildcard", "aor", "meant"),
    [
        (DESKS, "sip:desk7@home1.test", True),
        (DESKS, "sip:desk@home1.test", True),
        (DESKS, "sip:desk7@home2.test", False),
        (DESKS, "sip:mydesk7@home1.test", False),
        ("sip:chat-!.*!@home1.test", "sip:chat-a.b@home1.test", True),
        ("tel:+1555![0-9]{4}!", "tel:+15550001", True),
        ("tel:+1555![0-9]{4}!", "tel:+155500011", False),
        ("sip:a.b!.!@home1.test", "sip:axb1@home1.test", False),
        ("tel:+1555![[:digit:]]{4}!", "tel:+15550001", True),
        ("sip:desk!a|b!@home1.test", "sip:deskb@home1.test", True),
        ("sip:desk!.*!@Home1.test", "sip:desk7@home1.test", True),
        ("sip:aa!b*!aa@home1.test", "sip:aaa@home1.test", False),
        ("no marks", "no marks", False),
    ],
)
def test_whom_a_wildcard_means(wildcard: str, aor: str, meant: bool) -> None:
    assert matches(wildcard, aor) is meant


@pytest.mark.parametrize("wildcard", ["sip:desk@home1.test", "sip:desk!@h", "sip:desk!!@h", "sip:!(!@h"])
def test_a_wildcard_has_an_expression_between_two_marks(wildcard: str) -> None:
    with pytest.raises(PatternError):
        pattern_of(wildcard)


def test_a_distinct_identity_goes_before_the_wildcard() -> None:
    assert identity_in(SET, "sip:desk1@home1.test") is DISTINCT
    assert identity_in(SET, "sip:desk2@home1.test") is SET[1]
    assert identity_in(SET, "sip:stranger@home1.test") is None


def test_who_matches_belongs_to_the_set() -> None:
    profile = UserProfile("office@home1.test", "office", (SET, (PublicIdentity("sip:other@home1.test"),)))

    assert profile.set_of("sip:desk2@home1.test") is SET
    assert profile.set_of("sip:other@home1.test") is profile.sets[1]
    assert profile.set_of("sip:nobody@home1.test") is None
    assert profile.identity("sip:desk1@home1.test") is DISTINCT
    assert profile.identity("sip:desk2@home1.test") is SET[1]
    assert profile.identity("sip:nobody@home1.test") is None


def test_it_is_shown_by_a_uri_that_matches() -> None:
    assert matches(DESKS, example(DESKS))
