"""The live page in a real browser: headless Chromium, real sockets, a watcher on the other side."""

import pytest

from tests.interop.page.chromium import Chromium
from tests.interop.page.opened import complaints, opened, row
from tests.interop.page.phones import Phones, Watcher
from tests.system.process import Process

pytestmark = [pytest.mark.interop, pytest.mark.peer("chromium", "chromedriver")]


def test_a_page_that_was_left_holds_no_connection(chromium: Chromium, server: Process) -> None:
    for _ in range(8):
        opened(chromium, server.api).sees("live", "#connection")


def test_it_loads_and_follows_what_happens(chromium: Chromium, server: Process, phones: Phones) -> None:
    phones.register("tobias")
    page = opened(chromium, server.api)
    page.sees("live", "#connection")
    page.sees("registered", row("tobias"))
    page.sees("tel:+44123456789", row("tobias"))
    assert page.count(".registration") == 3

    phones.register("user0001", 600)
    page.sees("9 min 5", row("user0001"))
    phones.register("user0001", 900)
    page.sees("refreshed", row("user0001"))
    server.call("/v1/reauthentications", {"aor": "sip:user0001@home1.test", "expires": 30})
    page.sees("shortened", row("user0001"))
    width = "return document.querySelector(arguments[0] + ' .left-bar i').getBoundingClientRect().width"
    before = page.run(width, row("user0001"))
    page.until(lambda: page.run(width, row("user0001")) < before, "the bar shrinks")
    phones.register("user0001", 0)
    page.sees("unregistered", row("user0001"))
    page.until(lambda: page.count(row("user0001")) == 0, "who has gone goes")

    assert complaints(page) == []


