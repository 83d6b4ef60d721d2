"""Findings are gathered: none of what is permitted, none of one cause twice, none without end."""

import pytest

from scscf.conformance.findings import Findings
from scscf.conformance.ue.checks import UE_CHECKS


def test_one_cause_is_found_once_and_a_permitted_check_never() -> None:
    findings = Findings(UE_CHECKS, frozenset({"late-refresh"}))
    findings.bring("from-tag-missing", "one", 1.0, "phone")
    findings.bring("from-tag-missing", "one", 2.0, "phone")
    findings.bring("from-tag-missing", "another", 2.0, "pager")
    findings.bring("from-tag-missing", "no cause", 3.0)
    findings.bring("from-tag-missing", "no cause", 3.0)
    findings.bring("late-refresh", "permitted", 3.0)

    assert [finding.message for finding in findings.take()] == ["one", "another", "no cause", "no cause"]
    assert findings.take() == []
    with pytest.raises(KeyError):
        findings.bring("no-such-check", "", 0.0)


def test_what_was_seen_may_have_no_end_and_the_finding_has_one() -> None:
    findings = Findings(UE_CHECKS)

    findings.bring_all([("from-tag-missing", "x" * 10_000), ("late-refresh", "late")], 1.0)

    assert [(finding.check, len(finding.message), finding.at) for finding in findings.take()] == [
        ("from-tag-missing", 400, 1.0),
        ("late-refresh", 4, 1.0),
    ]
