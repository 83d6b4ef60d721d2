"""AVPs as octets: header, flags, length, padding, and the data by their kind (RFC 6733 §4)."""

from ipaddress import ip_address
from struct import Struct
from typing import Any

from scscf.diameter.avp_error import MalformedAvp
from scscf.diameter.dictionary import AVP_OF, AVPS, FEATURES, TGPP, AvpDefinition, Kind

Avps = list[tuple[str, Any]]
"""AVPs in order: name and value. One that is not known has its name as `VENDOR:CODE` and octets as its value."""

VERBATIM = "verbatim"
"""Name of what stands in a message as it came: the value is a whole AVP, header and all."""
MAX_AVPS = 1000
"""AVPs of one message, those in groups too."""
MAX_DEPTH = 8
_FEW = 8 * MAX_AVPS
"""Octets that hold no more AVPs than there may be."""

_MANDATORY_BIT = 0x40000000
_RESERVED_BITS = 0x1F000000

_AVP = Struct("!II")
_AVP_WITH_VENDOR = Struct("!III")
_U32 = Struct("!I")
_U64 = Struct("!Q")
_NUMBERS = {Kind.UNSIGNED32: _U32, Kind.INTEGER32: Struct("!i"), Kind.UNSIGNED64: _U64}
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
_FAMILY = {4: b"\0\1", 16: b"\0\2"}
_FEATURE_UNSUPPORTED = 5011

# Members of an Enum are looked up slowly.
_TEXT, _UNSIGNED32, _OCTETS, _GROUPED, _ADDRESS = (
    Kind.TEXT,
    Kind.UNSIGNED32,
    Kind.OCTETS,
    Kind.GROUPED,
    Kind.ADDRESS,
)
_LEAST = {Kind.UNSIGNED32: 4, Kind.INTEGER32: 4, Kind.UNSIGNED64: 8, Kind.ADDRESS: 6}
"""Octets of the data of an AVP at least, by its kind; 0 for the others."""

_FREE_TEXT = frozenset({"Error-Message", "Reason-Info", "Product-Name"})
"""Written for people: what they hold beyond text is left out, and is no error."""
BLANKS = dict.fromkeys((*range(32), *range(127, 160)), " ")
"""For str.translate: control characters become blanks."""


def _prefix(known: AvpDefinition) -> tuple[Kind, int, int, bytes]:
    flags = (0x80 if known.vendor else 0) | (0x40 if known.mandatory else 0)
    vendor = _U32.pack(known.vendor) if known.vendor else b""
    return known.kind, known.code << 8 | flags, 8 + len(vendor), vendor


_PREFIXES = {known.name: _prefix(known) for known in AVPS.values()}
"""Name → kind, code and flags, octets of the header, Vendor-Id."""
_HEADERS_OF_4 = {
    name: _U64.pack(first << 24 | size + 4) + vendor
    for name, (kind, first, size, vendor) in _PREFIXES.items()
    if kind is _UNSIGNED32
}
"""Name → the header of an Unsigned32, which never changes."""
_Entry = tuple[str, Kind, AvpDefinition]
_BY_VENDOR: dict[int, dict[int, _Entry]] = {
    vendor: {code: (known.name, known.kind, known) for (of, code), known in AVP_OF.items() if of == vendor}
    for vendor, _ in AVP_OF
}
_BASE = _BY_VENDOR[0]
_NOTHING: dict[int, _Entry] = {}


def encode_avps(avps: Avps) -> bytes:
    """Return the octets of AVPs; their names are the dictionary's."""
    parts: list[bytes] = []
    add = parts.append
    for name, value in avps:
        header = _HEADERS_OF_4.get(name)
        if header is not None:
            add(header)
            add(_U32.pack(value))
            continue
        prefix = _PREFIXES.get(name)
        if prefix is None:
            add(_unknown(name, value))
            continue
        kind, first, size, vendor = prefix
        if kind is _TEXT:
            data = value.encode("utf-8", "surrogateescape")
        elif kind is _OCTETS:
            data = value
        elif kind is _GROUPED:
            data = encode_avps(value)
        elif kind is _ADDRESS:
            packed = ip_address(value).packed
            data = _FAMILY[len(packed)] + packed
        else:
            data = _NUMBERS[kind].pack(value)
        length = len(data)
        add(_U64.pack(first << 24 | size + length) + vendor)
        add(data)
        if length & 3:
            add(_PADDING[length & 3])
    return b"".join(parts)


def _unknown(name: str, value: bytes) -> bytes:
    padding = _PADDING[len(value) & 3]
    if name == VERBATIM:
        return value + padding
    vendor, _, code = name.partition(":")
    if vendor != "0":
        return _AVP_WITH_VENDOR.pack(int(code), 0x80000000 | len(value) + 12, int(vendor)) + value + padding
    return _AVP.pack(int(code), len(value) + 8) + value + padding


