"""Commands that look at a running S-CSCF and tell it what to do.

Tables are imported by those that print one: `scscf run`, which is of the same group, is up sooner without them.
"""

import json
import time
from typing import Any

import click

from scscf.cli.client import ApiClient, Refused, Unusable, aor_path, canonical
from scscf.cli.progress_line import leaving, progress

_EVENTS = ["unregistered", "deactivated", "rejected", "probation", "expired"]
EVENTS = click.Choice(_EVENTS)
ALL_EVENTS = click.Choice([*_EVENTS, "userservices-unavailable", "preferred-registrar-change"])
as_json = click.option("--json", "as_json", is_flag=True, help="Print the API's JSON.")


def api_options(command: Any) -> Any:
    """Add the options that name the control API."""
    command = click.option(
        "--api-token", envvar="SCSCF_API_TOKEN", default=None, help="Token of an API that wants one (SCSCF_API_TOKEN)."
    )(command)
    return click.option(
        "--api",
        envvar="SCSCF_API",
        default="http://127.0.0.1:8060",
        show_default=True,
        help="The control API (SCSCF_API).",
    )(command)


def _all_registrations(client: ApiClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": None, "total": None}
    with progress("reading registrations", lambda: (len(found), page["total"], f"{len(found)}")):
        while True:
            page = client.call("GET", "/v1/registrations", query={"limit": 1000, "after": page["next"]})
            found += page["registrations"]
            if page["next"] is None:
                return found


@click.command(epilog="\b\nExample: scscf registrations sip:alice@home1.test")
@click.argument("aor", required=False)
@as_json
@api_options
def registrations(aor: str | None, as_json: bool, api: str, api_token: str | None) -> None:
    """Show who is registered, and where."""
    client = ApiClient(api, api_token)
    found = [client.call("GET", aor_path(aor))] if aor else _all_registrations(client)
    if as_json:
        click.echo(json.dumps(found[0] if aor else {"registrations": found}, ensure_ascii=False, indent=2))
    elif found:
        from scscf.cli.tables import registrations_table, show

        show(registrations_table(found))
    else:
        click.echo("nobody is registered")


@click.command(epilog="\b\nExample: scscf subscriptions sip:alice@home1.test")
@click.argument("aor", required=False)
@click.option("--ended", is_flag=True, help="Also those that ended of late.")
@as_json
@api_options
def subscriptions(aor: str | None, ended: bool, as_json: bool, api: str, api_token: str | None) -> None:
    """Show who watches whom, and what they were told last."""
    query = {"aor": aor, "ended": "true" if ended else None}
    found = ApiClient(api, api_token).call("GET", "/v1/subscriptions", query=query)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif found["subscriptions"]:
        from scscf.cli.tables import show, subscriptions_table

        show(subscriptions_table(found["subscriptions"]))
    else:
        click.echo("nobody watches")


@click.command(
    epilog="\b\nExample: scscf deregister --aor sip:alice@home1.test --event rejected --wait 2\n"
    "Example: scscf deregister --aor sip:alice@home1.test --event preferred-registrar-change "
    "--preferred-registrar sip:pool2.home1.test"
)
@click.option("--aor", help="An address of record, with its implicit registration set.")
@click.option("--impi", help="A private identity: one device.")
@click.option("--all", "everybody", is_flag=True, help="Everybody.")
@click.option("--contact", help="Only this contact URI.")
@click.option(
    "--event",
    type=ALL_EVENTS,
    required=True,
    help="What the watchers are told. The last two: what Microsoft's endpoints are told of themselves.",
)
@click.option("--retry-after", type=click.IntRange(0), help="Seconds; with --event probation.")
@click.option(
    "--reason",
    help="Subscription-State reason, where it is not to be the configured one. "
    "To Microsoft's endpoints (one of the last two events, or --error-id): any text, for ms-diagnostics-public.",
)
@click.option("--preferred-registrar", metavar="URI", help="SIP URI; with --event preferred-registrar-change.")
@click.option("--error-id", type=click.IntRange(1), help="ErrorId for Microsoft's endpoints: 4167 in place of 4166.")
@click.option("--rate", type=click.FloatRange(0.001, 100000), help="So many subscriptions of the HSS a second.")
@click.option("--wait", type=click.FloatRange(0, 600), help="Seconds to wait for the watchers' answers.")
@as_json
@api_options
def deregister(
    aor: str | None,
    impi: str | None,
    everybody: bool,
    contact: str | None,
    event: str,
    retry_after: int | None,
    reason: str | None,
    preferred_registrar: str | None,
    error_id: int | None,
    rate: float | None,
    wait: float | None,
    as_json: bool,
    api: str,
    api_token: str | None,
) -> None:
    """Take registrations away, as the network does."""
    _check_whom(aor, impi, everybody=everybody)
    _check_retry_after(event, retry_after)
    body = {"aor": aor, "impi": impi, "all": everybody, "contact": contact, "event": event,
            "retry_after": retry_after, "reason": reason, "preferred_registrar": preferred_registrar,
            "error_id": error_id, "rate": rate, "wait": wait}  # fmt: skip
    client = ApiClient(api, api_token)
    with progress("de-registering", leaving(client)):
        report = client.call("POST", "/v1/deregistrations", body, timeout=(wait or 0) + 3600)
    _print_report(report, as_json)


@click.command(
    "user-services", epilog="\b\nExample: scscf user-services --aor sip:alice@home1.test --unavailable --wait 2"
)
@click.option("--aor", help="An address of record, registered or not.")
@click.option("--impi", help="A private identity: whatever it has registered.")
@click.option("--all", "everybody", is_flag=True, help="Everybody who is registered.")
@click.option("--available/--unavailable", default=None, help="What they are from now on.")
@click.option("--wait", type=click.FloatRange(0, 600), help="Seconds to wait for the endpoints' answers.")
@as_json
@api_options
def user_services(
    aor: str | None,
    impi: str | None,
    everybody: bool,
    available: bool | None,
    wait: float | None,
    as_json: bool,
    api: str,
    api_token: str | None,
) -> None:
    """Take users' services away, or give them back.

    Those other than registration (dialect siprege).

    Endpoints that can do without are told and stay registered. The others are told, are out, and are refused until
    the services are back.
    """
    _check_whom(aor, impi, everybody=everybody)
    if available is None:
        raise Unusable("give --available or --unavailable")
    body = {"aor": aor, "impi": impi, "all": everybody, "available": available, "wait": wait}
    report = ApiClient(api, api_token).call("POST", "/v1/user-services", body, timeout=(wait or 0) + 3600)
    said = f"user services are {'available' if available else 'unavailable'}"
    _print_report(report, as_json, nothing=f"{said}: nobody had to be told")


@click.command(epilog="\b\nExample: scscf reauthenticate --aor sip:alice@home1.test --expires 60")
@click.option("--aor", help="An address of record, with its implicit registration set.")
@click.option("--impi", help="A private identity: one device.")
@click.option("--contact", help="Only this contact URI.")
@click.option("--expires", type=click.IntRange(1), required=True, help="Seconds that the registration has left.")
@click.option("--wait", type=click.FloatRange(0, 600), help="Seconds to wait for the watchers' answers.")
@as_json
@api_options
def reauthenticate(
    aor: str | None,
    impi: str | None,
    contact: str | None,
    expires: int,
    wait: float | None,
    as_json: bool,
    api: str,
    api_token: str | None,
) -> None:
    """Shorten registrations, so that UEs authenticate again."""
    if (aor is None) == (impi is None):
        raise Unusable("give one of --aor and --impi")
    body = {"aor": aor, "impi": impi, "contact": contact, "expires": expires, "wait": wait}
    with progress("shortening"):
        report = ApiClient(api, api_token).call("POST", "/v1/reauthentications", body, timeout=700)
    _print_report(report, as_json)


@click.command(epilog="\b\nExample: scscf wait sip:alice@home1.test --state active --watchers 1 --timeout 10")
@click.argument("aor")
@click.option("--state", type=click.Choice(["active", "terminated"]), default="active", show_default=True)
@click.option("--contacts", type=click.IntRange(0), help="At least so many contacts.")
@click.option("--watchers", type=click.IntRange(0), help="At least so many live subscriptions.")
@click.option("--timeout", type=click.FloatRange(0), default=30.0, show_default=True, help="Seconds.")
@api_options
def wait(
    aor: str, state: str, contacts: int | None, watchers: int | None, timeout: float, api: str, api_token: str | None
) -> None:
    """Wait until somebody is registered, or is not. Exit 0, or 1 once the time is over."""
    client = ApiClient(api, api_token)
    began = time.monotonic()
    now = ""
    with progress(f"waiting for {aor}", lambda: (time.monotonic() - began, timeout, now)):
        while True:
            try:
                found = client.call("GET", aor_path(aor))
            except Refused as error:
                if error.exit_code != 1:
                    raise
                found = {"state": "terminated", "contacts": []}
            watching = client.call("GET", "/v1/subscriptions", query={"aor": aor})["subscriptions"]
            alive = sum(each["state"] == "active" for each in watching)
            if found["state"] == state and len(found["contacts"]) >= (contacts or 0) and alive >= (watchers or 0):
                return
            now = f"{found['state']}, {len(found['contacts'])} contacts, {alive} watchers"
            left = began + timeout - time.monotonic()
            if left <= 0:
                raise Refused(f"{aor} is not as wanted after {timeout:g} s: {now}")
            time.sleep(min(0.1, left))


@click.command(epilog="\b\nExample: scscf drain --event deactivated --rate 100")
@click.option("--event", type=EVENTS, default="deactivated", show_default=True)
@click.option("--retry-after", type=click.IntRange(0), help="Seconds; with --event probation.")
@click.option("--rate", type=click.FloatRange(0.001, 100000), help="So many subscriptions of the HSS a second.")
@click.option("--wait", type=click.FloatRange(0, 600), default=5.0, show_default=True, help="For watchers' answers.")
@as_json
@api_options
def drain(
    event: str,
    retry_after: int | None,
    rate: float | None,
    wait: float,
    as_json: bool,
    api: str,
    api_token: str | None,
) -> None:
    """De-register everybody, then shut the S-CSCF down."""
    _check_retry_after(event, retry_after)
    body = {"event": event, "retry_after": retry_after, "rate": rate, "wait": wait}
    client = ApiClient(api, api_token)
    with progress("draining", leaving(client)):
        report = client.call("POST", "/v1/drain", body, timeout=wait + 3600)
    _print_report(report, as_json, nothing="nobody was registered; the S-CSCF shuts down")


@click.command(epilog="\b\nExample: scscf watch sip:alice@home1.test")
@click.argument("aor", required=False)
@api_options
def watch(aor: str | None, api: str, api_token: str | None) -> None:
    """Show registrations and watchers as they change, until ^C."""
    from scscf.cli.watch import watch_live

    watch_live(ApiClient(api, api_token), None if aor is None else canonical(aor))


def _check_whom(aor: str | None, impi: str | None, *, everybody: bool) -> None:
    if [aor is not None, impi is not None, everybody].count(True) != 1:
        raise Unusable("give one of --aor, --impi and --all")


def _check_retry_after(event: str, retry_after: int | None) -> None:
    if (event == "probation") != (retry_after is not None):
        raise Unusable("--event probation and --retry-after SECONDS go together")


def _print_report(report: dict[str, Any], as_json: bool, nothing: str = "nobody was registered") -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        from scscf.cli.tables import report_table, show

        show(report_table(report, nothing))
