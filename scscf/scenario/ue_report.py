"""What is said about UEs under test after all verdicts: purpose, verdict, and what was found."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from scscf.scenario.masking import masked
from scscf.scenario.verdict import Outcome, Verdict

_PURPOSE = re.compile(r"(modelled-on-)?34\.229(-\d+)?:(.+)")
_WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "FAILED",
    Outcome.NOT_RUN: "not run",
    Outcome.ERROR: "error",
}
_HEAD = ("purpose", "verdict", "what was found")


def ue_report(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the lines of a table with a row for each scenario that had a UE under test; none where none had.

    A purpose that the project knows from memory only is told as `modelled on`: its verdict is this program's.
    """
    rows = [(purpose(each), _WORDS[each.outcome], "; ".join(_found(each))) for each in verdicts if each.under_test]
    if not rows:
        return []
    wide = max(len(row[0]) for row in (_HEAD, *rows))
    lines = [_HEAD, ("-" * wide, "-------", "--------------"), *rows]
    return [f"{what:{wide}}  {verdict:7}  {found}".rstrip() for what, verdict, found in lines]


def purpose(verdict: Verdict) -> str:
    """Return what a scenario is for: the numbers of its purposes in TS 34.229, its file's name where it has none."""
    parts: dict[str, list[str]] = {}
    for tag in verdict.tags:
        match = _PURPOSE.fullmatch(tag)
        if match is not None:
            modelled, part, number = match.groups()
            parts.setdefault(f"{'modelled on ' if modelled else ''}34.229{part or '-1'}", []).append(number)
    name = PurePath(verdict.file).name.partition(".")[0] or verdict.name
    standards = "; ".join(f"{standard} {', '.join(numbers)}" for standard, numbers in parts.items())
    row = "".join(re.findall(r"\[\d+\]$", verdict.name))
    return f"{standards} ({name}{row})" if standards else f"{name}{row}"


def _found(verdict: Verdict) -> Iterator[str]:
    findings = [finding for who, finding in verdict.findings if who in verdict.under_test]
    for check, clause in dict.fromkeys((finding.check, finding.clause) for finding in findings):
        yield f"{check} ({clause})"
    for failure in verdict.failures:
        yield masked(failure.message)
    if not findings and verdict.outcome is Outcome.FAILED:
        for check in dict.fromkeys(finding.check for _, finding in verdict.findings):
            yield f"the network: {check}"
    if verdict.reason:
        yield masked(verdict.reason.splitlines()[0])
