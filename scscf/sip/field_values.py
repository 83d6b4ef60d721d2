"""Values of header fields, each parsed when it is first asked for, and kept (RFC 3261 §20)."""

from typing import Final, NamedTuple

from scscf.errors import SipError
from scscf.sip.address import Address, parse_address, parse_addresses
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.fields import Fields, bad, missing, parsed
from scscf.sip.grammar import MAX_DELTA, parse_delta_seconds, split_list
from scscf.sip.parameters import parameter, parse_parameters
from scscf.sip.via import Via, parse_via

MALFORMED_EXPIRES: Final = 3600
"""What a malformed expiry of a REGISTER stands for, in seconds (RFC 3261 §10.2.1.1)."""


class CSeq(NamedTuple):
    """Value of CSeq."""

    number: int
    method: str


def _address(key: str) -> parsed[Address]:
    def parse(fields: Fields) -> Address:
        value = fields.get(key)
        if value is None:
            raise missing(key)
        try:
            return parse_address(value)
        except SipError:
            raise bad(key) from None

    return parsed(parse)


def parse_event(value: str) -> tuple[str, str | None]:
    """Return the package of an Event value, in lower case, and its id parameter (RFC 6665 §8.2.1).

    Raises SipError(400) for bad parameters.
    """
    package, semicolon, params = value.partition(";")
    return package.strip().lower(), parameter(parse_parameters(params), "id") if semicolon else None


class FieldValues(Fields):
    """Header fields and what they mean. Properties raise SipError(400) for a field that is malformed or missing."""

    __slots__ = ()

    @parsed
    def via(self) -> Via:
        """The topmost Via."""
        value = self.get("via")
        if value is None:
            raise missing("via")
        return parse_via(split_list(value)[0] if "," in value else value)

    @parsed
    def vias(self) -> list[Via]:
        """Every Via, topmost first."""
        values = self.get_all("via")
        if not values:
            raise missing("via")
        if len(values) == 1 and "," not in values[0]:
            return [self.via]
        return [parse_via(part) for value in values for part in split_list(value)]

    @property
    def is_relayed(self) -> bool:
        """Whether there is more than one Via: somebody stands between the sender and us."""
        more = self._more
        return (more is not None and "via" in more) or "," in (self.get("via") or "")

    from_ = _address("from")
    """The From address."""

    to = _address("to")
    """The To address."""

    @parsed
    def call_id(self) -> str:
        """The Call-ID, compared byte by byte (RFC 3261 §20.8)."""
        value = self.get("call-id")
        if not value:
            raise missing("call-id")
        return value

    @parsed
    def cseq(self) -> CSeq:
        """Sequence number (0 to 2**32 - 1) and method."""
        value = self.get("cseq")
        if value is None:
            raise missing("cseq")
        words = value.split()
        if len(words) != 2 or len(words[0]) > 20 or not words[0].isdigit() or not words[0].isascii():
            raise bad("cseq")
        number = int(words[0])
        if number > MAX_DELTA:
            raise bad("cseq")
        return tuple.__new__(CSeq, (number, words[1]))

    @property
    def max_forwards(self) -> int | None:
        """Max-Forwards, 0 to 255 (RFC 3261 §20.22), None where it is absent."""
        value = self.get("max-forwards")
        if value is None:
            return None
        if len(value) > 10 or not value.isdigit() or not value.isascii() or int(value) > 255:
            raise bad("max-forwards")
        return int(value)

    @parsed
    def contacts(self) -> list[Address]:
        """Every Contact address; [] for none and for a lone `*`. A `*` beside others is malformed (RFC 3261 §10.3)."""
        values = self.get_all("contact")
        if values == ["*"]:
            return []
        try:
            return parse_addresses(values)
        except SipError:
            raise bad("contact") from None

    @property
    def contact_is_star(self) -> bool:
        """Whether Contact is `*` alone."""
        return self.get("contact") == "*" and (self._more is None or "contact" not in self._more)

    @property
    def expires(self) -> int | None:
        """Expires in seconds, at most 2**32 - 1; None for none; 3600 if malformed in a REGISTER (§10.2.1.1)."""
        value = self.get("expires")
        if value is None:
            return None
        seconds = parse_delta_seconds(value)
        return self._malformed_expires() if seconds is None else seconds

    def _malformed_expires(self) -> int:
        raise bad("expires")

    @property
    def content_type(self) -> str | None:
        """`type/subtype` in lower case without parameters, None where it is absent."""
        value = self.get("content-type")
        return None if value is None else "".join(value.partition(";")[0].split()).lower()

    @property
    def event(self) -> tuple[str, str | None] | None:
        """Event package with template, in lower case, and the id parameter (RFC 6665 §8.2.1); None where absent."""
        value = self.get("event")
        return None if value is None else parse_event(value)

    @parsed
    def route(self) -> list[Address]:
        """Every Route, topmost first."""
        values = self.get_all("route")
        try:
            return parse_addresses(values) if values else []
        except SipError:
            raise bad("route") from None

    @property
    def record_routes(self) -> list[str]:
        """Every Record-Route value as written, topmost first."""
        return self.values("record-route")

    @parsed
    def authorization(self) -> list[Credentials]:
        """Every Authorization, in order."""
        try:
            return [parse_credentials(value) for value in self.get_all("authorization")]
        except SipError:
            raise bad("authorization") from None

    @parsed
    def proxy_authorization(self) -> list[Credentials]:
        """Every Proxy-Authorization, in order."""
        try:
            return [parse_credentials(value) for value in self.get_all("proxy-authorization")]
        except SipError:
            raise bad("proxy-authorization") from None
