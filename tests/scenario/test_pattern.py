import pytest

from scscf.scenario.pattern import Pattern, check_pattern


@pytest.mark.parametrize(
    ("pattern", "value", "holds"),
    [
        ("200", "200", True),
        ("0", "00", True),
        ("abc", "abcd", False),
        ("/b.d/", "abcd", True),
        ("/^b/", "abcd", False),
        ("*", "anything", True),
        ("*", None, False),
        (None, None, True),
        (None, "", False),
        ("3590..3600", "3600", True),
        ("3590..3600", "3601", False),
        ("3590..3600", "soon", False),
        (">= 1", "1", True),
        ("> 1", "1", False),
        ("< 5", "4.5", True),
        ("<= 5", "6", False),
        ("!= 5", "5", False),
        ("!= 5", "x", False),
        ("/", "/", True),
    ],
)
def test_a_pattern_is_a_text_an_expression_a_range_or_absence(
    pattern: str | None, value: str | None, holds: bool
) -> None:
    assert Pattern(pattern).matches(value) is holds


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a regular expression"):
        check_pattern("/(/")


def test_a_nested_repetition_takes_no_longer_than_the_text() -> None:
    assert not Pattern("/^(a+)+$/").matches("a" * 50_000 + "b")
    assert not Pattern("/(x+x+)+y/").matches("x" * 50_000)


@pytest.mark.parametrize(
    ("expression", "value", "holds"),
    [
        ("/a.b/", "a\nb", False),
        ("/(a|.)c/", "\nc", False),
        ("/a[^x]b/", "a\nb", True),
        ("/^(?!.*sos)/", "no", True),
        ("/^(?!.*sos)/", "an sos", False),
        (r"/(\w)\1/", "abb", True),
        (r"/\bhome/", "at home", True),
        ("/x{,2}y/", "xxy", True),
        ("/[0-9]{4}$/", "2026", True),
        ("//", "", True),
    ],
)
def test_an_expression_means_what_it_means_to_python(expression: str, value: str, holds: bool) -> None:
    assert check_pattern(expression) == expression
    assert Pattern(expression).matches(value) is holds


def test_an_expression_that_is_too_long_is_refused() -> None:
    assert check_pattern(f"/{'a' * 1000}/")
    with pytest.raises(ValueError, match="may have 1000 characters, and not 1001"):
        check_pattern(f"/{'a' * 1001}/")
