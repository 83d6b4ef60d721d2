"""`scscf clock`: the service time of a running S-CSCF."""

import json
from typing import Any

import click

from scscf.cli.client import ApiClient
from scscf.cli.control import api_options, as_json
from scscf.cli.options import complete

_PATIENCE = 3600.0
"""Seconds that an advance may take: a hundred thousand expiries are many messages."""


def _duration(_context: click.Context, _parameter: click.Parameter, value: str) -> float:
    from scscf.scenario.quantity import LONGEST, seconds

    try:
        found = seconds(value)
    except ValueError as error:
        raise click.BadParameter(f"{value}: {error}") from None
    if found > LONGEST:
        raise click.BadParameter(f"{value}: at most ten years at once")
    return found


@click.group(epilog="\b\nExample: scscf clock advance 1h")
def clock() -> None:
    """Look at the time of a running S-CSCF, or move it.

    It can be moved where it was started as `scscf run --virtual-time`.
    """


@clock.command(epilog="\b\nExample: scscf clock show")
@as_json
@api_options
def show(as_json: bool, api: str, api_token: str | None) -> None:
    """Show what time it is, and when the next deadline is.

    The time of bindings, subscriptions and nonces.
    """
    _print(ApiClient(api, api_token).call("GET", "/v1/clock"), as_json)


@clock.command(epilog="\b\nExample: scscf clock advance 1h30m")
@click.argument("duration", callback=_duration)
@as_json
@api_options
def advance(duration: float, as_json: bool, api: str, api_token: str | None) -> None:
    """Let so much time pass at once: 90, 90s, 15m, 1h30m, 2d. What falls due is done, in order."""
    _move({"advance": duration}, as_json, api, api_token)


@clock.command(epilog="\b\nExample: scscf clock freeze")
@as_json
@api_options
def freeze(as_json: bool, api: str, api_token: str | None) -> None:
    """Stop the time; only `advance` moves it from now on."""
    _move({"freeze": True}, as_json, api, api_token)


@clock.command(epilog="\b\nExample: scscf clock flow")
@as_json
@api_options
def flow(as_json: bool, api: str, api_token: str | None) -> None:
    """Let the time flow again."""
    _move({"freeze": False}, as_json, api, api_token)


def _move(order: dict[str, object], as_json: bool, api: str, api_token: str | None) -> None:
    _print(ApiClient(api, api_token).call("POST", "/v1/clock", order, timeout=_PATIENCE), as_json)


def _print(shown: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    from scscf.sip.date import sip_date

    now, due = shown["now"], shown["next"]
    state = "frozen" if shown["frozen"] else "flowing" if shown.get("virtual", True) else "the wall clock's"
    click.echo(f"{sip_date(int(now))} ({now:.3f}), {state}")
    if "fired" in shown:
        click.echo(f"{shown['fired']} deadlines came, {shown['sent']} messages were sent")
        if shown["left"] > 0:
            click.echo(f"{shown['left']:.3f} s are left: too many deadlines for one advance")
    click.echo("nothing is due" if due is None else f"the next deadline is in {max(0.0, due - now):.3f} s")


complete(clock, "scscf", "SCSCF_CLOCK")
