"""Microsoft's registrar with an HSS behind Diameter: NT hashes, and which server is assigned now."""

import pytest

from scscf.cx import DeregistrationReason, RegistrationTermination, RegistrationTerminationAnswer, Result
from tests.cx_world import CxWorld
from tests.system.test_siprege import CONFIG, contacts_of
from tests.system.test_siprege_ntlm import Endpoint
from tests.world import Client

SUBSCRIBERS = """
subscriptions:
  - name: alice
    private_identities: [{id: alice@fabrikam.test, auth: {scheme: ntlm, password: "Pa$$word", domain: FABRIKAM}}]
    implicit_sets: [["sip:alice@fabrikam.test"]]
  - name: bob
    private_identities: [{id: bob@fabrikam.test, auth: {scheme: digest, password: "Pa$$word"}}]
    implicit_sets: [["sip:bob@fabrikam.test"]]
  - name: carol
    private_identities: [{id: carol@fabrikam.test, auth: {scheme: digest, ha1: 92cc8e2ad7ecdd6b98f13fa1170f5ea9}}]
    implicit_sets: [["sip:carol@fabrikam.test"]]
"""


@pytest.fixture
def there() -> CxWorld:
    realms = {"origin_host": "scscf.home1.test", "origin_realm": "home1.test", "destination_realm": "home1.test"}
    return CxWorld({**CONFIG, "server_name": "sip:scscf.fabrikam.test:5060", "diameter": realms}, SUBSCRIBERS)


@pytest.mark.clause("MS-SIPAE §3.3")
@pytest.mark.parametrize("user", ["alice", "bob"])
def test_a_user_logs_on_with_the_nt_hash_that_the_hss_gives(there: CxWorld, user: str) -> None:
    endpoint = Endpoint(there, user)

    answer = endpoint.register()

    assert answer.status == 200
    assert endpoint.is_signed(answer)
    assert contacts_of(there, f"sip:{user}@fabrikam.test") == ["sip:127.0.0.9:5070"]
    assert endpoint.signed().status == 200


@pytest.mark.clause("MS-SIPAE §3.3")
def test_a_wrong_password_is_one_over_cx_too(there: CxWorld) -> None:
    assert Endpoint(there, "alice", "wrong").register().status == 401


def test_a_user_without_an_nt_hash_is_offered_digest_alone(there: CxWorld) -> None:
    schemes = [value.partition(" ")[0] for value in Endpoint(there, "carol").send().get_all("www-authenticate")]

    assert set(schemes) == {"Digest"}


@pytest.mark.clause("TS 29.228 §6.5.2.4")
@pytest.mark.parametrize("user", ["alice", "bob"])
def test_the_hss_tells_of_another_password_and_the_client_logs_on_anew(there: CxWorld, user: str) -> None:
    endpoint = Endpoint(there, user)
    endpoint.register()

    told = there.stub.shell.perform(there.stub.replace(there.subscribers(SUBSCRIBERS.replace("Pa$$word", "changed"))))
    there.run()

    assert [(view["command"], view["impi"], view["result"]) for view in told.result()] == [
        ("PPR", f"{user}@fabrikam.test", "SUCCESS")
    ]
    assert endpoint.signed().status == 401
    assert endpoint.register().status == 401
    endpoint.password = "changed"
    assert endpoint.register().status == 200


@pytest.mark.clause("MS-SIPREGE §2.2.1.8")
def test_reason_info_of_an_rtr_is_where_the_endpoint_is_sent(there: CxWorld) -> None:
    endpoint = Endpoint(there)
    endpoint.register()
    client: Client = endpoint.client

    answer = there.push(
        RegistrationTermination(
            "alice@fabrikam.test", DeregistrationReason.NEW_SERVER_ASSIGNED, reason_info="sip:pool2.fabrikam.test"
        )
    )

    assert isinstance(answer, RegistrationTerminationAnswer)
    assert answer.result is Result.SUCCESS
    assert [message.body for message in client.notifies] == [b"deregistered;event=preferred-registrar-change"]
    assert client.notifies[0].get("p-preferred-registrar") == "sip:pool2.fabrikam.test"
