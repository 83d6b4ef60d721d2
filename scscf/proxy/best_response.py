"""Which of many responses goes back to the caller (RFC 3261 §16.7 steps 6 and 7)."""

from collections.abc import Sequence

from scscf.sip.message import Response

_PREFERRED = (401, 407, 415, 420, 484)
"""4xx that tell the caller how to try again (§16.7 step 6)."""

_CHALLENGES = ("www-authenticate", "proxy-authenticate")


def best_response(responses: Sequence[Response]) -> Response:
    """Return the best of the final responses, none of them 2xx: a 6xx, else the lowest class (§16.7 step 6).

    A 401 or 407 has the challenges of all the others (step 7). `responses` must not be empty.
    """
    best = min(responses, key=_rank)
    if best.status not in (401, 407):
        return best
    challenged = Response(best.status, best.reason, list(best.headers), best.body)
    for other in responses:
        if other is not best and other.status in (401, 407):
            challenged.headers += [(name, value) for name, value in other.headers if name.lower() in _CHALLENGES]
    return challenged


def _rank(response: Response) -> tuple[int, int]:
    status = response.status
    if status >= 600:
        return (0, 0)
    return (status // 100, 0 if status in _PREFERRED else 1)


def status_to_pass_on(status: int, *, invite: bool) -> int:
    """Return what a proxy answers where `status` is the best final response of its branches.

    503 speaks of one server only: 500 (RFC 3261 §16.7 step 6). 430 is between proxies: 480 (RFC 5626 §11.5). A
    non-INVITE request never gets 408: 504 (RFC 4320 §4.2).
    """
    if status == 503:
        return 500
    if status == 430:
        return 480
    if status == 408 and not invite:
        return 504
    return status
