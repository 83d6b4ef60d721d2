"""NTLM without a connection, as SIP has it: the three steps and the signatures (MS-NLMP §2.2, §3.3, §3.4).

The arithmetic is pyspnego's, which comes with the extra `siprege` and is loaded when it is first needed.
"""

import hashlib
from functools import cache
from hmac import compare_digest
from importlib import import_module
from importlib.util import find_spec
from struct import pack
from typing import Any, Literal

from scscf.auth.ntlm_messages import (
    CLIENT_FLAGS,
    Authenticate,
    Flag,
    NtlmError,
    Target,
    authenticate_message,
    challenge_message,
    read_authenticate,
    read_challenge,
)

__all__ = [
    "Authenticate",
    "MessageKeys",
    "NtlmError",
    "Target",
    "accept",
    "answer",
    "challenge_message",
    "is_available",
    "nt_hash",
    "read_authenticate",
]

_SEQUENCE_NUMBER = 100
"""Of every signature in SIP (MS-SIPAE §3.3.4.1)."""
_SHORTEST_V2 = 16 + 28
_PROOF_OCTETS = 16
_FILETIME_OF_EPOCH = 116_444_736_000_000_000
_SIDES = {"client": "initiate", "server": "accept"}


def is_available() -> bool:
    """Tell whether the extra `siprege` is installed; without it, everything below but the reading raises NtlmError."""
    return find_spec("spnego") is not None


def nt_hash(password: str) -> bytes:
    """Return the 16 octets that stand for a password: MD4 of its UTF-16 (MS-NLMP §3.3.1)."""
    octets: bytes = _library("md4").md4(password.encode("utf-16-le", "surrogatepass"))
    return octets


class MessageKeys:
    """What the messages of both sides are signed with in one security association (MS-NLMP §3.4.4, §3.4.5)."""

    __slots__ = ("_flags", "_sealing", "_signing", "exported_session_key")

    def __init__(self, flags: int, exported: bytes) -> None:
        crypto = _library("crypto")
        self._flags = flags
        self.exported_session_key = exported
        """A secret, 16 octets."""
        self._signing = {}
        self._sealing = {}
        for side, usage in _SIDES.items():
            self._signing[side] = crypto.signkey(flags, exported, usage)
            if flags & Flag.EXTENDED_SESSIONSECURITY:
                sealing = crypto.sealkey(flags, exported, usage) + pack("<I", _SEQUENCE_NUMBER)
                self._sealing[side] = hashlib.md5(sealing, usedforsecurity=False).digest()
            else:
                self._sealing[side] = exported

    def __repr__(self) -> str:
        return "<MessageKeys>"

    def sign(self, sender: Literal["client", "server"], text: bytes) -> bytes:
        """Return the 16 octets of NTLMSSP_MESSAGE_SIGNATURE; every message begins the RC4 stream anew.

        Without EXTENDED_SESSIONSECURITY it holds a CRC under the whole ExportedSessionKey.
        """
        stream = _library("crypto").rc4init(self._sealing[sender])
        signature: bytes = _library("security").sign(self._flags, stream, self._signing[sender], _SEQUENCE_NUMBER, text)
        return signature

    def verify(self, sender: Literal["client", "server"], text: bytes, signature: bytes) -> bool:
        """Tell whether a signature is that of the sender, in constant time.

        The pad of the form with the CRC may be anything.
        """
        expected = self.sign(sender, text)
        if len(signature) != len(expected):
            return False
        if not self._flags & Flag.EXTENDED_SESSIONSECURITY:
            signature = signature[:4] + expected[4:8] + signature[8:]
        return compare_digest(expected, signature)


