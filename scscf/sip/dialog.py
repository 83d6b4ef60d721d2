"""A dialog as the side that accepted its first request sees it (RFC 3261 §12)."""

from scscf.errors import SipError
from scscf.sip.address import parse_address
from scscf.sip.message import Request, make_request
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.routing import route_request
from scscf.sip.uri import parse_uri


class Dialog:
    """One dialog. Its id is (Call-ID, local tag, remote tag); it makes the requests that go out inside it."""

    __slots__ = (
        "_from",
        "_hop",
        "_to",
        "call_id",
        "contact",
        "flow",
        "local_cseq",
        "local_tag",
        "remote_cseq",
        "remote_tag",
        "remote_target",
        "route_set",
    )  # fmt: skip

    def __init__(
        self, request: Request, local_tag: str, contact: str, flow: Flow, target: str | None = None
    ) -> None:
        """Begin a dialog with the request that this side answers 2xx (RFC 3261 §12.1.1).

        `contact` is this side's Contact value, `flow` the way that the request came, `target` the remote target where
        it is not the request's Contact: that of a REGISTER, whose Record-Route says nothing (§10.3). Raises
        SipError(400) where it is and the request has no single one, and for a Record-Route that nothing can follow.
        """
        self.call_id = request.call_id
        self.local_tag = local_tag
        self.remote_tag = request.from_.tag or ""
        to = request.get("to") or ""
        self._from = to if request.to.tag else f"{to};tag={local_tag}"
        self._to = request.get("from") or ""
        self.route_set = _route_set(request) if target is None else ()
        self.remote_target = target or _target(request)
        self.local_cseq = 0
        self.remote_cseq = request.cseq.number
        self.contact = contact
        self.flow = flow
        self._hop: NextHop | None = None

    @property
    def id(self) -> tuple[str, str, str]:
        """Call-ID, local tag, remote tag (RFC 3261 §12)."""
        return (self.call_id, self.local_tag, self.remote_tag)

    def receive(self, request: Request, flow: Flow) -> None:
        """Take a request of the peer inside the dialog: its CSeq, and its Contact as the new remote target (§12.2.2).

        Raises SipError(500) where its CSeq is lower than one before.
        """
        if request.cseq.number < self.remote_cseq:
            raise SipError(500, "CSeq Out of Order")
        self.remote_cseq = request.cseq.number
        if "contact" in request:
            self.remote_target = _target(request)
        self.flow = flow
        self._hop = None

    def request(self, method: str) -> Request:
        """Return the frame of a request inside the dialog (§12.2.1.1); the caller adds CSeq, body and the rest."""
        headers = [
            ("Max-Forwards", "70"),
            ("From", self._from),
            ("To", self._to),
            ("Call-ID", self.call_id),
            ("Contact", self.contact),
        ]
        return make_request(method, self.remote_target, headers)

    def next_hop(self, request: Request) -> NextHop:
        """Write the route set into a request of ours (§12.2.1.1); return where it goes: along a stream's flow.

        Along the flow of any transport where the remote target is a GRUU, which leads to its user agent by its home
        proxy only (RFC 5627 §4.5).
        """
        if self.route_set:
            return route_request(request, self.route_set)
        if self._hop is None:
            hop = route_request(request, ())
            along = self.flow.transport != "udp" or parse_uri(self.remote_target).parameter("gr") is not None
            self._hop = hop._replace(flow=self.flow) if along else hop
        return self._hop


def _route_set(request: Request) -> tuple[str, ...]:
    route_set = tuple(request.values("record-route"))
    if not all(parse_address(route).uri.is_sip for route in route_set):
        raise SipError(400, "Record-Route must be SIP URIs")
    return route_set


def _target(request: Request) -> str:
    contacts = request.contacts
    if request.contact_is_star or len(contacts) != 1:
        raise SipError(400, "Contact must be one address")
    if not contacts[0].uri.is_sip:
        raise SipError(400, "Contact must be a SIP URI")
    return contacts[0].uri.text
