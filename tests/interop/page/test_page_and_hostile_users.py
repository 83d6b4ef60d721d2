"""The live page with hostile data in it: markup, names of 10,000 characters, text that turns its direction."""

import json
import socket
from pathlib import Path

import pytest

from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from tests.interop.page.audits import TABS, WIDER
from tests.interop.page.chromium import Chromium
from tests.interop.page.conftest import CONFIG
from tests.interop.page.opened import complaints, opened, row
from tests.system.process import Process

pytestmark = [pytest.mark.interop, pytest.mark.peer("chromium", "chromedriver")]

SCRIPT = "<script>document.title=2</script><img/src=x onerror=document.title=1>"
TURNED = "\u202egnp.exe\u202c \u2066\u200f\u05d0\u05d1\u05d2 \u0627\u0644\u0639"
LONG = "x" * 10_000
TALLEST = """
return Math.max(0, ...[...document.querySelectorAll('.uri, dd, td, h2')].map((each) => each.offsetHeight))"""
SUBSCRIBERS = f"""\
subscriptions:
  - name: evil
    private_identities: [{{id: evil@home1.test, auth: {{scheme: none}}}}]
    implicit_sets:
      - - {{id: "sip:evil@home1.test", display_name: {json.dumps(SCRIPT + TURNED)}}}
        - "sip:%3Cscript%3E{"y" * 200}@home1.test"
"""


class Evil:
    """A phone and watcher whose every value is hostile."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self._place = "{}:{}".format(*self._socket.getsockname())

    def register(self, contact: str, user_agent: str, call_id: str) -> int:
        """Register a contact; returns the status."""
        return self._send("REGISTER", call_id, [f"Contact: {contact}", f"User-Agent: {user_agent}"])

    def watch(self, reason: str) -> None:
        """Subscribe, and answer the first NOTIFY 200 with this reason phrase."""
        more = [f"Contact: <sip:{'w' * 3000}@{self._place}>", "Event: reg", "Expires: 600"]
        assert self._send("SUBSCRIBE", "watch" + LONG[:200], more) == 200
        while True:
            notify = parse_message(self._socket.recv(65535))
            if isinstance(notify, Request):
                self._socket.sendto(notify.response(200, reason).to_bytes(), self._server)
                return

    def close(self) -> None:
        self._socket.close()

    def _send(self, method: str, call_id: str, more: list[str]) -> int:
        lines = [
            f"{method} sip:{'home1.test' if method == 'REGISTER' else 'evil@home1.test'} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._place};branch=z9hG4bK{method}{len(call_id)}{call_id[:3]}",
            "Max-Forwards: 70",
            f'From: "{TURNED}" <sip:evil@home1.test>;tag=t',
            "To: <sip:evil@home1.test>",
            f"Call-ID: {call_id}",
            f"CSeq: 1 {method}",
            *more,
            "Content-Length: 0",
        ]
        self._socket.sendto("\r\n".join([*lines, "", ""]).encode(), self._server)
        answer = parse_message(self._socket.recv(65535))
        assert isinstance(answer, Response)
        return answer.status


def test_what_is_hostile_is_only_text_and_stays_where_it_belongs(chromium: Chromium, tmp_path: Path) -> None:
    server = Process(tmp_path, CONFIG | {"dialect": "rfc3261"}, SUBSCRIBERS)
    evil = Evil(server.listeners["udp"])
    try:
        page = opened(chromium, server.api)
        page.sees("live", "#connection")
        assert evil.register(f'"{SCRIPT}" <sip:evil@127.0.0.1>;x="{SCRIPT}"', SCRIPT + TURNED, "a" + LONG[:900]) == 200
        assert evil.register(f"<sip:{LONG}@127.0.0.1>", LONG, "b") == 200
        evil.watch(SCRIPT + TURNED)
        page.sees("registered", row("evil"))
        for width in (1440, 400):
            page.resize(width, 900)
            for tab in (*TABS, "registrations/sip:evil@home1.test", f"registrations/sip:{SCRIPT}{LONG}"):
                page.run("location.hash = arguments[0]", tab)
                page.until(lambda: page.run("return document.querySelector('main').textContent.length > 40"), tab)
                if tab == "hss":
                    page.click(".names button", "evil@home1.test")
                    page.sees(SCRIPT, ".subscriber")
                if tab.endswith("evil@home1.test"):
                    page.sees(SCRIPT, ".cards")
                    for part in ("Ladder", "Documents", "Contacts"):
                        page.click(".tab", part)
                        if part == "Ladder":
                            page.sees("200 <script>", ".ladder-place")
                            page.sees("sip:evil@127.0.0.1  3600 s", ".ladder-place")
                            open_all(page)
                        assert page.run(WIDER) == [], (width, tab, part)
                assert page.run(WIDER) == [], (width, tab)
                assert page.run(TALLEST) < 400, (width, tab)
        assert page.run("return document.title") == "S-CSCF home1.test"
        assert page.count("main img, main script") == 0
        assert not set("\u202e\u202c\u2066\u200f") & set(page.text("body"))
        page.until(lambda: page.text(".identities"), "why there is nobody of that name")
        assert [each for each in complaints(page) if "400 (Bad Request)" not in each] == []
    finally:
        chromium.resize(1440, 900)
        evil.close()
        server.stop()


def open_all(page: Chromium) -> None:
    """Open every message of a ladder, one after the other; each is text."""
    page.run("for (const e of document.querySelectorAll('.rung')) e.dispatchEvent(new MouseEvent('click'))")
    assert page.run("return document.querySelector('.message-text pre').childElementCount") > 3


def test_the_policy_lets_no_text_become_markup(chromium: Chromium, server: Process) -> None:
    page = opened(chromium, server.api)
    refused = "try { document.body.innerHTML = '<p>'; return 'taken' } catch (error) { return error.name }"
    assert page.run(refused) == "TypeError"
