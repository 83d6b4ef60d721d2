import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import click
import click.shell_completion
import pytest
from click.testing import CliRunner

from hss_stub.__main__ import cli as hss_stub
from scscf import __version__
from scscf.cli.main import cli, own_name
from tests.cli.server import Command, Peer, Server
from tests.patience import PATIENCE

FREE = ("--listen", "udp://127.0.0.1:0", "--listen", "tcp://127.0.0.1:0", "--api", "http://127.0.0.1:0")
CAROL = "sip:carol@home1.test"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "config.yaml").write_text("trusted_peers: [127.0.0.1]\n")
    server = Server(folder, "--config", "config.yaml", "--validate", *FREE)
    try:
        yield server
    finally:
        code = server.stop()
    assert code == 0
    assert not server.ready.exists()
    assert "Traceback" not in server.log.read_text()


@pytest.fixture
def scscf(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("SCSCF_API", server.api)
    return Command(monkeypatch, capsys)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def carol(server: Server, scscf: Command) -> Iterator[Peer]:
    """A UE that is registered."""
    peer = Peer(server.listeners[0], "carol")
    assert peer.send("REGISTER", "Expires: 600").startswith("SIP/2.0 200 ")
    yield peer
    peer.close()
    scscf("deregister", "--all", "--event", "deactivated")


def watcher(server: Server) -> Peer:
    peer = Peer(server.listeners[0], "carol")
    accepted = peer.send("SUBSCRIBE", "Event: reg", "Expires: 600", f"P-Asserted-Identity: <{CAROL}>")
    assert accepted.startswith("SIP/2.0 200 ")
    peer.answer(peer.receive())
    return peer


def test_the_ready_file_says_where_everything_is(server: Server, scscf: Command) -> None:
    assert scscf("registrations")[0] == 0

    ready = json.loads(server.ready.read_text())

    assert ready == {"pid": server.process.pid, "listeners": server.listeners, "api": server.api}


def test_registrations_are_shown_as_a_table_and_as_json(scscf: Command, carol: Peer) -> None:
    code, table, _ = scscf("registrations")
    assert code == 0
    assert [line.split()[:3] for line in table.splitlines()] == [
        ["AOR", "STATE", "CONTACT"],
        [CAROL, "active", f"sip:carol@127.0.0.1:{carol.port}"],
    ]
    shown = json.loads(scscf("registrations", "--json")[1])
    assert [registration["aor"] for registration in shown["registrations"]] == [CAROL]
    assert json.loads(scscf("registrations", CAROL, "--json")[1]) == shown["registrations"][0]


def test_nobody_is_said_in_words(scscf: Command) -> None:
    assert scscf("registrations") == (0, "nobody is registered\n", "")
    assert scscf("subscriptions") == (0, "nobody watches\n", "")
    assert scscf("registrations", "--json")[1].split() == ["{", '"registrations":', "[]", "}"]


def test_who_is_not_registered_is_exit_1(scscf: Command) -> None:
    assert scscf("registrations", CAROL) == (1, "", f"scscf: {CAROL} is not registered\n")
    assert scscf("deregister", "--aor", CAROL, "--event", "rejected") == (1, "", f"scscf: {CAROL} has no binding\n")
    assert scscf("reauthenticate", "--impi", "x", "--expires", "60") == (1, "", "scscf: x has no binding\n")


def test_a_de_registration_prints_what_each_watcher_answered(server: Server, scscf: Command, carol: Peer) -> None:
    peer = watcher(server)
    assert CAROL in scscf("subscriptions")[1]
    answering = Thread(target=lambda: peer.answer(peer.receive()))
    answering.start()

    code, said, _ = scscf("deregister", "--aor", CAROL, "--event", "deactivated", "--wait", "60")

    answering.join()
    peer.close()
    assert code == 0
    changed, told = said.split("\n\n")
    assert changed.splitlines()[1].split() == [CAROL, f"sip:carol@127.0.0.1:{carol.port}", "deactivated"]
    assert told.splitlines()[1].split()[1:3] == ["1", "200"]
    assert scscf("subscriptions")[1] == "nobody watches\n"
    assert "terminated (noresource)" in scscf("subscriptions", CAROL, "--ended")[1]


def test_a_re_authentication_shortens(scscf: Command, carol: Peer) -> None:
    code, said, _ = scscf("reauthenticate", "--aor", CAROL, "--expires", "60", "--json")

    assert code == 0
    assert [(row["event"], row["expires"]) for row in json.loads(said)["changed"]] == [("shortened", 60)]
    assert "no watcher was there" in scscf("reauthenticate", "--aor", CAROL, "--expires", "50")[1]


def test_waiting_ends_with_the_state_or_the_time(server: Server, scscf: Command, carol: Peer) -> None:
    assert scscf("wait", CAROL, "--state", "active", "--contacts", "1", "--timeout", "60") == (0, "", "")
    code, said, complaint = scscf("wait", CAROL, "--watchers", "1", "--timeout", "0")
    assert (code, said) == (1, "")
    assert complaint == f"scscf: {CAROL} is not as wanted after 0 s: active, 1 contacts, 0 watchers\n"
    peer = watcher(server)
    assert scscf("wait", CAROL, "--watchers", "1", "--timeout", "60")[0] == 0
    assert scscf("deregister", "--all", "--event", "rejected")[0] == 0
    assert scscf("wait", CAROL, "--state", "terminated", "--timeout", "60")[0] == 0
    peer.close()


def test_watch_prints_a_line_for_each_event(server: Server, carol: Peer) -> None:
    with subprocess.Popen(
        (*Server.COMMAND, "watch", CAROL, "--api", server.api),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=Server.environment(),
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        try:
            assert watching.stderr.readline() == f"scscf: watching {CAROL} at {server.api}, until ^C\n"
            carol.send("REGISTER", "Expires: 600")
            lines = [watching.stdout.readline(), watching.stdout.readline()]
            watching.send_signal(signal.SIGINT)
            assert watching.wait(PATIENCE) == 0
        finally:
            watching.kill()
    assert lines[0].split() == ["registration", CAROL, "active", "by", "user"]
    assert lines[1].split()[:4] == ["contact", CAROL, f"sip:carol@127.0.0.1:{carol.port}", "active"]


def test_drain_empties_the_node_and_ends_it(tmp_path: Path, command: Command) -> None:
    server = Server(tmp_path, *FREE)
    peer = Peer(server.listeners[0], "carol")
    assert peer.send("REGISTER", "Expires: 600").startswith("SIP/2.0 200 ")
    peer.close()

    code, said, _ = command("drain", "--api", server.api)

    assert code == 0
    assert CAROL in said
    assert server.wait() == 0
    assert command("registrations", "--api", server.api) == (
        2,
        "",
        f"scscf: no control API at {server.api}: is `scscf run` running? (--api or SCSCF_API names another)\n",
    )


def test_run_says_where_the_demo_subscribers_are(server: Server, command: Command) -> None:
    (path,) = (Path(line.split()[1]) for line in server.said if line.startswith("  subscribers "))

    assert path.is_absolute()
    assert command("check", str(path)) == (0, f"{path}: fine\n", "")


def test_the_next_step_names_this_command_as_any_folder_knows_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "my bin" / "scscf"
    own.parent.mkdir()
    own.touch(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["my bin/scscf"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert own_name() == f"'{own}'"
    monkeypatch.setenv("PATH", str(own.parent))
    assert own_name() == "scscf"
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert own_name() == "scscf"


def test_what_run_prints_can_be_copied_and_works(server: Server, scscf: Command) -> None:
    example = next(line for line in server.said if " ue " in line).split()
    ue = subprocess.Popen((*Server.COMMAND, *example[1:]), stdout=subprocess.PIPE, text=True, env=Server.environment())
    try:
        assert scscf("wait", "sip:alice@home1.test", "--watchers", "1", "--timeout", "60")[0] == 0
        assert scscf("deregister", "--all", "--event", "rejected", "--wait", "60")[0] == 0
        ue.send_signal(signal.SIGINT)
        said, _ = ue.communicate(timeout=PATIENCE)
    finally:
        ue.kill()
    assert example[0] == "scscf"
    assert ue.returncode == 0
    assert said.startswith("REGISTER sip:home1.test  401 Unauthorized, 200 OK")
    assert said.endswith("now refused\n")


def test_a_token_is_passed_on(tmp_path: Path, command: Command) -> None:
    (tmp_path / "config.yaml").write_text("api_token: sesame\n")
    server = Server(
        tmp_path, SCSCF_CONFIG="config.yaml", SCSCF_LISTEN="udp://127.0.0.1:0", SCSCF_API="http://127.0.0.1:0"
    )
    try:
        code, _, complaint = command("registrations", "--api", server.api)
        assert code == 2
        assert "api_token" in complaint
        assert command("registrations", SCSCF_API=server.api, SCSCF_API_TOKEN="sesame")[0] == 0
    finally:
        assert server.stop(signal.SIGINT) == 0


@pytest.mark.parametrize("taken", ["sip", "api"])
def test_an_address_that_is_taken_is_one_line(server: Server, taken: str) -> None:
    sip = server.listeners[0] if taken == "sip" else "udp://127.0.0.1:0"
    api = server.api if taken == "api" else "http://127.0.0.1:0"

    done = subprocess.run(
        (*Server.COMMAND, "run", "--listen", sip, "--api", api),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=Server.environment(),
    )

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert f"cannot listen on {sip if taken == 'sip' else api}: Address already in use" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--listen", "sctp://127.0.0.1:1"], "must be udp://ADDRESS:PORT"),
        (["run", "--config", "none.yaml"], "none.yaml: cannot be read"),
        (["run", "--hss", "127.0.0.1:3868"], "--hss: 127.0.0.1:3868: must be diameter://HOST:PORT"),
        (["run", "--hss", "diameter://a", "--subscribers", "s.yaml"], "with hss there is none: give one of them"),
        (["run", "--plmn", "01-001"], "--plmn: 01-001: must be MCC-MNC, like 001-01"),
        (["run", "--capture", "no/such/folder/x.pcapng"], "cannot be written"),
        (["run", "--hep", "tcp://127.0.0.1:9060"], "tcp://: not available yet; udp:// is"),
        (["run", "--api", "http://192.0.2.1:8060"], "needs api_token"),
        (["run", "--log-level", "loud"], "'loud' is not one of"),
        (["deregister", "--event", "expired"], "give one of --aor, --impi and --all"),
        (["deregister", "--aor", CAROL], "Missing option '--event'"),
        (["deregister", "--aor", CAROL, "--event", "moved"], "'moved' is not one of"),
        (["deregister", "--all", "--event", "probation"], "--event probation and --retry-after SECONDS go together"),
        (["deregister", "--all", "--event", "expired", "--retry-after", "1"], "--retry-after SECONDS go together"),
        (["drain", "--event", "probation"], "--event probation and --retry-after SECONDS go together"),
        (["run", "--ready-file", "no/such/folder/ready.json"], "--ready-file: no/such/folder: there is no such folder"),
        (["wait", CAROL, "--timeout", "soon"], "'soon' is not a valid number"),
        (["drain", "--event", "userservices-unavailable"], "'userservices-unavailable' is not one of"),
        (["user-services", "--available"], "give one of --aor, --impi and --all"),
        (["user-services", "--all", "--aor", CAROL, "--available"], "give one of --aor, --impi and --all"),
        (["user-services", "--all"], "give --available or --unavailable"),
        (["reauthenticate", "--expires", "60"], "give one of --aor and --impi"),
        (["registrations", "--api", "ftp://x"], "must be http://HOST:PORT"),
        (["registrations", "--api", "http://127.0.0.1:x"], "no control API at http://127.0.0.1:x"),
        (["registrations", "--colour"], "No such option"),
        (["watch", "carol"], "is no URI like"),
        (["frobnicate"], "No such command 'frobnicate'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(command: Command, arguments: list[str], said: str) -> None:
    code, out, complaint = command(*arguments)

    assert (code, out) == (2, "")
    assert len(complaint.splitlines()) == 1
    assert said in complaint


def test_the_ladder_shows_what_was_sent(scscf: Command, carol: Peer) -> None:
    code, out, complaint = scscf("ladder", CAROL)

    assert (code, complaint) == (0, "")
    assert "- REGISTER -" in out
    assert "200 OK (REGISTER)" in out
    assert scscf("ladder", "no-such-call") == (1, "", "scscf: no message of no-such-call was seen\n")


def test_what_the_server_refuses_is_exit_2(scscf: Command) -> None:
    code, _, complaint = scscf("deregister", "--aor", "carol", "--event", "expired")

    assert (code, complaint) == (2, "scscf: 'carol' is no URI like sip:alice@home1.test\n")
    assert scscf("deregister", "--aor", CAROL, "--event", "probation")[0] == 2


def test_what_only_endpoints_understand_is_refused_in_a_domain_that_has_none(scscf: Command, carol: Peer) -> None:
    registrar = ("--preferred-registrar", "sip:pool2.home1.test", "--error-id", "4167")

    for arguments in (
        ("deregister", "--aor", CAROL, "--event", "preferred-registrar-change", *registrar),
        ("user-services", "--aor", CAROL, "--unavailable"),
    ):
        code, _, complaint = scscf(*arguments)
        assert code == 2
        assert complaint.startswith("scscf: home1.test has the dialect ims: only domains with the dialect siprege have")


def test_a_server_that_is_no_control_api_is_told_from_none(server: Server, command: Command) -> None:
    sip = server.listeners[1].replace("tcp://", "http://")

    code, _, complaint = command("registrations", "--api", sip)

    assert code == 2
    assert len(complaint.splitlines()) == 1


@pytest.mark.parametrize("name", list(cli.commands))
def test_every_command_has_an_example(command: Command, name: str) -> None:
    code, text, _ = command(name, "--help")

    assert code == 0
    assert f"Example: scscf {name}" in text


def test_the_version_is_told(command: Command) -> None:
    assert command("--version") == (0, f"scscf, version {__version__}\n", "")
    assert command("watch", "--version") == (0, f"scscf, version {__version__}\n", "")
    assert command("watch", SCSCF_VERSION="1", SCSCF_HELP="1", SCSCF_API="http://127.0.0.1:1")[0] == 2


def test_no_command_is_a_request_for_help(command: Command) -> None:
    code, out, complaint = command()

    assert (code, out) == (2, "")
    assert complaint.startswith("Usage: scscf")


def test_check_tells_all_mistakes_of_all_files(command: Command, tmp_path: Path) -> None:
    good, bad, worse = (tmp_path / name for name in ("good.yaml", "bad.yaml", "worse.yaml"))
    good.write_text("home_domain: home1.test\n")
    bad.write_text("home_domian: home1.test\nstrict: maybe\n")
    worse.write_text("listen: [\n")

    code, out, complaint = command("check", str(good), str(bad), str(worse))

    assert (code, out) == (2, f"{good}: fine\n")
    assert [line.partition(": ")[0] for line in complaint.splitlines()][:2] == [f"{bad}:1:1", f"{bad}:2:9"]
    assert str(worse) in complaint.splitlines()[2]


@pytest.mark.parametrize("group", [cli, hss_stub])
def test_the_list_of_commands_says_what_each_does_and_how_it_ends(group: click.Group) -> None:
    said = CliRunner().invoke(group, ["--help"]).output

    assert "..." not in said.partition("Commands:")[2]
    assert "Exit code 0: done; 1: the answer is no" in said
    assert next(iter(group.commands)) == "run"
    for name, command in group.commands.items():
        told = CliRunner().invoke(group, [name, "--help"]).output
        assert "Example" in told
        assert isinstance(command, click.Group) or "Exit " in " ".join(told.split())
        assert "TEXT " not in told.replace("--reason TEXT", "").replace("--info TEXT", "")


@pytest.mark.parametrize(
    ("name", "words", "offered"),
    [("scscf", "scscf dereg", "deregister"), ("scscf", "scscf drain --event rej", "rejected")],
)
def test_bash_completes_commands_and_words(name: str, words: str, offered: str) -> None:
    found = click.shell_completion.BashComplete(cli, {}, name, "_SCSCF_COMPLETE")
    typed = words.split()

    assert [each.value for each in found.get_completions(typed[1:-1], typed[-1])] == [offered]
