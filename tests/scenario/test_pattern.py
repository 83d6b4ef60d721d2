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
