"""Header fields of a message, in wire order, each parsed when it is first asked for, and kept (RFC 3261 §7.3, §20)."""

from collections.abc import Iterable
from typing import Final, NamedTuple, TypedDict

from scscf.errors import SipError
from scscf.sip.address import Address, parse_address, parse_addresses
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.grammar import MAX_DELTA, parse_delta_seconds, split_list
from scscf.sip.headers import KEYS, NOT_LISTS
from scscf.sip.parameters import parameter, parse_parameters
from scscf.sip.via import Via, parse_via

MALFORMED_EXPIRES: Final = 3600
"""What a malformed expiry of a REGISTER stands for, in seconds (RFC 3261 §10.2.1.1)."""

_TITLES: Final = {"call-id": "Call-ID", "cseq": "CSeq", "max-forwards": "Max-Forwards", "record-route": "Record-Route"}


class CSeq(NamedTuple):
    """Value of CSeq."""

    number: int
    method: str


class _Parsed(TypedDict, total=False):
    """What was parsed before."""

    via: Via
    vias: list[Via]
    from_: Address
    to: Address
    cseq: CSeq
    contacts: list[Address]
    route: list[Address]
    authorization: list[Credentials]


def _title(key: str) -> str:
    return _TITLES.get(key) or key.title()


def bad(key: str) -> SipError:
    """Return the 400 for a header field that cannot be understood; `key` is its name in lower case."""
    return SipError(400, f"Bad {_title(key)} header")


def missing(key: str) -> SipError:
    """Return the 400 for a header field that must be there and is not; `key` is its name in lower case."""
    return SipError(400, f"Missing {_title(key)} header")


