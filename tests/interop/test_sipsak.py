"""sipsak registers, shows that it is registered, and leaves."""

from pathlib import Path

import pytest

from tests.interop.capture import Capture
from tests.interop.programs import Finished, run
from tests.interop.server import Server

pytestmark = [pytest.mark.interop, pytest.mark.peer("sipsak", "tshark")]

AOR = "sip:alice@home1.test"
ONCE = ("--timer-t1=20000",)
"""It takes a second answer for one to its next request, so it is not to send anything twice."""


def sipsak(folder: Path, contact: str, expires: int) -> Finished:
    return run(
        "sipsak",
        *("-U", "-v", *ONCE, "-s", AOR, "-C", contact, "-x", str(expires)),
        *("-u", "alice@home1.test", "-a", "secret"),
        folder=folder,
    )


def test_register_and_leave(server: Server, capture: Capture, tmp_path: Path) -> None:
    status, output = sipsak(tmp_path, "sip:alice@127.0.0.1:5099", 600)

    assert status == 0, output
    contacts = server.registration(AOR)["contacts"]
    assert [contact["uri"] for contact in contacts] == ["sip:alice@127.0.0.1:5099"]

    status, output = sipsak(tmp_path, "*", 0)

    assert status == 0, output
    shown = server.registration(AOR)
    assert shown is None or shown["state"] == "terminated"
    capture.judge(REGISTER=4)


def test_options_are_answered(server: Server, capture: Capture, tmp_path: Path) -> None:
    status, output = run("sipsak", "-v", *ONCE, "-s", "sip:home1.test", folder=tmp_path)

    assert status == 0, output
    capture.judge(OPTIONS=1)
