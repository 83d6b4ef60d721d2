"""One scenario in the HTML report: what was expected and what came side by side, and the data of its ladder."""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Any

from scscf.scenario.caption import full_text
from scscf.scenario.difference import difference
from scscf.scenario.failure_text import LAST
from scscf.scenario.ladder import PAUSE, columns, duration, ladder, rungs
from scscf.scenario.masking import masked, masked_lines, masked_parameters
from scscf.scenario.parties import Parties, printable
from scscf.scenario.reginfo_lines import pretty, reginfo_lines
from scscf.scenario.verdict import Document, Failure, Outcome, Verdict

_MOST_MESSAGES = 1000
_MOST_DOCUMENTS = 300
_MOST_LINES = 400
_LONGEST_TEXT = 65_536


def html_verdict(verdict: Verdict, anchor: str, *, whole: bool = True, opened: bool = False) -> str:
    """Return the part of the page on one scenario; `whole` with its messages and documents, as data for the script."""
    kind = verdict.outcome.value
    failed = verdict.outcome in (Outcome.FAILED, Outcome.ERROR)
    text = f"{verdict.name} {verdict.file} {' '.join(verdict.tags)} {' '.join(verdict.clauses)} {verdict.reason}"
    time = "" if verdict.outcome is Outcome.NOT_RUN else _took(verdict)
    return (
        f'<details class="scenario {kind.replace(" ", "-")}" id="{anchor}" data-outcome="{kind}" '
        f'data-tags="{_attribute(chr(10).join(map(masked, verdict.tags)))}" '
        f'data-text="{_attribute(masked(text).lower())}"{" open" if opened else ""}>\n'
        f'<summary><span class="mark">{kind}</span><span>{_text(verdict.name)} '
        f'<span class="file">{_text(verdict.file)}</span></span><span class="time">{time}</span></summary>\n'
        f'<div class="body">\n{_about(verdict)}{"".join(map(_failure, verdict.failures))}{_findings(verdict)}'
        f"{_plain(verdict) if failed else ''}{_data(verdict, whole)}</div>\n</details>\n"
    )


def _took(verdict: Verdict) -> str:
    return escape(f"{duration(verdict.simulated)} in {verdict.seconds * 1000:.0f} ms")


def _text(text: str) -> str:
    return escape(masked(text), quote=False)


def _attribute(text: str) -> str:
    return escape(text, quote=True)


def _about(verdict: Verdict) -> str:
    marks = [*verdict.tags, *verdict.clauses]
    marks += [f"{name}={value}" for name, value in masked_parameters(verdict.parameters)]
    lines = [f'<p>{"".join(f"""<span class="tag">{_text(mark)}</span>""" for mark in marks)}</p>\n'] if marks else []
    lines += [f"<p>{escape(line, quote=False)}</p>\n" for line in masked_lines([verdict.reason]) if line]
    return "".join(lines)


def _failure(failure: Failure) -> str:
    place = failure.place
    where = f"{place.file}:{place.line}:{place.column}" if place.line else place.file
    sides = ""
    if failure.expected or failure.came:
        wanted, got = masked_lines(failure.expected)[:_MOST_LINES], masked_lines(failure.came)[:_MOST_LINES]
        left, right = _sides(wanted, got)
        sides = (
            f'<div class="sides"><div><b>expected</b><pre>{left}</pre></div>'
            f"<div><b>came</b><pre>{right}</pre></div></div>"
        )
    return (
        f'<div class="failure"><p>{_text(failure.message)} <span class="dim">at {failure.at:.3f} s</span></p>'
        f'<div class="way dim">{_text(where)} {_text(place.way)}</div>{sides}</div>\n'
    )


def _sides(wanted: Sequence[str], got: Sequence[str]) -> tuple[str, str]:
    """Return both as HTML lines, those marked that only one has."""
    left, right = [], []
    for what, start, end, begin, stop in SequenceMatcher(None, wanted, got, autojunk=False).get_opcodes():
        mark = ("<span>", "<span>") if what == "equal" else ('<span class="gone">', '<span class="come">')
        close = "</span>\n" if what == "equal" else "</span>"
        left += [f"{mark[0]}{escape(line, quote=False) or ' '}{close}" for line in wanted[start:end]]
        right += [f"{mark[1]}{escape(line, quote=False) or ' '}{close}" for line in got[begin:stop]]
    return "".join(left) or "nothing", "".join(right) or "nothing"


def _findings(verdict: Verdict) -> str:
    return "".join(
        f'<div class="finding"><p><b>{_text(found.check)}</b> blamed on {_text(blamed)}: {_text(found.message)} '
        f'<span class="dim">{_text(found.clause)}</span></p></div>\n'
        for blamed, found in verdict.findings
    )


def _plain(verdict: Verdict) -> str:
    lines = ladder(verdict.messages, verdict.participants, last=LAST)
    return f'<pre class="plain">{escape(chr(10).join(lines), quote=False)}</pre>\n' if lines else ""


def _data(verdict: Verdict, whole: bool) -> str:
    if not verdict.messages and not verdict.documents:
        return ""
    if not whole:
        return f'<p class="dim">{len(verdict.messages)} messages, left out of a page as long as this.</p>\n'
    parties = Parties(verdict.participants)
    hidden = max(0, len(verdict.messages) - _MOST_MESSAGES)
    every = rungs(verdict.messages, verdict.participants)
    shown = every[hidden:]
    names = columns(shown, every)
    told: list[dict[str, Any]] = []
    before = shown[0].at if shown else 0.0
    for rung, message in zip(shown, verdict.messages[hidden:], strict=True):
        text = "\n".join(printable(line) for line in full_text(message)[:_LONGEST_TEXT].split("\n"))
        one = rung._asdict() | {"source": names.index(rung.source), "target": names.index(rung.target), "text": text}
        if rung.at - before >= PAUSE:
            one["pause"] = duration(rung.at - before)
        before = rung.at
        told.append(one)
    data = {"columns": names, "before": hidden, "rungs": told, "documents": list(_documents(verdict, parties))}
    inert = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " ")
    return f'<script type="application/json">{inert}</script>\n'


def _documents(verdict: Verdict, parties: Parties) -> Iterator[dict[str, Any]]:
    before: dict[str, list[str]] = {}
    for document in verdict.documents[-_MOST_DOCUMENTS:]:
        lines = pretty(document.body)[:_MOST_LINES]
        yield {
            "at": document.at,
            "to": masked(document.to),
            "state": masked(document.subscription_state),
            "said": _said(document, parties),
            "lines": difference(before.get(document.to, lines), lines),
        }
        before[document.to] = lines


def _said(document: Document, parties: Parties) -> str:
    return "; ".join(" ".join(line.split()) for line in reginfo_lines(document.body, parties.contact))
