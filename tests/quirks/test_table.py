"""The table of quirks, and the page that shows it."""

import re
import typing
from pathlib import Path

from scscf.config.values import QuirkName
from scscf.quirks import QUIRKS

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "quirks.md"


def table() -> str:
    """Return the table as the page has it."""
    rows = [f"| `{each.name}` | {each.about} | {each.seen_in} | {each.breaks} |" for each in QUIRKS.values()]
    return "\n".join(["| name | what is wrong | seen in | breaks |", "| --- | --- | --- | --- |", *rows])


def test_the_page_shows_the_table_that_runs() -> None:
    assert table() in PAGE.read_text("utf-8")


def test_the_configuration_knows_the_same_names() -> None:
    assert typing.get_args(QuirkName) == tuple(QUIRKS)


def test_every_quirk_does_something_and_says_what() -> None:
    for quirk in QUIRKS.values():
        assert quirk.notify_first or quirk.on_request or quirk.on_answer or quirk.on_notify
        assert quirk.about.endswith(".")
        assert quirk.seen_in
        assert re.match(r"(RFC \d+|TS [\d.]+) §", quirk.breaks)
        assert re.fullmatch(r"[a-z0-9-]+", quirk.name)


def test_there_are_enough_of_them() -> None:
    assert len(QUIRKS) >= 24
