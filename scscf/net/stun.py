"""STUN Binding requests on a SIP socket: the keep-alive of UDP flows (RFC 5626 §4.4.2, RFC 5389)."""

from ipaddress import ip_address

_COOKIE = b"\x21\x12\xa4\x42"
_BINDING_REQUEST = b"\x00\x01"
_BINDING_SUCCESS = b"\x01\x01"
_XOR_MAPPED_ADDRESS = b"\x00\x20"


def is_stun(data: bytes) -> bool:
    """Tell whether a datagram is STUN: two zero bits, the magic cookie, a length that fits (RFC 5389 §8)."""
    return (
        len(data) >= 20
        and data[0] < 0x40
        and data[4:8] == _COOKIE
        and len(data) == 20 + int.from_bytes(data[2:4], "big")
    )


def binding_response(data: bytes, source: tuple[str, int]) -> bytes | None:
    """Return the success response to a Binding request, with the source address as XOR-MAPPED-ADDRESS (RFC 5389 §15.2).

    None where `data` is another STUN message: that gets no answer.
    """
    if data[:2] != _BINDING_REQUEST:
        return None
    transaction = data[8:20]
    address = ip_address(source[0].partition("%")[0])
    mask = _COOKIE + transaction
    packed = bytes(octet ^ key for octet, key in zip(address.packed, mask, strict=False))
    port = source[1] ^ int.from_bytes(_COOKIE[:2], "big")
    value = b"\x00" + (b"\x01" if address.version == 4 else b"\x02") + port.to_bytes(2, "big") + packed
    attribute = _XOR_MAPPED_ADDRESS + len(value).to_bytes(2, "big") + value
    return _BINDING_SUCCESS + len(attribute).to_bytes(2, "big") + _COOKIE + transaction + attribute
