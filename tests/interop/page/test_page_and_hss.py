"""The live page's view of the HSS: what the embedded one is told by click, and what is left of it over Diameter."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.server import Server
from tests.interop.page.chromium import Chromium
from tests.interop.page.conftest import CONFIG, SUBSCRIBERS
from tests.interop.page.opened import complaints, opened, row
from tests.interop.page.phones import Phones, Watcher
from tests.interop.server import until
from tests.system.process import Process

pytestmark = [pytest.mark.interop, pytest.mark.peer("chromium", "chromedriver")]

GRACE = {
    "private_identities": [{"id": "grace@home1.test", "auth": {"scheme": "none"}}],
    "implicit_sets": [["sip:grace@home1.test"]],
}


class Stub(Server):
    """A running HSS stub."""

    COMMAND = (sys.executable, "-m", "hss_stub")
    LAST = " run --hss "

    @property
    def cx(self) -> str:
        """Its Diameter address."""
        return self._told("Cx")[0]


def test_an_rtr_by_click_is_seen_by_a_watcher(chromium: Chromium, server: Process, watcher: Watcher) -> None:
    page = opened(chromium, f"{server.api}/#hss")
    page.click(".names button", "tobias@home1.test")
    page.sees("registered", ".subscriber .card")
    page.click(".subscriber button", "Terminate (RTR)…")
    page.run("document.querySelector('#field-reason').value = 'server_change'")
    page.click("dialog button[type=submit]")

    page.sees("SUCCESS", "dialog .outcome")
    until(lambda: watcher.events == ["deactivated"] * 3, what="the NOTIFY")
    assert watcher.states[-1].startswith("terminated")
    page.press("Escape")
    page.sees("not registered", ".subscriber .card")
    assert complaints(page) == []


def test_a_ppr_by_click_tells_who_serves_the_user(
    chromium: Chromium, server: Process, watcher: Watcher, phones: Phones
) -> None:
    page = opened(chromium, f"{server.api}/#hss")
    page.click(".names button", "tobias@home1.test")
    page.click(".subscriber button", "Push profile (PPR)")
    page.sees("PPR: SUCCESS", "#notes")
    page.click(".names button", "user0001@home1.test")
    page.sees("not registered", ".subscriber .card")
    page.click(".subscriber button", "Push profile (PPR)")
    page.until(lambda: page.count(".note.refused"), "that nobody serves this user")
    phones.register("user0001")
    page.until(lambda: page.text(".subscriber .badge") == "registered", "the state of the set")
    assert complaints(page) == []


def test_subscribers_come_and_go_by_click(chromium: Chromium, server: Process, phones: Phones) -> None:
    page = opened(chromium, f"{server.api}/#hss")
    page.sees("1–100 of 5,001", ".count")
    page.click("button", "Add…")
    page.run("document.querySelector('#field-text').value = '[]'")
    page.click("dialog button[type=submit]")
    page.until(lambda: page.text("dialog .problem"), "what is wrong with it")
    page.problems()
    page.run("document.querySelector('#field-text').value = arguments[0]", json.dumps(GRACE))
    page.click("dialog button[type=submit]")
    page.sees("1–100 of 5,002", ".count")
    phones.register("grace")

    page.type("[aria-label='Show a private identity']", "grace@home1.test")
    page.press("Enter")
    page.sees("registered", ".subscriber .card")
    page.click(".subscriber button", "Remove…")
    page.click("dialog button[type=submit]")
    page.sees("1–100 of 5,001", ".count")
    page.click(".nav", "Registrations")
    page.until(lambda: page.count(row("grace")) == 0, "who is no subscriber any more goes")
    assert complaints(page) == []


def test_an_hss_over_diameter_is_shown_without_what_it_alone_can_do(chromium: Chromium, tmp_path: Path) -> None:
    (tmp_path / "hss").mkdir()
    (tmp_path / "hss" / "subscribers.yaml").write_text(SUBSCRIBERS)
    options = ("--listen", "diameter://127.0.0.1:0", "--api", "http://127.0.0.1:0", "--subscribers", "subscribers.yaml")
    hss = Stub(tmp_path / "hss", *options)
    server = Process(tmp_path, CONFIG | {"hss": hss.cx}, "")
    try:
        page = opened(chromium, f"{server.api}/#hss")
        page.sees("I-Open", "[aria-label=HSS] table")
        page.sees("hss.home1.test", "[aria-label=HSS] table")
        page.sees("it has heard of every assignment", "[aria-label=HSS]")
        assert page.count("[aria-label=HSS] button, [aria-label=HSS] input") == 0
        hss.stop()
        page.sees("down", "[aria-label=HSS] table .badge")
        page.sees("refused", "[aria-label=HSS] table")
        assert complaints(page) == []
    finally:
        hss.stop()
        server.stop()
