"""The command `hss-stub`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from hss_stub.__main__ import cli, main
from hss_stub.subscribers import load_subscribers, subscribers_of
from scscf import __version__
from scscf.yaml_file import parse_yaml
from tests.cli.server import Command

XML = """<IMSSubscription><PrivateID>dora@home1.test</PrivateID><ServiceProfile><PublicIdentity>
<Identity>sip:dora@home1.test</Identity></PublicIdentity></ServiceProfile></IMSSubscription>"""


@pytest.fixture
def hss_stub(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys, "hss-stub", main)


@pytest.mark.parametrize("command", [[], ["run"], ["deregister"], ["import"]])
def test_the_version_is_told(command: list[str]) -> None:
    assert CliRunner().invoke(cli, [*command, "--version"]).output == f"hss-stub, version {__version__}\n"


@pytest.mark.parametrize("command", ["run", "deregister", "import"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(cli, [command, "--help"])

    assert result.exit_code == 0
    assert "Example" in result.output


@pytest.mark.parametrize("format_", ["sipp-csv", "csv"])
def test_a_sipp_csv_becomes_a_subscribers_file(tmp_path: Path, format_: str) -> None:
    (tmp_path / "users.csv").write_text("alice;[authentication username=alice password=secret]\n")

    result = CliRunner().invoke(cli, ["import", format_, str(tmp_path / "users.csv"), "--domain", "h.test"])

    assert result.exit_code == 0
    assert list(subscribers_of(parse_yaml(result.output, "s.yaml")).private_identities()) == ["alice@h.test"]


@pytest.mark.parametrize("format_", ["cx-xml", "xml"])
def test_user_data_become_a_subscribers_file(tmp_path: Path, format_: str) -> None:
    (tmp_path / "dora.xml").write_text(XML)
    written = tmp_path / "subscribers.yaml"

    result = CliRunner().invoke(cli, ["import", format_, str(tmp_path), "-o", str(written)])

    assert (result.exit_code, result.output) == (0, "")
    assert load_subscribers(written).find("dora@home1.test") is not None


def test_what_cannot_be_imported_is_told(hss_stub: Command, tmp_path: Path) -> None:
    assert hss_stub("import", "csv", str(tmp_path / "no.csv"))[0] == 2
    assert hss_stub("import", "csv", str(tmp_path), str(tmp_path))[0] == 2
    assert hss_stub("import", "xml", str(tmp_path)) == (2, "", f"{tmp_path}: there is no *.xml in this folder\n")


def test_a_deregistration_needs_somebody() -> None:
    result = CliRunner().invoke(cli, ["deregister", "--reason", "server_change"])

    assert result.exit_code == 2
    assert "give --impi, --impu or both" in result.output


@pytest.mark.parametrize("option", ["--api", None])
def test_where_no_stub_runs_it_is_said(hss_stub: Command, option: str | None) -> None:
    arguments = ["deregister", "--impi", "a@b", "--reason", "server_change"]
    url = "http://127.0.0.1:1"

    code, _, said = hss_stub(*arguments, option, url) if option else hss_stub(*arguments, HSS_STUB_API=url)

    assert code == 2
    assert said.startswith(f"hss-stub: no API of an HSS stub at {url}: is `hss-stub run` running?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lisen: []", "hss.yaml:1:1: lisen: unknown key; allowed: listen, api, "),
        ("listen: [udp://127.0.0.1:3868]", "hss.yaml:1:10: listen[0]: "),
        ("api: http://0.0.0.0:8061", "hss.yaml:1:6: api: 0.0.0.0 is open to others: that needs api_token"),
        ("api_token_file: no.txt", "hss.yaml:1:17: api_token_file: cannot be read"),
        ("servers: [{name: nobody}]", "hss.yaml:1:18: servers[0].name: "),
        ("origin_host: 'a b'", "hss.yaml:1:14: origin_host: "),
        ("subscribers: no.yaml", "no.yaml: "),
        ("subscribers: hss.yaml", "hss.yaml:1:1: "),
    ],
)
def test_a_configuration_that_is_wrong_stops_the_start(
    hss_stub: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "hss.yaml").write_text(f"{text}\n")
    monkeypatch.chdir(tmp_path)

    code, out, complaint = hss_stub("run", "--config", "hss.yaml")

    assert (code, out) == (2, "")
    assert complaint.startswith(said)


def test_options_come_from_the_environment_too(hss_stub: Command) -> None:
    code, _, said = hss_stub("run", HSS_STUB_LISTEN="diameter://127.0.0.1:1 sctp://127.0.0.1:2", HSS_STUB_API="x")

    assert code == 2
    assert "--listen: " in said
    assert "sctp" in said
    assert "--api: " in said
