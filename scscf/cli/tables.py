"""What the commands print of registrations, subscriptions and reports. SIP text is never taken for markup."""

from collections.abc import Iterable, Iterator
from typing import Any

import click
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from scscf.cli.client import printable
from scscf.regevent.reading import ReadDocument

View = dict[str, Any]
_GAP = "  "
_STATE_STYLE = {"active": "green", "terminated": "red", "init": "yellow"}


class _Columns:
    """A table as wide as the terminal: first the `spare` columns are left out, then those that may be are folded."""

    def __init__(self, *names: str, spare: tuple[str, ...] = (), folding: tuple[str, ...] = ()) -> None:
        self._names = names
        self._spare = spare
        self._folding = folding
        self._rows: list[tuple[Text, ...]] = []

    def add_row(self, *cells: Text) -> None:
        """Add a line; columns at the end may be missing."""
        self._rows.append((*cells, *[Text()] * (len(self._names) - len(cells))))

    def lines(self) -> Iterator[str]:
        """Return it as it is where there is no terminal: nothing is left out or folded that a script wants to find."""
        widths = self._widths().values()
        for row in (self._names, *([cell.plain for cell in row] for row in self._rows)):
            yield _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths()
        for name in self._spare:
            if sum(widths.values()) + len(_GAP) * (len(widths) - 1) > options.max_width:
                del widths[name]
        table = Table(box=None, padding=(0, len(_GAP), 0, 0), pad_edge=False, show_edge=False, header_style="bold")
        for name in widths:
            table.add_column(Text(name), overflow="fold", no_wrap=name not in self._folding)
        for row in self._rows:
            table.add_row(*(cell for name, cell in zip(self._names, row, strict=True) if name in widths))
        yield table

    def _widths(self) -> dict[str, int]:
        columns = zip(self._names, *self._rows, strict=True)
        return {name: max([len(name), *(cell.cell_len for cell in cells)]) for name, *cells in columns}


def _text(text: object) -> Text:
    return Text(printable(str(text)))


def _state(state: str) -> Text:
    return Text(printable(state), _STATE_STYLE.get(state, ""))


def registrations_table(registrations: Iterable[View]) -> RenderableType:
    """Return one line for each contact; with its epid where there are Microsoft's endpoints."""
    registrations = list(registrations)
    has_epids = any(contact.get("epid") for each in registrations for contact in each["contacts"])
    table = _Columns(
        *("AOR", "STATE", "CONTACT", "EVENT", "EXPIRES", "PRIVATE IDENTITY", "SOURCE"),
        *(("EPID",) if has_epids else ()),
        spare=("SOURCE", "PRIVATE IDENTITY", "EVENT"),
        folding=("AOR", "CONTACT"),
    )
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
                *((_text(contact.get("epid") or ""),) if has_epids else ()),
            )
    return table


def subscriptions_table(subscriptions: Iterable[View]) -> RenderableType:
    """Return one line for each subscription; with its event package where there are others than reg."""
    subscriptions = list(subscriptions)
    has_others = any(each.get("event", "reg") != "reg" for each in subscriptions)
    table = _Columns(
        *("AOR", "WATCHER", "STATE", "EXPIRES", "VERSION", "ANSWER", "DOCUMENTS", "ID"),
        *(("EVENT",) if has_others else ()),
        spare=("DOCUMENTS", "ID", "EXPIRES"),
        folding=("AOR", "WATCHER"),
    )
    for each in subscriptions:
        last = each["last_notify"] or {}
        state = each["state"] + (f" ({each['reason']})" if each["reason"] else "")
        untold = not last and each.get("event", "reg") != "reg"
        answer = "" if untold else last.get("status")
        table.add_row(
            _text(each["aor"]),
            _text(each["watcher"]),
            Text(state, _STATE_STYLE.get(each["state"], "")),
            Text(_left(each["expires"])),
            Text("" if each["version"] is None else str(each["version"])),
            Text("..." if answer is None else str(answer)),
            Text(each["documents"]),
            Text(each["id"]),
            *((_text(_package(each)),) if has_others else ()),
        )
    return table


def report_table(report: View, nothing: str = "nobody was registered") -> RenderableType:
    """Return what a command did and what each watcher answered; `nothing` where it did not do or tell anything."""
    if not report["removed"] and not report["changed"]:
        return _told_table(report["watchers"]) if report["watchers"] else Text(nothing)
    changed = _Columns("AOR", "CONTACT", "EVENT", folding=("AOR", "CONTACT"))
    for row in report["removed"] + report["changed"]:
        more = f" (retry after {row['retry_after']} s)" if row["retry_after"] is not None else ""
        if row["event"] == "shortened":
            more = f" (to {row['expires']} s)"
        changed.add_row(_text(row["aor"]), _text(row["uri"]), _text(row["event"] + more))
    if not report["watchers"]:
        return Group(changed, Text("no watcher was there to be told", "yellow"))
    return Group(changed, Text(""), _told_table(report["watchers"]))


