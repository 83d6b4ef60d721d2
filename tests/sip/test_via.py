import pytest

from scscf.errors import SipError
from scscf.sip.via import format_via, parse_via


def test_the_parts_of_a_via() -> None:
    via = parse_via("SIP/2.0/UDP Client.Example.com:5070;branch=z9hG4bK1;rport;received=192.0.2.1;comp=sigcomp")
    assert (via.transport, via.host, via.port) == ("udp", "client.example.com", 5070)
    assert (via.branch, via.received, via.rport) == ("z9hG4bK1", "192.0.2.1", None)
    assert via.parameter("rport") == ""
    assert via.parameter("comp") == "sigcomp"
    assert str(via) == via.text


def test_white_space_is_allowed_around_every_separator() -> None:
    via = parse_via("SIP  /\t2.0 / TLS   host.example.com : 5061 ; branch = z9hG4bK2 ; rport = 99")
    assert (via.transport, via.host, via.port, via.branch, via.rport) == (
        "tls",
        "host.example.com",
        5061,
        "z9hG4bK2",
        99,
    )


def test_an_ipv6_sent_by_stands_in_brackets() -> None:
    via = parse_via("SIP/2.0/TCP [2001:DB8::9:1]:6050")
    assert (via.host, via.port, via.branch) == ("2001:db8::9:1", 6050, None)
    assert parse_via("SIP/2.0/TCP [2001:db8::9:1] ").host == "2001:db8::9:1"


def test_a_via_of_our_own_is_read_back() -> None:
    text = format_via("tcp", "2001:db8::1", 5060, (("branch", "z9hG4bK3"), ("rport", None)))
    assert text == "SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bK3;rport"
    assert parse_via(text).branch == "z9hG4bK3"


@pytest.mark.parametrize("port", ["", ":0", ":5060", ":65535", ":65536", ":99999"])
@pytest.mark.parametrize("rport", ["", ";rport", ";rport=5070", ";rport=x"])
@pytest.mark.parametrize("received", ["", ";received=192.0.2.9", ";received=2001:db8::9"])
def test_the_usual_form_reads_as_any_other_does(port: str, rport: str, received: str) -> None:
    def parts(text: str) -> tuple[object, ...] | int:
        try:
            return parse_via(text)._replace(text="")
        except SipError as refusal:
            return refusal.status

    usual = f"SIP/2.0/UDP Client.home1.test{port};branch=z9hG4bK-a.b{rport}{received}"
    assert parts(usual) == parts(usual.replace(";", " ; "))


@pytest.mark.parametrize("rport", ["x", "123456", "-1", "٣"])
def test_an_rport_that_is_no_port_is_none(rport: str) -> None:
    assert parse_via(f"SIP/2.0/UDP a;rport={rport}").rport is None


@pytest.mark.parametrize(
    "text",
    [
        "", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0 host", "SIP/3.0/UDP host", "HTTP/2.0/UDP host", "SIP/2.0/ host",
        "SIP/2.0/UDP host;", "SIP/2.0/UDP host;;", "SIP/2.0/UDP 192.0.2.15;;,;,,", "SIP/2.0/UDP host:x",
        "SIP/2.0/UDP a b", "SIP/2.0/UDP host;branch=1;branch=2", "SIP/2.0/U(P host", "SIP/2.0/UDP 2001:db8::1",
    ],
)  # fmt: skip
def test_malformed_vias_are_refused(text: str) -> None:
    with pytest.raises(SipError) as refusal:
        parse_via(text)
    assert refusal.value.status == 400
