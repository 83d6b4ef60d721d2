"""When a UE that acts by itself refreshes, and when it comes back."""

import pytest

from scscf.sip.message import Response
from scscf.sip.outbox import Failure
from scscf.ue.autonomous.behaviour import back_off, is_temporary, min_expires, refresh_after, retry_after


@pytest.mark.clause("TS 24.229 §5.1.1.4")
def test_when_a_refresh_is_due() -> None:
    assert [refresh_after(granted) for granted in (3600, 1201, 1200, 60)] == [3000, 601, 600, 30]


@pytest.mark.clause("RFC 5626 §4.5")
def test_how_long_it_backs_off() -> None:
    assert [back_off(failures, 1.0) for failures in (1, 2, 5, 6, 7, 10_000)] == [60, 120, 960, 1800, 1800, 1800]
    assert back_off(1, 0.0) == 30


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    return Response(status, "X", [(name.replace("_", "-"), value) for name, value in headers.items()], body)


def test_what_an_answer_asks_for() -> None:
    assert [status for status in range(300, 700) if is_temporary(response(status))] == [
        *(408, 413, 480, 486),
        *(status for status in range(500, 600) if status not in (501, 505, 513)),
        *(600, 603),
    ]
    assert is_temporary(Failure("timeout", ""))
    assert retry_after(response(503, Retry_After="5;duration=3 (x)")) == 5
    assert retry_after(response(503, Retry_After="soon")) is None
    assert retry_after(Failure("timeout", "")) is min_expires(Failure("timeout", "")) is None
    assert min_expires(response(423, Min_Expires=" 60 ")) == 60
