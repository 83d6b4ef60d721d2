"""The pytest plugin, as a project that has installed this package meets it."""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

# What is imported inside of an inner run is forgotten after it; half the classes of the next one would be others.
import scscf.laboratory.hss
import scscf.laboratory.ues
import scscf.scenario.artifacts
import scscf.scenario.runner  # noqa: F401

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[1] / "docs" / "guides" / "pytest.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))

GOOD = """
name: two users
tags: [colour-{tag}]
clauses: [RFC 3261 §10.3]
actors: {{phone: , other: }}
steps:
  - register: phone
  - register: other
"""
BAD = """
name: a registrar that says no
actors: {phone: }
parameters: {status: "403"}
steps:
  - register: {by: phone, expect: {status: "${status}"}}
"""


@pytest.fixture(autouse=True)
def _strict(request: pytest.FixtureRequest) -> None:
    """A project whose warnings are errors."""
    pytester: pytest.Pytester = request.getfixturevalue("pytester")
    others = "-p no:schemathesis -p no:hypothesispytest -p no:anyio"  # they take longer than all of it
    pytester.makeini(f"[pytest]\nfilterwarnings = error\naddopts = -p no:cacheprovider {others}\n")


def write(pytester: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        (pytester.path / f"{name}.scenario.yaml").write_text(text, encoding="utf-8")


def test_every_example_of_the_page_passes(pytester: pytest.Pytester) -> None:
    for name, text in EXAMPLES.items():
        file = pytester.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")

    result = pytester.runpytest_inprocess()

    tests = sum(text.count("\ndef test_") + text.startswith("def test_") for text in EXAMPLES.values()) + 1
    result.assert_outcomes(passed=tests)


def test_two_processes_share_the_tests_and_write_one_report(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD.format(tag="red"), bad=BAD)
    pytester.makepyfile("def test_x(ue): assert ue().register().status == 200")

    result = pytester.runpytest_subprocess("-n", "2", "--junitxml=report.xml")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*bad.scenario.yaml:6:*", "*expected:*403*", "*REGISTER*"])
    result.stderr.no_fnmatch_line("*Warning*")
    suite = ET.parse(pytester.path / "report.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")


def test_the_page_s_jobs_are_yaml_and_its_options_there(pytester: pytest.Pytester) -> None:
    job = yaml.safe_load(next(text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "jobs:" in text))
    lines = [step["run"] for step in job["jobs"]["scenarios"]["steps"] if "run" in step]
    lines += [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]

    options = {option for line in lines if "pytest " in line for option in re.findall(r"(?<= )--?[a-z-]+", line)}

    assert options == {"-k", "-x", "-n", "--junitxml", "--scscf-artifacts"}
    help_ = pytester.runpytest_inprocess("--help")
    for option in ("--scscf-artifacts", "--scscf-param", "--scscf-seed"):
        assert f"`{option} " in PAGE
        help_.stdout.fnmatch_lines([f"*{option}*"])


def test_a_run_that_uses_none_of_it_imports_none_of_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing(): pass")
    program = (
        "import sys, pytest; code = pytest.main(['-q'])\n"
        "ours = ('scscf', 'hss_stub', 'twisted', 'lxml', 'pydantic')\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ours)); sys.exit(code)"
    )

    result = pytester.run(sys.executable, "-c", program)

    assert result.ret == 0
    assert result.outlines[-1] == "['scscf', 'scscf.pytest_plugin']"


def test_scenarios_are_chosen_by_name_and_tag_and_have_their_clauses_in_the_report(
    pytester: pytest.Pytester,
) -> None:
    write(pytester, red=GOOD.format(tag="red"), blue=GOOD.format(tag="blue"))

    pytester.runpytest_inprocess("-k", "colour-red").assert_outcomes(passed=1, deselected=1)
    pytester.runpytest_inprocess("-k", "blue", "--junitxml=x.xml").assert_outcomes(passed=1, deselected=1)

    properties = ET.parse(pytester.path / "x.xml").getroot().iter("property")
    assert [(each.get("name"), each.get("value")) for each in properties] == [("clause", "RFC 3261 §10.3")]


def test_a_scenario_that_fails_says_where_what_and_shows_the_ladder(pytester: pytest.Pytester) -> None:
    write(pytester, bad=BAD, good=GOOD.format(tag="red"))

    result = pytester.runpytest_inprocess("--scscf-artifacts=kept")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*bad.scenario.yaml:6:*",
            "*expected:*403*",
            "*came:*200*",
            "*phone*scscf*",
            "*REGISTER*",
            "*artifacts*",
            "*kept*",
        ]
    )
    (kept,) = (pytester.path / "kept").iterdir()
    assert {"ladder.txt", "messages.pcapng", "verdict.json"} <= {each.name for each in kept.iterdir()}


def test_a_parameter_of_the_command_line_goes_before_the_file_s(pytester: pytest.Pytester) -> None:
    write(pytester, bad=BAD)

    pytester.runpytest_inprocess("--scscf-param", "status=200", "--scscf-seed", "7").assert_outcomes(passed=1)


def test_a_file_with_mistakes_is_an_error_that_names_each(pytester: pytest.Pytester) -> None:
    write(pytester, wrong="steps:\n  - fly: phone\n  - register: nobody\n", good=GOOD.format(tag="red"))

    result = pytester.runpytest_inprocess()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*wrong.scenario.yaml:2:*"])


def test_a_test_that_fails_shows_what_was_sent(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x(ue): assert ue().register().status == 603")

    result = pytester.runpytest_inprocess()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 200 == 603*", "*- SIP -*", "*alice*scscf*", "*REGISTER*", "*200 OK*"])


def test_a_test_fails_for_what_the_network_did_wrong_unless_that_was_meant(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("more", [{}, {"permit": ["version-not-from-0"]}, {"judged": False}])
        def test_x(scscf, ue, more):
            scscf.quirk("version-starts-at-2")
            phone = ue(**more)
            phone.register()
            phone.subscribe().notified()

        def test_the_first_failure_is_the_one_that_is_told(scscf, ue):
            scscf.quirk("version-starts-at-2")
            phone = ue()
            phone.register()
            phone.subscribe().notified()
            assert False, "mine"
    """)

    result = pytester.runpytest_inprocess()

    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*the network, at alice: version-not-from-0 (RFC 3680 §5.1)*", "*permit=*", "*mine*"])


def test_what_is_still_owed_at_the_end_of_a_test_is_missed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_x(scscf, ue):
            scscf.quirk("no-final-notify")
            phone = ue()
            phone.register()
            subscription = phone.subscribe()
            subscription.notified()
            subscription.unsubscribe()
    """)

    result = pytester.runpytest_inprocess()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no-final-notify (RFC 6665*"])


def test_a_project_s_own_fixture_of_that_name_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def scscf():
            return "mine"

        def test_x(scscf):
            assert scscf == "yours"
    """)

    result = pytester.runpytest_inprocess()

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_configuration_with_mistakes_is_an_error_that_names_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def scscf_config():
            return {"dialect": "klingon"}

        def test_x(scscf):
            pass
    """)

    result = pytester.runpytest_inprocess()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*scscf_config: dialect: *"])
