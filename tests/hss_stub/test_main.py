import pytest
from click.testing import CliRunner

from hss_stub.__main__ import main
from scscf import __version__


def test_the_version_is_told():
    assert CliRunner().invoke(main, ["--version"]).output == f"hss-stub, version {__version__}\n"


def test_help_has_an_example():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "Example:" in result.output


@pytest.mark.parametrize("arguments", [["run", "--config", "x"], ["deregister", "--impi", "a"], ["import", "csv", "f"]])
def test_commands_that_come_later_are_refused(arguments):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "not available yet" in result.output
