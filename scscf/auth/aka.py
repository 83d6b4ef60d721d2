"""Digest AKA: what a vector becomes in a challenge and in its answer (RFC 3310, RFC 4169, TS 24.229 §7.2A.1)."""

from base64 import b64decode, b64encode
from binascii import Error
from hashlib import md5, sha256
from hmac import digest as hmac

from scscf.cx import AkaVector, Resynchronisation

ALGORITHMS = {"akav1-md5": "AKAv1-MD5", "akav2-md5": "AKAv2-MD5", "akav2-sha-256": "AKAv2-SHA-256"}
"""Algorithm in lower case → as a challenge has it."""
DEFAULT = "AKAv1-MD5"

_LENGTH_OF_AUTS = 14
_LENGTH_OF_RAND = 16


def nonce_of(vector: AkaVector) -> str:
    """Return the nonce: base64 of RAND and AUTN (RFC 3310 §3.2)."""
    return b64encode(vector.rand + vector.autn).decode("ascii")


def resynchronisation(nonce: str, auts: str) -> Resynchronisation | None:
    """Return what the HSS has to hear of `auts` in an answer to `nonce`; None where it is no AUTS (RFC 3310 §3.4)."""
    try:
        rand, octets = b64decode(nonce, validate=True)[:_LENGTH_OF_RAND], b64decode(auts, validate=True)
    except (Error, ValueError):
        return None
    if len(rand) != _LENGTH_OF_RAND or len(octets) != _LENGTH_OF_AUTS:
        return None
    return Resynchronisation(rand, octets)


def ha1_of(algorithm: str, username: str, realm: str, vector: AkaVector) -> str:
    """Return H(username:realm:password), the password being what an algorithm makes of a vector.

    `algorithm` is one of ALGORITHMS' values (RFC 3310 §3.3, RFC 4169 §3).
    """
    return _ha1(algorithm, username, realm, _password(algorithm, vector))


def empty_ha1(algorithm: str, username: str, realm: str) -> str:
    """Return H(username:realm:), which an answer with `auts` is made with (RFC 3310 §3.4)."""
    return _ha1(algorithm, username, realm, b"")


def session_keys(algorithm: str, vector: AkaVector) -> tuple[bytes, bytes]:
    """Return CK and IK as the P-CSCF gets them; those of AKAv2 are derived (RFC 4169 §3)."""
    if algorithm.startswith("AKAv1"):
        return vector.ck, vector.ik
    name = _hash_name(algorithm)
    return (
        hmac(vector.ck, b"http-digest-akav2-cipherkey", name),
        hmac(vector.ik, b"http-digest-akav2-integritykey", name),
    )


def challenge_header(
    realm: str, nonce: str, algorithm: str, *, qop: bool = True, ck: bytes | None = None, ik: bytes | None = None
) -> str:
    """Return the value of WWW-Authenticate; the keys are for a P-CSCF only (TS 24.229 §7.2A.1).

    They stand between the nonce and what is not quoted: docker_open5gs's P-CSCF cuts from `ck` to the last `",`, and
    would pass the integrity key on to the UE, in clear, where it stood at the end.
    """
    value = f'Digest realm="{realm}", nonce="{nonce}"'
    if ck is not None:
        value += f', ck="{ck.hex()}"'
    if ik is not None:
        value += f', ik="{ik.hex()}"'
    value += f", algorithm={algorithm}"
    return f'{value}, qop="auth"' if qop else value


def _password(algorithm: str, vector: AkaVector) -> bytes:
    if algorithm.startswith("AKAv1"):
        return vector.xres
    key = vector.xres + vector.ik + vector.ck
    return b64encode(hmac(key, b"http-digest-akav2-password", _hash_name(algorithm)))


def _hash_name(algorithm: str) -> str:
    return "sha256" if algorithm.endswith("SHA-256") else "md5"


def _ha1(algorithm: str, username: str, realm: str, password: bytes) -> str:
    secret = f"{username}:{realm}:".encode("utf-8", "surrogateescape") + password
    if algorithm.endswith("SHA-256"):
        return sha256(secret).hexdigest()
    return md5(secret, usedforsecurity=False).hexdigest()
