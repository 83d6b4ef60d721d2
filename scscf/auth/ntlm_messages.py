"""CHALLENGE_MESSAGE and AUTHENTICATE_MESSAGE as octets (MS-NLMP §2.2.1.2, §2.2.1.3)."""

from enum import IntFlag
from struct import pack, unpack_from
from typing import NamedTuple

from scscf.errors import ScscfError

_SIGNATURE = b"NTLMSSP\0"
_CHALLENGE, _AUTHENTICATE = 2, 3
_CHALLENGE_HEADER, _AUTHENTICATE_HEADER = 56, 64
_VERSION = bytes((5, 2, 0xCE, 0x0E, 0, 0, 0, 0x0F))
_LONGEST_TOKEN = 8192
_LONGEST_NAME = 512
_V1_OCTETS = 24
_PAIRS_AT = 44
"""Where the AV pairs stand in an NTLMv2 response: after the proof and what is fixed of the client's challenge."""
_AV_FLAGS, _HAS_MIC = 6, 0x2
_MIC_AT, _MIC_OCTETS = 72, 16


class NtlmError(ScscfError):
    """A token that is malformed, or that is no answer to its challenge."""


class Flag(IntFlag):
    """The flags of NEGOTIATE that matter here (MS-NLMP §2.2.2.5)."""

    UNICODE = 0x1
    REQUEST_TARGET = 0x4
    SIGN = 0x10
    DATAGRAM = 0x40
    LM_KEY = 0x80
    NTLM = 0x200
    ANONYMOUS = 0x800
    ALWAYS_SIGN = 0x8000
    TARGET_TYPE_DOMAIN = 0x10000
    EXTENDED_SESSIONSECURITY = 0x80000
    IDENTIFY = 0x100000
    NON_NT_SESSION_KEY = 0x400000
    TARGET_INFO = 0x800000
    VERSION = 0x2000000
    NEGOTIATE_128 = 0x20000000
    KEY_EXCH = 0x40000000
    NEGOTIATE_56 = 0x80000000

    WEAK_KEYS = LM_KEY | NON_NT_SESSION_KEY
    CHOICES = EXTENDED_SESSIONSECURITY | NEGOTIATE_128 | KEY_EXCH | NEGOTIATE_56
    """What a client may take only where it was offered."""


CLIENT_FLAGS = (
    Flag.UNICODE
    | Flag.REQUEST_TARGET
    | Flag.SIGN
    | Flag.DATAGRAM
    | Flag.NTLM
    | Flag.ALWAYS_SIGN
    | Flag.EXTENDED_SESSIONSECURITY
    | Flag.IDENTIFY
    | Flag.TARGET_INFO
    | Flag.VERSION
    | Flag.NEGOTIATE_128
    | Flag.KEY_EXCH
)
"""What a client takes of what is offered."""

_SERVER_FLAGS = CLIENT_FLAGS | Flag.TARGET_TYPE_DOMAIN


class Target(NamedTuple):
    """What a challenge says of the server: NetBIOS names and DNS names."""

    domain: str
    computer: str
    dns_domain: str
    dns_host: str


class Authenticate(NamedTuple):
    """An AUTHENTICATE_MESSAGE."""

    user: str
    domain: str
    workstation: str
    flags: int
    token: bytes
    lm_response: bytes
    nt_response: bytes
    session_key: bytes
    """EncryptedRandomSessionKey; empty where no key is exchanged."""

    @property
    def version(self) -> int:
        """Which NTLM the response is of: 1, with EXTENDED_SESSIONSECURITY or without, or 2 (MS-NLMP §2.2.2.6)."""
        return 1 if len(self.nt_response) == _V1_OCTETS else 2

    def mic(self) -> tuple[bytes, bytes] | None:
        """Return the MIC and the message without it, which it is made of; None where the client says it has none.

        The client says so in the flags among the AV pairs of an NTLMv2 response (MS-NLMP §2.2.1.3, §2.2.2.1), which the
        password proves. Raises NtlmError for a MIC that there is no room for.
        """
        if self.version == 1 or not _av_flags(self.nt_response) & _HAS_MIC:
            return None
        end = _MIC_AT + _MIC_OCTETS
        if _payload_at(self.token) < end:
            raise NtlmError("AUTHENTICATE_MESSAGE has no room for its MIC")
        return self.token[_MIC_AT:end], self.token[:_MIC_AT] + bytes(_MIC_OCTETS) + self.token[end:]

    def __repr__(self) -> str:
        return f"<Authenticate {self.domain}\\{self.user} from {self.workstation} {self.flags:#010x}>"


