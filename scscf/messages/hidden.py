"""Messages without what proves who somebody is, octet for octet as long as they were.

Of SIP: digest responses, AUTS, the session keys of an AKA challenge, whatever else is in Basic or GSSAPI credentials.
Of Cx: XRES, CK, IK, AUTS and H(username:realm:password). K, OP and passwords never travel.
"""

import re
from struct import unpack_from
from typing import Final

from scscf.diameter.dictionary import AVPS, Kind
from scscf.diameter.display import SECRETS
from scscf.diameter.message import HEADER_OCTETS

_PARAMETER = re.compile(
    rb'(?<![\w-])((?:response|rspauth|auts|ck|ik|gssapi-data)\s*=\s*"?)([^",;\s<>]+)', re.IGNORECASE
)
_BASIC = re.compile(rb"^((?:proxy-)?authorization\s*:\s*(?:basic|bearer)\s+)([^\r\n]+)", re.I | re.M)
_SECRET: Final = frozenset((AVPS[name].vendor, AVPS[name].code) for name in SECRETS if name in AVPS)
_GROUPED: Final = frozenset((each.vendor, each.code) for each in AVPS.values() if each.kind is Kind.GROUPED)
_MAX_DEPTH: Final = 8


def hidden_sip(data: bytes) -> bytes:
    """Return a SIP message with zeroes in the place of secrets."""
    return _BASIC.sub(_zeroes, _PARAMETER.sub(_zeroes, data))


def hidden_cx(data: bytes) -> bytes:
    """Return a Diameter message with zeroes in the place of secrets; what cannot be read is taken for one."""
    if len(data) < HEADER_OCTETS:
        return data
    out = bytearray(data)
    _hide(out, HEADER_OCTETS, len(out), 0)
    return bytes(out)


def hidden(protocol: str, data: bytes) -> bytes:
    """Return a message of either protocol without secrets."""
    return hidden_sip(data) if protocol == "sip" else hidden_cx(data)


def _zeroes(match: re.Match[bytes]) -> bytes:
    return match[1] + b"0" * len(match[2])


def _hide(out: bytearray, start: int, end: int, depth: int) -> None:
    """Write zeroes, as characters, over the data of secret AVPs between two places (RFC 6733 §4.1)."""
    while start < end:
        if end - start < 8:
            _fill(out, start, end)
            return
        code, second = unpack_from("!II", out, start)
        length = second & 0xFFFFFF
        has_vendor = bool(second & 0x80000000)
        body, stop = start + (12 if has_vendor else 8), start + length
        if stop < body or stop > end:
            _fill(out, min(start + 8, end), end)
            return
        kind = (int.from_bytes(out[start + 8 : body]) if has_vendor else 0, code)
        if kind in _SECRET:
            _fill(out, body, stop)
        elif kind in _GROUPED:
            if depth < _MAX_DEPTH:
                _hide(out, body, stop, depth + 1)
            else:
                _fill(out, body, stop)
        start = stop + (-length & 3)


def _fill(out: bytearray, start: int, end: int) -> None:
    out[start:end] = b"0" * (end - start)
