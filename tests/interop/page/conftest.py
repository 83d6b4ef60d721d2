"""A browser, a server on free ports, phones and a watcher."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.page.chromium import Chromium
from tests.interop.page.phones import Phones, Watcher
from tests.interop.server import until
from tests.system.process import Process

CONFIG = {"home_domain": "home1.test", "listen": ["udp://127.0.0.1:0"]}
SUBSCRIBERS = """\
subscriptions:
  - name: tobias
    private_identities: [{id: tobias@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"]]
  - range: [1, 5000]
    private_identities: [{id: "user{n:04d}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:user{n:04d}@home1.test"]]
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    try:
        yield browser
    finally:
        browser.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path, CONFIG, SUBSCRIBERS)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def phones(server: Process) -> Iterator[Phones]:
    made = Phones(server.listeners["udp"])
    yield made
    made.close()


@pytest.fixture
def watcher(server: Process, phones: Phones) -> Iterator[Watcher]:
    phones.register("tobias")
    made = Watcher(server.listeners["udp"], "tobias")
    until(lambda: made.documents, what="the first NOTIFY")
    yield made
    made.close()
