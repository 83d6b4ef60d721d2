"""A Diameter message: its header and AVPs, read and written (RFC 6733 §3, §4)."""

from collections.abc import Iterable
from struct import Struct
from typing import Any

from scscf.diameter.avp import Avps, decode_avps, encode_avps
from scscf.diameter.avp_error import MalformedAvp
from scscf.diameter.dictionary import COMMAND_OF, COMMANDS
from scscf.errors import ScscfError

HEADER_OCTETS = 20
VERSION = 1
REQUEST, PROXIABLE, ERROR, RETRANSMITTED = 0x80, 0x40, 0x20, 0x10
"""Flags; the other four bits are reserved, and ignored (RFC 6733 §3)."""

_HEADER = Struct("!IIIII")


class Message:
    """One request or answer. `command` is a name of the dictionary, or the number of a command that is not in it;
    `avps` are (name, value) in order.

    Values are int, str, bytes, and for a Grouped AVP a list of (name, value) again.
    """

    __slots__ = (
        "application",
        "avps",
        "command",
        "end_to_end",
        "hop_by_hop",
        "is_error",
        "is_proxiable",
        "is_request",
        "is_retransmitted",
    )

    def __init__(
        self,
        command: str,
        avps: Avps,
        *,
        is_request: bool = True,
        is_proxiable: bool = False,
        is_error: bool = False,
        is_retransmitted: bool = False,
        application: int | None = None,
        hop_by_hop: int = 0,
        end_to_end: int = 0,
    ) -> None:
        self.command = command
        self.avps = avps
        self.is_request = is_request
        self.is_proxiable = is_proxiable
        self.is_error = is_error
        self.is_retransmitted = is_retransmitted
        self.application = COMMANDS[command].application if application is None else application
        self.hop_by_hop = hop_by_hop
        self.end_to_end = end_to_end

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of the first AVP of that name."""
        for each, value in self.avps:
            if each == name:
                return value
        return default

    def all(self, name: str) -> list[Any]:
        """Return the values of every AVP of that name, in order."""
        return [value for each, value in self.avps if each == name]

    def answer(self, avps: Iterable[tuple[str, Any]], *, is_error: bool = False) -> "Message":
        """Return an answer with these AVPs behind this request's Session-Id (RFC 6733 §6.2)."""
        session = self.get("Session-Id")
        return Message(
            self.command,
            [*([("Session-Id", session)] if session is not None else []), *avps],
            is_request=False,
            is_proxiable=self.is_proxiable,
            is_error=is_error,
            application=self.application,
            hop_by_hop=self.hop_by_hop,
            end_to_end=self.end_to_end,
        )

    def __repr__(self) -> str:
        """Without values, some of which are secrets."""
        kind = "request" if self.is_request else "answer"
        return f"<{self.command} {kind} {self.hop_by_hop:#x}: {', '.join(name for name, _ in self.avps)}>"


class DiameterError(ScscfError):
    """A message that cannot be served, with what its sender is answered (RFC 6733 §7).

    `result` is a Result-Code of the base protocol (with `vendor`: an Experimental-Result-Code of theirs), `failed` the
    AVP that is at fault, as it came.
    """

    def __init__(
        self, result: int, text: str, failed: bytes | None = None, request: Message | None = None, vendor: int = 0
    ) -> None:
        super().__init__(result, text)
        self.result = result
        self.text = text
        self.failed = failed
        self.vendor = vendor
        self.request = request
        """The message, as far as it was read; None where there can be no answer."""

    def __str__(self) -> str:
        return f"{self.result}: {self.text}"


def encode(message: Message) -> bytes:
    """Return the octets of a message."""
    body = encode_avps(message.avps)
    known = COMMANDS.get(message.command)
    flags = (
        (REQUEST if message.is_request else 0)
        | (PROXIABLE if message.is_proxiable else 0)
        | (ERROR if message.is_error else 0)
        | (RETRANSMITTED if message.is_retransmitted else 0)
    )
    return (
        _HEADER.pack(
            VERSION << 24 | HEADER_OCTETS + len(body),
            flags << 24 | (known.code if known is not None else int(message.command)),
            message.application,
            message.hop_by_hop,
            message.end_to_end,
        )
        + body
    )


def decode(data: bytes) -> Message:
    """Return the message that these octets are. Raises DiameterError.

    Of a request it is known then that its command, application and flags are right (3001, 3007, 3008), and that its
    AVPs are (5001, 5004, 5009, 5014, 3009). An answer may have AVPs that are not known.
    """
    if len(data) < HEADER_OCTETS:
        raise DiameterError(5015, f"a message of {len(data)} octets")
    first, second, application, hop_by_hop, end_to_end = _HEADER.unpack_from(data)
    if first >> 24 != VERSION:
        raise DiameterError(5011, f"version {first >> 24}", None, as_far(data))
    flags, code = second >> 24, second & 0xFFFFFF
    known = COMMAND_OF.get(code)
    message = Message(
        known.name if known is not None else str(code),
        [],
        is_request=bool(flags & REQUEST),
        is_proxiable=bool(flags & PROXIABLE),
        is_error=bool(flags & ERROR),
        is_retransmitted=bool(flags & RETRANSMITTED),
        application=application,
        hop_by_hop=hop_by_hop,
        end_to_end=end_to_end,
    )
    if first & 0xFFFFFF != len(data) or len(data) % 4:
        raise DiameterError(5015, f"length {first & 0xFFFFFF} of {len(data)} octets", None, message)
    malformed: MalformedAvp | None = None
    try:
        message.avps = decode_avps(data, HEADER_OCTETS, strict=message.is_request)
    except MalformedAvp as error:
        message.avps, malformed = error.before, error
    if known is None:
        raise DiameterError(3001, f"command {code}", None, message)
    if flags & REQUEST and flags & ERROR:
        raise DiameterError(3008, f"flags {flags:#04x}", None, message)
    if application != known.application and message.is_request:
        raise DiameterError(3007, f"application {application}", None, message)
    if malformed is not None:
        result, failed = malformed.result, malformed.failed
        raise DiameterError(result, malformed.text, failed, message, malformed.vendor) from malformed
    return message


def as_far(data: bytes) -> Message | None:
    """Return what an answer needs of a request of which only the header can be read; None where there is no such."""
    if len(data) < HEADER_OCTETS or not data[4] & REQUEST:
        return None
    _, second, application, hop_by_hop, end_to_end = _HEADER.unpack_from(data)
    known = COMMAND_OF.get(second & 0xFFFFFF)
    return Message(
        known.name if known is not None else str(second & 0xFFFFFF),
        [],
        is_proxiable=bool(second >> 24 & PROXIABLE),
        application=application,
        hop_by_hop=hop_by_hop,
        end_to_end=end_to_end,
    )
