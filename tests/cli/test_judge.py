import json
from pathlib import Path

import pytest
from lxml import etree

from scscf.capture.pcapng import pcapng
from tests.capture.wires import interface, packet, section, udp
from tests.cli.server import Command
from tests.judgement.traces import KAMAILIO, SERVER, UE, Trace

AOR = "sip:p000001.alias@ims.test"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def right(tmp_path: Path) -> str:
    trace = Trace()
    trace.register(UE, SERVER)
    (tmp_path / "right.pcapng").write_bytes(pcapng(trace.messages))
    return str(tmp_path / "right.pcapng")


def test_what_is_wrong_is_a_line_each_and_exit_1(command: Command, tmp_path: Path) -> None:
    junit, report = tmp_path / "new" / "report.xml", tmp_path / "report.json"

    code, out, complaint = command("judge", str(KAMAILIO), "--junit", str(junit), "--json", str(report))

    lines = out.splitlines()
    assert (code, complaint) == (1, "")
    assert lines[1].startswith("judged at 127.0.0.22:6060: ")
    assert lines[3].endswith("version-not-from-0: The first document of a subscription has version 2. (RFC 3680 §5.1)")
    assert lines[-1] == "failed: 16 findings of 11 checks, 1 user"
    assert len(lines) == 3 + 16 + 1
    assert json.loads(report.read_text())["outcome"] == "failed"
    assert etree.parse(junit).getroot().get("failures") == "1"


def test_nothing_wrong_is_exit_0(command: Command, right: str) -> None:
    code, out, complaint = command("judge", right)

    assert (code, complaint) == (0, "")
    assert out.splitlines()[-1] == "passed: nothing is wrong in 2 messages"


def test_octets_that_are_no_text_are_a_question_mark_in_the_report(command: Command, tmp_path: Path) -> None:
    trace = Trace()
    trace.register(UE, SERVER)
    trace.subscribe(UE, SERVER)
    trace.notify(SERVER, UE)
    damaged = [each._replace(data=each.data.replace(b";expires=", b";exp\xffres=")) for each in trace.messages]
    (tmp_path / "odd.pcapng").write_bytes(pcapng(damaged))

    code, _, complaint = command("judge", str(tmp_path / "odd.pcapng"), "--json", str(tmp_path / "report.json"))

    assert (code, complaint) == (1, "")
    (user,) = json.loads((tmp_path / "report.json").read_text())["users"]
    assert any("active;exp?res" in finding["message"] for finding in user["findings"])


def test_one_user_a_dialect_and_checks_can_be_chosen(command: Command, right: str) -> None:
    assert command("judge", str(KAMAILIO), "--aor", AOR)[0] == 1
    assert command("judge", right, "--dialect", "ims")[0] == 1
    permitted = [f"--permit={name}" for name in ("associated-uri-missing", "service-route-missing")]
    assert command("judge", right, "--dialect", "ims", "--also", "answered-202", *permitted)[0] == 0
    assert command("judge", right, "--aor", "sip:nobody@home1.test") == (
        1,
        "",
        f"scscf: {right}: nothing in it concerns sip:nobody@home1.test\n",
    )


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "is empty"),
        (b"just text", "is no capture: neither pcapng nor pcap"),
        (section() + interface(), "holds no REGISTER, SUBSCRIBE or NOTIFY that could be judged."),
        (section() + interface(147) + packet(b"x"), "could be judged. Frames of link types that are not known"),
        (section() + interface() + packet(udp(b"OPTIONS sip:a SIP/2.0\r\n\r\n")), "holds no REGISTER"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_exit_2(
    command: Command, tmp_path: Path, octets: bytes, said: str
) -> None:
    file = tmp_path / "trace.pcapng"
    file.write_bytes(octets)

    code, out, complaint = command("judge", str(file))

    assert (code, out) == (2, "")
    assert len(complaint.splitlines()) == 1
    assert said in complaint


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.pcapng"], "none.pcapng: No such file or directory"),
        (["."], ".: Is a directory"),
        ([str(KAMAILIO), "--permit", "version-gab"], "--permit version-gab: is no check (did you mean version-gap?)"),
        ([str(KAMAILIO), "--also", "xxx"], "--also xxx: is no check"),
        ([str(KAMAILIO), "--aor", "tobias"], "tobias: is no URI like sip:alice@home1.test"),
        ([str(KAMAILIO), "--json", "/dev/null/x"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(command: Command, arguments: list[str], said: str) -> None:
    code, _, complaint = command("judge", *arguments)

    assert code == 2
    assert len(complaint.splitlines()) == 1
    assert said in complaint
