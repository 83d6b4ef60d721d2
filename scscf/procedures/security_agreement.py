"""The security agreement with a UE that has no P-CSCF before us (RFC 3329 §2.3, TS 24.229 §5.2.2): headers only."""

from typing import NamedTuple

from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.sec_agree import OPTION_TAG, Mechanism, format_mechanisms, is_same, parse_mechanisms
from scscf.sip.transaction_layer import ServerTransaction

_HEADERS = ("security-client", "security-server", "security-verify")
_TAGGED = ("Require", "Proxy-Require", "Supported")


class Agreement(NamedTuple):
    """What a UE and this node have agreed so far."""

    server: str
    """The value of Security-Server."""
    verified: bool
    """The UE has repeated it in Security-Verify."""

    def refusal(self, status: int = 494) -> SipError:
        """Return the answer to a request that goes without the agreement: 494, or 421 where it lacks the tag."""
        return SipError(status, headers=[("Security-Server", self.server), ("Require", OPTION_TAG)])


def agree(node: Node, call: ServerTransaction) -> Agreement | None:
    """Judge the security agreement of a request; None where there is none to be made.

    None it is for trusted peers, who make theirs with the UE, and for a UE that speaks of none. Raises SipError: 400,
    421 where the option tag is missing, 502 where the UE is not the hop before us, and 494 where Security-Verify is not
    the Security-Server that this UE gets, or is missing. A REGISTER may go without it while it answers no challenge.
    """
    request = call.request
    client, verify = "security-client" in request, "security-verify" in request
    required = _has_tag(request, "require") or _has_tag(request, "proxy-require")
    if not (client or verify or required) or node.is_trusted(call.flow):
        return None
    offered = _offered(node, call.flow)
    agreement = Agreement(format_mechanisms(offered), False)
    if not required and not _has_tag(request, "supported"):
        raise agreement.refusal(421)
    if len(request.values("via")) > 1:
        raise SipError(502, "Not the First Hop")
    parse_mechanisms(request.values("security-client"))
    if verify:
        if not _repeats(offered, request):
            raise agreement.refusal()
        return agreement._replace(verified=True)
    if request.method != "REGISTER" or not client or _answers(request):
        raise agreement.refusal()
    return agreement


def shed(request: Request) -> None:
    """Take out what was only for the hop to us, before a request goes on (RFC 3329 §2.3.1)."""
    for name in _HEADERS:
        if name in request:
            request.remove(name)
    for name in _TAGGED:
        if not _has_tag(request, name.lower()):
            continue
        others = [tag for tag in request.values(name.lower()) if tag.lower() != OPTION_TAG]
        if others:
            request.set(name, ", ".join(others))
        else:
            request.remove(name.lower())


def _has_tag(request: Request, name_lower: str) -> bool:
    return name_lower in request and any(tag.lower() == OPTION_TAG for tag in request.values(name_lower))


def _offered(node: Node, flow: Flow) -> tuple[Mechanism, ...]:
    port = node.reached_at(flow)[1]
    tls = any(listener.transport == "tls" for listener in node.config.listen)
    return node.security_server.mechanisms(flow.remote[0], port, tls=tls)


def _repeats(offered: tuple[Mechanism, ...], request: Request) -> bool:
    try:
        repeated = parse_mechanisms(request.values("security-verify"))
    except SipError:
        return False
    return is_same(offered, repeated)


def _answers(request: Request) -> bool:
    """Tell whether a REGISTER answers a challenge as a UE does that has found nothing wrong with it."""
    if "authorization" not in request:
        return False
    return any(each.params.get("response") and not each.params.get("auts") for each in request.authorization)
