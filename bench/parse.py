"""Microseconds per message of the parser and of a response: python bench/parse.py [SECONDS per measurement]."""

import sys
import time
from collections.abc import Callable

from scscf.sip.message import Request
from scscf.sip.parser import parse_message
from scscf.sip.uri_comparison import aor_of

REGISTER = (
    "REGISTER sip:home1.test SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKbench{n:08d};rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:user{n:06d}@home1.test>;tag=4fa3\r\n"
    "To: <sip:user{n:06d}@home1.test>\r\n"
    "Contact: <sip:user{n:06d}@192.0.2.10:5060;transport=udp>;expires=600000;"
    '+sip.instance="<urn:uuid:00000000-0000-1000-8000-00000000{n:04d}>";reg-id=1\r\n'
    "Call-ID: bench-{n:08d}@192.0.2.10\r\n"
    "CSeq: 2 REGISTER\r\n"
    'Authorization: Digest username="user{n:06d}@home1.test", realm="home1.test", '
    'nonce="ea9c8e88df84f1cec4341ae6cbe5a359", uri="sip:home1.test", '
    'response="6629fae49393a05397450978507c4ef1", algorithm=MD5, qop=auth, nc=00000001, cnonce="0a4f113b"\r\n'
    "Expires: 600000\r\n"
    "Path: <sip:term@pcscf1.visited1.test;lr>\r\n"
    "Require: path\r\n"
    "Supported: path, gruu, outbound\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY\r\n"
    "P-Access-Network-Info: 3GPP-UTRAN-TDD\r\n"
    "User-Agent: bench\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
)


def messages(count: int) -> list[bytes]:
    return [REGISTER.format(n=n).encode() for n in range(count)]


def read(request: Request) -> None:
    """Read what a registrar reads but for the credentials."""
    via = request.via
    _ = via.branch, via.host, via.port, request.from_.tag, aor_of(request.to.uri)
    _ = request.cseq, request.call_id, request.expires, request.get("require"), request.get("supported")
    for contact in request.contacts:
        _ = contact.parameter("expires"), contact.parameter("+sip.instance"), contact.parameter("reg-id")


def respond(request: Request) -> bytes:
    response = request.response(200, to_tag="4f3a92b1c0d7e865")
    response.headers.append(("Contact", "<sip:user@192.0.2.10:5060;transport=udp>;expires=3600"))
    response.headers.append(("Contact", "<sip:user@192.0.2.11:5060;transport=udp>;expires=1800"))
    return response.to_bytes()


def measure(name: str, calls: list[Callable[[], object]], seconds: float) -> None:
    best = float("inf")
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        start = time.perf_counter()
        for call in calls:
            call()
        best = min(best, (time.perf_counter() - start) / len(calls))
    print(f"{name:42} {best * 1e6:7.2f} us")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    datagrams = messages(500)
    requests = [request for data in datagrams if isinstance(request := parse_message(data), Request)]
    for request in requests:
        read(request)

    def parse_and_read(data: bytes) -> None:
        request = parse_message(data)
        assert isinstance(request, Request)
        read(request)

    print(f"REGISTER of {len(datagrams[0])} octets and {datagrams[0].count(b': ')} header fields")
    measure("split and index", [lambda d=d: parse_message(d) for d in datagrams], seconds)
    measure("split, index, read as a registrar does", [lambda d=d: parse_and_read(d) for d in datagrams], seconds)
    measure("credentials", [lambda r=r: parse_again(r) for r in requests], seconds)
    measure("200 with two contacts, to octets", [lambda r=r: respond(r) for r in requests], seconds)
    print(f"{len(respond(requests[0]))} octets of response")


def parse_again(request: Request) -> object:
    request.__dict__.pop("authorization", None)
    return request.authorization


if __name__ == "__main__":
    main()
