"""A challenge that a UE got, and the REGISTER that answers it (RFC 3261 §22.2, RFC 7616 §3.4, TS 24.229 §5.1.1.5)."""

from collections.abc import Iterator
from typing import NamedTuple

from scscf.auth.aka import ALGORITHMS as AKA_ALGORITHMS
from scscf.auth.digest import ALGORITHMS
from scscf.conformance.asking import Asking, same_contacts
from scscf.conformance.finding import Found
from scscf.conformance.ue.profile import UeProfile, Vector
from scscf.errors import SipError
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.message import Request, Response
from scscf.sip.sec_agree import OPTION_TAG, Mechanism, format_mechanisms, is_same, parse_mechanisms

_DIGESTS = frozenset(name.lower() for name in ALGORITHMS)
_KNOWN = _DIGESTS | {f"{name}-sess" for name in _DIGESTS} | AKA_ALGORITHMS.keys()
_AUTHENTICATES = frozenset({401, 407})
_NEGOTIATES = frozenset({401, 421, 494})


class Challenge(NamedTuple):
    """An answer that a UE has to come back to."""

    asking: Asking
    """The REGISTER that got it."""
    offers: tuple[dict[str, str], ...]
    """Parameters of every digest challenge in it that any UE knows; none for 421 and 494."""
    servers: tuple[Mechanism, ...]
    """Its Security-Server."""
    at: float
    """When it was first sent, seconds."""

    @property
    def nonces(self) -> frozenset[str]:
        """Its nonces."""
        return frozenset(offer.get("nonce", "") for offer in self.offers)

    @property
    def is_stale(self) -> bool:
        """Whether it says that only the nonce was old."""
        return any(offer.get("stale", "").lower() == "true" for offer in self.offers)

    def offer_to(self, credentials: Credentials) -> dict[str, str] | None:
        """Return the challenge that credentials answer, None where they answer none of these."""
        nonce, algorithm = credentials.params.get("nonce"), credentials.params.get("algorithm", "md5").lower()
        fitting = [offer for offer in self.offers if offer.get("nonce") == nonce]
        alike = [offer for offer in fitting if offer.get("algorithm", "md5").lower() == algorithm]
        return next(iter(alike or fitting), None)


def challenge_of(asking: Asking, response: Response, now: float) -> Challenge | None:
    """Return what a response to a REGISTER asks of the UE; None where it asks nothing that a UE must understand."""
    offers = []
    for value in (*response.get_all("www-authenticate"), *response.get_all("proxy-authenticate")):
        try:
            scheme, params = parse_credentials(value)
        except SipError:
            continue
        if scheme == "digest" and params.get("nonce") and params.get("algorithm", "md5").lower() in _KNOWN:
            offers.append(params)
    servers = mechanisms(response, "security-server") if response.status in _NEGOTIATES else ()
    if response.status not in _AUTHENTICATES:
        offers = []
    return Challenge(asking, tuple(offers), servers, now) if offers or servers else None


def mechanisms(message: Request | Response, name: str) -> tuple[Mechanism, ...]:
    """Return the security mechanisms of a field; () for none and for what cannot be read."""
    try:
        return parse_mechanisms(message.values(name))
    except SipError:
        return ()


def credentials_for(request: Request, nonces: frozenset[str]) -> Credentials | None:
    """Return the digest credentials for one of some nonces, else the first ones that name a nonce, else None."""
    given = [*request.authorization, *request.proxy_authorization]
    named = [each for each in given if each.scheme == "digest" and each.params.get("nonce")]
    return next((each for each in named if each.params["nonce"] in nonces), named[0] if named else None)


def is_aka(offer: dict[str, str]) -> bool:
    """Tell whether a challenge is one of AKA (RFC 3310 §3.2)."""
    return offer.get("algorithm", "").lower() in AKA_ALGORITHMS


def judge_credentials(credentials: Credentials, offer: dict[str, str]) -> Iterator[Found]:
    """Yield what is wrong with credentials, given the challenge that they are for."""
    params = credentials.params
    if "qop" in params and not (params.get("cnonce") and params.get("nc")):
        yield "credentials-incomplete", f"Credentials with qop {params['qop']} lack cnonce or nc."
    for name in ("realm", "opaque"):
        if params.get(name, "") != offer.get(name, ""):
            yield (
                "challenge-not-echoed",
                f"The challenge has {name} {offer.get(name)!r}, its answer {params.get(name)!r}.",
            )
            return
    asked, named = offer.get("algorithm", "MD5"), params.get("algorithm", "MD5")
    if asked.lower() != named.lower():
        yield "challenge-not-echoed", f"The challenge has algorithm {asked}, its answer {named}."


def judge_aka(credentials: Credentials, vector: Vector) -> Iterator[Found]:
    """Yield what is wrong with an answer to an AKA challenge, as far as its vector is known (RFC 3310 §3.3, §3.4)."""
    empty, auts = not credentials.params.get("response"), bool(credentials.params.get("auts"))
    if vector is Vector.BAD_MAC:
        if not empty or auts:
            yield "response-after-bad-mac", "A challenge with a wrong MAC got a response or AUTS."
    elif vector is Vector.OLD_SQN:
        if not auts:
            yield "no-auts-after-old-sqn", "A challenge with an old sequence number got no AUTS."
    elif vector is Vector.GOOD and auts:
        yield "auts-without-reason", "AUTS came for a sequence number that is in order."
    elif vector is Vector.GOOD and empty:
        yield "empty-response", "The response to a good challenge is empty."


def judge_agreement(challenge: Challenge, answer: Request, profile: UeProfile) -> Iterator[Found]:
    """Yield what is wrong with the security agreement in an answer that takes the challenge for good."""
    verify = mechanisms(answer, "security-verify")
    if challenge.servers and not is_same(challenge.servers, verify):
        sent = format_mechanisms(verify) or "absent"
        yield "wrong-security-verify", f"Security-Verify is {sent}, it was {format_mechanisms(challenge.servers)}."
    before, after = mechanisms(challenge.asking.request, "security-client"), mechanisms(answer, "security-client")
    if before and after and challenge.offers and not is_same(before, after):
        yield "security-client-changed", f"Security-Client became {format_mechanisms(after)}."
    if challenge.servers or profile.sec_agree:
        yield from lacks_agreement(answer, client=profile.ims)


def lacks_agreement(request: Request, *, client: bool = True) -> Iterator[Found]:
    """Yield what a request lacks that takes part in a security agreement (RFC 3329 §2.3.1, TS 24.229 §5.1.1.5).

    `client`: whether Security-Client has to be there too.
    """
    lacking = [
        name
        for name in ("require", "proxy-require")
        if OPTION_TAG not in (value.lower() for value in request.values(name))
    ]
    if client and "security-client" not in request:
        lacking.insert(0, "security-client")
    if lacking:
        yield "sec-agree-missing", f"{request.method} lacks {', '.join(lacking)} for its security agreement."


def judge_same_try(challenge: Challenge, answer: Asking, registered: bool) -> Iterator[Found]:
    """Yield what an answer to a challenge changed of what it repeats: its contacts, its expiry.

    A UE that is `registered` may be switched off in between and de-register with the answer.
    """
    asked = challenge.asking
    protected = "security-client" in asked.request or "security-client" in answer.request
    if asked.registers and answer.removes:
        if registered:
            return
        yield "expires-zero-by-accident", "The answer to a challenge de-registers, what was challenged registers."
    elif not same_contacts(asked, answer, ports=not protected):
        before, after = asked.request.get("contact"), answer.request.get("contact")
        yield "contact-changed-after-401", f"Contact was {before}, in the answer to the challenge it is {after}."
