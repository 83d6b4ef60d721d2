"""The least of a UE over TLS: one REGISTER and its answer."""

import socket
import ssl

from tests.patience import PATIENCE

REGISTER = """\
REGISTER sip:home1.test SIP/2.0
Via: SIP/2.0/TLS 127.0.0.1:40000;branch=z9hG4bKtls
Max-Forwards: 70
From: <sip:alice@home1.test>;tag=1
To: <sip:alice@home1.test>
Call-ID: over-tls
CSeq: 1 REGISTER
Contact: <sip:alice@127.0.0.1:40000;transport=tls>
Content-Length: 0

"""


def register_over_tls(place: tuple[str, int], authorities: str) -> bytes:
    """Send a REGISTER without credentials to a TLS listener and return what comes back."""
    context = ssl.create_default_context(cafile=authorities)
    with (
        socket.create_connection(place, timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname="scscf.home1.test") as stream,
    ):
        stream.sendall(REGISTER.replace("\n", "\r\n").encode())
        return stream.recv(65535)
