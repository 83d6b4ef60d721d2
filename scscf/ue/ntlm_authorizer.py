"""The client's side of NTLM over SIP: the handshake, then a signature on every request (MS-SIPAE §3.2)."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from enum import Enum
from typing import Final

from scscf.auth import ntlm
from scscf.auth.sipae import signature_text
from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.sip.credentials import parse_credentials
from scscf.sip.grammar import quote
from scscf.sip.message import Request, Response
from scscf.ue.authorization import Authorizer

_CHALLENGES: Final = (("www-authenticate", "Authorization"), ("proxy-authenticate", "Proxy-Authorization"))
_LONGEST_TOKEN: Final = 12_000
"""Characters of gssapi-data that are looked at."""


class Handshake(Enum):
    """How far a client is with its security association (MS-SIPAE §3.2.1)."""

    NONE = "none"
    OFFERED = "offered"
    CHALLENGED = "challenged"
    ESTABLISHED = "established"


class HandshakeInput(Enum):
    """What changes that."""

    OFFER = "an offer of NTLM without a token"
    CHALLENGE = "a challenge that has a token"
    AUTHENTICATED = "the answer to the token is sent"
    FORGOTTEN = "what was agreed on is forgotten"


TRANSITIONS: Final[dict[Handshake, dict[HandshakeInput, Handshake]]] = {
    Handshake.NONE: {
        HandshakeInput.OFFER: Handshake.OFFERED,
        HandshakeInput.CHALLENGE: Handshake.CHALLENGED,
        HandshakeInput.AUTHENTICATED: Handshake.NONE,
        HandshakeInput.FORGOTTEN: Handshake.NONE,
    },
    Handshake.OFFERED: {
        HandshakeInput.OFFER: Handshake.OFFERED,
        HandshakeInput.CHALLENGE: Handshake.CHALLENGED,
        HandshakeInput.AUTHENTICATED: Handshake.OFFERED,
        HandshakeInput.FORGOTTEN: Handshake.NONE,
    },
    Handshake.CHALLENGED: {
        HandshakeInput.OFFER: Handshake.OFFERED,
        HandshakeInput.CHALLENGE: Handshake.CHALLENGED,
        HandshakeInput.AUTHENTICATED: Handshake.ESTABLISHED,
        HandshakeInput.FORGOTTEN: Handshake.NONE,
    },
    Handshake.ESTABLISHED: {
        HandshakeInput.OFFER: Handshake.OFFERED,
        HandshakeInput.CHALLENGE: Handshake.CHALLENGED,
        HandshakeInput.AUTHENTICATED: Handshake.ESTABLISHED,
        HandshakeInput.FORGOTTEN: Handshake.NONE,
    },
}
"""State → input → state after it."""


class NtlmAuthorizer(Authorizer):
    """Proves one user by NTLM. `user` and `domain` are what the AUTHENTICATE message says; `now()` is in seconds.

    The password is kept as its NT hash.
    """

    def __init__(
        self, user: str, domain: str, password: str, identifiers: Identifiers, now: Callable[[], float]
    ) -> None:
        super().__init__(user, domain, None, "")
        self._domain = domain
        self._hash = ntlm.nt_hash(password)
        self._identifiers = identifiers
        self._now = now
        self._state = Handshake.NONE
        self._offer: dict[str, str] = {}
        self._answer = b""
        self._keys: ntlm.MessageKeys | None = None
        self._count = 0
        self._header = "Authorization"
        self._goes_on = False

    @property
    def state(self) -> Handshake:
        """How far it is with its security association."""
        return self._state

    @property
    def is_challenged(self) -> bool:
        """Whether there is something to say to the server."""
        return self._state is not Handshake.NONE

    @property
    def is_stale(self) -> bool:
        """Whether the last challenge refuses nothing: it goes on with the handshake."""
        return self._goes_on

    @property
    def header(self) -> str:
        """The header that its credentials go into."""
        return self._header

    @property
    def opaque(self) -> str:
        """Name of its security association, "" while there is none."""
        return self._offer.get("opaque", "")

    def forget(self) -> None:
        """Forget the security association: the next request is one of a stranger."""
        self._feed(HandshakeInput.FORGOTTEN)
        self._offer, self._answer, self._keys, self._count, self._goes_on = {}, b"", None, 0, False

    def take(self, response: Response) -> bool:
        """Take the challenge of a 401 or 407 that can be answered; tell whether there is one."""
        for name, header in _CHALLENGES:
            for value in response.get_all(name):
                try:
                    scheme, params = parse_credentials(value)
                except SipError:
                    continue
                if scheme == "ntlm" and self._take(params):
                    self._header = header
                    return True
        return False

    def _take(self, params: dict[str, str]) -> bool:
        token = params.get("gssapi-data", "")
        answer, keys = b"", None
        if token:
            try:
                answer, keys = self._answer_to(_octets(token))
            except ntlm.NtlmError:
                return False
        self._offer, self._answer, self._keys, self._count = params, answer, keys, 0
        self._goes_on = bool(token) and self._state is Handshake.OFFERED
        self._feed(HandshakeInput.CHALLENGE if token else HandshakeInput.OFFER)
        return True

    def credentials(self, request: Request) -> str:
        """Return the credentials of a request that is whole but for them: an empty token, the answer, a signature.

        A request that cannot be read goes without a signature.
        """
        offer = self._offer
        version, realm, target = self._version, offer.get("realm", ""), offer.get("targetname", "")
        value = f'NTLM qop="auth", realm={quote(realm)}, targetname={quote(target)}'
        if self._state is Handshake.OFFERED:
            return f'{value}, gssapi-data="", version={version}'
        if self._state is Handshake.CHALLENGED:
            value += f', gssapi-data="{b64encode(self._answer).decode()}"'
        value += f", opaque={quote(self.opaque)}"
        if self._state is Handshake.CHALLENGED:
            value += f", version={version}"
            self._feed(HandshakeInput.AUTHENTICATED)
            if version < 4:
                return value
        if self._keys is None:
            return value
        rand, number = self._identifiers.hex(4).upper(), str(self._count + 1)
        try:
            text = signature_text("NTLM", version, rand, number, realm, target, request)
        except SipError:
            return value
        self._count += 1
        signature = self._keys.sign("client", text).hex()
        return f'{value}, crand="{rand}", cnum="{number}", response="{signature}"'

    def proves(self, message: Request | Response) -> bool:
        """Tell whether a message of the server has a signature of this security association that is right."""
        value = message.get("authentication-info")
        if value is None or self._keys is None:
            return False
        try:
            scheme, params = parse_credentials(value)
            signature = bytes.fromhex(params.get("rspauth", ""))
            rand, number = params.get("srand", ""), params.get("snum", "")
            realm, target = self._offer.get("realm", ""), self._offer.get("targetname", "")
            text = signature_text("NTLM", self._version, rand, number, realm, target, message)
        except (SipError, ValueError):
            return False
        if scheme != "ntlm" or params.get("opaque") != self.opaque:
            return False
        return self._keys.verify("server", text, signature)

    @property
    def _version(self) -> int:
        """Version of the protocol: the server's, as far as it is known here."""
        text = self._offer.get("version", "")
        return int(text) if text in ("2", "3", "4") else 3

    def _answer_to(self, challenge: bytes) -> tuple[bytes, ntlm.MessageKeys]:
        """Return the AUTHENTICATE message for a CHALLENGE and what follows from it. Raises NtlmError."""
        identifiers = self._identifiers
        client_challenge, session_key = bytes.fromhex(identifiers.hex(8)), bytes.fromhex(identifiers.hex(16))
        return ntlm.answer(
            challenge, self.username, self._domain, self._hash, "UE", client_challenge, session_key, self._now()
        )

    def _feed(self, event: HandshakeInput) -> None:
        self._state = TRANSITIONS[self._state][event]


def _octets(token: str) -> bytes:
    """Return the octets of gssapi-data. Raises NtlmError for what is no base64 or is too long."""
    if len(token) > _LONGEST_TOKEN:
        raise ntlm.NtlmError("too long")
    try:
        return b64decode(token, validate=True)
    except ValueError:
        raise ntlm.NtlmError("no base64") from None
