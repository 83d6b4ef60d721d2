"""Via: where a response goes back to (RFC 3261 §20.42, RFC 3581)."""

import re
from typing import NamedTuple

from scscf.errors import SipError
from scscf.sip.grammar import is_token
from scscf.sip.parameters import Parameters, format_parameters, parameter, parse_parameters
from scscf.sip.uri import MAX_PORT, format_host, parse_host_port

_USUAL = re.compile(
    r"SIP/2\.0/([A-Za-z]+) ([A-Za-z0-9\-._]+)(?::([0-9]{1,5}))?(;rport)?;branch=([A-Za-z0-9\-.!%*_+`'~]+)"
    r"(;rport(?:=([0-9]+))?)?(?:;received=([0-9A-Fa-f.:]+))?"
)


class Via(NamedTuple):
    """One Via value. `host` is in lower case and without brackets, `transport` in lower case."""

    transport: str
    host: str
    port: int | None
    params: Parameters
    text: str
    """As received."""
    branch: str | None
    """The transaction's identifier, None where there is none (RFC 2543)."""

    def __str__(self) -> str:
        return self.text

    @property
    def received(self) -> str | None:
        """The source address that the next hop saw, without brackets (RFC 5118 §4.5 takes both forms)."""
        value = parameter(self.params, "received")
        return value.strip("[]") if value else value

    @property
    def rport(self) -> int | None:
        """The source port that the next hop saw; None where there is none or it is empty or no port (RFC 3581 §4)."""
        value = parameter(self.params, "rport")
        return int(value) if value and value.isdigit() and value.isascii() and len(value) < 6 else None

    def parameter(self, name: str) -> str | None:
        """Return a parameter (`name` in lower case): "" where it has no value, None where it is absent."""
        return parameter(self.params, name)


def parse_via(text: str) -> Via:
    """Parse one Via value. Raises SipError(400)."""
    usual = _USUAL.fullmatch(text)
    if usual is None:
        return _parse_carefully(text)
    transport, host, port_text, asks_first, branch, asks, rport, received = usual.groups()
    port = None
    if port_text is not None:
        port = int(port_text)
        if port > MAX_PORT:
            raise SipError(400, "Bad Port")
    params: Parameters = (("branch", branch),)
    if asks_first is not None:
        if asks is not None:
            raise SipError(400, "Duplicate Parameter")
        params = (("rport", None), ("branch", branch))
    if asks is not None:
        params += (("rport", rport),)
    if received is not None:
        params += (("received", received),)
    return tuple.__new__(Via, (transport.lower(), host.lower(), port, params, text, branch))


def _parse_carefully(text: str) -> Via:
    protocol, _, rest = text.partition(" ")
    if protocol[:8] != "SIP/2.0/" or len(protocol) == 8 or not rest or rest[0] <= " " or rest[0] == "/":
        protocol, rest = _split_protocol(text)
    transport = protocol[8:]
    if not is_token(transport):
        raise SipError(400, "Bad Via header")
    sent_by, semicolon, param_text = rest.partition(";")
    if " " in sent_by or "\t" in sent_by:
        sent_by = _without_space(sent_by)
    host, port = parse_host_port(sent_by)
    params = parse_parameters(";" + param_text) if semicolon else ()
    return Via(transport.lower(), host, port, params, text, parameter(params, "branch"))


def _split_protocol(text: str) -> tuple[str, str]:
    """Split off the sent-protocol, which may have white space around its slashes."""
    parts = text.split("/", 2)
    if len(parts) == 3:
        transport, *rest = parts[2].split(None, 1)[:2] or [""]
        if parts[0].strip().upper() == "SIP" and parts[1].strip() == "2.0" and rest:
            return "SIP/2.0/" + transport, rest[0]
    raise SipError(400, "Bad Via header")


def _without_space(sent_by: str) -> str:
    """Take out the white space at the ends and around the colon before a port."""
    host, colon, port = sent_by.strip().rpartition(":")
    if colon and "]" not in port:
        return f"{host.rstrip()}:{port.lstrip()}"
    return sent_by.strip()


def format_via(transport: str, host: str, port: int | None, params: Parameters) -> str:
    """Return a Via value; `transport` in any case, `host` without brackets."""
    place = format_host(host) if port is None else f"{format_host(host)}:{port}"
    return f"SIP/2.0/{transport.upper()} {place}{format_parameters(params)}"
