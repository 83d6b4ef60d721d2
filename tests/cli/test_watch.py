import io
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console

from scscf.cli import watch
from scscf.cli.client import ApiClient, Refused
from scscf.cli.watch import event_line

AOR = "sip:a@home1.test"


class Recorded(ApiClient):
    """A server that has told of some events and then gone."""

    def __init__(self, *events: tuple[str, dict[str, Any]]) -> None:
        super().__init__("http://127.0.0.1:1")
        self._told = events

    def call(self, method: str, path: str, *_: object, **__: object) -> Any:
        if path.startswith("/v1/registrations/"):
            raise Refused("nobody")
        return {"registrations": [], "total": 3, "subscriptions": [], "next": None}

    def events(self, kinds: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        assert "message" not in kinds
        return iter(self._told)


def drawn(aor: str | None, *events: tuple[str, dict[str, Any]]) -> str:
    file = io.StringIO()
    watch._live(Recorded(*events), aor, Console(file=file, force_terminal=True, width=100, height=40))
    return file.getvalue()


def a_contact(aor: str = AOR, **more: object) -> tuple[str, dict[str, Any]]:
    data = {"aor": aor, "uri": "sip:a@b", "state": "active", "event": "registered", "expires": 60, "retry_after": None}
    return "contact", data | more


def test_the_live_view_shows_what_is_there_and_what_happened() -> None:
    said = drawn(None, a_contact())

    assert "... of 3" in said
    assert "nobody watches" in said
    assert f"contact       {AOR}  sip:a@b  active (registered)  60 s" in said


def test_the_live_view_of_one_shows_nobody_else() -> None:
    said = drawn(AOR, a_contact("sip:b@home1.test"))

    assert "nobody is registered" in said
    assert "sip:b@home1.test" not in said


def test_events_are_one_line_each() -> None:
    assert event_line(*a_contact(state="terminated", event="probation", expires=9, retry_after=30)).endswith(
        "terminated (probation)  retry after 30 s"
    )
    assert event_line("registration", {"aor": AOR, "state": "active", "cause": "user"}).endswith("active  by user")
    told = {"aor": AOR, "version": 3, "subscription": "7f", "status": "timeout"}
    assert event_line("notify", told).endswith("version 3 to 7f: timeout")
    ended = {"aor": AOR, "watcher": "sip:w@x", "state": "terminated", "reason": "giveup"}
    assert event_line("subscription", ended).endswith("sip:w@x  terminated (giveup)")
    assert event_line("user_services", {"aor": AOR, "available": False}) == f"user services {AOR}  unavailable"
    assert event_line("user_services", {"aor": AOR, "available": True}).endswith("  available")
    assert event_line("lost", {"at": 1.0, "count": 4}) == "lost          count=4"


def test_a_line_cannot_drive_the_terminal() -> None:
    assert "\x1b" not in event_line(*a_contact(uri="sip:\x1b[2J"))
