import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.profile.expression import PatternError
from scscf.rules.substitution import pattern_of, substitute


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "result"),
    [
        ("a", "b", "banana", "bbnbnb"),
        ("a+", "-", "aabaa", "-b-"),
        ("^a", "x", "aaa", "xaa"),
        ("a$", "x", "aaa", "aax"),
        ("^a*$", "x", "aaa", "x"),
        ("ab|abcd", "x", "abcd abc", "x xc"),
        ("z*", "x", "abc", "abc"),
        ("", "x", "abc", "abc"),
        ('expires="[0-9]+"', 'expires="5"', 'id="1" expires="3600"', 'id="1" expires="5"'),
        (r"\d", r"\1", "a1", r"a\1"),
        ("ü", "u", "grün", "grun"),
        ("a", "b", "", ""),
    ],
)
def test_what_is_replaced(pattern: str, replacement: str, text: str, result: str) -> None:
    assert substitute(pattern, replacement, text) == result


def test_a_pattern_that_is_none() -> None:
    with pytest.raises(PatternError):
        pattern_of("(a")


def test_no_pattern_takes_longer_than_its_steps() -> None:
    text = "a" * 60_000

    assert substitute("(a|aa)+b", "x", text) == text
    assert substitute("a*$", "x", text + "b") == text + "b"


@settings(max_examples=60)
@given(st.from_regex(r"[ab](\[ab\]|[abc]){0,3}[+?*]?", fullmatch=True), st.text("abc", max_size=12))
def test_it_is_what_a_regular_expression_does(pattern: str, text: str) -> None:
    if "**" in pattern or "[ab]" in pattern[:1]:
        return
    assert substitute(pattern, "-", text) == re.sub(pattern, lambda found: "-" if found[0] else "", text)
