from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.server import Command, Peer, Server

FREE = ("--listen", "udp://127.0.0.1:0", "--api", "http://127.0.0.1:0")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"), *FREE)
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


@pytest.fixture
def scscf(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("SCSCF_API", server.api)
    return Command(monkeypatch, capsys)


def test_rules_are_added_listed_and_removed(scscf: Command, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules:\n"
        "  brief: {match: {method: REGISTER}, count: 1, do: {answer: {status: 423, headers: {Min-Expires: 600000}}}}\n"
        "  late: {match: {method: OPTIONS}, after: 5, do: {delay: 2}}\n"
        "  lost: {match: {method: PUBLISH}, do: drop}\n"
        "  odd: {match: {method: INFO}, do: {edit: [{remove: Server}]}}\n"
    )
    assert scscf("rule", "list") == (0, "no rule is set\n", "")
    assert scscf("rule", "add", str(file)) == (0, "brief: set\nlate: set\nlost: set\nodd: set\n", "")

    carol = Peer(server.listeners[0], "carol")
    assert carol.send("REGISTER").startswith("SIP/2.0 423 ")
    assert carol.send("REGISTER").startswith("SIP/2.0 200 ")
    carol.close()

    _, out, _ = scscf("rule", "list")
    rows = [line.split() for line in out.splitlines()]
    assert rows[1] == ["brief", "method=REGISTER", "answer", "423", "0", "1", "2", "1"]
    assert [row[:4] for row in rows[2:]] == [
        ["late", "method=OPTIONS", "delay", "2.0"],
        ["lost", "method=PUBLISH", "drop", "0"],
        ["odd", "method=INFO", "edit", "..."],
    ]
    assert '"hits": 1' in scscf("rule", "list", "--json")[1]
    for name in ("brief", "late", "lost", "odd"):
        assert scscf("rule", "remove", name) == (0, f"{name}: removed\n", "")
    code, out, err = scscf("rule", "remove", "brief")
    assert (code, out, err) == (1, "", "scscf: there is no rule brief\n")


def test_mistakes_in_a_file_have_their_places(scscf: Command, tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    file.write_text("name: a\ncount: none\ndo: {delai: 2}\n")

    code, out, err = scscf("rule", "add", str(file))

    assert (code, out) == (2, "")
    assert f"{file}:2:8: count: must be a whole number" in err
    assert f"{file}:3:6: do.delai: unknown key" in err


def test_without_a_server_there_is_nobody_to_ask(scscf: Command) -> None:
    code, _, err = scscf("rule", "list", "--api", "http://127.0.0.1:1")

    assert code == 2
    assert "is `scscf run` running?" in err
