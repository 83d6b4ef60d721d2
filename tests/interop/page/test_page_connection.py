"""The live page's connection: lost and back, to another run of the server, and with a token."""

from pathlib import Path

import pytest

from tests.interop.page.chromium import Chromium
from tests.interop.page.conftest import CONFIG, SUBSCRIBERS
from tests.interop.page.opened import opened, row
from tests.interop.page.phones import Phones, Watcher
from tests.interop.page.relay import Relay
from tests.system.process import Process

pytestmark = [pytest.mark.interop, pytest.mark.peer("chromium", "chromedriver")]


def test_the_connection_is_lost_and_comes_back(chromium: Chromium, server: Process, phones: Phones) -> None:
    relay = Relay(place(server))
    try:
        phones.register("tobias")
        page = opened(chromium, relay.url)
        page.sees("live", "#connection")
        page.sees("registered", row("tobias"))
        phones.register("user0007")
        page.sees("registered", row("user0007"))

        relay.cut()
        page.sees("lost", "#connection")
        page.sees("The connection is lost", "#broken")
        phones.register("user0001")
        phones.register("user0007", 0)
        relay.mend()

        page.sees("live", "#connection")
        page.sees("registered", row("user0001"))
        page.until(lambda: page.count(row("user0007")) == 0, "who has gone meanwhile goes")
        assert page.run("return document.querySelector('#broken').hidden")
        streams = [head for head in relay.heads if head.startswith("GET /v1/events")]
        assert "last-event-id" not in streams[0].lower()
        assert "last-event-id: " in streams[-1].lower()
        phones.register("tobias")
        page.sees("refreshed", row("tobias"))
    finally:
        relay.close()


def test_after_a_restart_it_shows_what_is_true_now(
    chromium: Chromium, server: Process, watcher: Watcher, phones: Phones, tmp_path: Path
) -> None:
    """The other run numbers messages and events anew, from 1; its users, domains and HSS may be others."""
    relay = Relay(place(server))
    (tmp_path / "next").mkdir()
    phones.register("user0001")
    page = opened(chromium, f"{relay.url}/#registrations/sip%3Atobias%40home1.test")
    page.click(".tab", "Documents")
    page.sees("registered", ".tree")
    page.click(".tab", "Ladder")
    page.sees("NOTIFY", ".ladder-place")
    page.run("document.querySelector('.rung').dispatchEvent(new MouseEvent('click'))")
    page.sees("Call-ID", ".message-text")
    relay.cut()
    page.sees("lost", "#connection")
    domains = [{"name": "home1.test"}, {"name": "fabrikam.test", "dialect": "siprege"}]
    again = Process(tmp_path / "next", {"domains": domains, "listen": CONFIG["listen"]}, SUBSCRIBERS)
    others = Phones(again.listeners["udp"])
    try:
        others.register("user0002")
        relay.target = place(again)
        relay.mend()

        page.sees("live", "#connection")
        page.sees("fabrikam.test (siprege)", "#where")
        page.sees("registered", row("user0002"))
        page.until(lambda: page.count(".registration") == 1, "who was registered with the other run is gone")
        page.sees("terminated", ".user-head .badge")
        page.sees("No message is kept", ".ladder-place")
        assert page.text(".message-place") == ""
        page.click(".tab", "Documents")
        page.sees("No watcher was sent a document yet", ".documents")
        page.click(".tab", "Ladder")
        others.register("tobias")
        page.sees("registered", row("tobias"))
        page.sees("REGISTER", ".ladder-place")
        assert "NOTIFY" not in page.text(".ladder-place")
    finally:
        others.close()
        again.stop()
        relay.close()


def place(server: Process) -> tuple[str, int]:
    """Return where the API of a server is."""
    host, _, port = server.api.removeprefix("http://").rpartition(":")
    return host, int(port)


def test_a_token_is_asked_for_and_kept(chromium: Chromium, tmp_path: Path) -> None:
    running = Process(tmp_path, CONFIG | {"api_token": "sesame"}, SUBSCRIBERS)
    try:
        page = opened(chromium, running.api)
        page.sees("asks for its token", "dialog")
        page.type("#field-token", "open")
        page.press("Enter")
        page.sees("not the token", "dialog")
        page.type("#field-token", "sesame")
        page.press("Enter")
        page.sees("live", "#connection")
        page.sees("Nobody is registered", "main")
        page.open(running.api)
        page.sees("live", "#connection")
        assert page.count("dialog") == 0
        assert page.run("return location.href + document.cookie").count("sesame") == 0
    finally:
        running.stop()
