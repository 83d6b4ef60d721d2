"""Which transaction a request belongs to (RFC 3261 §17.2.3), and whether it came by another way too (§8.2.2.2)."""

from scscf.errors import SipError
from scscf.sip.message import Message, Request
from scscf.sip.via import Via

_COOKIE = "z9hg4bk"
_CANCELLABLE = ("INVITE", "REGISTER", "SUBSCRIBE", "NOTIFY", "OPTIONS", "MESSAGE", "PUBLISH", "REFER", "BYE", "INFO")


def transaction_key(request: Request, via: Via) -> str:
    """Return what a request and its retransmissions have in common, and no other request (RFC 3261 §17.2.3).

    Without the magic cookie, or with nothing after it, these are the fields that RFC 2543 compares.
    """
    if _has_cookie(via):
        method = request.method
        return _key(via, method if method != "ACK" else "INVITE")
    if request.method in ("INVITE", "ACK"):
        return _old_invite_key(request, via)
    fields = [request.uri_text, via.text]
    for name in ("to", "from", "call-id", "cseq"):
        fields.append(request.get(name) or "")
    return "\n".join(fields)


def cancelled_keys(request: Request, via: Via) -> list[str]:
    """Return the keys of the transactions that a CANCEL may be for (RFC 3261 §9.2); without the cookie, an INVITE's."""
    if not _has_cookie(via):
        return [_old_invite_key(request, via)]
    return [_key(via, method) for method in _CANCELLABLE]


def old_client_key(message: Message) -> str:
    """Return what a request without a branch and its responses have in common: Call-ID, CSeq and the tag in From.

    Those are what RFC 2543 §3.1 compares.
    """
    try:
        tag = message.from_.tag
    except SipError:
        tag = message.get("from")
    return f"{message.get('call-id')} {tag} {' '.join((message.get('cseq') or '').split())}"


def is_own_via(via: Via, sent_by: tuple[str, int]) -> bool:
    """Tell whether a Via has the sent-by (host, port) of a request of ours."""
    host, port = sent_by
    return (via.host == host or via.host == host.lower()) and (via.port or 5060) == port


def _has_cookie(via: Via) -> bool:
    branch = via.branch
    return branch is not None and len(branch) > 7 and branch[:7].lower() == _COOKIE


def _old_invite_key(request: Request, via: Via) -> str:
    """Return what an INVITE of RFC 2543 has in common with its ACK and its CANCEL: CSeq's number, but not its method.

    The To is left out: the ACK has the tag of the response.
    """
    number = (request.get("cseq") or "").partition(" ")[0]
    return "\n".join([request.uri_text, via.text, request.get("from") or "", request.get("call-id") or "", number])


def _key(via: Via, method: str) -> str:
    return f"{via.branch} {via.host}:{via.port or 5060} {method}"


def merge_key(request: Request) -> str | None:
    """Return what a request outside any dialog has in common with itself where it came by another way.

    None for a request within a dialog, and for one without From, To or Call-ID.
    """
    try:
        if request.to.tag is not None:
            return None
        return f"{request.from_.tag} {request.call_id} {request.get('cseq')}"
    except SipError:
        return None