def _told_table(watchers: Iterable[View]) -> RenderableType:
    told = _Columns("WATCHER'S SUBSCRIPTION", "VERSION", "ANSWER", "MS")
    for watcher in watchers:
        answer = str(watcher["status"])
        took = "" if watcher["ms"] is None else f"{watcher['ms']:.1f}"
        version = "" if watcher["version"] is None else str(watcher["version"])
        told.add_row(Text(watcher["subscription"]), Text(version), Text(answer), Text(took))
    return told


def _package(subscription: View) -> str:
    epid = subscription.get("epid")
    return str(subscription["event"]) + (f" ({epid})" if epid else "")


def pushes_table(pushes: Iterable[View]) -> RenderableType:
    """Return one line for each RTR of an HSS, with what the S-CSCF answered."""
    table = _Columns(
        *("PRIVATE IDENTITY", "IDENTITIES", "S-CSCF", "ANSWER"), folding=("PRIVATE IDENTITY", "IDENTITIES", "S-CSCF")
    )
    for push in pushes:
        stays = f" (stays for emergencies: {', '.join(push['emergency'])})" if push["emergency"] else ""
        table.add_row(
            _text(push["impi"]),
            _text(", ".join(push["impus"]) or "all"),
            _text(push["server"]),
            Text(printable(push["result"] + stays), "green" if push["result"] == "SUCCESS" else "red"),
        )
    return table


def rules_table(rules: Iterable[View]) -> RenderableType:
    """Return one line for each rule."""
    table = _Columns("NAME", "MATCH", "DO", "AFTER", "COUNT", "SEEN", "HITS", folding=("MATCH", "DO"))
    for rule in rules:
        (action, how), *_ = rule["do"].items()
        if isinstance(how, dict | list):
            how = how["status"] if isinstance(how, dict) else "..."
        table.add_row(
            _text(rule["name"]),
            _text(" ".join(f"{name}={value}" for name, value in rule["match"].items()) or "everything"),
            _text(action if how is True else f"{action} {how}"),
            Text(str(rule["after"])),
            Text("" if rule["count"] is None else str(rule["count"])),
            Text(str(rule["seen"])),
            Text(str(rule["hits"])),
        )
    return table


def document_table(document: ReadDocument) -> RenderableType:
    """Return one line for each contact of a registration information document."""
    table = _Columns(*("AOR", "REGISTRATION", "CONTACT", "STATE", "EVENT", "EXPIRES"), folding=("AOR", "CONTACT"))
    for registration in document.registrations:
        for index, contact in enumerate(registration.contacts or [None]):
            first = (_text(registration.aor), _state(registration.state)) if index == 0 else (Text(), Text())
            if contact is None:
                table.add_row(*first)
                continue
            retry = contact.get("retry-after")
            expires = contact.get("expires")
            table.add_row(
                *first,
                _text(contact.uri),
                _state(contact.get("state") or ""),
                _text((contact.get("event") or "") + ("" if retry is None else f" (retry after {retry} s)")),
                _text("" if expires is None else f"{expires} s"),
            )
    return table


def notice_table(notice: View) -> RenderableType:
    """Return in one line what an endpoint of Microsoft's was told of itself."""
    signed = notice["signed"]
    names = ("REGISTRATION", "EVENT", "ERROR ID", "REASON", "PREFERRED REGISTRAR")
    table = _Columns(*names, *(() if signed is None else ("SIGNED",)), folding=("REASON", "PREFERRED REGISTRAR"))
    table.add_row(
        Text(notice["registration"], "green" if notice["registration"] == "registered" else "red"),
        _text(notice["told"]),
        _text(notice["error_id"] or ""),
        _text(notice["reason"] or ""),
        _text(notice["preferred_registrar"] or ""),
        *(() if signed is None else (Text("yes" if signed else "no"),)),
    )
    return table


def show(what: RenderableType) -> None:
    """Print to stdout; as wide as the terminal, or as it needs where there is none."""
    console = Console(markup=False, highlight=False)
    if console.is_terminal:
        console.print(what)
        return
    for part in what.renderables if isinstance(what, Group) else (what,):
        click.echo("\n".join(part.lines()) if isinstance(part, _Columns) else str(part))


def _left(seconds: int) -> str:
    return "never" if seconds >= 4294967295 else f"{seconds} s"
