"""AVPs as octets: header, flags, length, padding, and the data by their kind (RFC 6733 §4)."""

from ipaddress import ip_address
from struct import Struct
from typing import Any

from scscf.diameter.dictionary import AVP_OF, AVPS, AvpDefinition, Kind
from scscf.errors import ScscfError

Avps = list[tuple[str, Any]]
"""AVPs in order: name and value. One that is not known has its name as `VENDOR:CODE` and octets as its value."""

VENDOR, MANDATORY, PROTECTED = 0x80, 0x40, 0x20
VERBATIM = "verbatim"
"""Name of what stands in a message as it came: the value is a whole AVP, header and all."""
MAX_AVPS = 1000
MAX_DEPTH = 8

_AVP = Struct("!II")
_AVP_WITH_VENDOR = Struct("!III")
_U32 = Struct("!I")
_I32 = Struct("!i")
_U64 = Struct("!Q")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
_OCTETS_OF = {Kind.UNSIGNED32: _U32, Kind.INTEGER32: _I32, Kind.UNSIGNED64: _U64}
_FAMILY = {4: b"\0\1", 16: b"\0\2"}


class MalformedAvp(ScscfError):
    """An AVP that makes its message unfit: a Result-Code, why, the AVP's octets, and the AVPs before it."""

    def __init__(self, result: int, text: str, failed: bytes) -> None:
        super().__init__(result, text)
        self.result = result
        self.text = text
        self.failed = failed
        self.before: Avps = []


def encode_avps(avps: Avps) -> bytes:
    """Return the octets of AVPs; their names are the dictionary's."""
    return b"".join([_encoded(name, value) for name, value in avps])


def _encoded(name: str, value: Any) -> bytes:
    known = AVPS.get(name)
    if known is None:
        return _unknown(name, value)
    _, code, vendor, kind, mandatory = known
    if kind is Kind.UNSIGNED32:
        data = _U32.pack(value)
    elif kind is Kind.TEXT:
        data = value.encode("utf-8", "surrogateescape")
    elif kind is Kind.OCTETS:
        data = value
    elif kind is Kind.GROUPED:
        data = b"".join([_encoded(inner, each) for inner, each in value])
    elif kind is Kind.ADDRESS:
        packed = ip_address(value).packed
        data = _FAMILY[len(packed)] + packed
    else:
        data = _OCTETS_OF[kind].pack(value)
    length = len(data)
    if vendor:
        flags = 0xC0000000 if mandatory else 0x80000000
        return _AVP_WITH_VENDOR.pack(code, flags | length + 12, vendor) + data + _PADDING[length & 3]
    return _AVP.pack(code, (0x40000000 if mandatory else 0) | length + 8) + data + _PADDING[length & 3]


def _unknown(name: str, value: bytes) -> bytes:
    if name == VERBATIM:
        return value + _PADDING[len(value) & 3]
    vendor, _, code = name.partition(":")
    padding = _PADDING[len(value) & 3]
    if vendor != "0":
        return _AVP_WITH_VENDOR.pack(int(code), 0x80000000 | len(value) + 12, int(vendor)) + value + padding
    return _AVP.pack(int(code), len(value) + 8) + value + padding


def decode_avps(data: bytes, start: int = 0, *, strict: bool = True, depth: int = 0) -> Avps:
    """Return the AVPs from `start` on. Raises MalformedAvp; unless `strict`, an unknown mandatory AVP will do."""
    avps: Avps = []
    end = len(data)
    position = start
    unpack = _AVP.unpack_from
    while position < end:
        try:
            if end - position < 8:
                raise MalformedAvp(5014, "an AVP of less than 8 octets", data[position:].ljust(8, b"\0"))
            code, second = unpack(data, position)
            length = second & 0xFFFFFF
            if second & 0x80000000:
                header = 12
                vendor = int.from_bytes(data[position + 8 : position + 12])
            else:
                header, vendor = 8, 0
            if length < header or position + length > end:
                raise MalformedAvp(5014, f"AVP {code} of length {length}", data[position : position + header])
            known = AVP_OF.get((vendor, code))
            body = data[position + header : position + length]
            if known is None:
                if strict and second & 0x40000000:
                    raise MalformedAvp(5001, f"AVP {vendor}:{code} is not known", data[position : position + length])
                avps.append((f"{vendor}:{code}", body))
            elif second & 0x1F000000:
                raise MalformedAvp(3009, f"flags of {known.name}", data[position : position + length])
            else:
                kind = known.kind
                if kind is Kind.TEXT:
                    avps.append((known.name, body.decode("utf-8", "surrogateescape")))
                elif kind is Kind.UNSIGNED32 and length - header == 4:
                    avps.append((known.name, _U32.unpack(body)[0]))
                elif kind is Kind.OCTETS:
                    avps.append((known.name, body))
                else:
                    avps.append((known.name, _value(known, body, data[position : position + length], strict, depth)))
            if len(avps) > MAX_AVPS:
                raise MalformedAvp(5009, f"more than {MAX_AVPS} AVPs", data[position : position + length])
        except MalformedAvp as error:
            error.before = avps
            raise
        position += length + (-length & 3)
    return avps


def _value(known: AvpDefinition, body: bytes, whole: bytes, strict: bool, depth: int) -> Any:
    kind = known.kind
    if kind is Kind.GROUPED:
        if depth >= MAX_DEPTH:
            raise MalformedAvp(5004, f"groups go at most {MAX_DEPTH} deep", whole)
        try:
            return decode_avps(body, 0, strict=strict, depth=depth + 1)
        except MalformedAvp as error:
            raise MalformedAvp(error.result, f"{known.name}: {error.text}", _around(whole, error.failed)) from None
    if kind is Kind.ADDRESS:
        if _FAMILY.get(len(body) - 2) != body[:2]:
            raise MalformedAvp(5004, f"{known.name} is no address", whole)
        return str(ip_address(body[2:]))
    packed = _OCTETS_OF.get(kind)
    if packed is None or len(body) != packed.size:
        raise MalformedAvp(5014, f"{known.name} of {len(body)} octets", whole)
    return packed.unpack(body)[0]


def _around(whole: bytes, failed: bytes) -> bytes:
    """Return a grouped AVP that holds only the one that is at fault (RFC 6733 §7.5)."""
    header = 12 if whole[4] & VENDOR else 8
    length = header + len(failed)
    return whole[:5] + length.to_bytes(3) + whole[8:header] + failed + _PADDING[len(failed) & 3]
