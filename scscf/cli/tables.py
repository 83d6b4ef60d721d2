"""What the commands print of registrations, subscriptions and reports. SIP text is never taken for markup."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from scscf.cli.client import printable

View = dict[str, Any]
_WIDEST = 20_000
"""Columns where there is no terminal: nothing that a script wants to find is folded."""
_STATE_STYLE = {"active": "green", "terminated": "red", "init": "yellow"}


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    return table


def _text(text: object) -> Text:
    return Text(printable(str(text)))


def _state(state: str) -> Text:
    return Text(printable(state), _STATE_STYLE.get(state, ""))


def registrations_table(registrations: Iterable[View]) -> RenderableType:
    """Return one line for each contact."""
    table = _table("AOR", "STATE", "CONTACT", "EVENT", "EXPIRES", "PRIVATE IDENTITY", "SOURCE")
    for registration in registrations:
        for index, contact in enumerate(registration["contacts"] or [None]):
            aor = _text(registration["aor"] if index == 0 else "")
            if contact is None:
                table.add_row(aor, _state(registration["state"]))
                continue
            source = f"{contact['transport']} {contact['source']}" if contact["source"] else ""
            table.add_row(
                aor,
                _state(contact["state"]),
                _text(contact["uri"]),
                _text(contact["event"]),
                Text(_left(contact["expires"])),
                _text(contact["private_identity"]),
                _text(source),
            )
    return table


def subscriptions_table(subscriptions: Iterable[View]) -> RenderableType:
    """Return one line for each subscription."""
    table = _table("AOR", "WATCHER", "STATE", "EXPIRES", "VERSION", "ANSWER", "DOCUMENTS", "ID")
    for each in subscriptions:
        last = each["last_notify"] or {}
        state = each["state"] + (f" ({each['reason']})" if each["reason"] else "")
        answer = last.get("status")
        table.add_row(
            _text(each["aor"]),
            _text(each["watcher"]),
            Text(state, _STATE_STYLE.get(each["state"], "")),
            Text(_left(each["expires"])),
            Text("" if each["version"] is None else str(each["version"])),
            Text("..." if answer is None else str(answer)),
            Text(each["documents"]),
            Text(each["id"]),
        )
    return table


def report_table(report: View) -> RenderableType:
    """Return what a command did and what each watcher answered."""
    changed = _table("AOR", "CONTACT", "EVENT")
    for row in report["removed"] + report["changed"]:
        more = f" (retry after {row['retry_after']} s)" if row["retry_after"] is not None else ""
        if row["event"] == "shortened":
            more = f" (to {row['expires']} s)"
        changed.add_row(_text(row["aor"]), _text(row["uri"]), _text(row["event"] + more))
    if not report["watchers"]:
        return Group(changed, Text("no watcher was there to be told", "yellow"))
    told = _table("WATCHER'S SUBSCRIPTION", "VERSION", "ANSWER", "MS")
    for watcher in report["watchers"]:
        answer = str(watcher["status"])
        took = "" if watcher["ms"] is None else f"{watcher['ms']:.1f}"
        version = "" if watcher["version"] is None else str(watcher["version"])
        told.add_row(Text(watcher["subscription"]), Text(version), Text(answer), Text(took))
    return Group(changed, Text(""), told)


def show(what: RenderableType) -> None:
    """Print to stdout; as wide as the terminal, or as it needs where there is none."""
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=_WIDEST)
    console.print(what)


def _left(seconds: int) -> str:
    return "never" if seconds >= 4294967295 else f"{seconds} s"
