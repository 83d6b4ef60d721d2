"""The registration flows of RFC 3665 §2 over real sockets: TLS as the RFC has them, and UDP; then a subscription."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scscf.auth.digest import digest, hash_ha1
from scscf.regevent.schema import problems_of
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request, Response
from tests.net.certificates import Authority
from tests.system.process import Phone, Process, TlsPhone, UdpPhone

pytestmark = pytest.mark.clause("RFC 3665 §2.1", "RFC 3665 §2.2", "RFC 3665 §2.3", "RFC 3665 §2.4", "RFC 3665 §2.5")

BOB = "sips:bob@biloxi.example.com"
SERVER_NAME = "ss2.biloxi.example.com"
URI = f"sips:{SERVER_NAME}"
CONTACT = "<sips:bob@client.biloxi.example.com>"
MAILTO = "mailto:bob@biloxi.example.com"

SUBSCRIBERS = """
subscriptions:
  - name: bob
    private_identities:
      - {id: bob@biloxi.example.com, auth: {scheme: digest, username: bob, password: zanzibar}}
    implicit_sets: [["sip:bob@biloxi.example.com"]]
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    certificate, key = authority.issue(SERVER_NAME)
    domain = {
        "name": "biloxi.example.com",
        "realm": "atlanta.example.com",
        "aliases": [SERVER_NAME],
        "dialect": "rfc3261",
    }
    config = {
        "domains": [domain],
        "hosts": {"client.biloxi.example.com": "127.0.0.1", SERVER_NAME: "127.0.0.1"},
        "listen": [
            "udp://127.0.0.1:0",
            f"tls://127.0.0.1:0?certificate={certificate}&key={key}&ca={authority.path}&verify=none",
        ],
    }
    running = Process(Path(tmp_path_factory.mktemp("server")), config, SUBSCRIBERS)
    yield running
    running.stop()


class Bob:
    """Bob's client: answers a challenge without qop, as the RFC shows it."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.cseq = 0
        self.challenge: dict[str, str] = {}

    def register(self, *headers: str, password: str = "zanzibar") -> Response:
        """Send a REGISTER and return its answer."""
        if self.challenge:
            headers = (*headers, f"Authorization: {self.authorization('REGISTER', URI, password)}")
        return self.request("REGISTER", URI, *headers)

    def request(self, method: str, uri: str, *headers: str) -> Response:
        """Send a request in Bob's name and return its answer."""
        self.cseq += 1
        host, port = self.phone.local
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.phone.transport} {host}:{port};branch=z9hG4bK{method}{self.cseq}",
            "Max-Forwards: 70",
            f"From: Bob <{BOB}>;tag=a73kszlfl",
            f"To: Bob <{BOB}>",
            f"Call-ID: {method}{port}@{host}",
            f"CSeq: {self.cseq} {method}",
            *headers,
            "Content-Length: 0",
        ]
        self.phone.send("\r\n".join([*lines, "", ""]).encode())
        answer = self.phone.receive()
        assert isinstance(answer, Response)
        assert answer.cseq.number == self.cseq
        return answer

    def authorization(self, method: str, uri: str, password: str = "zanzibar") -> str:
        realm, nonce = self.challenge["realm"], self.challenge["nonce"]
        ha1 = hash_ha1("MD5", "bob", realm, password)
        response = digest("md5", f"{ha1}:{nonce}:{digest('md5', f'{method}:{uri}')}")
        return f'Digest username="bob", realm="{realm}", nonce="{nonce}", opaque="", uri="{uri}", response="{response}"'

    def challenged(self, answer: Response) -> dict[str, str]:
        """Keep the challenge of a 401 and return its parameters."""
        assert answer.status == 401
        self.challenge = dict(parse_credentials(answer.get("www-authenticate") or "").params)
        return self.challenge

    def registered(self) -> Response:
        """Register as in §2.1."""
        self.challenged(self.register(f"Contact: {CONTACT}"))
        return self.register(f"Contact: {CONTACT}")


