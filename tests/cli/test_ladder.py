import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scscf.capture.pcapng import pcapng
from scscf.capture.recording import Participant, Recorded
from scscf.cli import ladder
from scscf.cli.client import ApiClient, Refused, Unusable
from scscf.cli.ladder_parties import LiveParties, concerning, parties_of
from tests.cli.server import Command
from tests.judgement.traces import KAMAILIO
from tests.scenario.samples import MESSAGES, NOTIFY, OK, PARTICIPANTS, REGISTER

AOR = "sip:tobias@home1.test"
PEER, OURS = "192.0.2.1:5060", "192.0.2.9:5060"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def trace(tmp_path: Path) -> str:
    (tmp_path / "trace.pcapng").write_bytes(pcapng(MESSAGES, PARTICIPANTS, 1e9))
    return str(tmp_path / "trace.pcapng")


def view(number: int, data: bytes, direction: str, *, at: float = 100.0, **more: Any) -> dict[str, Any]:
    """Return a message as the control API has it."""
    ends = (PEER, OURS) if direction == "in" else (OURS, PEER)
    summary = data.partition(b"\r\n")[0].decode().removesuffix(" SIP/2.0")
    return {
        "number": number, "at": at, "direction": direction, "protocol": "sip", "transport": "udp", "source": ends[0],
        "destination": ends[1], "aor": AOR, "summary": summary, "raw": data.decode(), **more,
    }  # fmt: skip


