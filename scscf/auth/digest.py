"""The arithmetic of HTTP digest as SIP uses it: pure functions of strings (RFC 7616 §3.4, RFC 8760, RFC 2617)."""

import hashlib
from collections.abc import Callable
from functools import partial

from scscf.errors import SipError
from scscf.sip.credentials import Credentials

_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "md5": partial(hashlib.md5, usedforsecurity=False),
    "sha-256": hashlib.sha256,
    "sha-512-256": lambda data: hashlib.new("sha512_256", data),
}
_HASHES |= {"akav1-md5": _HASHES["md5"], "akav2-md5": _HASHES["md5"], "akav2-sha-256": _HASHES["sha-256"]}

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")

ALGORITHMS = ("MD5", "SHA-256", "SHA-512-256")
"""Algorithms of RFC 8760 §2.1 and RFC 3261 §22.4, spelt as a challenge has them; each also with `-sess`."""


def digest(algorithm: str, text: str) -> str:
    """Return H(text), lower case hex; `algorithm` is in lower case, without `-sess`."""
    return _HASHES[algorithm](text.encode("utf-8", "surrogateescape")).hexdigest()


def hash_ha1(algorithm: str, username: str, realm: str, password: str) -> str:
    """Return H(username:realm:password), what an HSS keeps in place of the password (TS 29.229 §6.3.41)."""
    return digest(algorithm.lower().removesuffix("-sess"), f"{username}:{realm}:{password}")


def algorithm_of(credentials: Credentials) -> str:
    """Return the algorithm of credentials, lower case; `md5` where they name none (RFC 7616 §3.4)."""
    return credentials.params.get("algorithm", "md5").lower()


def expected_response(credentials: Credentials, ha1: str, method: str, body: bytes) -> str:
    """Return the `response` that credentials must carry, given HA1 of their user.

    Takes qop auth, auth-int and none (RFC 2069's formula). Raises SipError(400) where qop comes without cnonce or nc,
    or is none of these.
    """
    params = credentials.params
    algorithm = algorithm_of(credentials)
    plain = algorithm.removesuffix("-sess")
    nonce, cnonce, count = params.get("nonce", ""), params.get("cnonce"), params.get("nc")
    qop = params.get("qop", "").lower()
    if plain != algorithm:
        if cnonce is None:
            raise SipError(400, "Missing cnonce in Authorization")
        ha1 = digest(plain, f"{ha1}:{nonce}:{cnonce}")
    ha2 = f"{method}:{params.get('uri', '')}"
    if qop == "auth-int":
        ha2 = f"{ha2}:{_HASHES[plain](body).hexdigest()}"
    elif qop not in ("", "auth"):
        raise SipError(400, "Unknown qop in Authorization")
    ha2 = digest(plain, ha2)
    if not qop:
        return digest(plain, f"{ha1}:{nonce}:{ha2}")
    if not cnonce or not count:
        raise SipError(400, "Missing cnonce or nc in Authorization")
    return digest(plain, f"{ha1}:{nonce}:{count}:{cnonce}:{qop}:{ha2}")


def nonce_count(credentials: Credentials) -> int | None:
    """Return `nc` as a number, None where there is none. Raises SipError(400) where it is not 8 hexadecimal digits."""
    text = credentials.params.get("nc")
    if text is None:
        return None
    if len(text) != 8 or not _HEX_DIGITS.issuperset(text):
        raise SipError(400, "Bad nc in Authorization")
    return int(text, 16)


def challenge_header(realm: str, nonce: str, algorithm: str, *, stale: bool) -> str:
    """Return the value of one WWW-Authenticate header (RFC 3261 §20.44)."""
    return (
        f'Digest realm="{realm}", nonce="{nonce}", algorithm={algorithm}, qop="auth", opaque="", '
        f"stale={'TRUE' if stale else 'FALSE'}"
    )
