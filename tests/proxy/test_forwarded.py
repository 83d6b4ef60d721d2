import pytest

from scscf.errors import SipError
from scscf.proxy.forwarded import count_hop, forwarded, max_breadth, without_top_via, write_route
from scscf.sip.message import Request, Response, make_request


def request(*headers: tuple[str, str]) -> Request:
    return make_request("MESSAGE", "sip:bob@home1.test", list(headers))


@pytest.mark.clause("RFC 3261 §16.6")
def test_a_copy_is_changed_without_the_original() -> None:
    original = request(("Max-Forwards", "3"), ("Route", "<sip:a;lr>"))
    copy = forwarded(original, "sip:bob@192.0.2.1")
    count_hop(copy)
    write_route(copy, ())

    assert (original.uri_text, original.headers) == (
        "sip:bob@home1.test",
        [("Max-Forwards", "3"), ("Route", "<sip:a;lr>")],
    )
    assert (copy.uri_text, copy.headers) == ("sip:bob@192.0.2.1", [("Max-Forwards", "2")])


@pytest.mark.clause("RFC 3261 §16.6")
@pytest.mark.parametrize(("value", "left"), [(None, "70"), ("70", "69"), ("1", "0")])
def test_a_hop_is_counted(value: str | None, left: str) -> None:
    counted = request(*([] if value is None else [("Max-Forwards", value)]))
    count_hop(counted)

    assert counted.get("max-forwards") == left


@pytest.mark.clause("RFC 3261 §16.3")
def test_483_where_no_hop_is_left() -> None:
    with pytest.raises(SipError) as raised:
        count_hop(request(("Max-Forwards", "0")))

    assert raised.value.status == 483


@pytest.mark.clause("RFC 5393 §5.3.3")
@pytest.mark.parametrize(("value", "breadth"), [(None, 60), ("7", 7), ("1000", 60)])
def test_the_breadth_of_a_request(value: str | None, breadth: int) -> None:
    assert max_breadth(request(*([] if value is None else [("Max-Breadth", value)]))) == breadth


@pytest.mark.clause("RFC 5393 §5.3.3")
@pytest.mark.parametrize(("value", "status"), [("0", 440), ("-1", 400), ("x", 400), ("9" * 30, 400)])
def test_a_breadth_that_allows_nothing(value: str, status: int) -> None:
    with pytest.raises(SipError) as raised:
        max_breadth(request(("Max-Breadth", value)))

    assert raised.value.status == status


@pytest.mark.clause("RFC 3261 §16.7")
@pytest.mark.parametrize(
    ("vias", "left"),
    [
        (["SIP/2.0/UDP us", "SIP/2.0/UDP a"], ["SIP/2.0/UDP a"]),
        (["SIP/2.0/UDP us, SIP/2.0/UDP a"], ["SIP/2.0/UDP a"]),
        (["SIP/2.0/UDP us, SIP/2.0/UDP a", "SIP/2.0/UDP b"], ["SIP/2.0/UDP a", "SIP/2.0/UDP b"]),
        (["SIP/2.0/UDP us"], []),
    ],
)
def test_our_via_is_taken_off_a_response(vias: list[str], left: list[str]) -> None:
    response = Response(200, "OK", [("v", via) for via in vias] + [("To", "<sip:a@b>")])

    assert without_top_via(response).values("via") == left
    assert response.get_all("via") == vias
