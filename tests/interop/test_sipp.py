"""SIPp registers, asks, watches and leaves; every message is checked on both sides and judged by tshark."""

from pathlib import Path

import pytest

from tests.interop import sipp
from tests.interop.capture import Capture
from tests.interop.server import Server, until
from tests.patience import PATIENCE

pytestmark = [pytest.mark.interop, pytest.mark.peer("sipp", "tshark")]

ALICE = ("alice", "alice@home1.test", "secret")
AOR = "sip:alice@home1.test"
SET = [AOR, "sip:alice.smith@home1.test", "tel:+15550001"]


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_register_query_and_cancel(server: Server, capture: Capture, tmp_path: Path, transport: str) -> None:
    registered = sipp.call(tmp_path, "register", [ALICE], port=5071, transport=transport)

    assert registered.status == 0, registered.output
    shown = [server.registration(aor) for aor in SET]
    assert [one["state"] for one in shown] == ["active"] * 3
    assert [len(one["contacts"]) for one in shown] == [1] * 3

    queried = sipp.call(tmp_path, "query", [ALICE], port=5072, transport=transport)

    assert queried.status == 0, queried.output

    cancelled = sipp.call(tmp_path, "cancel", [ALICE], port=5073, transport=transport)

    assert cancelled.status == 0, cancelled.output
    assert server.registration(AOR) is None or server.registration(AOR)["state"] == "terminated"
    capture.judge(REGISTER=6)


def test_two_hundred_users_register_at_once(server: Server, capture: Capture, tmp_path: Path) -> None:
    users = [(f"user{n:04d}", f"user{n:04d}@home1.test", f"secret{n}") for n in range(1, 201)]

    registered = sipp.call(tmp_path, "register", users, port=5071, rate=200)

    assert registered.status == 0, registered.output
    shown = server.command("registrations", "--json")
    assert shown.returncode == 0, shown.stderr
    assert all(f"sip:{name}@home1.test" in shown.stdout for name, _, _ in users[:50])
    capture.judge(REGISTER=400)


def test_a_wrong_password_is_refused(server: Server, capture: Capture, tmp_path: Path) -> None:
    refused = sipp.call(tmp_path, "refuse", [("alice", "alice@home1.test", "wrong")], port=5071)

    assert refused.status == 0, refused.output
    assert server.registration(AOR) is None
    capture.judge(REGISTER=4)


def test_a_watcher_is_told_of_the_end_that_the_network_makes(server: Server, capture: Capture, tmp_path: Path) -> None:
    registered = sipp.call(tmp_path, "register", [ALICE], port=5071)
    assert registered.status == 0, registered.output
    watcher = sipp.start(tmp_path, "watch", [ALICE], port=5072)
    try:
        until(lambda: server.has_told(AOR), "a first NOTIFY that is answered")

        status, removed = server.call(
            "POST", "/v1/deregistrations", {"aor": AOR, "event": "deactivated", "wait": PATIENCE}
        )

        assert status == 201, removed
        assert watcher.wait() == 0, watcher.output() + sipp.errors(tmp_path, "watch")
    finally:
        watcher.stop()
    assert server.subscriptions(AOR) == []
    capture.judge(REGISTER=2, SUBSCRIBE=2, NOTIFY=2)


def test_the_command_takes_a_registration_away(server: Server, capture: Capture, tmp_path: Path) -> None:
    registered = sipp.call(tmp_path, "register", [ALICE], port=5071)
    assert registered.status == 0, registered.output
    watcher = sipp.start(tmp_path, "watch", [ALICE], port=5072)
    try:
        until(lambda: server.has_told(AOR), "a first NOTIFY that is answered")

        done = server.command("deregister", "--aor", AOR, "--event", "deactivated", "--wait", "60")

        assert done.returncode == 0, done.stderr
        assert watcher.wait() == 0, watcher.output() + sipp.errors(tmp_path, "watch")
    finally:
        watcher.stop()
    capture.judge(REGISTER=2, SUBSCRIBE=2, NOTIFY=2)


def test_a_fetch_gets_the_state_once(server: Server, capture: Capture, tmp_path: Path) -> None:
    registered = sipp.call(tmp_path, "register", [ALICE], port=5071)
    assert registered.status == 0, registered.output

    fetched = sipp.call(tmp_path, "fetch", [ALICE], port=5072)

    assert fetched.status == 0, fetched.output
    until(lambda: server.subscriptions(AOR) == [], "its 200 is taken")
    capture.judge(SUBSCRIBE=2, NOTIFY=1)