def challenge_message(server_challenge: bytes, target: Target, *, extended: bool = True) -> bytes:
    """Return a CHALLENGE_MESSAGE without a NEGOTIATE_MESSAGE before it (MS-NLMP §3.2.5.2.1, connectionless).

    `server_challenge` is 8 random octets; `extended`: offer EXTENDED_SESSIONSECURITY. There is no timestamp, so that
    no client adds a MIC.
    """
    flags = _SERVER_FLAGS if extended else _SERVER_FLAGS & ~Flag.EXTENDED_SESSIONSECURITY
    name = _octets(target.domain)
    pairs = ((2, target.domain), (1, target.computer), (4, target.dns_domain), (3, target.dns_host))
    info = bytearray()
    for number, text in pairs:
        octets = _octets(text)
        info += pack("<HH", number, len(octets)) + octets
    info += bytes(4)
    return (
        _SIGNATURE
        + pack("<IHHII", _CHALLENGE, len(name), len(name), _CHALLENGE_HEADER, flags)
        + server_challenge
        + bytes(8)
        + pack("<HHI", len(info), len(info), _CHALLENGE_HEADER + len(name))
        + _VERSION
        + name
        + bytes(info)
    )


def read_challenge(token: bytes) -> tuple[bytes, int, bytes]:
    """Return ServerChallenge, the flags and TargetInfo of a CHALLENGE_MESSAGE. Raises NtlmError."""
    _check(token, _CHALLENGE, 48)
    (flags,) = unpack_from("<I", token, 20)
    return token[24:32], flags, _field(token, 40) if flags & Flag.TARGET_INFO else b""


def authenticate_message(
    flags: int, lm_response: bytes, nt_response: bytes, domain: str, user: str, workstation: str, session_key: bytes
) -> bytes:
    """Return an AUTHENTICATE_MESSAGE with a version and no MIC."""
    names = [_octets(name) for name in (domain, user, workstation)]
    payload = dict(zip((28, 36, 44, 12, 20, 52), (*names, lm_response, nt_response, session_key), strict=True))
    at = _AUTHENTICATE_HEADER + len(_VERSION)
    fields = {}
    for place, octets in payload.items():
        fields[place] = pack("<HHI", len(octets), len(octets), at)
        at += len(octets)
    header = _SIGNATURE + pack("<I", _AUTHENTICATE) + b"".join(fields[place] for place in sorted(fields))
    return header + pack("<I", flags) + _VERSION + b"".join(payload.values())


def read_authenticate(token: bytes) -> Authenticate:
    """Read an AUTHENTICATE_MESSAGE of at most 8 kB with names of at most 256 characters that can be shown.

    Raises NtlmError.
    """
    _check(token, _AUTHENTICATE, _AUTHENTICATE_HEADER)
    (flags,) = unpack_from("<I", token, 60)
    domain, user, workstation = (_name(_field(token, place), flags) for place in (28, 36, 44))
    return Authenticate(
        user, domain, workstation, flags, token, _field(token, 12), _field(token, 20), _field(token, 52)
    )


def _check(token: bytes, kind: int, shortest: int) -> None:
    if not shortest <= len(token) <= _LONGEST_TOKEN or not token.startswith(_SIGNATURE + pack("<I", kind)):
        raise NtlmError("Not the NTLM message that is expected")


def _field(token: bytes, place: int) -> bytes:
    length, _, offset = unpack_from("<HHI", token, place)
    if length and offset + length > len(token):
        raise NtlmError("NTLM field points outside its message")
    return token[offset : offset + length] if length else b""


def _payload_at(token: bytes) -> int:
    """Return where the first field of an AUTHENTICATE_MESSAGE stands, its end where it has none."""
    fields = [unpack_from("<HHI", token, place) for place in (12, 20, 28, 36, 44, 52)]
    return min((offset for length, _, offset in fields if length), default=len(token))


def _av_flags(response: bytes) -> int:
    """Return MsvAvFlags of an NTLMv2 response, 0 where it has none; pairs that cannot be read say nothing."""
    at = _PAIRS_AT
    while at + 4 <= len(response):
        number, length = unpack_from("<HH", response, at)
        if number == _AV_FLAGS and length == 4 and at + 8 <= len(response):
            return int.from_bytes(response[at + 4 : at + 8], "little")
        if not number:
            break
        at += 4 + length
    return 0


def _octets(name: str) -> bytes:
    return name.encode("utf-16-le", "surrogatepass")[:_LONGEST_NAME]


def _name(octets: bytes, flags: int) -> str:
    try:
        name = octets.decode("utf-16-le" if flags & Flag.UNICODE else "ascii")
    except UnicodeDecodeError:
        name = "\0"
    if len(octets) > _LONGEST_NAME or not name.isprintable():
        raise NtlmError("NTLM name that cannot be read")
    return name
