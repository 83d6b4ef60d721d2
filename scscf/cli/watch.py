"""`scscf watch`: the live view, redrawn at each event; plain lines where the output is no terminal."""

from typing import Any

import click
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from scscf.cli.client import ApiClient, Refused, aor_path
from scscf.cli.tables import registrations_table, subscriptions_table

_LINES = 12


def watch_live(client: ApiClient, aor: str | None) -> None:
    """Follow the event stream until it ends or ^C."""
    console = Console(markup=False, highlight=False)
    events = client.events()
    try:
        if console.is_terminal:
            _live(client, aor, console, events)
        else:
            for kind, data in events:
                if aor in (None, data.get("aor")):
                    click.echo(event_line(kind, data))
    except KeyboardInterrupt:
        pass


def _live(client: ApiClient, aor: str | None, console: Console, events: Any) -> None:
    lines: list[str] = []
    with Live(_picture(client, aor, lines), console=console, auto_refresh=False) as live:
        for kind, data in events:
            if aor in (None, data.get("aor")):
                lines = [*lines[1 - _LINES :], event_line(kind, data)]
                live.update(_picture(client, aor, lines), refresh=True)


def _picture(client: ApiClient, aor: str | None, lines: list[str]) -> Group:
    try:
        shown = (
            [client.call("GET", aor_path(aor))]
            if aor
            else client.call("GET", "/v1/registrations", query={"limit": 30})["registrations"]
        )
    except Refused:
        shown = []
    watchers = client.call("GET", "/v1/subscriptions", query={"aor": aor})["subscriptions"]
    return Group(
        registrations_table(shown) if shown else Text("nobody is registered"),
        Text(""),
        subscriptions_table(watchers[:20]) if watchers else Text("nobody watches"),
        Text(""),
        Text("\n".join(lines), "dim"),
    )


def event_line(kind: str, data: dict[str, Any]) -> str:
    """Return one event as a line."""
    if kind == "contact":
        return f"contact       {data['aor']}  {data['uri']}  {data['state']} ({data['event']})  {data['expires']} s"
    if kind == "registration":
        return f"registration  {data['aor']}  {data['state']}  by {data['cause']}"
    if kind == "notify":
        return f"notify        {data['aor']}  version {data['version']} to {data['subscription']}: {data['status']}"
    if kind == "subscription":
        reason = f" ({data['reason']})" if data.get("reason") else ""
        return f"subscription  {data['aor']}  {data['watcher']}  {data['state']}{reason}"
    return f"{kind}  {data}"
