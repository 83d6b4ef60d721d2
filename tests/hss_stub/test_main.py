"""The command `hss-stub`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from hss_stub.__main__ import cli
from hss_stub.importing import from_csv, from_xml
from hss_stub.subscribers import subscribers_of
from scscf import __version__
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml

OP = "000102030405060708090a0b0c0d0e0f"
CSV = f"""SEQUENTIAL
alice;home1.test;[authentication username=alice@home1.test password=secret]
erin;home1.test;[authentication username=erin@home1.test aka_K=0123456789abcdef aka_OP=0x{OP} aka_AMF=0x8000]
carol
"""
XML = """<IMSSubscription><PrivateID>dora@home1.test</PrivateID><ServiceProfile><PublicIdentity>
<Identity>sip:dora@home1.test</Identity></PublicIdentity></ServiceProfile></IMSSubscription>"""


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output == f"hss-stub, version {__version__}\n"


@pytest.mark.parametrize("command", ["run", "deregister", "import"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(cli, [command, "--help"])

    assert result.exit_code == 0
    assert "Example" in result.output


def test_a_sipp_csv_becomes_subscribers(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(CSV)

    found = subscribers_of(parse_yaml(from_csv(tmp_path / "users.csv", "home2.test"), "s.yaml"))

    assert list(found.private_identities()) == ["alice@home1.test", "erin@home1.test", "carol@home2.test"]
    alice, erin, carol = (found.find(each) for each in found.private_identities())
    assert alice is not None
    assert erin is not None
    assert carol is not None
    assert alice.profile.sets[0][0].uri == "sip:alice@home1.test"
    assert erin.auth is not None
    assert erin.auth.k.text(0) == b"0123456789abcdef".hex()  # type: ignore[union-attr]
    assert carol.auth is None


def test_user_data_become_subscribers(tmp_path: Path) -> None:
    (tmp_path / "dora.xml").write_text(XML)

    found = subscribers_of(parse_yaml(from_xml(tmp_path), "s.yaml"))

    dora = found.find("dora@home1.test")
    assert dora is not None
    assert [identity.uri for identity in dora.profile.sets[0]] == ["sip:dora@home1.test"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "SEQUENTIAL\n;;\n", "a.csv:2:1: the column user is empty"),
        ("a.xml", "<nothing/>", "must be an IMSSubscription"),
        ("a.xml", XML.replace("<PrivateID>dora@home1.test</PrivateID>", ""), "has no PrivateID"),
    ],
)
def test_what_cannot_be_imported_is_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(InputError, match=said):
        from_csv(tmp_path / name, "x") if name.endswith("csv") else from_xml(tmp_path / name)


def test_a_deregistration_needs_somebody() -> None:
    result = CliRunner().invoke(cli, ["deregister", "--reason", "server_change"])

    assert result.exit_code == 2
    assert "give --impi, --impu or both" in result.output


def test_where_no_stub_runs_it_is_said() -> None:
    result = CliRunner().invoke(
        cli, ["deregister", "--impi", "a@b", "--reason", "server_change", "--api", "http://127.0.0.1:1"]
    )

    assert result.exit_code == 2
    assert "http://127.0.0.1:1" in result.output
