import pytest

from scscf.proxy.best_response import best_response, status_to_pass_on
from scscf.sip.message import Response


def response(status: int, *headers: tuple[str, str]) -> Response:
    return Response(status, "", list(headers))


@pytest.mark.clause("RFC 3261 §16.7")
@pytest.mark.parametrize(
    ("statuses", "best"),
    [
        ([486], 486),
        ([503, 486, 302], 302),
        ([486, 603, 302], 603),
        ([500, 404, 486], 404),
        ([486, 404, 407], 407),
        ([404, 484], 484),
        ([404, 415, 500], 415),
        ([503, 500], 503),
        ([600, 606], 600),
    ],
)
def test_the_best_of_several_responses(statuses: list[int], best: int) -> None:
    assert best_response([response(status) for status in statuses]).status == best


@pytest.mark.clause("RFC 3261 §16.7")
def test_a_challenge_has_the_challenges_of_all() -> None:
    first = response(401, ("WWW-Authenticate", "Digest a"))
    second = response(407, ("Proxy-Authenticate", "Digest b"), ("X", "y"))
    third = response(486, ("WWW-Authenticate", "Digest c"))

    best = best_response([third, first, second])

    assert best.status == 401
    assert best.headers == [("WWW-Authenticate", "Digest a"), ("Proxy-Authenticate", "Digest b")]
    assert first.headers == [("WWW-Authenticate", "Digest a")]


@pytest.mark.clause("RFC 3261 §16.7", "RFC 4320 §4.2", "RFC 5626 §11.5")
@pytest.mark.parametrize(
    ("status", "invite", "passed"),
    [(503, True, 500), (430, True, 480), (408, True, 408), (408, False, 504), (486, False, 486), (600, True, 600)],
)
def test_what_is_passed_on_of_it(status: int, invite: bool, passed: int) -> None:
    assert status_to_pass_on(status, invite=invite) == passed
