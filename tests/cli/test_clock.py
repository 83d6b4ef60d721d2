from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.server import Command, Peer, Server

FREE = ("--listen", "udp://127.0.0.1:0", "--api", "http://127.0.0.1:0")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"), *FREE, "--virtual-time")
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


@pytest.fixture
def scscf(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("SCSCF_API", server.api)
    return Command(monkeypatch, capsys)


def test_the_time_is_shown_moved_stopped_and_let_go_on(scscf: Command, server: Server) -> None:
    code, out, _ = scscf("clock", "show")
    assert code == 0
    assert out.splitlines()[0].endswith(", flowing")
    assert out.splitlines()[1] == "nothing is due"

    assert scscf("clock", "freeze")[1].splitlines()[0].endswith(", frozen")
    carol = Peer(server.listeners[0], "carol")
    assert carol.send("REGISTER", "Expires: 3600").startswith("SIP/2.0 200 ")
    said = carol.send("SUBSCRIBE", "Event: reg", "Expires: 7200")
    assert said.startswith("SIP/2.0 200 ")
    carol.answer(carol.receive())
    assert scscf("clock", "show")[1].splitlines()[1].startswith("the next deadline is in ")

    _, out, _ = scscf("clock", "advance", "1h1s")

    assert "1 messages were sent" in out
    notify = carol.receive()
    carol.answer(notify)
    assert 'event="expired"' in notify
    assert scscf("registrations")[1] == "nobody is registered\n"
    assert '"frozen": false' in scscf("clock", "flow", "--json")[1]
    assert scscf("clock", "advance", "1d")[0] == 0
    carol.close()


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        ("soon", "soon: must be a time: seconds, or a number with a unit"),
        ("-1", "No such option"),
        ("5000d", "5000d: at most ten years at once"),
        ("nan", "nan: must be a time"),
    ],
)
def test_a_duration_that_is_none_is_exit_2(scscf: Command, duration: str, said: str) -> None:
    code, out, complaint = scscf("clock", "advance", duration)

    assert (code, out) == (2, "")
    assert said in complaint


def test_a_server_on_the_wall_clock_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server(tmp_path, *FREE)
    scscf = Command(monkeypatch, capsys)
    try:
        assert scscf("clock", "show", "--api", server.api)[1].splitlines()[0].endswith(", the wall clock's")
        code, out, complaint = scscf("clock", "advance", "1h", "--api", server.api)
    finally:
        server.stop()

    assert (code, out) == (2, "")
    assert complaint.startswith("scscf: this S-CSCF has the wall clock's time; start it as `scscf run --virtual-time`")
