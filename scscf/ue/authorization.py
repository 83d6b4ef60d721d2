"""The UE's side of digest and AKA: what it answers to a challenge (RFC 7616 §3.4, RFC 3310 §3, TS 24.229 §5.1.1.5)."""

import hashlib
from typing import Protocol

from scscf.auth.digest import ALGORITHMS, digest, hash_ha1
from scscf.errors import SipError
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Response
from scscf.ue.usim import NetworkNotProved, OutOfSequence

_KNOWN = (*(name.lower() for name in ALGORITHMS), "akav1-md5", "akav2-md5", "akav2-sha-256")
_CHALLENGES = (("www-authenticate", "Authorization"), ("proxy-authenticate", "Proxy-Authorization"))


class Secret(Protocol):
    """Whatever gives the password of a challenge."""

    def password(self, nonce: str, algorithm: str) -> bytes:
        """Return the password for a nonce. A USIM raises NetworkNotProved and OutOfSequence."""


class Password:
    """A password that is always the same."""

    def __init__(self, text: str) -> None:
        self._octets = text.encode()

    def password(self, nonce: str, algorithm: str) -> bytes:
        """Return the password."""
        return self._octets


class Authorizer:
    """Answers challenges for one user; keeps the last one and counts how often its nonce was used.

    `cnonce()` gives a fresh client nonce. Without a secret no challenge is answered.
    """

    def __init__(self, username: str, realm: str, secret: Secret | None, cnonce: str) -> None:
        self.username = username
        self.realm = realm
        self.secret = secret
        self._cnonce = cnonce
        self._challenge: dict[str, str] = {}
        self._header = "Authorization"
        self._ha1: tuple[str, str] = ("", "")
        self._count = 0
        self.resynchronises = False
        """Whether the last answer told the network the USIM's own sequence number."""
        self.doubts = False
        """Whether the last answer told the network that it did not prove itself."""

    def take(self, response: Response) -> bool:
        """Take the challenge of a 401 or 407 that can be answered; tell whether there is one (RFC 8760 §2.4)."""
        if self.secret is None:
            return False
        for name, header in _CHALLENGES:
            for value in response.get_all(name):
                try:
                    scheme, params = parse_credentials(value)
                except SipError:
                    continue
                if scheme == "digest" and params.get("algorithm", "md5").lower() in _KNOWN:
                    self._challenge, self._header, self._count = params, header, 0
                    return True
        return False

    def forget(self) -> None:
        """Forget the last challenge: the next request says only who it is by."""
        self._challenge, self._header, self._count = {}, "Authorization", 0
        self.resynchronises = self.doubts = False

    @property
    def is_challenged(self) -> bool:
        """Whether there is a challenge whose nonce can be used."""
        return bool(self._challenge)

    @property
    def is_stale(self) -> bool:
        """Whether only the nonce of the credentials before it was wrong (RFC 7616 §3.3)."""
        return self._challenge.get("stale", "").lower() == "true"

    @property
    def header(self) -> str:
        """The header that the answer goes into."""
        return self._header

    def nameless(self, uri: str) -> str:
        """Return who a UE says it is before there is a challenge (TS 24.229 §5.1.1.2.2)."""
        return f'Digest username="{self.username}", realm="{self.realm}", uri="{uri}", nonce="", response=""'

    def answer(self, method: str, uri: str, body: bytes = b"") -> str:
        """Return the credentials for a request of the last challenge, with the next nonce count."""
        known = self._challenge
        algorithm = known.get("algorithm", "MD5")
        nonce, realm = known.get("nonce", ""), known.get("realm", "")
        head = f'Digest username="{self.username}", realm="{realm}", nonce="{nonce}", uri="{uri}"'
        if "opaque" in known:
            head += f', opaque="{known["opaque"]}"'
        if self.secret is None:
            raise RuntimeError("there is nothing to answer a challenge with")
        self.resynchronises = self.doubts = False
        try:
            password = self.secret.password(nonce, algorithm)
        except NetworkNotProved:
            self.doubts = True
            return f'{head}, response="", algorithm={algorithm}'
        except OutOfSequence as ahead:
            password = b""
            self.resynchronises = True
            head += f', auts="{ahead.auts}"'
        plain = algorithm.lower()
        ha1 = self._ha1_of(plain, realm, nonce, password)
        self._count += 1
        if "qop" not in known:
            response = digest(plain, f"{ha1}:{nonce}:{digest(plain, f'{method}:{uri}')}")
            return f'{head}, response="{response}", algorithm={algorithm}'
        offered = [each.strip() for each in known["qop"].split(",")]
        qop = "auth" if "auth" in offered else "auth-int"
        what = f"{method}:{uri}"
        if qop == "auth-int":
            what += f":{digest(plain, body.decode('utf-8', 'surrogateescape'))}"
        count = f"{self._count:08x}"
        response = digest(plain, f"{ha1}:{nonce}:{count}:{self._cnonce}:{qop}:{digest(plain, what)}")
        return f'{head}, response="{response}", algorithm={algorithm}, qop={qop}, nc={count}, cnonce="{self._cnonce}"'

    def _ha1_of(self, algorithm: str, realm: str, nonce: str, password: bytes) -> str:
        key = f"{algorithm} {realm} {nonce}"
        if self._ha1[0] != key:
            try:
                ha1 = hash_ha1(algorithm, self.username, realm, password.decode())
            except UnicodeDecodeError:
                kind = hashlib.sha256 if algorithm.endswith("sha-256") else hashlib.md5
                ha1 = kind(f"{self.username}:{realm}:".encode() + password).hexdigest()
            self._ha1 = (key, ha1)
        return self._ha1[1]
