"""Several domains in one process, each with realm, aliases, dialect and limits of its own."""

import pytest

from scscf.sip.credentials import parse_credentials
from tests.world import World

CONFIG = {
    "domains": [
        {"name": "home1.test"},
        {
            "name": "biloxi.example.com",
            "realm": "atlanta.example.com",
            "aliases": ["ss2.biloxi.example.com"],
            "dialect": "rfc3261",
            "registrar": {"min_expires": 10, "max_expires": 1800, "default_expires": 900},
        },
    ]
}


@pytest.fixture
def world() -> World:
    return World(CONFIG)


def test_each_domain_answers_in_its_own_dialect_and_limits(world: World) -> None:
    bob = world.client("127.0.0.11", user="bob", domain="biloxi.example.com", username="bob", password="zanzibar")
    phone = world.client(username="phone@home1.test")

    plain, ims = bob.register(expires=None), phone.register(expires=None)

    assert plain.get("contact") == f"<{bob.uri}>;expires=900"
    assert "p-associated-uri" not in plain
    assert ims.get("contact") == f"<{phone.uri}>;expires=3600"
    assert "p-associated-uri" in ims


def test_each_domain_challenges_in_its_own_realm(world: World) -> None:
    bob = world.client("127.0.0.11", user="bob", domain="biloxi.example.com")

    for uri in ("sip:biloxi.example.com", "sips:ss2.biloxi.example.com"):
        challenge = bob.send("REGISTER", uri, {"Contact": f"<{bob.uri}>"})
        assert challenge is not None
        assert parse_credentials(challenge.get("www-authenticate") or "").params["realm"] == "atlanta.example.com"


def test_a_domains_user_is_nobody_in_the_other(world: World) -> None:
    bob = world.client("127.0.0.11", user="bob", domain="biloxi.example.com")
    answer = bob.send("REGISTER", "sip:home1.test")

    assert answer is not None
    assert answer.status == 404


def test_an_alias_in_to_stands_for_the_domain(world: World) -> None:
    bob = world.client("127.0.0.11", user="bob", domain="biloxi.example.com", username="bob", password="zanzibar")

    assert bob.register(To="<sips:bob@ss2.biloxi.example.com>").status == 200
    assert [each.aor for record in world.node.store.records() for each in record.registrations] == [
        "sip:bob@biloxi.example.com"
    ]