def decode_avps(
    data: bytes, start: int = 0, *, strict: bool = True, depth: int = 0, inner: list[int] | None = None
) -> Avps:
    """Return the AVPs from `start` on. Raises MalformedAvp.

    `strict`, for requests: an unknown AVP with the M bit, an unknown flag, a text that is none, and a feature that is
    demanded and not there are errors; otherwise they are passed over. `inner` counts the AVPs in groups so far.
    """
    avps: Avps = []
    add = avps.append
    end = len(data)
    position = start
    unpack, from_bytes = _AVP.unpack_from, int.from_bytes
    if inner is None:
        inner = [0]
    try:
        while position < end:
            if end - position < 8:
                raise MalformedAvp(5014, "an AVP of less than 8 octets", _offender(data[position:]))
            code, second = unpack(data, position)
            length = second & 0xFFFFFF
            if second & 0x80000000:
                body = position + 12
                vendor = from_bytes(data[position + 8 : body])
                known = _BY_VENDOR.get(vendor, _NOTHING).get(code)
            else:
                body = position + 8
                vendor = 0
                known = _BASE.get(code)
            stop = position + length
            if stop < body or stop > end:
                raise MalformedAvp(5014, f"AVP {code} of length {length}", _offender(data[position:body], known))
            value = data[body:stop]
            if known is None:
                if strict and second & _MANDATORY_BIT:
                    raise MalformedAvp(5001, f"AVP {vendor}:{code} is not known", data[position:stop])
                add((f"{vendor}:{code}", value))
            elif strict and second & _RESERVED_BITS:
                raise MalformedAvp(3009, f"flags of {known[0]}", data[position:stop])
            else:
                name, kind, definition = known
                if kind is _TEXT and value.isascii() and (text := value.decode()).isprintable():
                    add((name, text))
                elif kind is _UNSIGNED32 and stop - body == 4:
                    add((name, from_bytes(value)))
                elif kind is _OCTETS:
                    add((name, value))
                else:
                    add((name, _value(definition, data[position:stop], value, strict, depth, inner)))
            if end > _FEW and len(avps) + inner[0] > MAX_AVPS:
                raise MalformedAvp(5009, f"more than {MAX_AVPS} AVPs", data[position:stop])
            position = stop + (-length & 3)
    except MalformedAvp as error:
        error.before = avps
        raise
    return avps


def _value(known: AvpDefinition, whole: bytes, body: bytes, strict: bool, depth: int, inner: list[int]) -> Any:
    kind = known.kind
    if kind is _GROUPED:
        return _group(known, whole, body, strict, depth, inner)
    if kind is _TEXT:
        return _text(known, whole, body, strict)
    if kind is _ADDRESS:
        if _FAMILY.get(len(body) - 2) != body[:2]:
            raise MalformedAvp(5004, f"{known.name} is no address", whole)
        return str(ip_address(body[2:]))
    number = _NUMBERS[kind]
    if len(body) != number.size:
        raise MalformedAvp(5014, f"{known.name} of {len(body)} octets", whole)
    return number.unpack(body)[0]


def _group(known: AvpDefinition, whole: bytes, body: bytes, strict: bool, depth: int, inner: list[int]) -> Avps:
    if depth >= MAX_DEPTH:
        raise MalformedAvp(5004, f"groups go at most {MAX_DEPTH} deep", whole)
    try:
        avps = decode_avps(body, 0, strict=strict, depth=depth + 1, inner=inner)
    except MalformedAvp as error:
        text = f"{known.name}: {error.text}"
        raise MalformedAvp(error.result, text, _around(whole, error.failed), error.vendor) from None
    inner[0] += len(avps)
    if strict and known.name == "Supported-Features" and whole[4] & 0x40:
        _demand(dict(avps), whole)
    return avps


def _demand(feature: dict[str, Any], whole: bytes) -> None:
    """Raise MalformedAvp where a peer insists on features that are not there (TS 29.229 §7.2.1)."""
    known = FEATURES.get(feature.get("Feature-List-ID", 0), 0) if feature.get("Vendor-Id") == TGPP else 0
    missing = feature.get("Feature-List", 0) & ~known
    if missing:
        raise MalformedAvp(_FEATURE_UNSUPPORTED, f"features {missing:#x} are not supported", whole, TGPP)


def _text(known: AvpDefinition, whole: bytes, body: bytes, strict: bool) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        if strict:
            raise MalformedAvp(5004, f"{known.name} is no UTF-8", whole) from None
        text = body.decode("utf-8", "replace")
    if text.isprintable():
        return text
    plain = text.translate(BLANKS)
    if strict and plain != text and known.name not in _FREE_TEXT:
        raise MalformedAvp(5004, f"{known.name} has control characters", whole)
    return plain


def _offender(header: bytes, known: _Entry | None = None) -> bytes:
    """Return an AVP for Failed-AVP whose own length is wrong: its header, and zeroes for its data (RFC 6733 §7.5).

    It says its true length, since nobody could read an answer in which it did not.
    """
    size = 12 if len(header) > 4 and header[4] & 0x80 else 8
    header = header[:size].ljust(size, b"\0")
    least = _LEAST.get(known[1], 0) if known is not None else 0
    return header[:5] + (size + least).to_bytes(3) + header[8:] + bytes(least)


def _around(whole: bytes, failed: bytes) -> bytes:
    """Return a grouped AVP that holds only the one that is at fault (RFC 6733 §7.5)."""
    header = 12 if whole[4] & 0x80 else 8
    padded = failed + _PADDING[len(failed) & 3]
    return whole[:5] + (header + len(padded)).to_bytes(3) + whole[8:header] + padded
