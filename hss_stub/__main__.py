"""The command `hss-stub`: the HSS stub as a process of its own."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from scscf import __version__

_SETTINGS = {"auto_envvar_prefix": "HSS_STUB", "help_option_names": ["-h", "--help"]}


@click.group(context_settings=_SETTINGS)
@click.version_option(__version__, prog_name="hss-stub")
def cli() -> None:
    """An HSS stub that speaks Cx over Diameter."""


@cli.command(epilog="\b\nExample: hss-stub run --subscribers subscribers.yaml --listen diameter://127.0.0.1:3868")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file (YAML).")
@click.option("--listen", multiple=True, help="diameter:// or diameters://ADDRESS:PORT; may be given more than once.")
@click.option("--subscribers", type=click.Path(path_type=Path), help="Subscribers file (YAML); without it demo ones.")
@click.option("--realm", help="Origin-Realm, and the domain of the demo subscribers.")
@click.option("--server", multiple=True, help="URI of an S-CSCF to offer; may be given more than once.")
@click.option("--api", help="Where the API listens: http://ADDRESS:PORT.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written, as JSON, once every listener is up.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]))
@click.option("--log-format", type=click.Choice(["text", "json"]))
def run(
    config: Path | None,
    listen: tuple[str, ...],
    subscribers: Path | None,
    realm: str | None,
    server: tuple[str, ...],
    api: str | None,
    ready_file: Path | None,
    log_level: str | None,
    log_format: str | None,
) -> int:
    """Run the HSS stub in the foreground. SIGTERM and ^C end it, SIGHUP rereads the subscribers."""
    from hss_stub.config import load_hss_config
    from hss_stub.process import run as run_process
    from scscf.trace import set_up_logs

    settings = load_hss_config(
        config,
        {
            "listen": list(listen),
            "subscribers": subscribers,
            "origin_realm": realm,
            "servers": list(server),
            "api": api,
        },
    )
    set_up_logs(log_level or settings.log.level, log_format or settings.log.format)

    def announce(listeners: list[str], address: str) -> None:
        where = settings.subscribers.absolute() if settings.subscribers else "the demo ones (alice, bob, carol, erin)"
        lines = [
            f"HSS of {settings.origin_realm} is up",
            f"  Cx           {'  '.join(listeners)}",
            f"  API          {address}",
            f"  subscribers  {where}",
            "next, in another terminal, an S-CSCF that asks it:",
            f"  scscf run --hss {listeners[0]}"
            + ("" if settings.origin_realm == "home1.test" else f" --domain {settings.origin_realm}"),
        ]
        click.echo("\n".join(lines))

    return run_process(settings, ready_file=ready_file, announce=announce)


@cli.command(epilog="\b\nExample: hss-stub deregister --impi alice@home1.test --reason server_change")
@click.option("--impi", help="A private identity; alone it means all of its identities.")
@click.option("--impu", multiple=True, help="A public identity; may be given more than once.")
@click.option(
    "--reason",
    required=True,
    type=click.Choice(["permanent_termination", "new_server_assigned", "server_change", "remove_scscf"]),
)
@click.option("--info", default="", help="Reason-Info: a sentence for the S-CSCF.")
@click.option("--wait", type=float, help="Seconds to wait for the S-CSCF's answer.")
@click.option("--api", default="http://127.0.0.1:8061", show_default=True, help="The API of the HSS stub.")
@click.option("--token", help="Its bearer token.")
@click.option("--json", "as_json", is_flag=True, help="The API's answer as it is.")
def deregister(
    impi: str | None,
    impu: tuple[str, ...],
    reason: str,
    info: str,
    wait: float | None,
    api: str,
    token: str | None,
    as_json: bool,
) -> int:
    """Have the S-CSCF end registrations (RTR). Exit 0 where every S-CSCF did, 1 where one did not."""
    from scscf.cli.client import ApiClient

    if impi is None and not impu:
        raise click.UsageError("give --impi, --impu or both")
    if not urlsplit(api).scheme:
        raise click.UsageError(f"--api {api}: must be like http://127.0.0.1:8061")
    body: dict[str, Any] = {"impus": list(impu), "reason": reason, "reason_info": info}
    if impi is not None:
        body["impi"] = impi
    if wait is not None:
        body["wait"] = wait
    answer = ApiClient(api, token).call("POST", "/v1/terminations", body, timeout=(wait or 5) + 30)
    pushes = answer["pushes"]
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        for push in pushes:
            who = ", ".join(push["impus"]) or "all identities"
            stays = f"; stays for emergencies: {', '.join(push['emergency'])}" if push["emergency"] else ""
            click.echo(f"{push['impi']}  {who}  at {push['server']}: {push['result']}{stays}")
    return 0 if all(push["result"] == "SUCCESS" for push in pushes) else 1


@cli.command("import", epilog="\b\nExamples: hss-stub import sipp-csv users.csv    hss-stub import cx-xml profiles/")
@click.argument("format_", metavar="FORMAT", type=click.Choice(["sipp-csv", "csv", "cx-xml", "xml"]))
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--domain", default="home1.test", show_default=True, help="Of users that name none.")
@click.option("--columns", default="user,domain", show_default=True, help="What the columns of a CSV are.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Written in place of stdout.")
def import_(format_: str, path: Path, domain: str, columns: str, output: Path | None) -> int:
    """Make a subscribers file of a SIPp CSV or of Cx user data (IMSSubscription)."""
    from hss_stub.importing import from_csv, from_xml

    text = from_csv(path, domain, columns) if format_.endswith("csv") else from_xml(path)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    return 0


def main() -> None:
    """Run the command line: exit 0 done, 1 the answer is no, 2 wrong usage or configuration."""
    from scscf.cli.exits import exit_with

    exit_with(cli, "hss-stub")


if __name__ == "__main__":
    main()