class Told(ApiClient):
    """A server that has told of some pages of messages and then gone."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        super().__init__("http://127.0.0.1:1")
        self._pages = list(pages)
        self.asked: list[Mapping[str, object]] = []

    def call(self, method: str, path: str, body: object = None, query: Any = None, timeout: float = 30.0) -> Any:
        assert (method, path) == ("GET", "/v1/messages")
        self.asked.append(query)
        if not self._pages:
            raise Unusable("gone")
        page = self._pages.pop(0)
        return {"messages": page, "dropped": 0, "last": page[-1]["number"] if page else 0}


def test_a_capture_is_drawn_with_the_names_that_it_tells(command: Command, trace: str) -> None:
    code, out, complaint = command("ladder", trace, "--width", "100")

    assert (code, complaint) == (0, "")
    assert out.splitlines()[0].split() == ["phone", "scscf", "watcher", "hss"]
    assert "--- REGISTER ---" in out
    assert ". REGISTER again ." in out
    assert "MAA 5001" in out
    assert "v1 full  sip:tobias active: phone registered" in out
    assert "c0ffee" not in out


def test_the_last_messages_or_those_of_one_can_be_asked_for(command: Command, trace: str) -> None:
    assert len(command("ladder", trace, "--last", "1")[1].splitlines()) == 3
    assert "MAR" not in command("ladder", trace, "--call-id", "sample")[1]
    assert "MAR" in command("ladder", trace, "--aor", AOR)[1]
    assert command("ladder", trace, "--aor", "sip:x@y") == (1, "", f"scscf: {trace}: holds no message of that\n")


def test_a_file_that_cannot_be_used_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no capture")

    assert command("ladder", "none.pcap") == (2, "", "scscf: none.pcap: No such file or directory\n")
    assert command("ladder", str(tmp_path / "text"))[0] == 2
    assert "--follow goes with a running S-CSCF" in command("ladder", "x.pcapng", "--follow")[2]
    assert command("ladder", "--api", "http://127.0.0.1:9")[0] == 2


def test_an_empty_capture_says_so_and_a_damaged_one_is_drawn_as_far_as_it_goes(
    command: Command, tmp_path: Path, trace: str
) -> None:
    empty, damaged = tmp_path / "empty.pcapng", tmp_path / "damaged.pcapng"
    empty.write_bytes(pcapng([]))
    damaged.write_bytes(Path(trace).read_bytes()[:-100])

    assert command("ladder", str(empty))[2] == f"scscf: {empty}: holds no SIP or Diameter message\n"
    code, out, complaint = command("ladder", str(damaged))
    assert (code, "REGISTER" in out) == (0, True)
    assert "is cut off within a packet" in complaint


def test_many_parties_share_a_column_where_the_terminal_is_narrow(command: Command) -> None:
    lines = command("ladder", str(KAMAILIO), "--width", "60")[1].splitlines()

    assert lines[0].split() == ["2", "others", "127.0.0.24", "127.0.0.23"]
    assert any("127.0.0.9: 127.0.0.9 expires 3600" in line for line in lines)
    assert max(map(len, lines)) <= 60


def test_messages_of_a_running_s_cscf_are_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    hss = view(3, REGISTER, "out", protocol="cx", raw=MESSAGES[2].data.hex(), destination="127.0.0.1:3868")
    server = Told([view(1, REGISTER, "in"), hss, view(4, OK, "out", at=100.5)])

    ladder._live(server, AOR, None, None, 90, follow=False)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["tobias", "scscf", "hss"]
    assert lines[1].startswith("     0.000   |")
    assert "200 OK (REGISTER)" in lines[-2]
    assert lines[-2].startswith("     0.500")
    assert server.asked == [{"aor": AOR, "call_id": None, "limit": 1000}]


def test_a_ladder_grows_as_messages_come(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "_PAUSE", 0)
    other = {"source": "[2001:db8::1]:5070", "aor": "sip:dora@home1.test"}
    server = Told(
        [view(1, REGISTER, "in")],
        [],
        [view(5, OK, "out"), view(6, REGISTER, "in", at=190.0, **other)],
        [view(8, OK, "out", at=191.0)],
    )

    ladder._live(server, None, None, None, 90, follow=True)

    said = capsys.readouterr()
    lines = said.out.splitlines()
    heads = [line.split() for line in lines if "scscf" in line]
    assert heads == [["tobias", "scscf"], ["tobias", "scscf", "dora"]]
    assert sum("REGISTER -" in line for line in lines) == 2
    assert any("1 min 30 s later" in line for line in lines)
    assert said.err == "scscf: the S-CSCF has ended\n"
    assert [query.get("since") for query in server.asked] == [None, 1, 0, 6, 8]


def test_where_nothing_was_seen_that_is_said() -> None:
    with pytest.raises(Refused, match=r"no message of sip:tobias@home1\.test was seen"):
        ladder._live(Told([]), AOR, None, None, None, follow=False)


def test_a_peer_that_speaks_for_several_is_called_by_its_address() -> None:
    parties = LiveParties()
    parties.take(view(1, REGISTER, "in"))
    parties.take(view(2, REGISTER, "in", aor="sip:dora@home1.test"))
    parties.take(view(3, NOTIFY, "out", destination="192.0.2.2:5070"))

    assert parties.participants() == [
        Participant("scscf", (("192.0.2.9", 5060),)),
        Participant(PEER, (("192.0.2.1", 5060),)),
        Participant("192.0.2.2:5070", (("192.0.2.2", 5070),)),
    ]


def test_a_host_that_speaks_to_itself_has_a_column_for_each_port() -> None:
    one, two = ("127.0.0.1", 5060), ("127.0.0.1", 5070)
    far = ("192.0.2.5", 5060)
    messages = [Recorded(0.0, "sip", "udp", one, two, OK), Recorded(0.0, "sip", "udp", one, far, OK)]

    assert [each.name for each in parties_of(messages, {"192.0.2.5": "phone"})] == [
        "127.0.0.1:5060",
        "127.0.0.1:5070",
        "phone",
    ]


def test_what_concerns_an_identity_comes_with_the_rest_of_its_call_id() -> None:
    messages = list(MESSAGES)

    assert concerning(messages, None, None) == messages
    assert len(concerning(messages, AOR, None)) == len(messages)
    assert concerning(messages, None, "none") == []


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_its_own_width_and_colours_unless_it_wants_none(
    monkeypatch: pytest.MonkeyPatch, command: Command, trace: str, no_color: str, coloured: bool
) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "70", "NO_COLOR": no_color}.items():
        monkeypatch.setenv(name, value)

    out = command("ladder", trace)[1]

    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert ("\x1b[3" in out) == coloured
    assert max(map(len, plain.splitlines())) <= 70
    assert "REGISTER again" in plain
