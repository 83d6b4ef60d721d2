"""The live page beside Microsoft's endpoints: what they can be told, by click (MS-SIPREGE §2.2.1.13)."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.page.chromium import Chromium
from tests.interop.page.opened import complaints, opened, row
from tests.interop.page.phones import Phones
from tests.system.process import COMMAND, TOP, Process

pytestmark = [pytest.mark.interop, pytest.mark.peer("chromium", "chromedriver")]

SUBSCRIBERS = """\
subscriptions:
  - private_identities: [{id: alice@home1.test, auth: {scheme: digest, username: alice, password: secret}}]
    implicit_sets: [["sip:alice@home1.test"]]
"""
OF_BOTH = """\
subscriptions:
  - private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
"""
CONFIG = {"home_domain": "home1.test", "dialect": "siprege", "listen": ["tcp://127.0.0.1:0"]}


class Endpoint:
    """`scscf ue --endpoint` at a server of Microsoft's dialect; what it said is known at its end."""

    def __init__(self, server: Process) -> None:
        host, port = server.listeners["tcp"]
        command = [*COMMAND, "ue", "sip:alice@home1.test", "--endpoint", "492a7ce35f", "--password", "secret", "--hold"]
        command += ["--proxy", f"sip:{host}:{port};transport=tcp"]
        self._phone = subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True)

    def stop(self) -> str:
        """End it; returns what it said."""
        self._phone.terminate()
        return self._phone.communicate(timeout=20)[0]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path, CONFIG, SUBSCRIBERS)
    yield running
    running.stop()


def test_an_endpoint_is_sent_to_another_registrar_by_click(chromium: Chromium, server: Process) -> None:
    phone = Endpoint(server)
    try:
        page = opened(chromium, server.api)
        page.sees("registered", row("alice"))
        page.sees("492a7ce35f", row("alice"))
        page.click(row("alice"))
        page.click(".actions button", "De-register…")
        page.run(
            "const event = document.querySelector('#field-event'); event.value = 'preferred-registrar-change';"
            "event.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        page.type("#field-preferred_registrar", "sip:pool2.home1.test")
        page.click("dialog button[type=submit]")

        page.sees("200", "dialog .outcome")
        assert complaints(page) == []
    finally:
        said = phone.stop()
    assert "preferred-registrar-change  4166" in said
    assert "sip:pool2.home1.test" in said


def test_user_services_go_and_come_back_by_click(chromium: Chromium, server: Process) -> None:
    phone = Endpoint(server)
    try:
        page = opened(chromium, server.api)
        page.sees("registered", row("alice"))
        page.click("#more")
        page.click("#commands button", "User services…")
        page.click("dialog button[type=submit]")
        page.sees("200", "dialog .outcome")
        page.press("Escape")
        page.sees("user services are unavailable", ".activity")
        page.click(row("alice"))
        page.sees("492a7ce35f", ".watchers")
        page.click(".actions button", "User services…")
        page.run("document.querySelector('#field-available').value = 'true'")
        page.click("dialog button[type=submit]")
        page.sees("Nobody was to be told", "dialog .outcome")
        page.press("Escape")
        page.click(".user-head button", "✕")
        page.sees("user services are available again", ".activity")
        assert complaints(page) == []
    finally:
        said = phone.stop()
    assert "userservices-unavailable" in said


def test_who_is_no_endpoint_is_not_offered_what_only_endpoints_are_told(chromium: Chromium, tmp_path: Path) -> None:
    domains = [{"name": "home1.test"}, {"name": "fabrikam.test", "dialect": "siprege"}]
    both = Process(tmp_path, {"domains": domains, "listen": ["udp://127.0.0.1:0"]}, OF_BOTH)
    phones = Phones(both.listeners["udp"])
    try:
        phones.register("carol")
        page = opened(chromium, both.api)
        page.click(row("carol"))
        page.click(".actions button", "De-register…")
        page.sees("as if time had run out", "dialog")
        assert "userservices" not in page.text("dialog")
        page.press("Escape")
        assert page.run("return document.querySelectorAll('.actions button')[2].hidden")
        page.click("#more")
        assert "User services" not in page.run("return document.querySelector('#commands').innerText")
        page.press("Escape")
    finally:
        phones.close()
        both.stop()
