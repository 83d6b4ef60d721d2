"""`scscf judge`: the verdict on anybody's trace."""

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from scscf.cli.client import Refused, Unusable, canonical

_MANY = 200
"""Users from which on judging them shows a bar."""


@click.command(
    epilog="\b\nExample: scscf judge trace.pcapng\n"
    "         scscf judge trace.pcapng --aor sip:alice@home1.test --junit report.xml --json report.json"
)
@click.argument("file", metavar="FILE.pcapng", type=click.Path(path_type=Path))
@click.option("--aor", help="Judge only what concerns this user: any identity of the implicit registration set.")
@click.option(
    "--dialect",
    type=click.Choice(["auto", "ims", "rfc3261"]),
    default="auto",
    help="Whether the rules of TS 24.229 hold too; auto: where a user's messages show that it is IMS.",
)
@click.option("--permit", metavar="CHECK", multiple=True, help="Leave out a check (docs/checks.md); repeatable.")
@click.option("--also", metavar="CHECK", multiple=True, help="Hold a check that holds only where it is asked for.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write a JUnit report, a test case for each user.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write a report for programs.")
def judge(
    file: Path,
    aor: str | None,
    dialect: str,
    permit: tuple[str, ...],
    also: tuple[str, ...],
    junit: Path | None,
    json_file: Path | None,
) -> int:
    """Say what the network in a trace does wrong.

    The trace is pcapng or pcap, by tcpdump, Wireshark or this program.
    Registrations and subscriptions are rebuilt from what is on the wire, at the leg nearest to the S-CSCF. Each finding
    is one line: when, in which frame, who, what, and the clause. Exit 0 nothing is wrong, 1 something is, 2 the file
    cannot be used.
    """
    from scscf.cli.capture_file import capture_file, tracked, write_report
    from scscf.judgement.judgement import judge_trace, read_trace
    from scscf.judgement.junit import judgement_junit
    from scscf.judgement.report import judgement_lines, judgement_object
    from scscf.judgement.trace import Exchanged

    permitted, asked_for = _checks("--permit", permit), _checks("--also", also)
    user = None if aor is None else canonical(aor)
    with capture_file(file) as octets:
        read = read_trace(octets)

    def passing(users: Sequence[Exchanged]) -> Iterable[Exchanged]:
        return tracked(users, "judging") if len(users) > _MANY else users

    judgement = judge_trace(
        read, str(file), aor=user, dialect=dialect, permitted=permitted, also=asked_for, passing=passing
    )
    if not judgement.users:
        if user is not None and read.trace.legs.judged:
            raise Refused(f"{file}: nothing in it concerns {user}")
        why = "".join(f" {notice}" for notice in judgement.notices)
        raise Unusable(f"{file}: holds no REGISTER, SUBSCRIBE or NOTIFY that could be judged.{why}")
    for line in judgement_lines(judgement):
        click.echo(line)
    if junit is not None:
        write_report(junit, judgement_junit(judgement))
    if json_file is not None:
        report = json.dumps(judgement_object(judgement), indent=1, ensure_ascii=False)
        write_report(json_file, report.encode("utf-8", "replace") + b"\n")
    return 0 if judgement.passed else 1


def _checks(option: str, names: tuple[str, ...]) -> frozenset[str]:
    """Return names of checks. Raises Unusable for one that is none."""
    from scscf.conformance.network.checks import CHECKS

    for name in names:
        if name not in CHECKS:
            near = get_close_matches(name, CHECKS, 1)
            raise Unusable(f"{option} {name}: is no check{f' (did you mean {near[0]}?)' if near else ''}")
    return frozenset(names)
