"""Why a scenario failed, as text: place, message, what was expected and what came, findings, the ladder up to there."""

from collections.abc import Sequence

from scscf.scenario.difference import difference
from scscf.scenario.ladder import WIDTH, ladder
from scscf.scenario.masking import masked, masked_lines, masked_parameters
from scscf.scenario.verdict import Failure, Outcome, Verdict

LAST = 60
"""Messages at the end of a scenario that its ladder shows."""
_MOST_LINES = 60
_MOST_COMPARED = 300


def failure_text(verdict: Verdict, width: int = WIDTH, last: int = LAST) -> str:
    """Return all that is to be said of a scenario that did not pass, in plain lines; of one that did, nothing."""
    if verdict.outcome is Outcome.PASSED:
        return ""
    return "\n".join([*reasons(verdict), *_ladder(verdict, width, last)])


def reasons(verdict: Verdict) -> list[str]:
    """Return the lines that say what was wrong, without the ladder."""
    lines = masked_lines([verdict.reason]) if verdict.reason else []
    for failure in verdict.failures:
        lines += _failure(failure)
    if verdict.findings:
        lines.append("Findings:")
        for blamed, found in verdict.findings:
            lines.append(masked(f"  {blamed}: {found.check} ({found.clause}): {found.message}"))
    if verdict.parameters:
        told = (f"{name}={value}" for name, value in masked_parameters(verdict.parameters))
        lines.append(f"Parameters: {' '.join(told)}")
    return lines


def comparison(expected: Sequence[str], came: Sequence[str]) -> list[str]:
    """Return expected and come lines as a difference: `-` before what is missing, `+` before what is too much."""
    wanted, got = masked_lines(expected[:_MOST_COMPARED]), masked_lines(came[:_MOST_COMPARED])
    if not wanted and not got:
        return []
    if len(wanted) <= 1 and len(got) <= 1:
        return [f"expected: {''.join(wanted) or 'nothing'}", f"came:     {''.join(got) or 'nothing'}"]
    lines = ["- expected", "+ came", *difference(wanted, got)]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"({len(lines) - _MOST_LINES} lines more)"]
    return lines


def _failure(failure: Failure) -> list[str]:
    place = failure.place
    where = f"{place.file}:{place.line}:{place.column}: {place.way}" if place.line else f"{place.file}: {place.way}"
    lines = [masked(where.rstrip(": ")), masked(f"  at {failure.at:.3f} s: {failure.message}")]
    return lines + [f"    {line}" for line in comparison(failure.expected, failure.came)]


def _ladder(verdict: Verdict, width: int, last: int) -> list[str]:
    if not verdict.messages:
        return []
    return ["", *ladder(verdict.messages, verdict.participants, width, last)]
