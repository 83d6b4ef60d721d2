"""Tags, branches, Call-IDs and nonces, from an injected source of random bytes, so that a run repeats byte for byte."""

from collections.abc import Callable

_BLOCK = 4096


class Identifiers:
    """Makes identifiers out of `source(n)`, which returns n random bytes: os.urandom, or a seeded one."""

    __slots__ = ("_block", "_offset", "_serial", "_source")

    def __init__(self, source: Callable[[int], bytes]) -> None:
        self._source = source
        self._block = ""
        self._offset = 0
        self._serial = 0

    def hex(self, octets: int) -> str:
        """Return 2 * `octets` hexadecimal digits that nobody can guess."""
        end = self._offset + 2 * octets
        if end > len(self._block):
            self._block = self._source(max(_BLOCK, octets)).hex()
            self._offset, end = 0, 2 * octets
        piece = self._block[self._offset : end]
        self._offset = end
        return piece

    def tag(self) -> str:
        """Return a From or To tag: 64 bits, of which RFC 3261 §19.3 asks for 32."""
        return self.hex(8)

    def branch(self) -> str:
        """Return a Via branch with the magic cookie (RFC 3261 §8.1.1.7)."""
        return "z9hG4bK" + self.hex(8)

    def call_id(self) -> str:
        """Return a Call-ID for a request that starts here."""
        return self.hex(12)

    def nonce(self) -> str:
        """Return a digest nonce: 128 bits (RFC 7616 §3.3)."""
        return self.hex(16)

    def serial(self) -> int:
        """Return 1, 2, 3 ...: for names that need to differ, not to be secret."""
        self._serial += 1
        return self._serial
