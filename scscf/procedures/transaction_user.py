"""Where a new request is looked at first, and where an error becomes the answer that it carries (RFC 3261 §8.2)."""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from scscf.errors import SipError
from scscf.procedures.authenticate_ntlm import recognise
from scscf.procedures.endpoint_call import EndpointCall, is_of_endpoint
from scscf.procedures.register import register
from scscf.procedures.route import forward_ack, route
from scscf.procedures.security_agreement import agree, shed
from scscf.procedures.state import HomeDomain, Node
from scscf.procedures.strictness import check_strictly
from scscf.procedures.subscribe import subscribe
from scscf.procedures.way import Kind, way_of
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.sec_agree import OPTION_TAG
from scscf.sip.transaction_layer import ServerTransaction
from scscf.sip.uri_comparison import aor_of
from scscf.sip.validity import check_request

log = logging.getLogger("scscf")

ALLOW = "REGISTER, SUBSCRIBE, OPTIONS"
SUPPORTED = frozenset({"gruu", "outbound", "path"})
"""Option tags that a Require may name."""

_KNOWN_METHODS = frozenset(
    {"INVITE", "ACK", "BYE", "CANCEL", "INFO", "MESSAGE", "NOTIFY", "PRACK", "PUBLISH", "REFER", "UPDATE"}
)

Procedure = Callable[[Node, ServerTransaction, HomeDomain, str], Awaitable[None]]


class TransactionUser:
    """Gives each request to its procedure; `start` runs one, in the turn that the request came in."""

    def __init__(self, node: Node, start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._node = node
        self._start = start
        self._procedures: dict[str, Procedure] = {"REGISTER": register, "SUBSCRIBE": subscribe, "OPTIONS": _options}

    def on_request(self, call: ServerTransaction) -> None:
        """Answer a new request, now or when its procedure is done."""
        self._start(self._serve(call))

    def on_ack(self, request: Request, flow: Flow) -> None:
        """Send the ACK of a 2xx on; one that is of no dialog through here is dropped (RFC 3261 §17.1.1.2)."""
        try:
            check_request(request)
            if self._node.config.sec_agree == "headers":
                shed(request)
            forward_ack(self._node, way_of(self._node, request, flow))
        except SipError as error:
            log.debug("an ACK of %s is dropped: %s", flow.remote, error)

    async def _serve(self, call: ServerTransaction) -> None:
        try:
            request, node = call.request, self._node
            check_request(request)
            if node.has_endpoints and is_of_endpoint(node, request):
                call = endpoint_call = EndpointCall(node, call)
                recognise(node, endpoint_call)
            if node.config.strict:
                check_strictly(request)
            if node.draining and request.method != "OPTIONS":
                raise SipError(503, headers=[("Retry-After", "60")])
            if request.method != "REGISTER":
                if node.config.sec_agree == "headers":
                    agree(node, call)
                    shed(request)
                way = way_of(node, request, call.flow)
                if way.kind is not Kind.LOCAL:
                    await route(node, call, way)
                    return
            procedure, domain, aor = self._procedure_of(request)
            await procedure(node, call, domain, aor)
        except SipError as error:
            self._refuse(call, error)
        except Exception:
            self._refuse(call, SipError(500))
            raise

    def _procedure_of(self, request: Request) -> tuple[Procedure, HomeDomain, str]:
        """Return what serves a request that is for this node, for which domain and address of record.

        Raises the SipError that refuses it.
        """
        procedure = self._procedures.get(request.method)
        if procedure is None:
            raise _not_served(request)
        if not request.uri.is_sip and (request.method != "SUBSCRIBE" or request.uri.scheme != "tel"):
            raise SipError(416)
        if "require" in request:
            _check_require(request, self._node.config.sec_agree)
        domain, aor = self._whom(request)
        return procedure, domain, aor

    def _whom(self, request: Request) -> tuple[HomeDomain, str]:
        """Return the domain of a request and the address of record that it names (RFC 3261 §10.3 steps 1, 5)."""
        node, uri = self._node, request.uri
        domain = node.domain_of(uri.host)
        to = request.to.uri
        if uri.scheme == "tel":
            return node.domains[0], aor_of(uri)
        if domain is None and uri.host in node.own_hosts:
            domain = node.domain_of(to.host) or node.domains[0]
        if domain is None:
            raise SipError(483 if request.max_forwards == 0 else 404)
        if request.method != "REGISTER":
            return domain, node.aor_in(domain, uri if uri.user else to)
        if not to.is_sip:
            raise SipError(400, "To Must Be a SIP URI")
        if node.domain_of(to.host) is not domain and to.host not in node.own_hosts:
            raise SipError(404)
        return domain, node.aor_in(domain, to)

    def _refuse(self, call: ServerTransaction, error: SipError) -> None:
        if call.answered:
            return
        response = call.request.response(error.status, error.reason, to_tag=self._node.identifiers.tag())
        response.headers += error.headers
        call.answer(response)


def _not_served(request: Request) -> SipError:
    """Return the answer to a method without procedure: 481 for one of dialogs, 405 or 501 (RFC 3261 §8.2.1)."""
    if request.method in ("NOTIFY", "BYE", "PRACK", "UPDATE", "INFO"):
        return SipError(481)
    return SipError(405 if request.method in _KNOWN_METHODS else 501, headers=[("Allow", ALLOW)])


def _check_require(request: Request, sec_agree: str) -> None:
    """Raise SipError(420) for option tags that are not understood (RFC 3261 §8.2.2.3)."""
    unknown = [tag for tag in request.values("require") if tag.lower() not in _supported(sec_agree)]
    if unknown:
        raise SipError(420, headers=[("Unsupported", ", ".join(unknown))])


def _supported(sec_agree: str) -> frozenset[str]:
    return SUPPORTED if sec_agree == "off" else SUPPORTED | {OPTION_TAG}


async def _options(node: Node, call: ServerTransaction, domain: HomeDomain, aor: str) -> None:
    """Say what this S-CSCF can do (RFC 3261 §11.2)."""
    package = domain.dialect.package
    response = call.request.response(200, to_tag=node.identifiers.tag())
    response.headers += [
        ("Allow", ALLOW),
        ("Allow-Events", package.name),
        ("Supported", ", ".join(sorted(_supported(node.config.sec_agree)))),
        ("Accept", package.content_type),
    ]
    call.answer(response)