@pytest.fixture(params=["TLS", "UDP"])
def bob(request: pytest.FixtureRequest, server: Process, authority: Authority) -> Iterator[Bob]:
    phone: Phone
    if request.param == "TLS":
        phone = TlsPhone(server.listeners["tls"], authority.path, SERVER_NAME)
    else:
        phone = UdpPhone(server.listeners["udp"])
    yield Bob(phone)
    phone.close()
    server.call("/v1/reset", {"registrations": True, "subscriptions": True, "challenges": True})


def left(contact: str) -> int:
    """Return the expires parameter of a Contact value."""
    return int(contact.partition(";expires=")[2])


def test_2_1_a_new_registration(bob: Bob) -> None:
    challenge = bob.challenged(bob.register(f"Contact: {CONTACT}"))
    assert (challenge["realm"], challenge["qop"], challenge["opaque"]) == ("atlanta.example.com", "auth", "")
    assert (challenge["stale"], challenge["algorithm"]) == ("FALSE", "MD5")

    accepted = bob.register(f"Contact: {CONTACT}")

    assert accepted.status == 200
    assert accepted.to.tag
    assert [value.partition(";")[0] for value in accepted.get_all("contact")] == [CONTACT]
    assert 3595 <= left(accepted.get_all("contact")[0]) <= 3600


def test_2_2_and_2_3_the_contact_list_is_added_to_and_asked_for(bob: Bob) -> None:
    bob.registered()
    assert bob.register(f"Contact: {MAILTO}").status == 200

    listed = bob.register()

    assert listed.status == 200
    phone, mail = listed.get_all("contact")
    assert phone.startswith(f"{CONTACT};expires=")
    assert mail == f"<{MAILTO}>;expires=4294967295"


def test_2_4_the_registration_is_cancelled(bob: Bob) -> None:
    bob.registered()

    cancelled = bob.register("Contact: *", "Expires: 0")

    assert (cancelled.status, cancelled.get_all("contact")) == (200, [])
    assert bob.register().get_all("contact") == []


def test_2_5_a_wrong_password_is_challenged_again(bob: Bob) -> None:
    first = dict(bob.challenged(bob.register(f"Contact: {CONTACT}")))

    second = bob.challenged(bob.register(f"Contact: {CONTACT}", password="wrong"))

    assert second["nonce"] != first["nonce"]
    assert second["stale"] == "FALSE"


def test_a_subscription_is_told_along_its_connection(bob: Bob) -> None:
    bob.registered()
    host, port = bob.phone.local
    scheme = "sips" if bob.phone.transport == "TLS" else "sip"
    uri = "sips:bob@biloxi.example.com"
    fields = ("Event: reg", "Accept: application/reginfo+xml", f"Contact: <{scheme}:bob@{host}:{port}>", "Expires: 600")
    bob.challenged(bob.request("SUBSCRIBE", uri, *fields))
    accepted = bob.request("SUBSCRIBE", uri, *fields, f"Authorization: {bob.authorization('SUBSCRIBE', uri)}")
    assert (accepted.status, accepted.get("expires")) == (200, "600")
    assert (accepted.get("contact") or "").startswith("<sips:127.0.0.1:")
    assert told(bob, 0, "active;expires=600")

    bob.register("Contact: *", "Expires: 0")

    notify = told(bob, 1, "active")
    assert b'event="unregistered"' in notify.body


def told(bob: Bob, version: int, state: str) -> Request:
    """Take and answer the next NOTIFY."""
    notify = bob.phone.receive()
    assert isinstance(notify, Request)
    assert notify.method == "NOTIFY"
    assert (notify.get("via") or "").startswith(f"SIP/2.0/{bob.phone.transport} ")
    assert (notify.get("subscription-state") or "").startswith(state)
    assert f'version="{version}"'.encode() in notify.body
    assert problems_of(notify.body) == []
    bob.phone.send(notify.response(200, to_tag="b").to_bytes())
    return notify
