"""Hours pass for the server while SIPp waits for milliseconds: `scscf run --virtual-time` and POST /v1/clock."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop import sipp
from tests.interop.capture import Capture
from tests.interop.conftest import SUBSCRIBERS
from tests.interop.server import Server, until
from tests.patience import PATIENCE

pytestmark = [pytest.mark.interop, pytest.mark.peer("sipp", "tshark")]

ALICE = ("alice", "alice@home1.test", "secret")
AOR = "sip:alice@home1.test"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path, SUBSCRIBERS)
    try:
        running.start("--virtual-time")
        yield running
    finally:
        running.stop()
    assert "Traceback" not in running.output()
    assert "is wrong" not in running.output()


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_a_watcher_is_told_of_an_end_an_hour_away_in_milliseconds(
    server: Server, capture: Capture, tmp_path: Path, transport: str
) -> None:
    registered = sipp.call(tmp_path, "register_hour", [ALICE], port=5071)
    assert registered.status == 0, registered.output
    (contact,) = server.registration(AOR)["contacts"]
    assert contact["granted"] == 3600
    watcher = sipp.start(tmp_path, "expire", [ALICE], port=5072, transport=transport)
    try:
        until(lambda: server.has_told(AOR), "a first NOTIFY that is answered")
        began = time.monotonic()
        before = server.call("GET", "/v1/clock")[1]

        status, moved = server.call("POST", "/v1/clock", {"advance": 3601})

        took = time.monotonic() - began
        assert status == 200, moved
        assert watcher.wait() == 0, watcher.output() + sipp.errors(tmp_path, "expire")
    finally:
        watcher.stop()
    assert before["now"] + 3601 <= moved["now"] <= before["now"] + 3601 + took
    assert (moved["sent"], moved["left"], moved["frozen"]) == (1, 0, False)
    assert took < PATIENCE
    assert server.registration(AOR) is None
    assert server.subscriptions(AOR) == []
    capture.judge(REGISTER=2, SUBSCRIBE=1, NOTIFY=1)


def test_two_hundred_frozen_bindings_end_by_the_command(server: Server, capture: Capture, tmp_path: Path) -> None:
    users = [(f"user{n:04d}", f"user{n:04d}@home1.test", f"secret{n}") for n in range(1, 201)]
    assert server.command("clock", "freeze").returncode == 0
    registered = sipp.call(tmp_path, "register_hour", users, port=5071, rate=200)
    assert registered.status == 0, registered.output

    assert server.command("clock", "advance", "3599s").returncode == 0
    assert server.call("GET", "/v1/registrations")[1]["total"] == 200
    done = server.command("clock", "advance", "1s")

    assert done.returncode == 0, done.stderr
    assert "nothing is due" in done.stdout
    assert server.call("GET", "/v1/registrations")[1]["total"] == 0
    capture.judge(REGISTER=400)
