"""Diameter messages as text for logs and onlookers: every AVP by its name, what is secret left out."""

from scscf.diameter.avp import Avps
from scscf.diameter.message import DiameterError, Message, decode

SECRETS = frozenset(
    {
        "SIP-Authorization",
        "SIP-Authentication-Context",
        "Confidentiality-Key",
        "Integrity-Key",
        "Digest-HA1",
        "ETSI-SIP-Authenticate",
        "ETSI-SIP-Authorization",
    }
)
"""AVPs whose values are not shown: XRES, CK, IK and H(username:realm:password)."""

LONGEST = 4000
"""Characters of one value that are shown."""


def shown(data: bytes) -> str:
    """Return the octets of a message as text; of a malformed one what could be read, and what is wrong with it."""
    try:
        return text_of(decode(data))
    except DiameterError as error:
        read = text_of(error.request) if error.request is not None else f"{len(data)} octets"
        return f"{read}\nmalformed: {error}"


def text_of(message: Message) -> str:
    """Return a message as text: its name and flags, then an AVP a line, those of a group further right."""
    kind = "Request" if message.is_request else "Answer"
    flags = "".join(
        letter
        for letter, there in (("P", message.is_proxiable), ("E", message.is_error), ("T", message.is_retransmitted))
        if there
    )
    head = f"{message.command}-{kind} {message.hop_by_hop:#010x} {message.end_to_end:#010x}"
    lines = [f"{head} {flags}" if flags else head]
    _add(lines, message.avps, "  ")
    return "\n".join(lines)


def _add(lines: list[str], avps: Avps, margin: str) -> None:
    for name, value in avps:
        if name in SECRETS:
            lines.append(f"{margin}{name}: ...")
        elif isinstance(value, list):
            lines.append(f"{margin}{name}:")
            _add(lines, value, margin + "  ")
        else:
            lines.append(f"{margin}{name}: {_value(value)[:LONGEST]}")


def _value(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() or "<" in text else value.hex()
