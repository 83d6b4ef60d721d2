"""The NT hash of a password: what an HSS has to have for NTLM (MS-NLMP §3.3.1)."""

LENGTH = 16
"""Octets of an NT hash."""
NEEDED = "pip install 'scscf-simulator[siprege]'"
"""How to get what makes NT hashes."""


def is_available() -> bool:
    """Tell whether NT hashes can be made: pyspnego, which has MD4, is there."""
    try:
        from spnego._ntlm_raw.md4 import md4  # noqa: F401  # only where somebody has a password for NTLM
    except ImportError:
        return False
    return True


def nt_hash(password: str) -> bytes:
    """Return MD4 of the password in UTF-16, 16 octets; nothing where it cannot be made."""
    try:
        from spnego._ntlm_raw.md4 import md4
    except ImportError:
        return b""
    return bytes(md4(password.encode("utf-16-le", "surrogatepass")))