def accept(challenge: bytes, authenticate: Authenticate, nt_hash: bytes) -> MessageKeys | None:
    """Return the keys agreed on with a client; None where it does not know the password (MS-NLMP §3.2.5.2.2).

    Takes NTLMv2 and NTLMv1, with and without EXTENDED_SESSIONSECURITY. Raises NtlmError for an AUTHENTICATE_MESSAGE
    that does not sign, names nobody, takes what the challenge did not offer, or was changed on its way (§3.2.5.1.2).
    """
    crypto = _library("crypto")
    server_challenge, offered, _ = read_challenge(challenge)
    flags, response = authenticate.flags, authenticate.nt_response
    if not flags & Flag.SIGN or flags & Flag.ANONYMOUS or not authenticate.user:
        raise NtlmError("AUTHENTICATE_MESSAGE does not sign for a user")
    if flags & (Flag.CHOICES & ~offered | Flag.WEAK_KEYS):
        raise NtlmError("AUTHENTICATE_MESSAGE takes what was not offered")
    if authenticate.version == 1:
        lm_response = authenticate.lm_response
        expected, _, exchange = crypto.compute_response_v1(flags, nt_hash, b"", server_challenge, lm_response[:8])
        if not compare_digest(expected, response):
            return None
    elif len(response) >= _SHORTEST_V2:
        key = crypto.ntowfv2(authenticate.user, nt_hash, authenticate.domain)
        proof = crypto.hmac_md5(key, server_challenge + response[_PROOF_OCTETS:])
        if not compare_digest(proof, response[:_PROOF_OCTETS]):
            return None
        exchange = crypto.hmac_md5(key, proof)
    else:
        raise NtlmError("NtChallengeResponse has a wrong length")
    if flags & Flag.KEY_EXCH:
        if len(authenticate.session_key) != 16:
            raise NtlmError("EncryptedRandomSessionKey has a wrong length")
        exchange = crypto.rc4k(exchange, authenticate.session_key)
    protected = authenticate.mic()
    if protected is not None and not compare_digest(crypto.hmac_md5(exchange, challenge + protected[1]), protected[0]):
        raise NtlmError("AUTHENTICATE_MESSAGE is not what its MIC was made of")
    return MessageKeys(flags, exchange)


def answer(
    challenge: bytes,
    user: str,
    domain: str,
    nt_hash: bytes,
    workstation: str,
    client_challenge: bytes,
    session_key: bytes,
    at: float,
) -> tuple[bytes, MessageKeys]:
    """Return the client's AUTHENTICATE_MESSAGE and its keys (MS-NLMP §3.1.5.2.1).

    NTLMv2 where the challenge offers EXTENDED_SESSIONSECURITY, else NTLMv1. `client_challenge` is 8 random octets,
    `session_key` 16; `at` is the time, in seconds of the epoch. Raises NtlmError for a malformed challenge.
    """
    crypto = _library("crypto")
    server_challenge, offered, target_info = read_challenge(challenge)
    flags = int(CLIENT_FLAGS & (offered | Flag.REQUEST_TARGET))
    if flags & Flag.EXTENDED_SESSIONSECURITY:
        key = crypto.ntowfv2(user, nt_hash, domain)
        filetime = pack("<Q", _FILETIME_OF_EPOCH + int(at * 10_000_000))
        blob = b"\1\1" + bytes(6) + filetime + client_challenge + bytes(4) + target_info + bytes(4)
        proof = crypto.hmac_md5(key, server_challenge + blob)
        nt_response = proof + blob
        lm_response = crypto.hmac_md5(key, server_challenge + client_challenge) + client_challenge
        exchange = crypto.hmac_md5(key, proof)
    else:
        nt_response, lm_response, exchange = crypto.compute_response_v1(
            flags, nt_hash, b"", server_challenge, client_challenge
        )
    encrypted = b""
    if flags & Flag.KEY_EXCH:
        encrypted = crypto.rc4k(exchange, session_key)
        exchange = session_key
    token = authenticate_message(flags, lm_response, nt_response, domain, user, workstation, encrypted)
    return token, MessageKeys(flags, exchange)


@cache
def _library(name: str) -> Any:
    try:
        return import_module(f"spnego._ntlm_raw.{name}")
    except ImportError as error:
        raise NtlmError("pyspnego is not installed: install the extra siprege") from error
