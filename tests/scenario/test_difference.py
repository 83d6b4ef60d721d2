"""The difference of two texts."""

from scscf.scenario.difference import difference


def test_what_went_stands_before_what_came() -> None:
    assert difference(["a", "b", "c"], ["a", "d", "c", "e"]) == ["  a", "- b", "+ d", "  c", "+ e"]


def test_the_same_lines_differ_in_nothing() -> None:
    assert difference(["a"], ["a"]) == ["  a"]
    assert difference([], []) == []
