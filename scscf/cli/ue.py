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
_EPID = re.compile(r"[A-Za-z0-9]{1,64}")
_PLACE = re.compile(r"(?:(udp|tcp)://)?(.+)", re.IGNORECASE)


class EndpointWishes(NamedTuple):
    """What the command line asks of an endpoint of Microsoft's."""

    epid: str | None
    """None: any."""
    survivable: bool
    """Whether it can do without user services."""


class Wishes(NamedTuple):
    """What the command line asks for."""

    aor: str
    domain: str
    private_identity: str
    next_hop: NextHop
    expires: int | None
    """Seconds; None: the header is left out."""
    subscribe: bool
    hold: bool
    answer_notify: str
    """`200`, `481` or `none`."""
    named: bool
    """Whether the first REGISTER says who it is (TS 24.229 §5.1.1.2.2)."""
    secret: Any
    """A Secret, or a Logon for NTLM; None for none."""
    endpoint: EndpointWishes | None = None
    """It is an endpoint of Microsoft's; None: any other UE."""


@click.command(
    epilog="\b\nExample: scscf ue sip:alice@home1.test --password secret --proxy udp://127.0.0.1:5060 --subscribe\n"
    "Example: scscf ue sip:alice@fabrikam.test --endpoint --ntlm-user 'FABRIKAM\\alice' --password secret --hold"
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
    help="Where requests go: udp://HOST:PORT, tcp://HOST:PORT or a SIP URI (sip:HOST:PORT;transport=tcp). "
    "Where it is not given: udp://127.0.0.1:5060; with --endpoint tcp://127.0.0.1:5060.",
)
@click.option(
    "--expires",
    type=click.IntRange(1, 4294967295),
    help="Seconds to ask for; 600000 where it is not given, and with --endpoint what the network chooses.",
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
@click.option(
    "--endpoint",
    metavar="[EPID]",
    is_flag=False,
    flag_value="",
    help="Be an endpoint of Microsoft's, and print what it is told of itself. Comes after the AOR; without EPID any.",
)
@click.option("--ntlm-user", metavar="DOMAIN\\USER", help="Logon name of an endpoint: NTLM, with --password.")
@click.option("--survivable", is_flag=True, help="Of an endpoint: it can do without user services.")
@as_json
def ue(
    aor: str,
    impi: str | None,
    password: str | None,
    k: str | None,
    opc: str | None,
    proxy: str | None,
    expires: int | None,
    subscribe: bool,
    hold: bool,
    answer_notify: str,
    endpoint: str | None,
    ntlm_user: str | None,
    survivable: bool,
    as_json: bool,
) -> int:
    """Be one UE: register, subscribe, print what comes.

    It prints what is wrong in that, too, and de-registers at the end.

    Exit 0: done; 1: the network refused, or sent something wrong; 2: wrong usage; 3: nobody answered.
    """
    user, domain, canonical = _user_of(aor)
    wanted = _endpoint_of(endpoint, survivable, ntlm_user, other=subscribe or k is not None or opc is not None)
    wishes = Wishes(
        canonical,
        domain,
        impi or (user if k is None else f"{user}@{domain}"),
        _hop_of(proxy or f"{'udp' if wanted is None else 'tcp'}://127.0.0.1:5060"),
        600_000 if expires is None and wanted is None else expires,
        subscribe,
        hold,
        answer_notify,
        named=impi is not None or k is not None,
        secret=_secret_of(password, k, opc) if ntlm_user is None else _logon_of(ntlm_user, password),
        endpoint=wanted,
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


def _endpoint_of(epid: str | None, survivable: bool, ntlm_user: str | None, *, other: bool) -> EndpointWishes | None:
    if epid is None:
        if survivable or ntlm_user is not None:
            raise Unusable("--ntlm-user and --survivable are an endpoint's: add --endpoint")
        return None
    if other:
        raise Unusable("--endpoint goes with none of --subscribe, --k and --opc: its REGISTER subscribes")
    if epid and _EPID.fullmatch(epid) is None:
        raise Unusable(f"--endpoint {epid}: an epid has at most 64 letters and digits; --endpoint comes after the AOR")
    return EndpointWishes(epid or None, survivable)


def _logon_of(user: str, password: str | None) -> Any:
    from scscf.auth.ntlm import is_available
    from scscf.cli.endpoint_session import make_logon

    if password is None:
        raise Unusable("--ntlm-user needs --password (better: SCSCF_PASSWORD)")
    logon = make_logon(user, password)
    if logon is None:
        raise Unusable(f"--ntlm-user {user}: must be DOMAIN\\user")
    if not is_available():
        raise Unusable("--ntlm-user: NTLM needs pyspnego: pip install 'scscf-simulator[siprege]'")
    return logon


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
