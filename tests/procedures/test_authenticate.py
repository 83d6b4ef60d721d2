"""Credentials are good for the user whose they are, and for no identity of anybody else."""

import pytest

from tests.world import Client, World

TOBIAS = "sip:tobias@home1.test"
URI = "sip:home1.test"


@pytest.fixture(params=["ims", "rfc3261"])
def world(request: pytest.FixtureRequest) -> World:
    world = World({"home_domain": "home1.test", "dialect": request.param})
    assert world.client("127.0.0.9", username="phone@home1.test").register().status == 200
    return world


def in_the_name_of(client: Client, aor: str, **headers: str) -> int:
    """Send a REGISTER for an address of record with the credentials at hand; return the status."""
    authorization = client.authorization("REGISTER", URI)
    answer = client.send(
        "REGISTER", URI, {"To": f"<{aor}>", "From": f"<{aor}>;tag=x", "Authorization": authorization, **headers}
    )
    assert answer is not None
    assert "contact" not in answer
    return answer.status


@pytest.mark.clause("RFC 7616 §3.3")
@pytest.mark.parametrize(
    "headers",
    [{}, {"Contact": "*", "Expires": "0"}, {"Contact": "<sip:thief@127.0.0.66>"}],
    ids=["asks", "clears", "registers"],
)
def test_a_nonce_that_was_given_to_one_user_opens_nothing_of_another(world: World, headers: dict[str, str]) -> None:
    dora = world.client("127.0.0.66", user="dora", username="dora@home1.test")
    assert dora.register().status == 200

    assert in_the_name_of(dora, TOBIAS, **headers) == 403
    record = next(record for record in world.node.store.records() if record.name == "tobias")
    assert [contact.binding.uri for contact in record.contacts(TOBIAS)] == ["sip:tobias@127.0.0.9:5070"]


def test_a_device_has_no_identity_that_its_profile_lacks(world: World) -> None:
    pager = world.client("127.0.0.10", username="pager@home1.test")
    assert pager.register().status == 200

    assert in_the_name_of(pager, "sip:gameMaster@home1.test") == 403
    assert in_the_name_of(pager, "sip:gameMaster@home1.test", Contact="<sip:pager@127.0.0.10>") == 403


def test_a_device_registers_any_identity_of_its_set_with_one_nonce(world: World) -> None:
    phone = world.client("127.0.0.11", username="phone@home1.test")
    assert phone.register().status == 200
    fields = {"Authorization": phone.authorization("REGISTER", URI), "To": "<sip:gameMaster@home1.test>"}

    answer = phone.send("REGISTER", URI, {**fields, "Contact": f"<{phone.uri}>"})

    assert answer is not None
    assert answer.status == 200


def test_two_devices_of_one_address_of_record_in_one_registrar(world: World) -> None:
    """A contact list that another device has all of is emptied without an error, where the dialect lets it."""
    pager = world.client("127.0.0.10", username="pager@home1.test")

    cleared = pager.register(0, "*")

    plain = world.node.domains[0].config.dialect == "rfc3261"
    assert cleared.status == 200
    assert len(cleared.get_all("contact")) == (0 if plain else 1)
