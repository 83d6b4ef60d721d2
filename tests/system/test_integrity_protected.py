"""What a P-CSCF says of how a REGISTER reached it, value by value (TS 24.229 §5.4.1.1, §7.2A.2)."""

import re
from typing import Any

import pytest

from scscf.procedures.protection import PROTECTIONS
from scscf.sip.message import Response
from tests.world import Client, World

pytestmark = pytest.mark.clause("TS 24.229 §5.4.1.1", "TS 24.229 §7.2A.2")

PHONE = "phone@home1.test"
URI = "sip:home1.test"
PATH = "<sip:127.0.0.4:5060;lr>"
UNPROTECTED = [None, "no", "tls-pending", "tls-connected", "ip-assoc-pending"]
VOUCHED = ["yes", "tls-yes", "ip-assoc-yes"]


def a_phone(host: str = "127.0.0.4", **config: object) -> Client:
    return World(config).client(host, 5060, username=PHONE)


def ask(phone: Client, value: str | None, authorization: str = "", **headers: str | None) -> Response:
    """Send a REGISTER of which the P-CSCF says `value`, with other credentials than none at all."""
    plain = authorization or f'Digest username="{PHONE}", realm="home1.test", nonce="", uri="{URI}", response=""'
    said = f', integrity-protected="{value}"' if value is not None else ""
    fields = {"Contact": f"<{phone.uri}>", "Path": PATH, "Authorization": plain + said, **headers}
    answer = phone.send("REGISTER", URI, fields)
    assert answer is not None
    return answer


def registered(phone: Client) -> Client:
    assert phone.register(Path=PATH).status == 200
    return phone


def test_every_value_is_tried_here() -> None:
    assert set(PROTECTIONS) == {*UNPROTECTED, *VOUCHED, "auth-done"} - {None}


@pytest.mark.parametrize("value", UNPROTECTED)
def test_who_is_not_vouched_for_is_challenged_and_the_answer_is_verified(value: str | None) -> None:
    phone = registered(a_phone())

    challenge = ask(phone, value)
    assert challenge.status == 401
    phone.take_challenge(challenge)
    right = phone.authorization("REGISTER", URI)
    assert ask(phone, value, re.sub('response="....', 'response="0000', right)).status == 401
    assert ask(phone, value, right).status == 200


@pytest.mark.parametrize("value", VOUCHED)
def test_who_is_vouched_for_and_registered_is_not_challenged(value: str) -> None:
    phone = registered(a_phone())

    assert ask(phone, value).status == 200
    assert ask(phone, value.upper()).status == 200
    assert ask(phone, value, Expires="0").status == 200
    assert list(phone.world.node.store.records()) == []


@pytest.mark.parametrize(("value", "status"), [("yes", 500), ("tls-yes", 401), ("ip-assoc-yes", 401)])
def test_who_is_vouched_for_and_not_registered_has_nothing_to_go_by(value: str, status: int) -> None:
    """The security association of a USIM ends with its registration; a TLS session outlives it."""
    assert ask(a_phone(), value).status == status


@pytest.mark.parametrize("value", ["tls-yes", "ip-assoc-yes"])
def test_a_response_that_comes_with_digest_is_verified_all_the_same(value: str) -> None:
    phone = registered(a_phone())
    right = phone.authorization("REGISTER", URI)
    wrong = re.sub('response="....', 'response="0000', right)

    assert ask(phone, value, wrong).status == 401
    assert ask(phone, value, right).status == 200
    phone.world.run(301)
    assert ask(phone, value, re.sub('nonce="....', 'nonce="0000', wrong)).status == 401
    assert ask(phone, value, phone.authorization("REGISTER", URI)).status == 200


@pytest.mark.parametrize("value", ["tls-yes", "ip-assoc-yes"])
def test_a_nonce_count_is_not_used_twice_whoever_vouches(value: str) -> None:
    phone = registered(a_phone())
    right = phone.authorization("REGISTER", URI)

    assert ask(phone, value, right).status == 200
    again = ask(phone, value, right)
    assert again.status == 401
    assert "stale=TRUE" in (again.get("www-authenticate") or "")


@pytest.mark.parametrize("value", ["tls-pending", "ip-assoc-pending"])
def test_the_answer_to_the_first_challenge_registers(value: str) -> None:
    phone = a_phone()

    challenge = ask(phone, None)
    phone.take_challenge(challenge)
    assert ask(phone, value, phone.authorization("REGISTER", URI)).status == 200


@pytest.mark.parametrize("value", VOUCHED)
def test_the_answer_to_an_open_challenge_is_verified_whoever_vouches(value: str) -> None:
    phone = a_phone()
    phone.take_challenge(ask(phone, None))
    right = phone.authorization("REGISTER", URI)

    assert ask(phone, value, re.sub('response="....', 'response="0000', right)).status == 401
    assert ask(phone, value, right).status == 200


def test_who_was_authenticated_by_a_trusted_node_is_let_in() -> None:
    assert ask(a_phone(), "auth-done").status == 200


@pytest.mark.parametrize("value", [*VOUCHED, "auth-done"])
def test_a_stranger_s_word_is_ignored_and_warned_of_once(value: str, caplog: pytest.LogCaptureFixture) -> None:
    phone = a_phone("127.0.0.9")

    assert ask(phone, value).status == 401
    assert ask(phone, value).status == 401
    warnings = [record.getMessage() for record in caplog.records if "integrity-protected" in record.getMessage()]
    assert warnings == ["integrity-protected of 127.0.0.9 is ignored: 127.0.0.9 is not among trusted_peers"]


@pytest.mark.parametrize(("strict", "status"), [(False, 401), (True, 400)])
def test_an_unknown_value_counts_as_none_and_is_refused_when_strict(strict: bool, status: int) -> None:
    phone = a_phone(strict=strict)

    assert ask(phone, "maybe").status == status
    assert ask(phone, "").status == status


@pytest.mark.clause("RFC 3261 §10.3")
@pytest.mark.parametrize("dialect", ["ims", "rfc3261"])
@pytest.mark.parametrize("headers", [{"Contact": "*", "Expires": "0"}, {"Contact": None}], ids=["removal", "query"])
@pytest.mark.parametrize("value", ["auth-done", "tls-yes"])
def test_a_peer_s_word_for_who_sends_it_is_none_for_whose_identity_it_is(
    dialect: str, headers: dict[str, Any], value: str
) -> None:
    """The HSS, which is asked about those who come or stay, would not notice either of these."""
    phone = registered(a_phone(dialect=dialect))
    pager = phone.world.client("127.0.0.4", 5070, user="tobias", username="pager@home1.test")
    assert registered(pager).username == "pager@home1.test"
    game = phone.world.client("127.0.0.4", 5080, user="gameMaster")
    plain = f'Digest username="pager@home1.test", realm="home1.test", nonce="", uri="{URI}", response=""'

    answer = ask(game, value, plain, **headers)

    assert (answer.status, answer.reason) == (403, "Identity Not of This User")
    assert [len(record.contacts(game.aor)) for record in phone.world.node.store.records()] == [1]
