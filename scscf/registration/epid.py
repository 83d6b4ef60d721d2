"""Endpoint ids of Microsoft's clients: the instance that follows from one, the GRUU of an instance (MS-SIPRE §3)."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})")
_NAME_SPACE = bytes.fromhex("03fbacfc738aef4691b1e5ebeeaba4fe")
"""fcacfb03-8a73-46ef-91b1-e5ebeeaba4fe in the octet order of Windows."""


def instance_of(epid: str) -> str:
    """Return the UUID, in capitals, that a client with an epid puts into `+sip.instance` as `<urn:uuid:...>`.

    A UUID of version 5 whose name space and result are in the octet order of Windows. No registrar may count on it:
    any UUID is legal there.
    """
    named = hashlib.sha1(_NAME_SPACE + epid.encode("utf-8", "surrogateescape"), usedforsecurity=False)
    octets = bytearray(named.digest()[:16])
    octets[7] = octets[7] & 0x0F | 0x50
    octets[8] = octets[8] & 0x3F | 0x80
    return _text(bytes(octets))


def gruu_opaque(instance: str) -> str:
    """Return what stands behind `opaque=user:epid:` in the GRUU of an instance, given its UUID (24 characters).

    Case does not matter, and `urn:uuid:` may stand before it. Raises ValueError where it is no UUID.
    """
    parts = _UUID.fullmatch(instance.lower())
    if parts is None:
        raise ValueError("no UUID")
    return urlsafe_b64encode(_swapped(bytes.fromhex("".join(parts.groups()))) + b"\0\0").decode()


def instance_in(opaque: str) -> str | None:
    """Return the UUID, in capitals, that `gruu_opaque` was made of; None where it is none."""
    try:
        octets = urlsafe_b64decode(opaque + "=" * (-len(opaque) % 4))
    except ValueError:
        return None
    return _text(octets[:16]) if len(octets) in (16, 18) else None


def _text(octets: bytes) -> str:
    text = _swapped(octets).hex().upper()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _swapped(octets: bytes) -> bytes:
    """Return 16 octets of a UUID from Windows' octet order in that of the network, or back."""
    return octets[3::-1] + octets[5:3:-1] + octets[7:5:-1] + octets[8:]
