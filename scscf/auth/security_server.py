"""What this node offers a UE in Security-Server (RFC 3329 §2.2, TS 33.203 annex H)."""

from collections.abc import Callable
from hashlib import blake2s

from scscf.sip.sec_agree import Mechanism

KEY_OCTETS = 32

_RESERVED_SPIS = 256
"""RFC 4303 §2.1."""
_SPIS = 2**32 - _RESERVED_SPIS


class SecurityServer:
    """Makes the list for each UE anew, always the same one, so that none has to be kept.

    `key` gives KEY_OCTETS octets that nobody else knows; it is asked once, when the first list is made.
    """

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._source = key
        self._key = b""

    def mechanisms(self, host: str, port: int, *, tls: bool) -> tuple[Mechanism, ...]:
        """Return the list for a UE at an address, towards our listener's port; the preferred mechanism comes first.

        It does not depend on what the UE offers, so that nobody between can talk the two down (RFC 3329 §2.3.1).
        ipsec-3gpp comes last: its parameters are those of a P-CSCF, but there are no security associations behind.
        """
        if not self._key:
            self._key = self._source()
        digest = blake2s(f"{host} {port}".encode(), key=self._key, digest_size=16).digest()
        spi_c, spi_s = (str(_RESERVED_SPIS + int.from_bytes(half) % _SPIS) for half in (digest[:8], digest[8:]))
        offered = (
            Mechanism("digest", (("q", "0.2"), ("d-alg", "MD5"), ("d-qop", "auth"))),
            Mechanism(
                "ipsec-3gpp",
                (
                    ("q", "0.1"),
                    ("alg", "hmac-sha-1-96"),
                    ("ealg", "aes-cbc"),
                    ("prot", "esp"),
                    ("mod", "trans"),
                    ("spi-c", spi_c),
                    ("spi-s", spi_s),
                    ("port-c", str(port)),
                    ("port-s", str(port)),
                ),
            ),
        )
        return (Mechanism("tls", (("q", "0.3"),)), *offered) if tls else offered
