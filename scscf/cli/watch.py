"""`scscf watch`: the live view, redrawn as things happen; plain lines where the output is no terminal."""

from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import click
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from scscf.cli.client import ApiClient, Refused, aor_path, printable
from scscf.cli.tables import registrations_table, subscriptions_table

KINDS = ("registration", "contact", "subscription", "notify", "user_services")
_LINES = 12
_MOST_ROWS = 30

Event = tuple[str, dict[str, Any]]


def watch_live(client: ApiClient, aor: str | None) -> None:
    """Follow the event stream until the server ends it or ^C; `aor` is canonical."""
    console = Console(markup=False, highlight=False)
    with suppress(KeyboardInterrupt):
        if console.is_terminal:
            _live(client, aor, console)
        else:
            events = client.events(KINDS)
            click.echo(f"scscf: watching {aor or 'everybody'} at {client.url}, until ^C", err=True)
            for kind, data in events:
                if aor in (None, data.get("aor")):
                    click.echo(event_line(kind, data))
        click.echo("scscf: the S-CSCF has ended the stream", err=True)


def _live(client: ApiClient, aor: str | None, console: Console) -> None:
    """Redraw at events, many at once where there are many, and each second, since time runs off."""
    lines: list[str] = []
    arrived: SimpleQueue[Event | None] = SimpleQueue()
    picture = _picture(client, aor, lines)
    Thread(target=_read, args=(client.events(KINDS), arrived), daemon=True).start()
    with Live(picture, console=console, auto_refresh=False) as live:
        while True:
            events = _drain(arrived, 1.0)
            lines += [event_line(*event) for event in events if event and aor in (None, event[1].get("aor"))]
            del lines[:-_LINES]
            try:
                live.update(_picture(client, aor, lines), refresh=True)
            except Refused:
                return
            if None in events:
                return


def _read(events: Iterator[Event], arrived: "SimpleQueue[Event | None]") -> None:
    for event in events:
        arrived.put(event)
    arrived.put(None)


def _drain(arrived: "SimpleQueue[Event | None]", seconds: float) -> list[Event | None]:
    """Return what has arrived, after waiting so long for a first event and a moment for others like it."""
    found: list[Event | None] = []
    with suppress(Empty):
        found.append(arrived.get(timeout=seconds))
        while len(found) < 1000:
            found.append(arrived.get(timeout=0.1))
    return found


def _picture(client: ApiClient, aor: str | None, lines: list[str]) -> Group:
    more = ""
    if aor is not None:
        try:
            shown = [client.call("GET", aor_path(aor))]
        except Refused as error:
            if error.exit_code != 1:
                raise
            shown = []
    else:
        page = client.call("GET", "/v1/registrations", query={"limit": _MOST_ROWS})
        shown = page["registrations"]
        if page["total"] > len(shown):
            more = f"... of {page['total']}"
    watchers = client.call("GET", "/v1/subscriptions", query={"aor": aor, "ended": "true"})["subscriptions"]
    return Group(
        registrations_table(shown) if shown else Text("nobody is registered"),
        Text(more),
        subscriptions_table(watchers[:_MOST_ROWS]) if watchers else Text("nobody watches"),
        Text(""),
        Text("\n".join(lines), "dim"),
    )


def event_line(kind: str, data: dict[str, Any]) -> str:
    """Return one event as a line."""
    line = f"{kind:<13} " + "  ".join(f"{name}={value}" for name, value in data.items() if name != "at")
    if kind == "contact":
        line = f"contact       {data['aor']}  {data['uri']}  {data['state']} ({data['event']})"
        if data["state"] == "active":
            line += f"  {data['expires']} s"
        if data.get("retry_after") is not None:
            line += f"  retry after {data['retry_after']} s"
    elif kind == "registration":
        line = f"registration  {data['aor']}  {data['state']}  by {data['cause']}"
    elif kind == "notify":
        line = f"notify        {data['aor']}  version {data['version']} to {data['subscription']}: {data['status']}"
    elif kind == "subscription":
        reason = f" ({data['reason']})" if data.get("reason") else ""
        line = f"subscription  {data['aor']}  {data['watcher']}  {data['state']}{reason}"
    elif kind == "user_services":
        line = f"user services {data['aor']}  {'available' if data['available'] else 'unavailable'}"
    return printable(line)
