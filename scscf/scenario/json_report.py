"""The report for programs: every verdict as JSON, in the shape of `schemas/report.schema.json`."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from scscf import __version__
from scscf.scenario.caption import full_text
from scscf.scenario.ladder import rungs
from scscf.scenario.masking import masked, masked_lines, masked_parameters
from scscf.scenario.parties import Parties
from scscf.scenario.report_shape import SHAPE
from scscf.scenario.verdict import Outcome, Verdict

_TELLING = frozenset({Outcome.FAILED, Outcome.ERROR})


def json_report(verdicts: Sequence[Verdict], seed: int | None = None) -> str:
    """Return the report on these verdicts, in their order. `seed` is what chance was drawn with."""
    report = {
        "shape": SHAPE,
        "program": f"scscf {__version__}",
        "seed": seed,
        "summary": summary(verdicts),
        "scenarios": [verdict_object(verdict, whole=verdict.outcome in _TELLING) for verdict in verdicts],
    }
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return how many came to what, and the time that they took and that passed in them, in seconds."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    return {
        "passed": counts[Outcome.PASSED],
        "failed": counts[Outcome.FAILED],
        "not_run": counts[Outcome.NOT_RUN],
        "error": counts[Outcome.ERROR],
        "seconds": round(sum(verdict.seconds for verdict in verdicts), 6),
        "simulated": round(sum(verdict.simulated for verdict in verdicts), 6),
    }


def verdict_object(verdict: Verdict, *, whole: bool = True) -> dict[str, Any]:
    """Return a verdict as what JSON is made of; its messages and documents only if `whole`. No secrets are in it."""
    return {
        "name": masked(verdict.name),
        "file": masked(verdict.file),
        "outcome": verdict.outcome.value,
        "reason": "\n".join(masked_lines([verdict.reason])) if verdict.reason else "",
        "tags": [masked(tag) for tag in verdict.tags],
        "clauses": [masked(clause) for clause in verdict.clauses],
        "parameters": dict(masked_parameters(verdict.parameters)),
        "seconds": round(verdict.seconds, 6),
        "simulated": round(verdict.simulated, 6),
        "steps": verdict.steps,
        "fingerprint": verdict.fingerprint,
        "failures": [
            {
                "file": masked(failure.place.file),
                "line": failure.place.line,
                "column": failure.place.column,
                "way": masked(failure.place.way),
                "at": round(failure.at, 6),
                "message": masked(failure.message),
                "expected": masked_lines(failure.expected),
                "came": masked_lines(failure.came),
            }
            for failure in verdict.failures
        ],
        "findings": [
            {
                "blamed": masked(blamed),
                "check": masked(found.check),
                "clause": masked(found.clause),
                "message": masked(found.message),
            }
            for blamed, found in verdict.findings
        ],
        "participants": Parties(verdict.participants).names,
        "message_count": len(verdict.messages),
        "messages": _messages(verdict) if whole else [],
        "documents": _documents(verdict) if whole else [],
    }


def _messages(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "at": round(rung.at, 6),
            "protocol": rung.protocol,
            "transport": message.transport,
            "source": rung.source,
            "target": rung.target,
            "label": rung.label,
            "about": rung.about,
            "notes": list(rung.notes),
            "lost": rung.lost,
            "again": rung.again,
            "refused": rung.refused,
            "text": "\n".join(masked(line) for line in full_text(message).split("\n")),
        }
        for rung, message in zip(rungs(verdict.messages, verdict.participants), verdict.messages, strict=True)
    ]


def _documents(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "at": round(document.at, 6),
            "to": masked(document.to),
            "subscription_state": masked(document.subscription_state),
            "body": "\n".join(masked(line) for line in document.body.decode("utf-8", "replace").splitlines()),
        }
        for document in verdict.documents
    ]
