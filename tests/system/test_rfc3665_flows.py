"""The registration flows of RFC 3665 §2, message by message, as Bob's client sends them."""

import pytest

from scscf.auth.digest import digest, hash_ha1
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Response
from tests.world import Client, World

pytestmark = pytest.mark.clause("RFC 3665 §2.1", "RFC 3665 §2.2", "RFC 3665 §2.3", "RFC 3665 §2.4", "RFC 3665 §2.5")

CONFIG = {
    "domains": [
        {
            "name": "biloxi.example.com",
            "realm": "atlanta.example.com",
            "aliases": ["ss2.biloxi.example.com"],
            "dialect": "rfc3261",
        }
    ]
}
SIPS_CONTACT = "<sips:bob@client.biloxi.example.com>"
MAILTO = "mailto:bob@biloxi.example.com"
URI = "sips:ss2.biloxi.example.com"


class Bob(Client):
    """Bob's client: answers challenges without qop, as RFC 3665 shows it, and uses a nonce again."""

    def rfc3665(self, headers: dict[str, str], *, authorize: bool = True, password: str = "zanzibar") -> Response:
        fields: dict[str, str | list[str] | None] = {
            "From": "Bob <sips:bob@biloxi.example.com>;tag=a73kszlfl",
            "To": "Bob <sips:bob@biloxi.example.com>",
            **headers,
        }
        if authorize and self.credentials is not None:
            fields["Authorization"] = self.without_qop(password)
        response = self.send("REGISTER", URI, fields)
        assert response is not None
        return response

    def without_qop(self, password: str) -> str:
        assert self.credentials is not None
        realm, nonce = self.credentials["realm"], self.credentials["nonce"]
        ha1 = hash_ha1("MD5", "bob", realm, password)
        response = digest("md5", f"{ha1}:{nonce}:{digest('md5', f'REGISTER:{URI}')}")
        return f'Digest username="bob", realm="{realm}", nonce="{nonce}", opaque="", uri="{URI}", response="{response}"'


@pytest.fixture
def world() -> World:
    return World(CONFIG)


@pytest.fixture
def bob(world: World) -> Bob:
    return Bob(world, "127.0.0.9", 5070, user="bob", domain="biloxi.example.com")


def registered(bob: Bob) -> Response:
    challenge = bob.rfc3665({"Contact": SIPS_CONTACT})
    bob.take_challenge(challenge)
    return bob.rfc3665({"Contact": SIPS_CONTACT})


def test_2_1_successful_new_registration(bob: Bob) -> None:
    challenge = bob.rfc3665({"Contact": SIPS_CONTACT})

    assert challenge.status == 401
    params = parse_credentials(challenge.get("www-authenticate") or "").params
    assert params["realm"] == "atlanta.example.com"
    assert (params["qop"], params["opaque"], params["stale"], params["algorithm"]) == ("auth", "", "FALSE", "MD5")
    assert "tag=" in (challenge.get("to") or "")

    bob.take_challenge(challenge)
    accepted = bob.rfc3665({"Contact": SIPS_CONTACT})

    assert accepted.status == 200
    assert accepted.get_all("contact") == [f"{SIPS_CONTACT};expires=3600"]
    assert "expires" not in accepted


def test_2_2_update_of_contact_list_keeps_the_other_contact(world: World, bob: Bob) -> None:
    registered(bob)

    accepted = bob.rfc3665({"Contact": MAILTO})

    assert accepted.status == 200
    assert accepted.get_all("contact") == [f"{SIPS_CONTACT};expires=3600", f"<{MAILTO}>;expires=4294967295"]


@pytest.mark.clause("RFC 3261 §10.2.3")
def test_2_3_request_for_current_contact_list_changes_nothing(world: World, bob: Bob) -> None:
    registered(bob)
    bob.rfc3665({"Contact": MAILTO})
    world.run(100)

    listed = bob.rfc3665({})

    assert listed.status == 200
    assert listed.get_all("contact") == [f"{SIPS_CONTACT};expires=3500", f"<{MAILTO}>;expires=4294967295"]


def test_2_4_cancellation_of_registration_leaves_no_contact(bob: Bob) -> None:
    registered(bob)

    cancelled = bob.rfc3665({"Contact": "*", "Expires": "0"})

    assert cancelled.status == 200
    assert cancelled.get_all("contact") == []
    assert cancelled.get("expires") == "0"


def test_2_5_unsuccessful_registration_is_challenged_again_with_a_new_nonce(bob: Bob) -> None:
    challenge = bob.rfc3665({"Contact": SIPS_CONTACT})
    bob.take_challenge(challenge)

    again = bob.rfc3665({"Contact": SIPS_CONTACT}, password="wrong")

    assert again.status == 401
    params = parse_credentials(again.get("www-authenticate") or "").params
    assert params["stale"] == "FALSE"
    assert params["nonce"] != bob.credentials["nonce"]  # type: ignore[index]


def test_the_same_nonce_call_id_and_cseq_without_qop_is_a_replay(world: World, bob: Bob) -> None:
    registered(bob)
    replay = {"CSeq": f"{bob.cseq} REGISTER", "Contact": SIPS_CONTACT, "From": "<sips:bob@biloxi.example.com>;tag=x"}

    response = bob.rfc3665(replay)

    assert response.status == 401
    assert "stale=TRUE" in (response.get("www-authenticate") or "")


def test_the_unregister_of_ms_sipreg_without_its_ntlm_carries_expires_0(world: World) -> None:
    config = {"home_domain": "fabrikam.com", "dialect": "rfc3261"}
    subscribers = """
subscriptions:
  - name: alice
    private_identities: [{id: alice@fabrikam.com, auth: {scheme: none}}]
    implicit_sets: [["sip:alice@fabrikam.com"]]
"""
    world = World(config, subscribers)
    alice = world.client("10.1.2.50", 4237, user="alice", domain="fabrikam.com")
    contact = (
        "<sip:10.1.2.50:4237;transport=tls;ms-opaque=6fb3a8330a>;"
        'methods="INVITE, MESSAGE, INFO, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY";proxy=replace;'
        '+sip.instance="<urn:uuid:B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97>"'
    )
    headers: dict[str, str | list[str] | None] = {
        "Via": "SIP/2.0/UDP 10.1.2.50:4237",
        "From": "<sip:alice@fabrikam.com>;tag=2d0be03279;epid=492a7ce35f",
        "To": "<sip:alice@fabrikam.com>",
        "Contact": contact,
        "Supported": "gruu-10, adhoclist, msrtc-event-categories",
        "Event": "registration",
    }
    registered = alice.send("REGISTER", "sip:fabrikam.com", {**headers, "CSeq": "2 REGISTER", "Expires": "3600"})
    assert registered is not None
    assert registered.get("contact") == f"{contact};expires=3600"

    left = alice.send("REGISTER", "sip:fabrikam.com", {**headers, "CSeq": "3 REGISTER", "Expires": "0"})

    assert left is not None
    assert (left.status, left.get("expires"), left.get_all("contact")) == (200, "0", [])
