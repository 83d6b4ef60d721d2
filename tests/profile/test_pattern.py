"""Patterns of filter criteria: what they find, and what is refused before it can take for ever."""

import pytest

from scscf.profile.pattern import LONGEST, PatternError, compiled, finds


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("UTRAN", "3GPP-UTRAN-FDD", True),
        (".*UTRAN.*", "3GPP-UTRAN-FDD", True),
        ("^3GPP", "3GPP-UTRAN-FDD", True),
        ("FDD$", "3GPP-UTRAN-FDD", True),
        ("[[:digit:]]{3}", "a123", True),
        ("[[:alpha:]]+-[[:alpha:]]+", "12-34", False),
        (r"a\.*b", "a..b", True),
        ("(sip|tel):", "tel:+1", True),
        ("", "anything", True),
    ],
)
def test_what_a_pattern_finds(pattern: str, text: str, found: bool) -> None:
    assert finds(compiled(pattern), text) is found


def test_case_counts_unless_it_does_not() -> None:
    assert not finds(compiled("accept"), "Accept")
    assert finds(compiled("accept", ignore_case=True), "Accept")


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|a)*b", "((a*)b)*", "a*b*c*d*e", "[", "(", "*", "[[:letter:]]", "a" * (LONGEST + 1), "(a{2,})*"],
)
def test_what_may_take_for_ever_or_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


def test_what_lies_beyond_the_limit_is_not_looked_at() -> None:
    assert not finds(compiled("z"), "a" * LONGEST + "z")
