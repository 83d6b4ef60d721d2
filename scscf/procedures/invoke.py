"""Filter criteria at work: one application server after the other sees a request (TS 24.229 §5.4.3.2, §5.4.3.3)."""

import logging
from typing import Final

from scscf.errors import SipError
from scscf.procedures.forward import Outcome, Proxied
from scscf.procedures.legs import leg_to_server
from scscf.procedures.state import HomeDomain
from scscf.profile.filter_criteria import DefaultHandling
from scscf.proxy.proxying import Chain
from scscf.sip.message import Request

log = logging.getLogger("scscf")

PATIENCE: Final = 16
"""So many times T1 an application server may be silent: long enough for the 100 that RFC 4320 §4.1 asks of a proxy."""


async def invoke(proxied: Proxied, request: Request, chain: Chain, domain: HomeDomain) -> bool:
    """Have the servers of a chain see the request; return whether it is answered thereby.

    A server that cannot be reached, is silent or answers 408 or 5xx before it has let it ring is passed over, unless
    its default handling is to terminate: then the caller gets that answer, or 408 (504 to a non-INVITE request) for
    none (TS 24.229 §5.4.3.2 [from memory]).
    """
    node = proxied.node
    while not proxied.cancelled:
        found = chain.next(request)
        if found is None:
            return False
        chain, criterion = found
        token = node.proxying.lend(chain)
        try:
            leg = leg_to_server(proxied, request, criterion.server, chain, token, domain)
            outcome = await proxied.forward([[leg]], PATIENCE * node.config.timers.t1)
        except SipError as error:
            log.warning("application server %s of %s: %s", criterion.server.uri, chain.served, error)
            outcome = Outcome(request.response(500, to_tag=node.identifiers.tag()), rang=False, failed=True)
        finally:
            node.proxying.take_back(token)
        if criterion.server.default_handling is DefaultHandling.TERMINATE or not _is_failure(outcome):
            proxied.finish(outcome)
            return True
        log.info("application server %s of %s is passed over", criterion.server.uri, chain.served)
    proxied.finish(await proxied.forward([]))
    return True


def _is_failure(outcome: Outcome) -> bool:
    response = outcome.response
    if response is None or outcome.rang:
        return False
    return outcome.failed or response.status == 408 or 500 <= response.status < 600
