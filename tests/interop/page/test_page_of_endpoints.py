"""The live page beside Microsoft's endpoints: what they can be told, by click (MS-SIPREGE §2.2.1.13)."""

import subprocess
from pathlib import Path

import pytest

from tests.interop.page.chromium import Chromium
from tests.interop.page.opened import complaints, opened, row
from tests.system.process import COMMAND, TOP, Process

pytestmark = [pytest.mark.interop, pytest.mark.peer("chromium", "chromedriver")]

SUBSCRIBERS = """\
subscriptions:
  - private_identities: [{id: alice@home1.test, auth: {scheme: digest, username: alice, password: secret}}]
    implicit_sets: [["sip:alice@home1.test"]]
"""
CONFIG = {"home_domain": "home1.test", "dialect": "siprege", "listen": ["tcp://127.0.0.1:0"]}


def test_an_endpoint_is_sent_to_another_registrar_by_click(chromium: Chromium, tmp_path: Path) -> None:
    server = Process(tmp_path, CONFIG, SUBSCRIBERS)
    host, port = server.listeners["tcp"]
    command = [*COMMAND, "ue", "sip:alice@home1.test", "--endpoint", "492a7ce35f", "--password", "secret", "--hold"]
    command += ["--proxy", f"sip:{host}:{port};transport=tcp"]
    phone = subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True)
    try:
        page = opened(chromium, server.api)
        page.sees("registered", row("alice"))
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
        phone.terminate()
        said, _ = phone.communicate(timeout=20)
        server.stop()
    assert "preferred-registrar-change  4166" in said
    assert "sip:pool2.home1.test" in said
