import pytest
from hypothesis import given
from hypothesis import strategies as st

from scscf.proxy.record_route import DialogRoute, read_route_user, route_user
from scscf.sip.outbox import Flow

pytestmark = pytest.mark.clause("RFC 3261 §16.4", "RFC 5626 §5.3")

KEY = bytes(range(32))
CALLER = Flow("tcp", ("127.0.0.1", 5060), ("192.0.2.1", 40001), 7)
CALLEE = Flow("udp", ("2001:db8::1", 5060), ("2001:db8::2", 5070))


def test_each_end_is_sent_to_along_its_own_flow() -> None:
    user = route_user(KEY, "call", "caller", CALLER, CALLEE)

    assert read_route_user(KEY, user, "call", "caller", "callee") == DialogRoute(CALLEE)
    assert read_route_user(KEY, user, "call", "callee", "caller") == DialogRoute(CALLER)


def test_without_flows_it_is_a_seal_of_16_digits() -> None:
    user = route_user(KEY, "call", "caller", None, None)

    assert len(user) == 16
    assert read_route_user(KEY, user, "call", "callee", "caller") == DialogRoute(None)


def test_one_end_may_have_a_flow_and_the_other_none() -> None:
    user = route_user(KEY, "call", "caller", None, CALLEE)

    assert read_route_user(KEY, user, "call", "caller", "callee") == DialogRoute(CALLEE)
    assert read_route_user(KEY, user, "call", "callee", "caller") == DialogRoute(None)


@pytest.mark.parametrize(
    ("user", "call_id", "tags"),
    [
        ("", "call", ("caller", "callee")),
        ("orig", "call", ("caller", "callee")),
        ("0" * 16, "call", ("caller", "callee")),
        ("é" * 16, "call", ("caller", "callee")),
        ("x" * 10_000, "call", ("caller", "callee")),
        (None, "another", ("caller", "callee")),
        (None, "call", ("x", "callee")),
    ],
)
def test_what_was_not_sealed_here_for_this_dialog_is_none(
    user: str | None, call_id: str, tags: tuple[str, str]
) -> None:
    sealed = route_user(KEY, "call", "caller", CALLER, CALLEE) if user is None else user

    assert read_route_user(KEY, sealed, call_id, *tags) is None


def test_another_flow_cannot_be_written_into_it() -> None:
    mine, theirs = (route_user(KEY, "call", "caller", None, flow) for flow in (CALLER, CALLEE))

    assert read_route_user(KEY, mine[:16] + theirs[16:], "call", "caller", "callee") is None


@given(st.text(max_size=60))
def test_no_text_is_more_than_refused(user: str) -> None:
    assert read_route_user(KEY, user, "call", "a", "b") is None


@given(st.integers(0, 65535), st.sampled_from(["udp", "tcp", "tls"]), st.integers(0, 2**40))
def test_a_flow_comes_back_as_it_was(port: int, transport: str, connection: int) -> None:
    flow = Flow(transport, ("::1", 5060), ("fe80::1%eth0", port), connection)

    assert read_route_user(KEY, route_user(KEY, "c", "t", flow, None), "c", "x", "t") == DialogRoute(flow)
