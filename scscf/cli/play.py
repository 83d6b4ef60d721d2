"""`scscf play` and `scscf scenarios`: scenarios run to their verdicts."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scscf.errors import InputError, Problem, SipError
from scscf.sip.routing import hop_of_uri
from scscf.sip.uri import parse_uri

if TYPE_CHECKING:
    from scscf.scenario.verdict import Verdict


@click.command(
    epilog="\b\nExample: scscf play ims\n         scscf play my_tests/ -j 4 --junit report.xml --artifacts failed/\n"
    "         scscf play registration.scenario.yaml --live --target sip:192.0.2.7:5060"
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--live", is_flag=True, help="On real sockets, against this program's own S-CSCF or a --target.")
@click.option("--target", help="sip:HOST:PORT of somebody else's S-CSCF, with --live.")
@click.option(
    "--api",
    envvar=[],  # SCSCF_API is for the clients of a running server, which most scenarios do not need
    help="Control API of the target, where it is a running `scscf run`: http://HOST:PORT.",
)
@click.option("--hss-api", help="API of the hss-stub that the target asks: it gets the subscribers, and HSS steps.")
@click.option("--domain", help="Home domain of the target, in place of the scenarios' (${domain}).")
@click.option("--dialect", type=click.Choice(["ims", "rfc3261", "siprege"]), default="ims", help="What the target is.")
@click.option(
    "--think",
    type=click.FloatRange(0),
    default=0.0,
    help="Seconds that a UE takes to answer a challenge, with --target.",
)
@click.option("--before", metavar="COMMAND", help="Run before each scenario, with --target: to start that one anew.")
@click.option("--listen", multiple=True, help="Where our own S-CSCF listens with --live, so that a real UE finds it.")
@click.option("--longest-wait", type=click.FloatRange(0), default=60.0, help="Seconds that a step may really wait.")
@click.option(
    "--skip-after", type=click.FloatRange(0), help="With a UE under test: skip time after so many silent seconds."
)
@click.option("-k", "expression", metavar="EXPR", help="Only those whose name, path or tags match: 'ims and not aka'.")
@click.option("-j", "--jobs", type=click.IntRange(0, 64), default=1, help="So many at a time; 0: one for each core.")
@click.option("--param", "parameters", metavar="K=V", multiple=True, help="A parameter in place of the file's.")
@click.option("--seed", type=click.IntRange(0, 2**63), default=0, help="Another order of chance (loss, tags, nonces).")
@click.option("--junit", type=click.Path(path_type=Path), help="Write a JUnit report.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write a report for programs.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with ladders.")
@click.option(
    "--artifacts", type=click.Path(path_type=Path), help="Write ladder, capture and documents of each failure."
)
@click.option("--verbose", is_flag=True, help="Show the ladder of every scenario.")
def play(
    paths: tuple[str, ...],
    live: bool,
    target: str | None,
    api: str | None,
    hss_api: str | None,
    domain: str | None,
    dialect: str,
    think: float,
    before: str | None,
    listen: tuple[str, ...],
    longest_wait: float,
    skip_after: float | None,
    expression: str | None,
    jobs: int,
    parameters: tuple[str, ...],
    seed: int,
    junit: Path | None,
    json_file: Path | None,
    html: Path | None,
    artifacts: Path | None,
    verbose: bool,
) -> int:
    """Run scenarios, and say which of them hold.

    A PATH is a file, a folder, or the name of a shipped one (`scscf scenarios` lists them). On virtual time, unless
    --live: hours pass in milliseconds. Exit 0 all passed, 1 one failed, 2 a file cannot be used, 3 none could be run.
    """
    from scscf.scenario.artifacts import write_artifacts
    from scscf.scenario.playing import check_parameters, exit_code, play_files
    from scscf.scenario.progress import Progress
    from scscf.scenario.selection import scenario_files
    from scscf.scenario.ue_report import ue_report
    from scscf.scenario.verdict import Outcome, Verdict

    if (target is not None or api is not None) and not live:
        raise InputError([Problem("--target", 0, 0, "goes with --live")])
    given = _parameters(parameters)
    files = scenario_files(paths)
    check_parameters(files, given)
    progress = Progress(verbose=verbose)
    verdicts: list[Verdict] = []

    def keep(verdict: Verdict) -> None:
        verdicts.append(verdict)
        progress.done(verdict)
        if artifacts is not None and verdict.outcome in (Outcome.FAILED, Outcome.ERROR):
            write_artifacts(artifacts, verdict)

    progress.start(len(files))
    if live:
        from scscf.scenario.live import play_live
        from scscf.scenario.live_settings import Live

        where = Live(
            _place(target),
            api,
            hss_api,
            domain,
            listen,
            longest_wait,
            dialect,
            think=think,
            before=before,
            skip_after=skip_after,
        )
        play_live(files, keep, where, parameters=given, expression=expression, seed=seed)
    else:
        many = jobs or os.cpu_count() or 1
        for verdict in play_files(files, parameters=given, expression=expression, seed=seed, jobs=many):
            keep(verdict)
    progress.end(verdicts)
    if not verdicts and expression is not None:
        click.echo(f"scscf: -k {expression} matches no scenario of {', '.join(map(str, paths))}", err=True)
    for line in ue_report(verdicts) if live else ():
        click.echo(line)
    _report(verdicts, seed, junit, json_file, html)
    return exit_code(verdicts)


@click.command(epilog="\b\nExample: scscf scenarios --copy my_tests")
@click.option("--copy", type=click.Path(path_type=Path), metavar="DIR", help="Copy them all into a folder.")
@click.option("-k", "expression", metavar="EXPR", help="Only those whose name, path or tags match.")
def scenarios(copy: Path | None, expression: str | None) -> int:
    """List the shipped scenarios, or copy them to begin with."""
    from scscf.scenario.loading import SUFFIX, load_scenarios
    from scscf.scenario.selection import selected, shipped_folder

    top = shipped_folder()
    files = sorted(top.rglob(f"*{SUFFIX}"))
    for file in files:
        for scenario in selected(load_scenarios(file), expression):
            name = file.relative_to(top).as_posix().removesuffix(SUFFIX)
            if copy is None:
                click.echo(f"{name:55} {scenario.name}")
            else:
                to = copy / file.relative_to(top)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, to)
    if copy is not None:
        click.echo(f"{copy}: {sum(1 for _ in copy.rglob(f'*{SUFFIX}'))} scenarios; next: scscf play {copy}")
    return 0


def _report(
    verdicts: "Sequence[Verdict]", seed: int, junit: Path | None, json_file: Path | None, html: Path | None
) -> None:
    """Write the reports that were asked for. Raises InputError."""
    from scscf.scenario.html_report import html_report
    from scscf.scenario.json_report import json_report
    from scscf.scenario.junit import junit as junit_report

    for path, text in (
        (junit, lambda: junit_report(verdicts)),
        (json_file, lambda: json_report(verdicts, seed)),
        (html, lambda: html_report(verdicts)),
    ):
        if path is not None:
            _write(path, text())


def _place(target: str | None) -> tuple[str, int] | None:
    """Return host and port of a target. Raises InputError."""
    if target is None:
        return None
    try:
        hop = hop_of_uri(parse_uri(target if target.startswith("sip:") else f"sip:{target.rpartition('//')[2]}"))
    except SipError:
        raise InputError([Problem("--target", 0, 0, "must be like sip:192.0.2.7:5060")]) from None
    return hop.host, hop.port or 5060


def _parameters(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError([Problem("--param", 0, 0, f"{text}: must be NAME=VALUE")])
        found[name] = value
    return found


def _write(path: Path, text: str | bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    except OSError as error:
        raise InputError([Problem(str(path), 0, 0, f"cannot be written: {error.strerror}")]) from None
