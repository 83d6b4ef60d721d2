"""`scscf ue`: one simulated UE on the command line, against any S-CSCF or P-CSCF."""

import re
from typing import Any, NamedTuple

import click

from scscf.cli.client import Unusable
from scscf.cli.control import as_json
from scscf.errors import SipError
from scscf.sip.outbox import NextHop
from scscf.sip.routing import hop_of_uri
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

_HEX = re.compile(r"[0-9A-Fa-f]{32}")
_PLACE = re.compile(r"(?:(udp|tcp)://)?(.+)", re.IGNORECASE)


class Wishes(NamedTuple):
    """What the command line asks for."""

    aor: str
    domain: str
    private_identity: str
    next_hop: NextHop
    expires: int
    subscribe: bool
    hold: bool
    answer_notify: str
    """`200`, `481` or `none`."""
    named: bool
    """Whether the first REGISTER says who it is (TS 24.229 §5.1.1.2.2)."""
    secret: Any
    """A Secret, None for none."""


@click.command(
    epilog="\b\nExample: scscf ue sip:alice@home1.test --password secret --proxy udp://127.0.0.1:5060 --subscribe"
)
@click.argument("aor")
@click.option(
    "--impi",
    help="Private identity, the user name of its credentials. Where it is not given: with a password the AOR's user "
    "(alice), as SIP phones have it; with a USIM user and domain (alice@home1.test).",
)
@click.option("--password", help="Password for digest (better: SCSCF_PASSWORD).")
@click.option("--k", help="Key of the USIM, 32 hexadecimal digits: AKA.")
@click.option("--opc", help="OPc of the USIM, 32 hexadecimal digits.")
@click.option(
    "--proxy",
    default="udp://127.0.0.1:5060",
    show_default=True,
    help="Where requests go: udp://HOST:PORT, tcp://HOST:PORT or a SIP URI (sip:HOST:PORT;transport=tcp).",
)
@click.option(
    "--expires", type=click.IntRange(1, 4294967295), default=600_000, show_default=True, help="Seconds to ask for."
)
@click.option("--subscribe", is_flag=True, help="Subscribe to its own registration state and print each NOTIFY.")
@click.option("--hold", is_flag=True, help="Stay registered until ^C: refresh, and heed what the network says.")
@click.option(
    "--answer-notify",
    type=click.Choice(["200", "481", "none"]),
    default="200",
    show_default=True,
    help="What NOTIFYs are answered.",
)
@as_json
def ue(
    aor: str,
    impi: str | None,
    password: str | None,
    k: str | None,
    opc: str | None,
    proxy: str,
    expires: int,
    subscribe: bool,
    hold: bool,
    answer_notify: str,
    as_json: bool,
) -> int:
    """Be one UE: register, subscribe, print what comes and what is wrong in it, de-register.

    Exit 0: done; 1: the network refused, or sent something wrong; 2: wrong usage; 3: nobody answered.
    """
    user, domain, canonical = _user_of(aor)
    wishes = Wishes(
        canonical,
        domain,
        impi or (user if k is None else f"{user}@{domain}"),
        _hop_of(proxy),
        expires,
        subscribe,
        hold,
        answer_notify,
        named=impi is not None or k is not None,
        secret=_secret_of(password, k, opc),
    )
    from scscf.cli.ue_process import run

    return run(wishes, as_json)


def _user_of(aor: str) -> tuple[str, str, str]:
    try:
        uri = parse_uri(aor if ":" in aor else f"sip:{aor}")
        if uri.is_sip and uri.user:
            return uri.user, uri.host, aor_of(uri)
    except SipError:
        pass
    raise Unusable(f"{aor}: must be a SIP URI with a user: sip:alice@home1.test")


def _secret_of(password: str | None, k: str | None, opc: str | None) -> Any:
    from scscf.ue.authorization import Password
    from scscf.ue.usim import Usim

    if k is None and opc is None:
        return None if password is None else Password(password)
    if password is not None:
        raise Unusable("give --password or --k and --opc, not both")
    keys = []
    for name, value in (("--k", k), ("--opc", opc)):
        if value is None:
            raise Unusable(f"{name} is missing: a USIM has both --k and --opc")
        if _HEX.fullmatch(value) is None:
            raise Unusable(f"{name}: must be 32 hexadecimal digits")
        keys.append(bytes.fromhex(value))
    return Usim(keys[0], keys[1])


def _hop_of(proxy: str) -> NextHop:
    matched = _PLACE.fullmatch(proxy.strip())
    transport, place = matched.groups() if matched else (None, "")
    text = place if place.lower().startswith(("sip:", "sips:")) else f"sip:{place}"
    try:
        hop = hop_of_uri(parse_uri(text))
    except SipError:
        hop = None
    if hop is None or "@" in place or "/" in place:
        raise Unusable(f"--proxy {proxy}: must be udp://HOST:PORT, tcp://HOST:PORT or a SIP URI")
    if transport is not None:
        hop = hop._replace(transport=transport.lower())
    if hop.sips or hop.transport not in (None, "udp", "tcp"):
        raise Unusable(f"--proxy {proxy}: TLS is not spoken here: udp or tcp")
    return hop
