import pytest

from scscf.scenario.quantity import seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("90", 90), ("0.25", 0.25), ("250ms", 0.25), ("30s", 30), ("15m", 900), ("1h30m", 5400), ("2d", 172800)],
)
def test_times_have_units_or_are_seconds(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "1 hour", "-1", "1h 30m", "h", "1e3", "nan", "inf"])
def test_what_is_no_time_is_told_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="250ms, 30s, 15m"):
        seconds(text)
