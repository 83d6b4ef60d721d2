"""What lies around an IP packet on a link: Ethernet, loopback, Linux cooked, PPP, or nothing."""

from struct import unpack_from

_NULL, _ETHERNET, _PPP, _LOOP, _COOKED, _COOKED_2 = 0, 1, 9, 108, 113, 276
_RAW = frozenset({12, 14, 101, 228, 229})
_IP_FAMILIES = frozenset({2, 10, 23, 24, 28, 30})
"""AF_INET and AF_INET6, as systems number them."""
_IPV4, _IPV6, _PPPOE = 0x0800, 0x86DD, 0x8864
_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
_PPP_IP = frozenset({0x0021, 0x0057})
_MOST_TAGS = 4
KNOWN = _RAW | {_NULL, _ETHERNET, _PPP, _LOOP, _COOKED, _COOKED_2}
"""LINKTYPEs that can be read."""


def ip_packet(link: int, data: bytes) -> bytes | None:
    """Return the IP packet of a frame, None where there is none in it."""
    if link in _RAW:
        return data
    if len(data) < 4:
        return None
    if link in (_NULL, _LOOP):
        families = {int.from_bytes(data[:4], "big"), int.from_bytes(data[:4], "little")}
        return data[4:] if families & _IP_FAMILIES else None
    if link == _ETHERNET:
        return _of_type(data, 12)
    if link == _COOKED:
        return _of_type(data, 14)
    if link == _COOKED_2:
        return data[20:] if unpack_from("!H", data)[0] in (_IPV4, _IPV6) else None
    if link == _PPP:
        return _of_ppp(data[2:] if data[:2] == b"\xff\x03" else data)
    return None


def _of_type(data: bytes, at: int) -> bytes | None:
    """Return what follows an EtherType, VLAN tags and PPPoE in between."""
    for _ in range(_MOST_TAGS):
        if len(data) < at + 2:
            return None
        kind = unpack_from("!H", data, at)[0]
        if kind in (_IPV4, _IPV6):
            return data[at + 2 :]
        if kind == _PPPOE:
            return _of_ppp(data[at + 8 :])
        if kind not in _TAGS:
            return None
        at += 4
    return None


def _of_ppp(data: bytes) -> bytes | None:
    return data[2:] if len(data) > 2 and unpack_from("!H", data)[0] in _PPP_IP else None
