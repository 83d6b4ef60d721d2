"""The report for people: one HTML file that needs nothing else, with filters, failures and ladders."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from scscf import __version__
from scscf.scenario.html_verdict import html_verdict
from scscf.scenario.json_report import summary
from scscf.scenario.ladder import duration
from scscf.scenario.masking import masked
from scscf.scenario.verdict import Outcome, Verdict

MOST = 24_000_000
"""Characters of a page after which only scenarios that failed have their ladders in it."""
_WORST_FIRST = (Outcome.ERROR, Outcome.FAILED, Outcome.NOT_RUN, Outcome.PASSED)
_MOST_TAGS = 500


def html_report(verdicts: Sequence[Verdict], title: str = "Scenarios") -> str:
    """Return the page on these verdicts, what failed first.

    Without scripts it shows failures and plain ladders; with them, filters, and ladders whose messages can be opened.
    """
    order = sorted(range(len(verdicts)), key=lambda index: (_WORST_FIRST.index(verdicts[index].outcome), index))
    parts: list[str] = []
    size = 0
    for position, index in enumerate(order):
        verdict = verdicts[index]
        failed = verdict.outcome in (Outcome.FAILED, Outcome.ERROR)
        part = html_verdict(verdict, f"s{index + 1}", whole=failed or size < MOST, opened=failed and position == 0)
        size += len(part)
        parts.append(part)
    folder = files("scscf.scenario")
    style, script = ((folder / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(masked(title))}: {escape(_counts(verdicts))}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{_head(verdicts, title)}<main>\n{''.join(parts)}</main>\n"
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _counts(verdicts: Sequence[Verdict]) -> str:
    counted = summary(verdicts)
    told = [f"{counted['passed']} passed", f"{counted['failed']} failed"]
    told += [f"{counted['not_run']} not run"] if counted["not_run"] else []
    told += [f"{counted['error']} in error"] if counted["error"] else []
    return ", ".join(told)


def _head(verdicts: Sequence[Verdict], title: str) -> str:
    counted = summary(verdicts)
    boxes = "".join(
        f'<label class="{outcome.value.replace(" ", "-")}">'
        f'<input type="checkbox" name="outcome" value="{outcome.value}" checked>'
        f" {counted[outcome.value.replace(' ', '_')]} {outcome.value}</label>"
        for outcome in _WORST_FIRST
    )
    tags = sorted({tag for verdict in verdicts for tag in verdict.tags})[:_MOST_TAGS]
    options = "".join(f"<option>{escape(masked(tag))}</option>" for tag in tags)
    took = f"{duration(counted['simulated'])} simulated in {counted['seconds']:.2f} s; scscf {__version__}"
    return (
        f'<header>\n<h1>{escape(masked(title))}: {escape(_counts(verdicts))}</h1>\n<p class="dim">{escape(took)}</p>\n'
        f'</header>\n<div class="filters" role="search" hidden><fieldset aria-label="Outcome">{boxes}</fieldset>\n'
        f'<select id="tag" aria-label="Tag"><option value="">every tag</option>{options}</select>\n'
        '<input type="search" id="search" aria-label="Filter by text" placeholder="filter by text (press /)">\n'
        '<span id="count" class="dim" role="status"></span></div>\n'
    )
