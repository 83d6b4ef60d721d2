"""Challenges that a UE got, and whether an answer to the latest is challenged again (RFC 7616 §3.3)."""

from collections.abc import Iterator

from scscf.conformance.asking import Asking
from scscf.conformance.finding import Found
from scscf.conformance.recent import Recent
from scscf.errors import SipError
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.message import Response

_MOST = 64
_FRESH = 10.0


class Challenges:
    """The nonces of late, with the time that each was given."""

    def __init__(self) -> None:
        self._given: Recent[str, float] = Recent(_MOST)

    def judge(self, asking: Asking, response: Response, now: float) -> Iterator[Found]:
        """Take a final answer to a REGISTER; yield that it challenges who answered a fresh challenge."""
        if response.status != 401:
            return
        challenges = [each for value in response.get_all("www-authenticate") if (each := _parsed(value)) is not None]
        stale = any(each.params.get("stale", "").lower() == "true" for each in challenges)
        for value in asking.request.get_all("authorization"):
            used = _parsed(value)
            if used is None or not used.params.get("response") or used.params.get("auts") or stale:
                continue
            given = self._given.get(used.params.get("nonce", ""))
            if given is not None and asking.at - given <= _FRESH:
                yield "challenged-again", "The answer to a challenge is challenged, and its nonce is not called stale."
        for each in challenges:
            if each.params.get("nonce"):
                self._given[each.params["nonce"]] = now


def _parsed(value: str) -> Credentials | None:
    try:
        return parse_credentials(value)
    except SipError:
        return None