class Message:
    """What requests and responses share. Properties raise SipError(400) for a field that is malformed or missing.

    Names given to the methods as `name_lower` are long names in lower case; compact forms are found by them too.
    Change header fields by the methods, not in `headers`, so that lookups stay right.
    """

    __slots__ = ("_first", "_more", "_parsed", "body", "defect", "headers")

    def __init__(
        self,
        headers: list[tuple[str, str]],
        body: bytes = b"",
        first: dict[str, str] | None = None,
        more: dict[str, list[str]] | None = None,
    ) -> None:
        self.headers = headers
        """(name as written, value unfolded and stripped), in wire order."""
        self.body = body
        self.defect: SipError | None = None
        """What the parser found wrong with the framing or the lines; the answer that the message gets for it."""
        self._first = first
        self._more = more
        self._parsed: _Parsed = {}

    def _index(self) -> dict[str, str]:
        first: dict[str, str] = {}
        more: dict[str, list[str]] | None = None
        for name, value in self.headers:
            key = KEYS[name]
            if key in first:
                if more is None:
                    more = {}
                if key in more:
                    more[key].append(value)
                else:
                    more[key] = [first[key], value]
            else:
                first[key] = value
        self._first, self._more = first, more
        return first

    def _changed(self) -> None:
        self._first = self._more = None
        self._parsed = {}

    def get(self, name_lower: str) -> str | None:
        """Return the first value of a field, None where it is absent."""
        first = self._first
        if first is None:
            first = self._index()
        return first.get(name_lower)

    def get_all(self, name_lower: str) -> list[str]:
        """Return the values of every field of that name, in order, as they stand (comma lists unsplit)."""
        first = self._first
        if first is None:
            first = self._index()
        if name_lower not in first:
            return []
        more = self._more
        if more is not None and name_lower in more:
            return list(more[name_lower])
        return [first[name_lower]]

    def values(self, name_lower: str) -> list[str]:
        """Return the single values of every field of that name, comma lists split; empty ones are left out."""
        found: list[str] = []
        for value in self.get_all(name_lower):
            if "," in value and name_lower not in NOT_LISTS:
                found.extend([part for part in split_list(value) if part])
            elif value:
                found.append(value)
        return found

    def repeated(self) -> Iterable[str]:
        """Return the long names, in lower case, of the fields that stand there more than once."""
        if self._first is None:
            self._index()
        return self._more or ()

    def __contains__(self, name_lower: str) -> bool:
        first = self._first
        if first is None:
            first = self._index()
        return name_lower in first

    def add(self, name: str, value: str) -> None:
        """Append a field."""
        self.headers.append((name, value))
        self._changed()

    def set(self, name: str, value: str) -> None:
        """Put one field in place of every one of that name, where the first of them was, else at the end."""
        key = KEYS[name]
        kept: list[tuple[str, str]] = []
        placed = False
        for field in self.headers:
            if KEYS[field[0]] != key:
                kept.append(field)
            elif not placed:
                kept.append((name, value))
                placed = True
        if not placed:
            kept.append((name, value))
        self.headers = kept
        self._changed()

    def remove(self, name_lower: str) -> None:
        """Take out every field of that name."""
        self.headers = [field for field in self.headers if KEYS[field[0]] != name_lower]
        self._changed()

    def insert_first(self, name: str, value: str) -> None:
        """Put a field before all others, as a proxy does with Via and Record-Route."""
        self.headers.insert(0, (name, value))
        self._changed()

    def replace_top_via(self, text: str, via: Via | None = None) -> None:
        """Put `text` in place of the topmost Via value and leave the others (RFC 3261 §18.2.1); no Via, no change.

        `via` is the new value parsed, where the caller has it.
        """
        index = 0
        for name, _ in self.headers:
            if KEYS[name] == "via":
                break
            index += 1
        else:
            return
        name, value = self.headers[index]
        if "," in value:
            text = ", ".join([text, *split_list(value)[1:]])
        self.headers[index] = (name, text)
        if self._first is not None:
            self._first["via"] = text
        if self._more is not None and "via" in self._more:
            self._more["via"][0] = text
        self._parsed.pop("vias", None)
        if via is not None:
            self._parsed["via"] = via
        else:
            self._parsed.pop("via", None)

    @property
    def via(self) -> Via:
        """The topmost Via."""
        via = self._parsed.get("via")
        if via is None:
            value = self.get("via")
            if value is None:
                raise missing("via")
            via = parse_via(split_list(value)[0] if "," in value else value)
            self._parsed["via"] = via
        return via

    @property
    def vias(self) -> list[Via]:
        """Every Via, topmost first."""
        vias = self._parsed.get("vias")
        if vias is None:
            values = self.get_all("via")
            if not values:
                raise missing("via")
            vias = [parse_via(part) for value in values for part in split_list(value)]
            self._parsed["vias"] = vias
        return vias

    def _address(self, key: str) -> Address:
        value = self.get(key)
        if value is None:
            raise missing(key)
        try:
            return parse_address(value)
        except SipError:
            raise bad(key) from None

    @property
    def from_(self) -> Address:
        """The From address."""
        address = self._parsed.get("from_")
        if address is None:
            self._parsed["from_"] = address = self._address("from")
        return address

    @property
    def to(self) -> Address:
        """The To address."""
        address = self._parsed.get("to")
        if address is None:
            self._parsed["to"] = address = self._address("to")
        return address

    @property
    def call_id(self) -> str:
        """The Call-ID, compared byte by byte (RFC 3261 §20.8)."""
        value = self.get("call-id")
        if not value:
            raise missing("call-id")
        return value

    @property
    def cseq(self) -> CSeq:
        """Sequence number (0 to 2**32 - 1) and method."""
        cseq = self._parsed.get("cseq")
        if cseq is None:
            value = self.get("cseq")
            if value is None:
                raise missing("cseq")
            parts = value.split()
            if len(parts) != 2 or len(parts[0]) > 20 or not parts[0].isdigit() or not parts[0].isascii():
                raise bad("cseq")
            number = int(parts[0])
            if number > MAX_DELTA:
                raise bad("cseq")
            self._parsed["cseq"] = cseq = CSeq(number, parts[1])
        return cseq

    @property
    def max_forwards(self) -> int | None:
        """Max-Forwards, 0 to 255 (RFC 3261 §20.22), None where it is absent."""
        value = self.get("max-forwards")
        if value is None:
            return None
        if len(value) > 10 or not value.isdigit() or not value.isascii() or int(value) > 255:
            raise bad("max-forwards")
        return int(value)

    @property
    def contacts(self) -> list[Address]:
        """Every Contact address; [] for none and for a lone `*`. A `*` beside others is malformed (RFC 3261 §10.3)."""
        contacts = self._parsed.get("contacts")
        if contacts is None:
            values = self.get_all("contact")
            if self.contact_is_star:
                contacts = []
            else:
                try:
                    contacts = parse_addresses(values)
                except SipError:
                    raise bad("contact") from None
            self._parsed["contacts"] = contacts
        return contacts

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
        if value is None:
            return None
        package, semicolon, params = value.partition(";")
        return package.strip().lower(), parameter(parse_parameters(params), "id") if semicolon else None

    @property
    def route(self) -> list[Address]:
        """Every Route, topmost first."""
        route = self._parsed.get("route")
        if route is None:
            values = self.get_all("route")
            try:
                route = parse_addresses(values) if values else []
            except SipError:
                raise bad("route") from None
            self._parsed["route"] = route
        return route

    @property
    def record_routes(self) -> list[str]:
        """Every Record-Route value as written, topmost first."""
        return self.values("record-route")

    @property
    def authorization(self) -> list[Credentials]:
        """Every Authorization, in order."""
        found = self._parsed.get("authorization")
        if found is None:
            try:
                found = [parse_credentials(value) for value in self.get_all("authorization")]
            except SipError:
                raise bad("authorization") from None
            self._parsed["authorization"] = found
        return found

    def _start_line(self) -> str:
        raise NotImplementedError

    def to_bytes(self) -> bytes:
        """Return the message as it goes on the wire, with a Content-Length of our own counting."""
        lines = [f"{name}: {value}\r\n" for name, value in self.headers if KEYS[name] != "content-length"]
        body = self.body
        text = f"{self._start_line()}\r\n{''.join(lines)}Content-Length: {len(body)}\r\n\r\n"
        if text.count("\n") != len(lines) + 3 or text.count("\r") != len(lines) + 3:
            return self._without_line_ends().to_bytes()
        return text.encode("utf-8", "surrogateescape") + body

    def _without_line_ends(self) -> "Message":
        raise NotImplementedError

    def _clean_headers(self) -> list[tuple[str, str]]:
        return [(one_line(name), one_line(value)) for name, value in self.headers]


def one_line(text: str) -> str:
    """Return `text` with spaces for its line ends, so that it cannot begin another header field."""
    return text.replace("\r", " ").replace("\n", " ")
