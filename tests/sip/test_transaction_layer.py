import pytest

from scscf.sip.outbox import Flow, NextHop
from scscf.sip.transaction_layer import ServerTransaction
from tests.sip.layer import SENT_BY, TCP, UDP, Bench, Calls, Sender, a_request, request_bytes

pytestmark = pytest.mark.clause("RFC 4320 §4")


def response_bytes(sent: bytes, status: int = 200) -> bytes:
    head = sent.decode().partition("\r\n")[2]
    kept = [line for line in head.split("\r\n") if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    return "\r\n".join([f"SIP/2.0 {status} X", *kept, "Content-Length: 0", "", ""]).encode()


def test_a_new_request_reaches_the_user_with_received_and_rport() -> None:
    bench = Bench()
    bench.receive(request_bytes())
    assert bench.user.calls[0].request.get("via") == (
        "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKa1;rport=5070;received=192.0.2.9"
    )


def test_a_retransmission_gets_the_same_answer_and_never_reaches_the_user() -> None:
    bench = Bench()
    bench.user.answer = 200
    bench.receive(request_bytes())
    bench.receive(request_bytes())
    first, second = bench.sent()
    assert first == second
    assert len(bench.user.calls) == 1


def test_a_retransmission_of_an_unanswered_request_is_silent() -> None:
    bench = Bench()
    bench.receive(request_bytes())
    bench.receive(request_bytes())
    assert bench.sent() == []
    assert len(bench.user.calls) == 1


def test_timer_j_forgets_the_answer_after_32_seconds() -> None:
    bench = Bench()
    bench.user.answer = 200
    bench.receive(request_bytes())
    bench.to(31.9)
    bench.receive(request_bytes())
    assert len(bench.user.calls) == 1
    bench.to(33.5)
    assert len(bench.layer) == 0
    bench.receive(request_bytes())
    assert len(bench.user.calls) == 2


def test_over_a_stream_nothing_is_remembered() -> None:
    bench = Bench()
    bench.user.answer = 200
    bench.receive(request_bytes(via="SIP/2.0/TCP 192.0.2.9:5070"), TCP)
    (item,) = bench.transmits()
    assert (item.flow, item.fallback) == (TCP, NextHop("192.0.2.9", 5070, "tcp"))
    assert len(bench.layer) == 0
    assert len(bench.deadlines) == 0


def test_a_request_that_is_left_gets_no_answer_and_costs_no_timer() -> None:
    bench = Bench()
    bench.layer.servers.user = Leaving()

    bench.receive(request_bytes("BENOTIFY"))

    assert bench.to(40) == []
    assert len(bench.layer) == len(bench.deadlines) == 0


class Leaving(Calls):
    """A user that answers nothing, and says so."""

    def on_request(self, call: ServerTransaction) -> None:
        call.leave()


def test_an_answer_within_its_turn_costs_no_timer_but_the_sweep() -> None:
    bench = Bench()
    bench.user.answer = 200
    for number in range(100):
        bench.receive(request_bytes(branch=f"z9hG4bK{number}", call_id=f"c{number}"))
    assert len(bench.deadlines) == 1


def test_100_goes_out_at_three_and_a_half_seconds_and_is_repeated() -> None:
    bench = Bench()
    bench.receive(request_bytes())
    assert bench.to(3.4) == []
    (sent,) = bench.to(3.6)
    assert sent[0] == 3.5
    assert sent[1].startswith(b"SIP/2.0 100 Trying\r\n")
    bench.receive(request_bytes())
    assert bench.statuses() == [100]
    bench.user.calls[0].answer(bench.user.calls[0].request.response(200, to_tag="t"))
    assert bench.statuses() == [200]


def test_no_100_where_the_answer_came_before() -> None:
    bench = Bench()
    bench.receive(request_bytes())
    bench.to(3.0)
    bench.user.calls[0].answer(bench.user.calls[0].request.response(200, to_tag="t"))
    assert bench.statuses() == [200]
    assert bench.to(20.0) == []


def test_nothing_is_answered_after_64_t1() -> None:
    bench = Bench()
    bench.receive(request_bytes())
    bench.to(32.0)
    call = bench.user.calls[0]
    call.answer(call.request.response(200, to_tag="t"))
    assert bench.sent() == []
    assert bench.layer.counters["requests never answered"] == 1
    assert len(bench.layer) == 0


def test_a_second_final_answer_is_a_bug() -> None:
    bench = Bench()
    bench.user.answer = 200
    bench.receive(request_bytes())
    call = bench.user.calls[0]
    with pytest.raises(RuntimeError):
        call.answer(call.request.response(200))


def test_no_provisional_answer_but_100() -> None:
    bench = Bench()
    bench.receive(request_bytes())
    call = bench.user.calls[0]
    with pytest.raises(RuntimeError):
        call.answer(call.request.response(183))


@pytest.mark.parametrize("branch", [None, "abc", "z9hG4bK"])
def test_without_the_magic_cookie_the_fields_of_rfc_2543_are_compared(branch: str | None) -> None:
    bench = Bench()
    bench.user.answer = 401
    bench.receive(request_bytes(branch=branch))
    bench.receive(request_bytes(branch=branch))
    bench.receive(request_bytes(branch=branch, cseq=2))
    assert len(bench.user.calls) == 2
    assert bench.statuses() == [401, 401, 401]


def test_the_same_branch_from_another_sent_by_is_another_transaction() -> None:
    bench = Bench()
    bench.user.answer = 401
    bench.receive(request_bytes())
    bench.receive(request_bytes(via="SIP/2.0/UDP 192.0.2.9:5071", call_id="c2"))
    assert len(bench.user.calls) == 2


@pytest.mark.parametrize("answer", [None, 200])
def test_a_merged_request_gets_482(answer: int | None) -> None:
    bench = Bench()
    bench.user.answer = answer
    bench.receive(request_bytes("SUBSCRIBE"))
    bench.sent()
    bench.receive(request_bytes("SUBSCRIBE", branch="z9hG4bKother"))
    assert bench.statuses() == [482]
    assert len(bench.user.calls) == 1


def test_a_request_that_was_refused_may_come_again_by_another_path() -> None:
    bench = Bench()
    bench.user.answer = 401
    bench.receive(request_bytes())
    bench.receive(request_bytes(branch="z9hG4bKother"))
    assert bench.statuses() == [401, 401]


def test_requests_inside_a_dialog_do_not_merge() -> None:
    bench = Bench()
    bench.user.answer = 200
    bench.receive(request_bytes("SUBSCRIBE", to_tag="t9"))
    bench.receive(request_bytes("SUBSCRIBE", branch="z9hG4bKother", to_tag="t9"))
    assert bench.statuses() == [200, 200]


def test_ack_is_absorbed() -> None:
    bench = Bench()
    bench.receive(request_bytes("ACK"))
    assert bench.user.calls == []
    assert bench.sent() == []


def test_cancel_gets_200_where_its_request_is_known_and_481_where_not() -> None:
    bench = Bench()
    bench.receive(request_bytes("CANCEL"))
    assert bench.statuses() == [481]
    bench.receive(request_bytes("SUBSCRIBE", branch="z9hG4bKb", call_id="c2"))
    bench.receive(request_bytes("CANCEL", branch="z9hG4bKb", call_id="c2"))
    assert bench.statuses() == [200]
    assert [call.request.method for call in bench.user.calls] == ["SUBSCRIBE"]


def test_a_request_whose_via_cannot_be_read_is_given_to_the_user_and_answered_to_its_source() -> None:
    bench = Bench()
    bench.user.answer = 400
    bench.receive(request_bytes(via="SIP/2.0/UDP 192.0.2.15;;,;,,"))
    (item,) = bench.transmits()
    assert item.flow == UDP
    assert item.data.startswith(b"SIP/2.0 400 ")
    assert len(bench.layer) == 0


def test_a_bug_of_the_user_is_answered_500() -> None:
    bench = Bench()

    def broken(call: ServerTransaction) -> None:
        raise ZeroDivisionError

    bench.user.on_request = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        bench.receive(request_bytes())
    assert bench.statuses() == [500]


def test_shutdown_answers_503_to_what_waits_and_to_what_comes() -> None:
    bench = Bench()
    bench.receive(request_bytes())
    bench.layer.shutdown()
    bench.receive(request_bytes(branch="z9hG4bKb", call_id="c2"))
    first, second = bench.sent()
    assert first.startswith(b"SIP/2.0 503 ")
    assert b"Retry-After: 10\r\n" in second


def test_too_many_open_requests_get_503() -> None:
    bench = Bench()
    bench.layer.servers._max_open = 2
    for number in range(4):
        bench.receive(request_bytes(branch=f"z9hG4bK{number}", call_id=f"c{number}"))
    assert bench.statuses() == [503, 503]
    assert len(bench.user.calls) == 2


def test_the_oldest_answers_are_forgotten_first() -> None:
    bench = Bench()
    bench.user.answer = 200
    bench.layer.servers._max_completed = 10
    for number in range(50):
        bench.receive(request_bytes(branch=f"z9hG4bK{number}", call_id=f"c{number}"))
    assert len(bench.layer) == 10


def test_a_request_of_ours_gets_a_via_and_is_not_changed() -> None:
    bench = Bench()
    request = a_request("NOTIFY")
    before = request.to_bytes()
    bench.layer.start(request, UDP, ("2001:db8::1", 5062), Sender())
    (item,) = bench.transmits()
    assert item.data.split(b"\r\n")[1].startswith(b"Via: SIP/2.0/UDP [2001:db8::1]:5062;branch=z9hG4bK")
    assert item.data.split(b"\r\n")[1].endswith(b";rport")
    assert request.to_bytes() == before


def start(bench: Bench, flow: Flow = UDP) -> tuple[Sender, bytes]:
    sender = Sender()
    request = a_request("NOTIFY")
    request.remove("via")
    bench.layer.start(request, flow, SENT_BY, sender)
    return sender, bench.sent()[0]


def test_timer_e_doubles_up_to_t2_and_timer_f_ends_it() -> None:
    bench = Bench()
    sender, data = start(bench)
    sent = bench.to(40.0)
    assert [when for when, _ in sent] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert {octets for _, octets in sent} == {data}
    assert sender.heard == [(32.0, "timeout")]
    assert len(bench.layer) == 0
    assert len(bench.deadlines) == 0


def test_after_a_100_the_request_is_repeated_every_t2() -> None:
    bench = Bench()
    sender, data = start(bench)
    bench.to(0.2)
    bench.receive(response_bytes(data, 100))
    assert [when for when, _ in bench.to(13.0)] == [0.5, 4.5, 8.5, 12.5]
    assert sender.heard == [(0.2, 100)]


def test_a_final_response_ends_retransmission_and_its_repetition_is_absorbed_for_t4() -> None:
    bench = Bench()
    sender, data = start(bench)
    bench.to(0.7)
    bench.receive(response_bytes(data))
    bench.receive(response_bytes(data))
    assert sender.heard == [(0.7, 200)]
    assert bench.layer.counters["stray responses"] == 0
    assert bench.to(10.0) == []
    assert len(bench.layer) == 0
    bench.receive(response_bytes(data))
    assert bench.layer.counters["stray responses"] == 1


def test_over_a_stream_nothing_is_repeated() -> None:
    bench = Bench()
    sender, _ = start(bench, TCP)
    assert bench.to(31.0) == []
    bench.to(32.0)
    assert sender.heard == [(32.0, "timeout")]


def test_a_transport_error_reaches_everybody_on_that_flow_and_nobody_else() -> None:
    bench = Bench()
    lost, _ = start(bench, TCP)
    other, _ = start(bench, UDP)
    bench.layer.transport_failed(TCP, "connection lost")
    assert lost.heard == [(0.0, "transport")]
    assert other.heard == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"branch=z9hG4bK", b"branch=z9hG4bKx"),
        (b"192.0.2.1:5060", b"192.0.2.2:5060"),
        (b" NOTIFY", b" SUBSCRIBE"),
        (b"Via: ", b"Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKq\r\nVia: "),
        (b";rport\r\n", b";rport\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKq\r\n"),
        (b"CSeq: 1 ", b"CSeq: x "),
    ],
)
def test_a_response_that_is_not_ours_is_dropped(old: bytes, new: bytes) -> None:
    bench = Bench()
    sender, data = start(bench)
    response = response_bytes(data)
    assert old in response
    bench.receive(response.replace(old, new, 1))
    assert sender.heard == []
    assert sum(bench.layer.counters.values()) == 1


def test_completed_transactions_are_reaped_in_one_sweep() -> None:
    bench = Bench()
    bench.user.answer = 200
    for number in range(1000):
        bench.layer.advance(number * 0.001)
        bench.receive(request_bytes(branch=f"z9hG4bK{number}", call_id=f"c{number}"))
    bench.sent()
    fired = bench.layer.advance(34.0)
    assert fired == 1
    assert len(bench.layer) == 0
