"""The text of a failure: where, what, the difference, the findings, the ladder; and never a secret."""

from scscf.scenario.failure_text import comparison, failure_text
from tests.scenario.samples import ERROR, FAILED, NOT_RUN, PASSED, SECRETS


def test_a_failure_tells_place_difference_findings_and_ladder() -> None:
    lines = failure_text(FAILED, 100).splitlines()

    assert lines[:12] == [
        "scenarios/ims/deactivated.scenario.yaml:12:5: steps[3].notified.version",
        "  at 7200.510 s: the NOTIFY was not the one expected",
        "    - expected",
        "    + came",
        "    - version: 1",
        "    + version: 2",
        "      state: full",
        "    - sip:tobias",
        "    + <script>alert(1)</script>",
        '    + response="..."',
        "scenarios/ims/deactivated.scenario.yaml:14:5: steps[4].register",
        "  at 0.000 s: no",
    ]
    assert "    expected: 200" in lines
    assert "  network: version-gap (RFC 3680 §5.1): version went from 0 to 2" in lines
    assert "Parameters: transport=udp password=... k=..." in lines
    assert any("REGISTER" in line and "->" not in line for line in lines[-12:])


def test_no_secret_is_in_it() -> None:
    text = failure_text(FAILED)

    assert [secret for secret in SECRETS if secret in text] == []


def test_what_passed_has_none_and_other_outcomes_have_their_reason() -> None:
    assert failure_text(PASSED) == ""
    assert failure_text(NOT_RUN) == "no UE came within 30 s"
    assert failure_text(ERROR) == "b.yaml:3:1: no key steeps\nb.yaml:4:1: x"


def test_a_long_difference_is_cut() -> None:
    lines = comparison([f"a{number}" for number in range(200)], [f"b{number}" for number in range(200)])

    assert len(lines) == 61
    assert lines[-1].endswith("lines more)")


def test_nothing_against_something_is_said_so() -> None:
    assert comparison((), ()) == []
    assert comparison(("a NOTIFY",), ()) == ["expected: a NOTIFY", "came:     nothing"]
