"""One security association: its states, its keys and the counters of both sides (MS-SIPAE §3.3.1)."""

from enum import Enum
from typing import Protocol

from scscf.auth.ntlm import MessageKeys
from scscf.auth.sipae import signature_text
from scscf.errors import SipError
from scscf.sip.credentials import Credentials
from scscf.sip.message import Request, Response

WINDOW = 256
"""How far below the highest cnum another one may be."""

_SCHEME = "NTLM"
_HIGHEST_NUMBER = 2**32 - 1
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


class State(Enum):
    """How far an association has come."""

    CHALLENGED = "challenged"
    ESTABLISHED = "established"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Input(Enum):
    """What may happen to an association."""

    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    RAN_OUT = "ran out"
    ENDED = "ended"


TRANSITIONS: dict[State, dict[Input, State]] = {
    State.CHALLENGED: {
        Input.ANSWERED: State.ESTABLISHED,
        Input.WITHDRAWN: State.EXPIRED,
        Input.RAN_OUT: State.EXPIRED,
        Input.ENDED: State.EXPIRED,
    },
    State.ESTABLISHED: {
        Input.ANSWERED: State.ESTABLISHED,
        Input.WITHDRAWN: State.WITHDRAWN,
        Input.RAN_OUT: State.EXPIRED,
        Input.ENDED: State.EXPIRED,
    },
    State.WITHDRAWN: {
        Input.ANSWERED: State.WITHDRAWN,
        Input.WITHDRAWN: State.WITHDRAWN,
        Input.RAN_OUT: State.EXPIRED,
        Input.ENDED: State.EXPIRED,
    },
    State.EXPIRED: dict.fromkeys(Input, State.EXPIRED),
}
"""State → input → state after it. In one that is withdrawn the server signs yet, but takes nothing of the client."""


class Offer(Protocol):
    """What the server says of itself in every association."""

    realm: str
    targetname: str
    version: int


class SecurityAssociation:
    """What a client and this server share, from the challenge on."""

    __slots__ = (
        "_highest",
        "_keys",
        "_offer",
        "_taken",
        "aor",
        "challenge",
        "endpoint",
        "expires_at",
        "opaque",
        "private_identity",
        "remote",
        "snum",
        "state",
        "version",
    )

    def __init__(
        self, offer: Offer, opaque: str, challenge: bytes, expires_at: float, aor: str = "", endpoint: str = ""
    ) -> None:
        self._offer = offer
        self.opaque = opaque
        self.challenge = challenge
        """The CHALLENGE_MESSAGE; empty once it is answered."""
        self.expires_at = expires_at
        self.state = State.CHALLENGED
        self.private_identity: str | None = None
        self.aor = aor
        """The address of record that the handshake is for."""
        self.endpoint = endpoint
        """What names the endpoint whose it is (MS-SIPAE §3.3.5.2): nobody else's requests are within it."""
        self.remote: tuple[str, int] | None = None
        """Where its last request came from."""
        self.version = offer.version
        """Of the protocol, as both sides know it: it says what is signed."""
        self.snum = 0
        """Of the last message that was signed."""
        self._keys: MessageKeys | None = None
        self._highest = 0
        self._taken = 0

    def __repr__(self) -> str:
        return f"<SecurityAssociation {self.opaque} {self.state.value}>"

    @property
    def keys(self) -> MessageKeys | None:
        """The keys of both sides: None before the challenge is answered, and when it is over."""
        return self._keys

    @property
    def is_established(self) -> bool:
        """Whether the challenge has been answered and the association is neither withdrawn nor over."""
        return self.state is State.ESTABLISHED

    def establish(self, private_identity: str, keys: MessageKeys, expires_at: float) -> None:
        """Take the user and the keys that the answer to the challenge brought."""
        self.state = TRANSITIONS[self.state][Input.ANSWERED]
        self.private_identity, self._keys, self.expires_at = private_identity, keys, expires_at
        self.challenge = b""

    def withdraw(self) -> None:
        """Take nothing of the client any more; what the server sends is signed for as long as the keys live."""
        self.state = TRANSITIONS[self.state][Input.WITHDRAWN]

    def over(self, why: Input) -> None:
        """Forget the keys."""
        self.state = TRANSITIONS[self.state][why]
        self._keys = None
        self.challenge = b""

    def verify(self, credentials: Credentials, request: Request) -> bool:
        """Tell whether `response` is the client's signature of this request; False for whatever is malformed."""
        params = credentials.params
        given, crand, cnum = params.get("response", ""), params.get("crand", ""), params.get("cnum", "")
        if self._keys is None or not self.is_established:
            return False
        if not _is_hex(given, 32) or not _is_hex(crand, 8) or _number(cnum) is None:
            return False
        try:
            text = self._text(crand, cnum, request)
        except SipError:
            return False
        return self._keys.verify("client", text, bytes.fromhex(given))

    def take(self, credentials: Credentials) -> bool:
        """Mark cnum as used and return True; False where it was used before, or is too old to tell."""
        number = _number(credentials.params.get("cnum", ""))
        if number is None:
            return False
        ahead = number - self._highest
        if ahead > 0:
            self._taken = (self._taken << ahead | 1) & (1 << WINDOW) - 1 if ahead < WINDOW else 1
            self._highest = number
            return True
        if -ahead >= WINDOW or self._taken >> -ahead & 1:
            return False
        self._taken |= 1 << -ahead
        return True

    def sign(self, message: Request | Response, srand: str) -> str:
        """Return the value of Authentication-Info for a message of ours, under the next snum; "" without keys.

        `srand` is 8 random hex digits. Raises SipError(400) for a message whose From, To or CSeq cannot be read.
        """
        if self._keys is None:
            return ""
        text = self._text(srand, str(self.snum + 1), message)
        self.snum += 1
        offer = self._offer
        return (
            f'{_SCHEME} rspauth="{self._keys.sign("server", text).hex().upper()}", srand="{srand}", '
            f'snum="{self.snum}", opaque="{self.opaque}", qop="auth", targetname="{offer.targetname}", '
            f'realm="{offer.realm}"'
        )

    def _text(self, rand: str, num: str, message: Request | Response) -> bytes:
        offer = self._offer
        return signature_text(_SCHEME, self.version, rand, num, offer.realm, offer.targetname, message)


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and _HEX_DIGITS.issuperset(text)


def _number(cnum: str) -> int | None:
    if not 0 < len(cnum) <= 10 or not cnum.isascii() or not cnum.isdigit():
        return None
    number = int(cnum)
    return number if 0 < number <= _HIGHEST_NUMBER else None
