"""What makes a message unfit for any use, whatever its method (RFC 3261 §8.2, §16.3, §18.1.2, §20)."""

from typing import Final

from scscf.errors import SipError
from scscf.sip.field_values import FieldValues
from scscf.sip.fields import Fields, bad
from scscf.sip.grammar import is_token
from scscf.sip.headers import SINGLE
from scscf.sip.message import Request, Response

SCHEMES: Final = frozenset({"sip", "sips", "tel", "urn"})
"""Request-URI schemes that something here can serve or route (416 for others, RFC 3261 §8.2.2.1)."""

VERSION: Final = "SIP/2.0"

_BROADCAST: Final = "255.255.255.255"
_COOKIE: Final = "z9hg4bk"


def check_request(request: Request) -> None:
    """Refuse a request that no method could make sense of. Raises SipError with the status to answer with.

    505: another SIP version; 416: a Request-URI scheme unknown here; 513: too large; 400: request line, framing, a
    mandatory field that is missing or given twice, Via, From, To, Contact, Call-ID, CSeq or Max-Forwards malformed.
    Max-Forwards and the From tag may be missing, as in RFC 2543. A To of another scheme, malformed expiries, unknown
    methods and option tags are for whoever serves the method.
    """
    if request.version != VERSION and request.version.upper() != VERSION:
        raise SipError(505)
    if request.defect is not None:
        raise request.defect
    method = request.method
    if not method.isalpha() and not is_token(method):
        raise SipError(400, "Bad Method")
    _check_single(request)
    branch = request.via.branch
    if branch is not None and len(branch) == len(_COOKIE) and branch.lower() == _COOKIE:
        raise SipError(400, "Empty Branch")
    _ = request.from_, request.to, request.max_forwards, request.contacts
    _check_call_id(request)
    if request.cseq.method != method:
        raise SipError(400, "CSeq Method Mismatch")
    uri = request.uri
    if uri.headers is not None:
        raise SipError(400, "Headers In Request-URI")
    if uri.scheme not in SCHEMES:
        raise SipError(416)


def check_response(response: Response) -> bool:
    """Tell whether a response can be used; one that cannot is dropped without a word (RFC 3261 §18.1.2, §8.1.3.3)."""
    if response.defect is not None or not 100 <= response.status <= 699:
        return False
    try:
        _check_single(response)
        vias = response.vias
        _ = response.from_, response.to, response.cseq
        _check_call_id(response)
    except SipError:
        return False
    return len(vias) < 2 or vias[1].host != _BROADCAST


def _check_single(message: Fields) -> None:
    for key in message.repeated():
        if key in SINGLE:
            raise SipError(400, f"Repeated {key.title()} header")


def _check_call_id(message: FieldValues) -> None:
    value = message.call_id
    if not value.isascii() or not value.isprintable() or " " in value:
        raise bad("call-id")
