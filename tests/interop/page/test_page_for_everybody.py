"""The live page for those who have no mouse, see little or have a small screen."""

from collections.abc import Iterator

import pytest

from tests.interop.page.audits import CONTRAST, SILENT, TABS, WIDER
from tests.interop.page.chromium import Chromium
from tests.interop.page.opened import opened, row
from tests.interop.page.phones import Phones, Watcher
from tests.system.process import Process

pytestmark = [pytest.mark.interop, pytest.mark.peer("chromium", "chromedriver")]


@pytest.fixture
def many(server: Process, watcher: Watcher, phones: Phones) -> Iterator[Phones]:
    """Thirty users with a watcher, one of whom was rejected, a rule and a fault."""
    for number in range(1, 30):
        phones.register(f"user{number:04d}", 60 + 20 * number)
    server.call("/v1/reauthentications", {"aor": "sip:tobias@home1.test", "expires": 60})
    server.call("/v1/deregistrations", {"aor": "sip:user0009@home1.test", "event": "rejected"})
    return phones


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_read_on_every_tab(chromium: Chromium, server: Process, many: Phones, scheme: str) -> None:
    page = opened(chromium, server.api, scheme)
    page.sees("live", "#connection")
    server.call("/v1/deregistrations", {"aor": "sip:user0008@home1.test", "event": "probation", "retry_after": 30})
    page.sees("probation", row("user0008"))
    check_contrast(page, "gone")
    for tab in TABS:
        page.run("location.hash = arguments[0]", tab)
        page.until(lambda: page.run("return document.querySelector('main').textContent.length > 40"), tab)
        check_contrast(page, tab)
        assert page.run(SILENT) == []
    page.click(".nav", "HSS")
    page.click(".names button", "user0007@home1.test")
    page.sees("registered", ".subscriber .card")
    check_contrast(page, "subscriber")
    page.run("location.hash = 'registrations/sip:tobias@home1.test'")
    page.sees("version 1", ".watchers")
    for tab in ("Contacts", "Ladder", "Documents"):
        page.click(".tab", tab)
        if tab == "Ladder":
            page.sees("NOTIFY", ".ladder-place")
            page.run("[...document.querySelectorAll('.rung')].at(-2).dispatchEvent(new MouseEvent('click'))")
        check_contrast(page, tab)
    page.press("d")
    page.sees("all that is registered", "dialog")
    check_contrast(page, "dialog")
    page.press("Escape")
    page.click("#more")
    check_contrast(page, "menu")
    page.press("Escape")


def check_contrast(page: Chromium, where: str) -> None:
    """Hold every text that is seen to 4.5:1."""
    count, poor = page.run(CONTRAST)
    assert count > 10, where
    assert poor == [], where


def test_tab_reaches_every_control_and_escape_closes_one_thing_at_a_time(
    chromium: Chromium, server: Process, many: Phones
) -> None:
    page = opened(chromium, server.api)
    page.click(row("tobias"))
    page.sees("version 1", ".watchers")
    page.click(".tab", "Ladder")
    page.sees("NOTIFY", ".ladder-place")
    reach(page, "the ladder of a user")
    assert page.count(".rung[tabindex='0']") == 1

    page.run("document.querySelector('#more').focus()")
    page.press("Enter")
    page.until(lambda: page.run("return document.querySelector('#commands').matches(':popover-open')"), "the menu")
    page.press("Tab")
    assert "De-register everybody" in page.focus()
    page.press("Escape")
    page.until(lambda: not page.run("return document.querySelector('#commands').matches(':popover-open')"), "closed")
    assert not page.run("return document.querySelector('.user-body').hidden")
    page.run("document.querySelector('[aria-label=User] .actions button').focus()")
    page.press("Enter")
    page.sees("all that is registered", "dialog")
    page.press("Escape")
    page.until(lambda: page.count("dialog") == 0, "the dialogue is closed")
    assert "De-register" in page.focus()
    page.press("Escape")
    page.until(lambda: page.run("return document.querySelector('.user-body').hidden"), "the user is closed")
    assert "sip:tobias@home1.test" in page.focus()
    for tab in ("watchers", "hss", "rules"):
        page.run("location.hash = arguments[0]", tab)
        page.until(lambda: page.count("main button") > 2, tab)
        reach(page, tab)


def reach(page: Chromium, where: str) -> None:
    """Go round with Tab: every control that can be used is met once, and what has the focus is seen."""
    page.run("const e = document.querySelector('.skip'); e.focus(); window.met_ = new Set([e]); window.unseen_ = [];")
    script = """
        const e = document.activeElement;
        if (e === document.body || met_.has(e)) return false;
        met_.add(e);
        const style = getComputedStyle(e);
        const ring = getComputedStyle(e.querySelector('.rung-back') ?? e);
        if (style.outlineStyle === 'none' && ring.stroke === 'none') unseen_.push(e.outerHTML.slice(0, 120));
        return true;"""
    for _ in range(250):
        page.press("Tab")
        if not page.run(script):
            break
    missed = """return [...document.querySelectorAll('button, input, select, textarea, summary, [tabindex="0"]')]
        .filter((e) => !met_.has(e) && e.checkVisibility() && !e.disabled && e.getAttribute('tabindex') !== '-1')
        .map((e) => e.outerHTML.slice(0, 120))"""
    assert page.run(missed) == [], where
    assert page.run("return unseen_") == [], where


def test_on_a_small_screen_nothing_stands_out_of_the_page(chromium: Chromium, server: Process, many: Phones) -> None:
    page = opened(chromium, server.api)
    page.resize(400, 800)
    try:
        for tab in TABS:
            page.run("location.hash = arguments[0]", tab)
            page.until(lambda: page.run("return document.querySelector('main').textContent.length > 40"), tab)
            assert page.run(WIDER) == [], tab
        page.run("location.hash = 'registrations/sip:tobias@home1.test'")
        page.sees("version 1", ".watchers")
        for tab in ("Contacts", "Ladder", "Documents"):
            page.click(".tab", tab)
            assert page.run(WIDER) == [], tab
        page.click(".user-head button", "✕")
        page.until(lambda: page.run(f"return document.querySelector('{row('tobias')}').checkVisibility()"), "the list")
    finally:
        page.resize(1440, 900)
