"""`scscf ladder`: messages as a ladder in the terminal, of a running S-CSCF or of a capture."""

import time
from contextlib import suppress
from pathlib import Path

import click

from scscf.cli.client import ApiClient, Refused, Unusable, canonical
from scscf.cli.control import api_options

_CAPTURES = (".pcapng", ".pcap", ".cap", ".pcapng.gz", ".pcap.gz")
_MOST = 100_000
"""Messages of a file that are drawn."""
_PAUSE = 0.3
"""Seconds between two looks at what came."""
_AT_ONCE = 1000


@click.command(
    epilog="\b\nExample: scscf ladder sip:alice@home1.test --follow\n"
    "         scscf ladder trace.pcapng --aor sip:alice@home1.test"
)
@click.argument("what", metavar="[AOR|CALL-ID|FILE.pcapng]", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as messages come, until ^C.")
@click.option("--aor", help="With a file: only what concerns this identity, Cx included.")
@click.option("--call-id", help="With a file: only what has this Call-ID.")
@click.option("--last", type=click.IntRange(1, _MOST), help="Only so many messages, the last ones.")
@click.option("--width", type=click.IntRange(40, 1000), help="Columns, in place of the terminal's.")
@api_options
def ladder(
    what: str | None,
    follow: bool,
    aor: str | None,
    call_id: str | None,
    last: int | None,
    width: int | None,
    api: str,
    api_token: str | None,
) -> None:
    """Draw messages as a ladder: who sent what to whom.

    Of a running S-CSCF what it has seen last (SIP and Cx), all of it or of one identity or Call-ID; or of a capture.
    A reginfo document is a line for each identity: version, contacts, states and events. Retransmissions are dotted.
    Parties that the terminal has no room for share a column.
    """
    if what is not None and (what.lower().endswith(_CAPTURES) or Path(what).is_file()):
        if follow:
            raise click.UsageError("--follow goes with a running S-CSCF, not with a file")
        _of_file(Path(what), None if aor is None else canonical(aor), call_id, last, width)
        return
    if what is not None and what.partition(":")[0].lower() in ("sip", "sips", "tel"):
        aor = aor or canonical(what)
    elif what is not None:
        call_id = call_id or what
    _live(ApiClient(api, api_token), aor, call_id, last, width, follow=follow)


def _of_file(file: Path, aor: str | None, call_id: str | None, last: int | None, width: int | None) -> None:
    from itertools import islice

    from scscf.capture.reading import CaptureReader
    from scscf.cli.capture_file import capture_file
    from scscf.cli.ladder_drawing import Drawing
    from scscf.cli.ladder_parties import concerning, parties_of, recorded

    with capture_file(file) as octets:
        reader = CaptureReader(octets)
        read = sorted(islice(reader, _MOST), key=lambda each: each.at)
    messages = concerning(recorded(read, reader.began or 0.0), aor, call_id)
    for notice in reader.notices():
        click.echo(f"scscf: {file}: {notice}", err=True)
    if not messages:
        raise Refused(f"{file}: holds no {'message of that' if aor or call_id else 'SIP or Diameter message'}")
    if last is not None:
        messages = messages[-last:]
    Drawing(width).add(messages, parties_of(messages, reader.names))


def _live(
    client: ApiClient, aor: str | None, call_id: str | None, last: int | None, width: int | None, *, follow: bool
) -> None:
    from scscf.cli.ladder_drawing import Drawing
    from scscf.cli.ladder_parties import LiveParties

    drawing, parties = Drawing(width), LiveParties()
    query: dict[str, object] = {"aor": aor, "call_id": call_id}
    page = client.call("GET", "/v1/messages", query={**query, "limit": min(last or _AT_ONCE, _AT_ONCE)})
    began: float | None = None
    with suppress(KeyboardInterrupt):
        while True:
            views = page["messages"]
            if views and began is None:
                began = float(views[0]["at"])
            came = [parties.take(view) for view in views]
            drawing.add([each._replace(at=each.at - (began or 0.0)) for each in came], parties.participants())
            since = views[-1]["number"] if len(views) == _AT_ONCE else page["last"]
            if not follow:
                break
            if len(views) < _AT_ONCE:
                time.sleep(_PAUSE)
            try:
                page = client.call("GET", "/v1/messages", query={**query, "since": since, "limit": _AT_ONCE})
            except Unusable:
                click.echo("scscf: the S-CSCF has ended", err=True)
                return
    if began is None and not follow:
        raise Refused(f"no message of {aor or call_id} was seen" if aor or call_id else "no message was seen")