def test_a_deregistration_by_click_is_seen_by_a_watcher(chromium: Chromium, server: Process, watcher: Watcher) -> None:
    page = opened(chromium, server.api)
    page.click(row("tobias"))
    page.sees("version 0", ".watchers")
    page.click(".actions button", "De-register…")
    page.sees("and all that is registered with it", "dialog")
    page.run(
        "const event = document.querySelector('#field-event'); event.value = 'probation';"
        "event.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    page.type("#field-retry_after", "\b\b\b\b300")
    page.click("dialog button[type=submit]")

    page.sees("200", "dialog .outcome")
    assert watcher.events == ["probation"] * 3
    assert 'retry-after="300"' in watcher.documents[-1]
    assert watcher.states[-1].startswith("terminated")
    page.click("dialog button[type=submit]", "Close")
    page.sees("terminated", ".watchers")
    assert complaints(page) == []


def test_the_ladder_and_the_documents_show_what_was_sent(chromium: Chromium, server: Process, watcher: Watcher) -> None:
    page = opened(chromium, server.api)
    page.click(row("tobias"))
    page.click(".tab", "Ladder")
    page.sees("SUBSCRIBE", ".ladder-place")
    server.call("/v1/reauthentications", {"aor": "sip:tobias@home1.test", "expires": 60})
    page.until(lambda: page.text(".ladder-place").count("200 OK (NOTIFY)") >= 2, "the second NOTIFY")
    page.run("[...document.querySelectorAll('.rung')].filter(e => /NOTIFY sip/.test(e.textContent)).at(-1).focus()")
    page.press("Enter")
    page.sees("application/reginfo+xml", ".message-text")
    page.press("Up", "Enter")
    page.until(lambda: "application/reginfo+xml" not in page.text(".message-text"), "another message")

    page.click(".tab", "Documents")
    page.sees("shortened", ".tree")
    assert page.text(".tree del").strip() != ""
    assert page.count(".versions button") == 2
    page.click(".versions button", "0")
    page.sees("version 0", ".documents .about")
    assert complaints(page) == []


def test_watchers_are_told_and_ended_by_click(chromium: Chromium, server: Process, watcher: Watcher) -> None:
    page = opened(chromium, f"{server.api}/#watchers")
    page.sees("sip:tobias@home1.test", ".watchers")
    page.click("td button", "NOTIFY")
    page.sees("version 1: the watcher says 200", "#notes")
    page.sees("version 1", ".watchers")
    page.run(
        "const mode = document.querySelector('td select'); mode.value = 'delta';mode.dispatchEvent(new Event('change'))"
    )
    page.sees("from the next NOTIFY on", "#notes")
    page.click("td button", "End…")
    page.click("dialog button[type=submit]")
    page.sees("terminated", ".watchers")
    assert watcher.states[-1].startswith("terminated")
    assert complaints(page) == []


def test_draining_by_click_ends_the_server(chromium: Chromium, server: Process, watcher: Watcher) -> None:
    page = opened(chromium, server.api)
    page.sees("live", "#connection")
    page.click("#more")
    page.click("#commands button", "Drain")
    page.click("dialog button[type=submit]")
    assert page.run("return document.querySelector('#field-sure').validity.valueMissing")
    page.click("#field-sure")
    page.click("dialog button[type=submit]")

    page.sees("200", "dialog .outcome")
    page.sees("lost", "#connection")
    assert server.process.wait(10) == 0
    assert watcher.events == ["deactivated"] * 3


def test_the_keyboard_is_enough(chromium: Chromium, server: Process, watcher: Watcher, phones: Phones) -> None:
    for number in range(1, 6):
        phones.register(f"user{number:04d}")
    page = opened(chromium, server.api)
    page.sees("registered", row("user0005"))
    outline = "return getComputedStyle(document.activeElement).outlineStyle"

    page.press("/")
    assert "INPUT#search" in page.focus()
    page.press(*"user000")
    page.until(lambda: page.count(".registration") == 5, "the server has filtered")
    page.press("Down", "Down", "Down")
    page.until(lambda: "user0003" in page.focus(), "the third row")
    assert page.run(outline) == "solid"
    page.press("Enter")
    page.sees("sip:user0003@home1.test", ".user-body h2")
    page.press("d")
    page.until(lambda: "SELECT#field-event" in page.focus(), "the dialogue")
    assert page.run(outline) != "none"
    page.press("Enter")
    page.press("Escape")
    page.press("Escape")
    page.until(lambda: page.count("dialog") == 0, "the dialogue is closed")
    page.press("Escape")
    page.until(lambda: page.run("return document.querySelector('.user-body').hidden"), "the user is closed")
    page.press("?")
    page.sees("go through the list", "dialog")
    page.press("Escape")

    silent = """return [...document.querySelectorAll('button, input, select, [role=option], [role=tab]')]
      .filter((e) => e.getClientRects().length && !(e.ariaLabel || e.textContent.trim() || e.labels?.length))
      .map((e) => e.outerHTML)"""
    assert page.run(silent) == []


def test_faults_and_rules_are_set_by_click(chromium: Chromium, server: Process, phones: Phones) -> None:
    page = opened(chromium, f"{server.api}/#hss")
    page.sees("user0001@home1.test", ".names")
    page.click(".names button", "tobias@home1.test")
    page.sees("tel:+44123456789", ".subscriber")
    page.click("button", "Set a fault…")
    page.type("#field-count", "1")
    page.click("dialog button[type=submit]")
    page.sees("USER_UNKNOWN", "[aria-label=HSS]")
    page.click("button", "Take all back")
    page.sees("the HSS behaves", "[aria-label=HSS]")

    page.click(".nav", "Rules")
    page.click("button", "Refuse a REGISTER…")
    page.run("document.querySelector('#field-text').value = '{'")
    page.click("dialog button[type=submit]")
    page.sees("no JSON", "dialog .problem")
    page.run('document.querySelector(\'#field-text\').value = \'{"do": {"delay": 0.5}, "count": 1}\'')
    page.click("dialog button[type=submit]")
    page.sees("delay:0.5", "[aria-label=Rules] table")
    phones.register("tobias")
    page.sees("1 of 1", "[aria-label=Rules] table")
    page.click("[aria-label=Rules] td button", "Take back")
    page.sees("No rule is set", "[aria-label=Rules]")
    page.click(".quirk input")
    page.until(lambda: page.run("return fetch('v1/quirks').then(a => a.json()).then(a => a.quirks[0].on)"), "a quirk")
    assert complaints(page) == []


def test_the_modules_read_what_they_should(chromium: Chromium, server: Process) -> None:
    page = opened(chromium, server.api)

    def ran(module: str, body: str) -> object:
        return page.run(f"return import('/page/{module}.js').then((m) => {{ {body} }})")

    stream = "const p = new m.EventParser(); return arguments_.flatMap((each) => p.push(each))"
    pieces = '["id: 7\\nevent: con", "tact\\r\\ndata: {\\"a\\":1}\\n", "\\n: beat\\n\\ndata: x\\ndata: y\\n\\n"]'
    assert ran("stream", stream.replace("arguments_", pieces)) == [
        {"id": "7", "kind": "contact", "data": '{"a":1}'},
        {"id": None, "kind": "message", "data": "x\ny"},
    ]
    assert (
        ran("reginfo", "try { m.parse('<!DOCTYPE a><a/>') } catch (e) { return e.message }")
        == "the document has a DOCTYPE"
    )
    assert ran("reginfo", "try { m.parse('<a>') } catch (e) { return e.message }") == "the document is no XML"
    compared = """const [a, b] = ['<r><c id="1" e="x"/><c id="2"/></r>', '<r><c id="1" e="y"/><c id="3"/></r>']
            .map(m.parse);
        return [false, true].map((partial) => m.difference(a, b, partial).children.map((c) => c.is))"""
    assert ran("reginfo", compared) == [["changed", "added", "removed"], ["changed", "added"]]
    assert ran("prometheus", "return m.quantile([[0.1, 5], [0.5, 10], [Infinity, 10]], 0.5)") == 0.1
    text = '# TYPE a counter\\na{status="2\\\\"00"} 4\\nbad line{\\na 1e3\\n'
    parsed = f"return m.parseMetrics('{text}').get('a').samples.map((s) => [s.labels.status ?? null, s.value])"
    assert ran("prometheus", parsed) == [['2"00', 4], [None, 1000]]
    assert ran("time", "return [0, 59, 60, 3725, 90061, 4294967295].map(m.span)") == [
        *("0 s", "59 s", "1 min", "1 h 2 min", "1 d 1 h", "for ever"),
    ]
    refused = "try { m.el('a', {href: 'javascript:1'}) } catch (e) { return e.message }"
    assert ran("element", refused) == "attribute href is not set from here"
