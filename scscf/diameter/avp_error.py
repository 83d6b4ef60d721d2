"""What is wrong with an AVP (RFC 6733 §7.1)."""

from typing import Any

from scscf.errors import ScscfError


class MalformedAvp(ScscfError):
    """An AVP that makes its message unfit: a result, why, the AVP's octets, and the AVPs before it.

    `vendor` is 0 where `result` is a Result-Code, else who defines it as an Experimental-Result-Code.
    """

    def __init__(self, result: int, text: str, failed: bytes, vendor: int = 0) -> None:
        super().__init__(result, text)
        self.result = result
        self.text = text
        self.failed = failed
        self.vendor = vendor
        self.before: list[tuple[str, Any]] = []
