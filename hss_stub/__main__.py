"""The command `hss-stub`: the HSS stub as a process of its own."""

import json
import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import click

from scscf import __version__
from scscf.cli.exits import exit_with
from scscf.cli.options import EXIT_CODES, Program, check_ready_file, complete


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExample: hss-stub run\n"
    "         hss-stub deregister --impi alice@home1.test --reason server_change\n\n"
    f"{EXIT_CODES} An option may come as HSS_STUB_OPTION from the environment.\n\n"
    'Completion in bash: eval "$(_HSS_STUB_COMPLETE=bash_source hss-stub)"',
)
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

    check_ready_file(ready_file)
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
        where = settings.subscribers or files("hss_stub") / "demo_subscribers.yaml"
        lines = [
            f"HSS of {settings.origin_realm} is up",
            f"  Cx           {'  '.join(listeners)}",
            f"  API          {address}",
            f"  subscribers  {Path(str(where)).absolute()}",
            "next, in another terminal, an S-CSCF that asks it:",
            f"  {_scscf()} run --hss {listeners[0]}"
            + ("" if settings.origin_realm == "home1.test" else f" --domain {settings.origin_realm}"),
        ]
        click.echo("\n".join(lines))

    return run_process(settings, ready_file=ready_file, announce=announce)


@cli.command(
    epilog="\b\nExamples: hss-stub deregister --impi alice@home1.test --reason permanent_termination"
    "\n          hss-stub deregister --impu sip:alice@home1.test --reason server_change --wait 5"
)
@click.option("--impi", help="A private identity; alone it means all of its identities.")
@click.option("--impu", multiple=True, help="A public identity; may be given more than once.")
@click.option(
    "--reason",
    required=True,
    type=click.Choice(["permanent_termination", "new_server_assigned", "server_change", "remove_scscf"]),
)
@click.option("--info", default="", help="Reason-Info: a sentence for the S-CSCF.")
@click.option("--wait", type=click.FloatRange(0, 600), help="Seconds to wait for each answer, in place of 5.")
@click.option("--json", "as_json", is_flag=True, help="Print the API's JSON.")
@click.option("--api-token", help="Token of an API that wants one (HSS_STUB_API_TOKEN).")
@click.option(
    "--api", default="http://127.0.0.1:8061", show_default=True, help="The API of the HSS stub (HSS_STUB_API)."
)
def deregister(
    impi: str | None,
    impu: tuple[str, ...],
    reason: str,
    info: str,
    wait: float | None,
    as_json: bool,
    api_token: str | None,
    api: str,
) -> int:
    """Have the S-CSCF end registrations (RTR).

    Exit 0 where every S-CSCF did, 1 where one did not or there is no such user.
    """
    from scscf.cli.client import NO_HSS_API, ApiClient
    from scscf.cli.progress_line import progress

    if impi is None and not impu:
        raise click.UsageError("give --impi, --impu or both")
    body = {"impi": impi, "impus": list(impu), "reason": reason, "reason_info": info, "wait": wait}
    client = ApiClient(api, api_token, NO_HSS_API)
    with progress("waiting for the S-CSCFs"):
        answer = client.call("POST", "/v1/terminations", body, timeout=(wait or 5) + 30)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        from scscf.cli.tables import pushes_table, show

        show(pushes_table(answer["pushes"]))
    return 0 if all(push["result"] == "SUCCESS" for push in answer["pushes"]) else 1


@cli.command(
    "import",
    epilog="\b\nExamples: hss-stub import sipp-csv users.csv -o subscribers.yaml"
    "\n          hss-stub import sipp-csv users.csv --columns user,password"
    "\n          hss-stub import cx-xml profiles/",
)
@click.argument("format_", metavar="FORMAT", type=click.Choice(["sipp-csv", "csv", "cx-xml", "xml"]))
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--domain", default="home1.test", show_default=True, help="Home domain of users of a CSV that has none.")
@click.option(
    "--columns",
    default="user,domain",
    show_default=True,
    help="What the columns of a CSV are: user, domain, username, password, identity, skip.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Written in place of stdout.")
def import_(format_: str, paths: tuple[Path, ...], domain: str, columns: str, output: Path | None) -> int:
    """Make a subscribers file of a CSV or of Cx user data.

    The CSV is SIPp's (sipp-csv), Cx user data are XML (cx-xml).

    A CSV's first line may be SEQUENTIAL, RANDOM or USER, with PRINTF=N too; a column `[authentication username=...
    password=...]` (or aka_K=, aka_OP=, aka_AMF=) is found wherever it is. Cx user data are IMSSubscription documents,
    or folders of such; they hold no secrets, so that nobody is challenged until the file says how.
    """
    from scscf.cli.progress_line import progress

    if format_.endswith("csv"):
        from hss_stub.sipp_csv import from_csv

        if len(paths) != 1:
            raise click.UsageError("one CSV file at a time")
        with progress("making a subscribers file"):
            text = from_csv(paths[0], domain, columns)
    else:
        from hss_stub.cx_documents import from_xml

        with progress("making a subscribers file"):
            text = from_xml(list(paths))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    return 0


def _scscf() -> str:
    """Return what to type for the S-CSCF that is installed with this stub."""
    beside = Path(sys.argv[0]).with_name("scscf")
    return "scscf" if shutil.which("scscf") or not beside.exists() else shlex.quote(str(beside.absolute()))


complete(cli, "hss-stub", "HSS_STUB")


def main() -> None:
    """Run the command line: exit 0 done, 1 the answer is no, 2 wrong usage or configuration."""
    exit_with(cli, "hss-stub")


if __name__ == "__main__":
    main()
