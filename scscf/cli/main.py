"""The group of commands, and those that need no running S-CSCF."""

import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from scscf import __version__
from scscf.cli import control, play
from scscf.cli.clock import clock
from scscf.cli.exits import exit_with
from scscf.cli.judge import judge
from scscf.cli.ladder import ladder
from scscf.cli.options import EXIT_CODES, Program, check_ready_file, complete
from scscf.cli.rule import rule
from scscf.cli.ue import ue
from scscf.config.listen import hostport
from scscf.errors import InputError, Problem


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExample: scscf run\n"
    "         scscf ue sip:alice@home1.test --password secret --subscribe --hold\n"
    "         scscf deregister --aor sip:alice@home1.test --event deactivated --wait 5\n\n"
    f"{EXIT_CODES} An option may come as SCSCF_OPTION from the environment.\n\n"
    'Completion in bash: eval "$(_SCSCF_COMPLETE=bash_source scscf)"',
)
@click.version_option(__version__, prog_name="scscf")
def cli() -> None:
    """An S-CSCF simulator: registers UEs, tells watchers, de-registers on command."""


@cli.command(epilog="\b\nExample: scscf run --listen udp://127.0.0.1:5060 --listen tcp://127.0.0.1:5060")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file (YAML).")
@click.option("--listen", multiple=True, help="udp://, tcp:// or tls://ADDRESS:PORT; may be given more than once.")
@click.option("--domain", help="Home domain, in place of the configured ones.")
@click.option("--api", help="Where the control API listens: http://ADDRESS:PORT.")
@click.option("--subscribers", type=click.Path(path_type=Path), help="The embedded HSS stub's subscribers (YAML).")
@click.option(
    "--hss",
    multiple=True,
    help="diameter://HOST:PORT (diameters:// with TLS): an HSS over Cx in place of the embedded stub; "
    "may be given more than once, the first that can be reached is asked.",
)
@click.option(
    "--plmn",
    metavar="MCC-MNC",
    help="Be the S-CSCF of a mobile network. 001-01: home domain and realm ims.mnc001.mcc001.3gppnetwork.org, "
    "Origin-Host scscf.ims.mnc001..., server name sip:scscf.ims.mnc001... with the first listener's port (6060 "
    "where none is given). --domain goes before it.",
)
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written, as JSON, once every listener is up.")
@click.option("--validate", is_flag=True, help="Check every document that is sent against the schema.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="debug: every message.")
@click.option("--log-format", type=click.Choice(["text", "json"]))
@click.option("--virtual-time", is_flag=True, help="Let `scscf clock` move the time of bindings and subscriptions.")
@click.option(
    "--capture",
    type=click.Path(path_type=Path),
    metavar="FILE.pcapng",
    help="Write every SIP and Cx message into this file, which Wireshark opens; see the key capture for its size.",
)
@click.option(
    "--capture-keys",
    is_flag=True,
    help="Captures hold secrets as they travelled: digest responses, CK, IK; and the TLS keys.",
)
@click.option("--hep", metavar="udp://HOST:PORT", help="Send a copy of every SIP message to a Homer (HEP3).")
def run(
    config: Path | None,
    listen: tuple[str, ...],
    domain: str | None,
    api: str | None,
    subscribers: Path | None,
    hss: tuple[str, ...],
    plmn: str | None,
    ready_file: Path | None,
    validate: bool,
    log_level: str | None,
    log_format: str | None,
    virtual_time: bool,
    capture: Path | None,
    capture_keys: bool,
    hep: str | None,
) -> int:
    """Run the S-CSCF in the foreground. SIGTERM and ^C end it, SIGHUP rereads the subscribers."""
    from scscf.config import load_config
    from scscf.process import run as run_service
    from scscf.trace import set_up_logs

    overrides = {
        "listen": list(listen),
        "home_domain": domain,
        "api": api,
        "subscribers": subscribers,
        "hss": list(hss),
        "log": {"level": log_level, "format": log_format},
        "capture": {"file": str(capture.absolute()) if capture else None, "keys": capture_keys or None},
        "hep": hep,
    }
    check_ready_file(ready_file)
    settings = load_config(config, overrides, plmn)
    set_up_logs(settings.log.level, settings.log.format)

    def announce(scscf: Any, address: str) -> None:
        click.echo(_announcement(scscf, address, settings.subscribers))

    return run_service(settings, ready_file=ready_file, validate=validate, virtual_time=virtual_time, announce=announce)


def _announcement(scscf: Any, api: str, subscribers: Path | None) -> str:
    listeners = scscf.endpoint.listeners
    home = scscf.config.domains[0].name
    lines = [
        f"S-CSCF of {', '.join(each.name for each in scscf.config.domains)} is up",
        f"  SIP          {'  '.join(listener.uri for listener in listeners)}",
        f"  control API  {api}",
    ]
    look = f"  {own_name()} registrations{'' if api.endswith('127.0.0.1:8060') else f' --api {api}'}"
    diameter = scscf.config.diameter
    if diameter is not None:
        peers = "  ".join(hostport(peer.host, peer.port) for peer in diameter.peers)
        lines += [
            f"  HSS          {peers} over Diameter, as {diameter.origin_host} to {diameter.destination_realm}",
            f"  server name  {scscf.node.server_name}",
            "next, in another terminal, see who is registered:",
            look,
        ]
        return "\n".join(lines)
    lines += [
        f"  subscribers  {subscribers.absolute() if subscribers else files('hss_stub') / 'demo_subscribers.yaml'}",
    ]
    if subscribers is None:
        lines.append(f"               alice and bob of {home} have the password secret, carol is never challenged")
    udp = next((each.sent_by for each in listeners if each.transport == "udp" and ":" not in each.host), None)
    if subscribers is None and udp is not None:
        lines += ["next, in another terminal, a UE that registers and shows what it is told:"]
        lines += [f"  {register_example(home, *udp)}", "and in a third, who is registered:", look]
    else:
        lines += ["next, in another terminal, see who is registered:", look]
    return "\n".join(lines)


def own_name() -> str:
    """Return what to type for this command, in any folder."""
    own = Path(sys.argv[0])
    found = shutil.which("scscf")
    if own.name != "scscf" or (found is not None and own.exists() and own.samefile(found)):
        return "scscf"
    return shlex.quote(str(own.absolute()))


def register_example(domain: str, host: str, port: int) -> str:
    """Return a command that is alice until ^C: she registers, and shows what she is told."""
    proxy = "" if (host, port) == ("127.0.0.1", 5060) else f" --proxy udp://{host}:{port}"
    return f"{own_name()} ue sip:alice@{domain} --password secret --subscribe --hold{proxy}"


@click.command(epilog="\b\nExample: scscf check config.yaml subscribers.yaml")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check configuration, subscribers, scenarios or rules.

    Tells every mistake with its line, and what is allowed.
    """
    from scscf.check import check_file

    problems: list[Problem] = []
    for file in files:
        found = check_file(file)
        problems += found
        if not found:
            click.echo(f"{file}: fine")
    if problems:
        raise InputError(problems)


for _command in (
    ue,
    control.registrations,
    control.subscriptions,
    control.watch,
    control.wait,
    control.deregister,
    control.reauthenticate,
    control.user_services,
    control.drain,
    ladder,
    judge,
    play.scenarios,
    play.play,
    rule,
    clock,
    check,
):
    cli.add_command(_command)


complete(cli, "scscf", "SCSCF")


def main() -> None:
    """Run the command line: exit 0 done, 1 the answer is no, 2 wrong usage or configuration."""
    exit_with(cli, "scscf")
