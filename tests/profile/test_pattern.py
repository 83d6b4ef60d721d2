"""Patterns of filter criteria: what they find, what is none, and that none takes for ever."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.profile.pattern import LONGEST, LONGEST_TEXT, PatternError, compiled, finds

pytestmark = pytest.mark.clause("TS 29.228 annex F")


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("UTRAN", "3GPP-UTRAN-FDD", True),
        (".*UTRAN.*", "3GPP-UTRAN-FDD", True),
        ("^3GPP", "3GPP-UTRAN-FDD", True),
        ("^UTRAN", "3GPP-UTRAN-FDD", False),
        ("FDD$", "3GPP-UTRAN-FDD", True),
        ("^$", "", True),
        ("^$", "a", False),
        ("[[:digit:]]{3}", "a123", True),
        ("[[:digit:]]{3}", "a12", False),
        ("^[[:alpha:]]{2,}$", "ab1", False),
        ("^a{1,2}$", "aaa", False),
        ("[[:alpha:]]+-[[:alpha:]]+", "12-34", False),
        (r"a\.*b", "a..b", True),
        (r"\d\D\w\s\S", "1a_ b", True),
        (r"[\d.]\t", "a.\t", True),
        ("[]a]", "]", True),
        ("[^]a]", "]a", False),
        ("[a-]", "-", True),
        ("(sip|tel):", "tel:+1", True),
        ("(?:sip|tel)?:", ":", True),
        ("a*?b", "aab", True),
        ("()*", "", True),
        ("", "anything", True),
    ],
)
def test_what_a_pattern_finds(pattern: str, text: str, found: bool) -> None:
    assert finds(compiled(pattern), text) is found


@pytest.mark.parametrize("pattern", ["accept", "^accept$", "[[:lower:]]{6}", "a[^x]+t"])
def test_case_counts_unless_it_does_not(pattern: str) -> None:
    assert not finds(compiled(pattern), "ACCEPT")
    assert finds(compiled(pattern, ignore_case=True), "ACCEPT")


@pytest.mark.parametrize(
    "pattern",
    [
        *("[", "(", ")", "*", "a|*", "[[:letter:]]", "[b-a]", r"[\D]"),
        *("a{", "a{1", "a{2,1}", "a{1000}", "\\", r"\1", "(?=a)"),
        *("a" * (LONGEST + 1), "(" * 40, "a" + "*" * 100, "((a{255}){255}){255}", "((((){255}){255}){255}){255}"),
    ],
)
def test_what_is_no_pattern_or_too_large_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "a?" * 30 + "a" * 30 + "b", "(.*a){12}b", "a*a*a*a*a*b"])
def test_what_would_take_for_ever_elsewhere_does_not_here(pattern: str) -> None:
    assert not finds(compiled(pattern), "a" * LONGEST_TEXT)


def test_what_lies_beyond_the_limit_is_not_looked_at() -> None:
    assert not finds(compiled("z$"), "a" * LONGEST_TEXT + "z")
    assert not compiled("a*").is_all_of("a" * (LONGEST_TEXT + 1))


def test_many_different_texts_are_forgotten_again() -> None:
    pattern = compiled("x.{9}y")
    for number in range(3000):
        assert not pattern.finds(f"x{number:012b}x")
    assert pattern.finds("x123456789y")


def test_patterns_are_equal_by_what_was_written() -> None:
    assert compiled("a.b") == compiled("a.b")
    assert compiled("a.b") != compiled("a.b", ignore_case=True)
    assert len({compiled("a.b"), compiled("a.b"), compiled("a")}) == 2
    assert repr(compiled("a")) == "Pattern('a', ignore_case=False)"


PIECES = [
    *("a", "b", ".", "[ab]", "[^a]", "(a|b1)", "(?:ab)"),
    *("(b|)", "a*", "[a1]+", "(ab)?", "b{2}", "(a|b){1,2}", "1{1,}"),
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=6), st.booleans(), st.booleans(), st.text("ab1", max_size=8))
def test_it_finds_what_the_usual_regular_expressions_find(pieces: list[str], start: bool, end: bool, text: str) -> None:
    pattern = "^" * start + "".join(pieces) + "$" * end
    assert finds(compiled(pattern), text) is (re.search(pattern, text) is not None)
    assert compiled(pattern).is_all_of(text) is (re.fullmatch(pattern, text) is not None)
