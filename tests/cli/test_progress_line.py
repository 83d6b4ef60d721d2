import io
from threading import Event
from types import SimpleNamespace

import pytest

from scscf.cli import progress_line
from scscf.cli.client import ApiClient, Refused
from scscf.cli.progress_line import Look, leaving, progress
from tests.patience import PATIENCE


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal on stderr, and a line that comes at once."""
    screen = Screen()
    monkeypatch.setattr(progress_line, "sys", SimpleNamespace(stderr=screen))
    monkeypatch.setattr(progress_line, "AFTER", 0.0)
    monkeypatch.setattr(progress_line, "EVERY", 0.001)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return screen


def looks(*answers: tuple[float, float | None, str] | Exception) -> tuple[Look, Event]:
    """Return what gives one answer after the other, the last one again and again, and what tells that it has."""
    waiting, over = list(answers), Event()

    def look() -> tuple[float, float | None, str]:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if len(waiting) == 1:
            over.set() if seen else seen.append(1)
        if isinstance(answer, Exception):
            raise answer
        return answer

    seen: list[int] = []
    return look, over


def test_where_stderr_is_no_terminal_nothing_is_written_and_nobody_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(progress_line, "sys", SimpleNamespace(stderr=written))
    look, over = looks((1, 2, "half"))

    with progress("working", look):
        pass

    assert written.getvalue() == ""
    assert not over.is_set()


def test_a_terminal_shows_how_far_it_is_and_the_line_goes_away(screen: Screen) -> None:
    look, over = looks((0, 20, "none"), (10, 20, "10 of 20"), (20, 20, "20 of 20"))

    with progress("de-registering", look):
        assert over.wait(PATIENCE)

    text = screen.getvalue()
    assert "de-registering: 20 of 20" in text
    assert text.endswith("\x1b[2K"), "the line is erased"


def test_words_from_elsewhere_move_no_cursor(screen: Screen) -> None:
    look, over = looks((0, None, "\x1b[31mred"), (0, None, "\x1b[31mred"))

    with progress("working", look):
        assert over.wait(PATIENCE)

    assert "\x1b[31mred" not in screen.getvalue()


def test_a_server_that_does_not_answer_a_look_leaves_the_line_as_it_is(screen: Screen) -> None:
    look, over = looks((1, 2, "half"), (1, 2, "half"), Refused("gone"), Refused("gone"))

    with progress("draining", look):
        assert over.wait(PATIENCE)

    assert "draining: half" in screen.getvalue()
    assert "gone" not in screen.getvalue()


def test_what_the_block_raises_comes_out_and_the_line_goes_away(screen: Screen) -> None:
    look, over = looks((0, None, "x"), (0, None, "y"))

    def fails() -> None:
        with progress("working", look):
            assert over.wait(PATIENCE)
            raise Refused("no")

    with pytest.raises(Refused):
        fails()
    assert screen.getvalue().endswith("\x1b[2K")


def test_a_command_that_is_done_soon_shows_nothing(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_line, "AFTER", 60.0)

    with progress("working"):
        pass

    assert screen.getvalue() == ""


class Health(ApiClient):
    """An API that says how many are registered, one number after the other."""

    def __init__(self, *counts: int) -> None:
        super().__init__("http://127.0.0.1:1")
        self._counts = list(counts)

    def call(self, *_: object, **__: object) -> object:
        return {"store": {"records": self._counts.pop(0)}}


def test_those_who_leave_are_counted_against_the_most_there_were() -> None:
    look = leaving(Health(20, 20, 5, 0))

    assert [look() for _ in range(4)] == [
        (0, 20, "0 of 20"),
        (0, 20, "0 of 20"),
        (15, 20, "15 of 20"),
        (20, 20, "waiting for watchers"),
    ]
