"""What Kamailio's P-CSCF answers to each reginfo document that a notifier may send: facts of its parser, one by one.

What it answers is not judged here: the documents that it refuses are valid, and an S-CSCF has to send them.
"""

import socket
from collections.abc import Iterator

import pytest

from tests.interop import kamailio_ims
from tests.interop.programs import Running
from tests.interop.server import until
from tests.patience import PATIENCE

pytestmark = [pytest.mark.interop, pytest.mark.peer("kamailio")]

URI = f"sip:{kamailio_ims.PCSCF}:{kamailio_ims.PCSCF_PORT}"
HEAD = '<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="{state}">{inside}</reginfo>'
ONE = '<registration aor="sip:alice@home1.test" id="a1" state="{state}">{inside}</registration>'
CONTACT = '<contact id="c1" state="{state}" event="{event}" {more}><uri>sip:a@127.0.0.9:5070</uri>{inside}</contact>'


@pytest.fixture(scope="module")
def pcscf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = kamailio_ims.pcscf(tmp_path_factory.mktemp("pcscf"))
    try:
        with Notifier() as notifier:
            until(lambda: notifier.ask(None, timeout=0.2), "the P-CSCF")
        yield running
    finally:
        running.stop()


class Notifier:
    """Sends NOTIFYs of no dialog at all, which the P-CSCF does not mind."""

    cseq = 0

    def __enter__(self) -> "Notifier":
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.22", 0))
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, body: str | None, timeout: float = PATIENCE) -> int:
        """Send a NOTIFY and return the status of the answer, 0 where none came."""
        Notifier.cseq += 1
        host, port = self._socket.getsockname()
        lines = [
            f"NOTIFY {URI} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKdocument{self.cseq}",
            "From: <sip:alice@home1.test>;tag=scscf",
            f"To: <{URI}>;tag=pcscf",
            f"Call-ID: documents-{self.cseq}@{host}",
            f"CSeq: {self.cseq} NOTIFY",
            f"Contact: <sip:{host}:{port}>",
            "Max-Forwards: 70",
            "Event: reg",
            "Subscription-State: active;expires=600",
        ]
        text = (body or "").encode()
        if body is not None:
            lines.append("Content-Type: application/reginfo+xml")
        lines += [f"Content-Length: {len(text)}", "", ""]
        self._socket.sendto("\r\n".join(lines).encode() + text, (kamailio_ims.PCSCF, kamailio_ims.PCSCF_PORT))
        self._socket.settimeout(timeout)
        try:
            return int(self._socket.recv(65535).split()[1])
        except TimeoutError:
            return 0


def document(event: str, *, more: str = 'expires="600" q="0.5"', inside: str = "", state: str = "full") -> str:
    """Return a document with one contact to which `event` has happened."""
    is_over = event in {"expired", "deactivated", "probation", "unregistered", "rejected"}
    life = "terminated" if is_over else "active"
    contact = CONTACT.format(state=life, event=event, more=more, inside=inside)
    return HEAD.format(state=state, inside=ONE.format(state=life, inside=contact))


def one_of_two(event: str) -> str:
    """Return a document in which `event` ends one contact and another stays."""
    over = CONTACT.format(state="terminated", event=event, more='expires="0"', inside="")
    stays = CONTACT.format(state="active", event="registered", more='expires="600"', inside="").replace("5070", "5071")
    return HEAD.format(state="full", inside=ONE.format(state="active", inside=over + stays.replace("c1", "c2")))


DOCUMENTS = {
    "registered": (document("registered"), 200),
    "created": (document("created"), 200),
    "refreshed": (document("refreshed"), 200),
    "shortened": (document("shortened"), 500),
    "expired": (document("expired"), 200),
    "deactivated": (document("deactivated"), 200),
    "probation": (document("probation", more='expires="0" retry-after="30"'), 200),
    "unregistered": (document("unregistered"), 200),
    "rejected": (document("rejected"), 200),
    "one of two expired": (one_of_two("expired"), 200),
    "one of two deactivated": (one_of_two("deactivated"), 200),
    "one of two unregistered": (one_of_two("unregistered"), 200),
    "one of two rejected": (one_of_two("rejected"), 200),
    "one of two probation": (one_of_two("probation"), 200),
    "partial": (document("registered", state="partial"), 200),
    "a contact that does not say when it expires": (document("registered", more=""), 500),
    "display name and unknown parameter": (
        document("registered", inside='<display-name>A</display-name><unknown-param name="x">y</unknown-param>'),
        200,
    ),
    "GRUUs": (
        document("registered", inside='<pub-gruu xmlns="urn:ietf:params:xml:ns:gruuinfo" uri="sip:a@b;gr=x"/>'),
        200,
    ),
    "active without a contact": (HEAD.format(state="full", inside=ONE.format(state="active", inside="")), 500),
    "terminated without a contact": (HEAD.format(state="full", inside=ONE.format(state="terminated", inside="")), 200),
    "init": (HEAD.format(state="full", inside=ONE.format(state="init", inside="")), 500),
    "no registration": (HEAD.format(state="full", inside=""), 500),
    "no body": (None, 200),
    "no XML": ("<reginfo", 500),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_p_cscf_answers_a_document(pcscf: Running, name: str) -> None:
    body, status = DOCUMENTS[name]
    with Notifier() as notifier:
        assert notifier.ask(body) == status, pcscf.output()[-2000:]
