"""Who has a security association, what it signs, which numbers it takes, and when it is over (MS-SIPAE §3.3)."""

from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.auth import ntlm
from scscf.auth.ntlm import MessageKeys
from scscf.auth.security_association import TRANSITIONS, WINDOW, Input, State
from scscf.auth.security_associations import SecurityAssociation, SecurityAssociations
from scscf.auth.sipae import signature_text
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.message import Request
from tests.auth import ntlm_captures as captures

REALM, HOST = "SIP Communications Service", "ocs.fabrikam.test"
TARGET = ntlm.Target("FABRIKAM", "OCS", "fabrikam.test", HOST)
ALICE, AOR = "alice@fabrikam.test", "sip:alice@fabrikam.test"
SECRET = ntlm.nt_hash("secret")
OPAQUE = "1A2B3C4D"
EPID, OTHER_EPID = "01010101", "8248ca9ebb"
REMOTE, ELSEWHERE = ("192.0.2.1", 5060), ("192.0.2.2", 5060)


def server(version: int = 4, lifetime: float = 28800.0, limit: int = 100) -> SecurityAssociations:
    return SecurityAssociations(REALM, HOST, version, TARGET, lifetime, limit)


def named(opaque: str = OPAQUE, **params: str) -> Credentials:
    return Credentials("ntlm", {"qop": "auth", "realm": REALM, "targetname": HOST, "opaque": opaque} | params)


def opened(
    associations: SecurityAssociations, opaque: str = OPAQUE, now: float = 0.0, epid: str = EPID, aor: str = AOR
) -> SecurityAssociation:
    associations.open(opaque, b"12345678", now, aor, epid)
    association = associations.find(named(opaque), epid, now)
    assert association is not None
    return association


def established(
    associations: SecurityAssociations,
    opaque: str = OPAQUE,
    now: float = 0.0,
    who: str = ALICE,
    version: int = 0,
    epid: str = EPID,
) -> tuple[SecurityAssociation, MessageKeys]:
    """Return an association and the keys of its client."""
    association = opened(associations, opaque, now, epid)
    token, of_client = ntlm.answer(
        association.challenge, "alice", "FABRIKAM", SECRET, "PC", b"abcdefgh", bytes(range(16)), now
    )
    keys = ntlm.accept(association.challenge, ntlm.read_authenticate(token), SECRET)
    assert keys is not None
    associations.establish(association, who, keys, now, version)
    return association, of_client


def register(expires: str = "600", recipient: str = f"<{AOR}>") -> Request:
    headers = [("From", f"<{AOR}>;tag=1;epid=01010101"), ("To", recipient), ("Call-ID", "c"), ("CSeq", "3 REGISTER")]
    return Request("REGISTER", "sip:fabrikam.test", [*headers, ("Expires", expires)])


def signed(
    keys: MessageKeys, request: Request, cnum: str = "1", crand: str = "0A0B0C0D", version: int = 4
) -> Credentials:
    text = signature_text("NTLM", version, crand, cnum, REALM, HOST, request)
    return named(crand=crand, cnum=cnum, response=keys.sign("client", text).hex())


@pytest.mark.clause("MS-SIPAE §3.3.5.1")
@pytest.mark.parametrize("version", [3, 4])
def test_the_first_challenge_says_what_is_offered_and_begins_nothing(version: int) -> None:
    associations = server(version)

    expected = f'NTLM realm="{REALM}", targetname="{HOST}", version={version}'
    assert associations.first_challenge() == expected
    assert len(associations) == 0


@pytest.mark.clause("MS-SIPAE §3.3.5.2")
def test_the_second_challenge_has_the_ntlm_challenge_and_a_name() -> None:
    associations = server()
    scheme, params = parse_credentials(associations.open(OPAQUE, b"12345678", 0.0, AOR, EPID))

    assert scheme == "ntlm"
    token = b64decode(params.pop("gssapi-data"))
    assert token == ntlm.challenge_message(b"12345678", TARGET)
    assert params == {"opaque": OPAQUE, "targetname": HOST, "realm": REALM, "version": "4"}
    association = associations.find(named(), EPID, 0.0)
    assert association is not None
    assert (association.state, association.challenge, association.keys) == (State.CHALLENGED, token, None)
    assert (association.private_identity, association.aor, association.endpoint) == (None, AOR, EPID)


def test_an_answered_association_is_that_of_its_user() -> None:
    associations = server()
    association, _ = established(associations)

    assert associations.find(named(), EPID, 1.0) is association
    assert (association.private_identity, association.aor) == (ALICE, AOR)
    assert association.is_established
    assert association.challenge == b""
    assert len(associations) == 1


@pytest.mark.clause("MS-SIPAE §3.3.5.1")
@pytest.mark.parametrize(
    "params",
    [{"opaque": "00000000"}, {"opaque": ""}, {"realm": "other"}, {"targetname": "other"}, {"opaque": OPAQUE.lower()}],
)
def test_credentials_for_another_realm_or_server_or_association_name_none(params: dict[str, str]) -> None:
    associations = server()
    established(associations)

    assert associations.find(Credentials("ntlm", named().params | params), EPID, 1.0) is None


@pytest.mark.clause("MS-SIPAE §3.3.5.3")
@pytest.mark.parametrize(("version", "told"), [(4, 0), (4, 4), (4, 3), (4, 2), (3, 3), (3, 4), (4, 9)])
def test_a_request_that_its_client_has_signed_is_right(version: int, told: int) -> None:
    associations = server(version)
    association, keys = established(associations, version=told)

    assert association.version == (told if told in (2, 3) else version)
    credentials = signed(keys, register(), version=association.version)
    assert association.verify(credentials, register())
    shouted = Credentials("ntlm", credentials.params | {"response": credentials.params["response"].upper()})
    assert association.verify(shouted, register())


def test_a_version_2_client_signs_no_uri_of_to() -> None:
    associations = server()
    association, keys = established(associations, version=2)
    credentials = signed(keys, register(), version=2)

    assert association.verify(credentials, register(recipient="<sip:bob@fabrikam.test>"))


def test_a_changed_request_or_signature_is_wrong() -> None:
    association, keys = established(server())
    credentials = signed(keys, register())

    assert not association.verify(credentials, register(expires="0"))
    assert not association.verify(credentials, register(recipient="<sip:bob@fabrikam.test>"))
    for at in range(32):
        response = credentials.params["response"]
        changed = response[:at] + ("1" if response[at] != "1" else "2") + response[at + 1 :]
        assert not association.verify(Credentials("ntlm", credentials.params | {"response": changed}), register())


def test_the_servers_own_signature_is_none_of_the_client() -> None:
    association, _ = established(server())
    request = register()
    _, params = parse_credentials(association.sign(request, "0A0B0C0D"))
    turned = named(crand=params["srand"], cnum=params["snum"], response=params["rspauth"])

    assert not association.verify(turned, request)


@pytest.mark.parametrize("value", ["", "0A0B0C0", "0A0B0C0D0", "0A0B0C0G", "0A 0B0C0", "٠٠٠٠٠٠٠٠", "><><><><"])
def test_a_malformed_crand_is_wrong(value: str) -> None:
    association, keys = established(server())

    assert not association.verify(signed(keys, register(), crand=value), register())


@pytest.mark.parametrize("value", ["", "0", "-1", "+1", "1.0", "1 ", "x", "0x1", "4294967296", "9" * 5000, "٣", "²"])
def test_a_malformed_cnum_is_wrong_and_not_taken(value: str) -> None:
    association, keys = established(server())
    credentials = signed(keys, register(), cnum=value)

    assert not association.verify(credentials, register())
    assert not association.take(credentials)


@pytest.mark.parametrize(
    "value", ["", "0", "zz" * 16, "00" * 15, "00" * 17, "0" * 100_000, "00 " * 10 + "00", "é" * 32]
)
def test_a_malformed_response_is_wrong(value: str) -> None:
    association, keys = established(server())
    credentials = signed(keys, register())

    assert not association.verify(Credentials("ntlm", credentials.params | {"response": value}), register())


@pytest.mark.parametrize("name", ["crand", "cnum", "response"])
def test_credentials_that_lack_something_are_wrong(name: str) -> None:
    association, keys = established(server())
    credentials = signed(keys, register())
    del credentials.params[name]

    assert not association.verify(credentials, register())


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq"])
def test_a_request_that_cannot_be_read_is_wrong(name: str) -> None:
    association, keys = established(server())
    credentials = signed(keys, register())
    request = register()
    request.remove(name.lower())

    assert not association.verify(credentials, request)


def test_nothing_is_right_before_the_challenge_is_answered_or_after_the_end() -> None:
    associations = server()
    _, keys = established(associations, "other")
    association = opened(associations)
    credentials = signed(keys, register())

    assert not association.verify(credentials, register())
    assert association.sign(register(), "0A0B0C0D") == ""
    association, keys = established(associations, "third")
    credentials = signed(keys, register())
    assert association.verify(credentials, register())
    associations.end(association)
    assert not association.verify(credentials, register())
    assert (association.keys, association.state) == (None, State.EXPIRED)


@pytest.mark.clause("MS-SIPAE §3.3.5.3")
@pytest.mark.parametrize(
    ("numbers", "fresh"),
    [
        ([1, 2, 3], [True, True, True]),
        ([1, 1], [True, False]),
        ([2, 1, 2, 1], [True, True, False, False]),
        ([5, 3, 4, 3, 5, 6], [True, True, True, False, False, True]),
        ([WINDOW, 1, 1], [True, True, False]),
        ([WINDOW + 1, 1, 2, 2], [True, False, True, False]),
        ([1, WINDOW, 1], [True, True, False]),
        ([1, WINDOW + 1, 1, 2], [True, True, False, True]),
        ([1000, 1000 - WINDOW, 1001 - WINDOW, 1001 - WINDOW], [True, False, True, False]),
        ([7, 7 + WINDOW, 8, 7 + WINDOW - 1], [True, True, True, True]),
        ([7, 6 + WINDOW, 7], [True, True, False]),
        ([2**32 - 1, 2**32 - 1, 1], [True, False, False]),
    ],
)
def test_each_number_within_the_window_is_taken_once(numbers: list[int], fresh: list[bool]) -> None:
    association, _ = established(server())

    assert [association.take(named(cnum=str(number))) for number in numbers] == fresh


def test_a_leading_zero_does_not_make_a_number_another_one() -> None:
    association, _ = established(server())

    assert association.take(named(cnum="7"))
    assert not association.take(named(cnum="07"))


@pytest.mark.clause("MS-SIPAE §3.3.4.1")
def test_messages_of_the_server_are_signed_and_counted() -> None:
    association, keys = established(server())
    response = register().response(200, to_tag="t")
    first, second = association.sign(response, "0A0B0C0D"), association.sign(response, "0A0B0C0E")

    scheme, params = parse_credentials(first)
    assert scheme == "ntlm"
    signature = bytes.fromhex(params.pop("rspauth"))
    assert params == {
        "srand": "0A0B0C0D", "snum": "1", "opaque": OPAQUE, "qop": "auth", "targetname": HOST, "realm": REALM
    }  # fmt: skip
    text = signature_text("NTLM", 4, "0A0B0C0D", "1", REALM, HOST, response)
    assert keys.verify("server", text, signature)
    assert parse_credentials(second).params["snum"] == "2"
    assert association.snum == 2


def test_a_capture_is_signed_as_its_server_signed_it() -> None:
    associations = SecurityAssociations(captures.REALM, captures.TARGET_NAME, 4, TARGET)
    associations.open("2BDBAC9D", b"12345678", 0.0, AOR, EPID)
    association = associations.find(Credentials("ntlm", {"opaque": "2BDBAC9D"}), EPID, 0.0)
    keys = ntlm.accept(captures.CHALLENGE, ntlm.read_authenticate(captures.AUTHENTICATE), ntlm.nt_hash("Pa$$word"))
    assert association is not None
    assert keys is not None
    associations.establish(association, "user@cosmo.local", keys, 0.0)
    headers = [("From", "<sip:user@cosmo.local>;tag=3e49177a52"), ("To", "<sip:user@cosmo.local>")]
    request = Request("REGISTER", "sip:cosmo.local", [*headers, ("Call-ID", captures.CALL_ID), ("CSeq", "3 REGISTER")])
    credentials = Credentials(
        "ntlm", {"crand": "13317733", "cnum": "1", "response": captures.REQUEST_SIGNATURE, "opaque": "2BDBAC9D"}
    )
    response = request.response(200, to_tag="5E61CCD925D17E043D9A74835A88F664")
    response.add("Expires", "7200")

    assert association.verify(credentials, request)
    assert association.take(credentials)
    assert association.sign(response, "9616454F") == (
        f'NTLM rspauth="{captures.RESPONSE_SIGNATURE}", srand="9616454F", snum="1", opaque="2BDBAC9D", qop="auth", '
        f'targetname="{captures.TARGET_NAME}", realm="{captures.REALM}"'
    )


@pytest.mark.clause("MS-SIPAE §3.3.2")
def test_an_association_is_over_after_its_life_and_an_unanswered_one_after_a_minute() -> None:
    associations = server(lifetime=600.0)
    association, _ = established(associations)
    unanswered = opened(associations, "unanswered")

    assert associations.find(named("unanswered"), EPID, 59.9) is unanswered
    assert associations.find(named("unanswered"), EPID, 60.0) is None
    assert unanswered.state is State.EXPIRED
    assert associations.find(named(), EPID, 599.9) is association
    assert associations.find(named(), EPID, 600.0) is None
    assert (association.state, association.keys, len(associations)) == (State.EXPIRED, None, 0)


def test_what_has_run_out_goes_when_another_one_begins() -> None:
    associations = server(lifetime=600.0)
    association, _ = established(associations)
    opened(associations, "unanswered")

    opened(associations, "new", 600.0)

    assert len(associations) == 1
    assert association.state is State.EXPIRED


def test_unanswered_challenges_are_bounded_and_take_no_established_association_away() -> None:
    associations = server(limit=3)
    association, _ = established(associations)
    for number in range(10):
        associations.open(f"{number:08X}", b"12345678", 1.0, f"sip:u{number}@fabrikam.test", EPID)

    assert len(associations) == 4
    assert associations.find(named("00000006"), EPID, 1.0) is None
    assert associations.find(named("00000007"), EPID, 1.0) is not None
    assert associations.find(named(), EPID, 1.0) is association


def test_established_associations_are_bounded_in_all_and_the_oldest_makes_room() -> None:
    associations = server(limit=3)
    every = [established(associations, f"{number:08X}", 1.0, f"user{number}")[0] for number in range(4)]

    assert len(associations) == 3
    assert [association.state for association in every] == [State.EXPIRED] + 3 * [State.ESTABLISHED]
    assert associations.withdraw("user0") == 0


def test_those_of_one_user_are_bounded_too() -> None:
    associations = server(limit=1000)
    most = SecurityAssociations.PER_USER
    other, _ = established(associations, "other", 0.0, "bob@fabrikam.test")
    every = [established(associations, f"{number:08X}", epid=f"{number:x}")[0] for number in range(most + 2)]

    assert [association.is_established for association in every] == 2 * [False] + most * [True]
    assert other.is_established
    assert associations.withdraw(ALICE) == most
    assert len(associations) == most + 1


def test_those_of_one_endpoint_are_bounded_so_that_the_others_of_its_user_stay() -> None:
    associations = server()
    other, _ = established(associations, "other", epid=OTHER_EPID)
    most = SecurityAssociations.PER_ENDPOINT
    every = [established(associations, f"{number:08X}")[0] for number in range(most + 2)]

    assert [association.is_established for association in every] == 2 * [False] + most * [True]
    assert other.is_established


def test_unanswered_challenges_of_one_user_are_bounded_and_take_nobody_elses_away() -> None:
    associations = server(limit=1000)
    other = opened(associations, "other", aor="sip:bob@fabrikam.test")
    most = SecurityAssociations.PER_USER
    every = [opened(associations, f"{number:08X}") for number in range(most + 2)]

    assert [association.state for association in every] == 2 * [State.EXPIRED] + most * [State.CHALLENGED]
    assert other.state is State.CHALLENGED


@pytest.mark.clause("MS-SIPAE §3.3.5.2")
@pytest.mark.parametrize("epid", [OTHER_EPID, "", EPID + "0"])
def test_an_association_is_its_endpoints_and_nobody_elses(epid: str) -> None:
    associations = server()
    opened(associations, "unanswered")
    established(associations)

    assert associations.find(named(), epid, 1.0) is None
    assert associations.find(named("unanswered"), epid, 1.0) is None


def test_what_is_withdrawn_takes_nothing_of_its_client_and_signs_yet() -> None:
    associations = server(lifetime=600.0)
    first, keys = established(associations, "1")
    second, _ = established(associations, "2")
    other, _ = established(associations, "3", who="bob@fabrikam.test")
    opened(associations, "4")
    associations.use(first, REMOTE)

    assert associations.withdraw(ALICE) == 2
    assert associations.withdraw(ALICE) == 0
    assert (first.state, second.state, other.state) == (State.WITHDRAWN, State.WITHDRAWN, State.ESTABLISHED)
    assert associations.find(named("1"), EPID, 1.0) is None
    assert not first.verify(signed(keys, register()), register())
    assert associations.signing(ALICE, EPID, 599.0) is first
    assert first.sign(register(), "0A0B0C0D") != ""
    assert associations.signing(ALICE, EPID, 600.0) is None
    assert associations.clear() == 4
    assert len(associations) == 0
    assert (first.keys, other.keys) == (None, None)


def test_messages_to_an_endpoint_are_signed_in_what_it_has_used_last() -> None:
    associations = server()
    old, _ = established(associations, "1")
    new, _ = established(associations, "2")
    other, _ = established(associations, "3", epid=OTHER_EPID)

    assert associations.signing(ALICE, EPID, 1.0) is None
    associations.use(new, REMOTE)
    associations.use(old, REMOTE)
    assert associations.signing(ALICE, EPID, 1.0) is old
    associations.use(new, REMOTE)
    associations.use(other, ELSEWHERE)
    for user in (ALICE, AOR):
        assert associations.signing(user, EPID, 1.0) is new
        assert associations.signing(user, OTHER_EPID, 1.0) is other
    assert associations.signing(AOR, REMOTE, 1.0) is new
    assert associations.signing("sip:bob@fabrikam.test", REMOTE, 1.0) is None
    associations.use(new, ("192.0.2.3", 1))
    assert associations.signing(AOR, REMOTE, 1.0) is None
    assert associations.signing(AOR, ("192.0.2.3", 1), 1.0) is new
    associations.end(new)
    assert associations.signing(ALICE, EPID, 1.0) is None
    assert associations.signing(ALICE, OTHER_EPID, 1.0) is other


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["open", "establish", "use", "end", "withdraw", "wait"]), st.integers(0, 7))))
def test_whatever_happens_nothing_is_kept_of_what_is_over(steps: list[tuple[str, int]]) -> None:
    associations = server(lifetime=100.0, limit=4)
    _, keys = established(server())
    now, every = 0.0, [opened(associations, "first")]
    for number, (step, which) in enumerate(steps):
        association = every[which % len(every)]
        if step == "open":
            every.append(opened(associations, f"{number}", now, f"{which}", f"sip:{which % 2}@fabrikam.test"))
        elif step == "establish":
            associations.establish(association, f"{which % 2}@fabrikam.test", keys, now)
        elif step == "use" and association.is_established:
            associations.use(association, ("192.0.2.1", which))
        elif step == "end":
            associations.end(association)
        elif step == "withdraw":
            associations.withdraw(f"{which % 2}@fabrikam.test")
        elif step == "wait":
            now += 30.0
            associations.sweep(now)
    alive = [association for association in every if association.state is not State.EXPIRED]
    assert len(associations) == len(alive) <= 8
    assert {*associations._used.values()} <= {*alive}
    for kept in (associations._challenged, associations._established):
        assert sorted(each.opaque for own in kept._of_user.values() for each in own) == sorted(kept.every)
    associations.sweep(now + 200.0)
    assert len(associations) == len(associations._used) == len(associations._established._of_user) == 0


def test_ending_twice_does_nothing() -> None:
    associations = server()
    association, _ = established(associations)
    associations.end(association)
    associations.end(association)

    assert len(associations) == 0
    assert associations.find(named(), EPID, 0.0) is None


def test_a_second_answer_changes_nothing_of_an_established_association() -> None:
    associations = server()
    association, keys = established(associations)
    assert association.take(named(cnum="1"))
    again = association.keys
    assert again is not None

    associations.establish(association, "mallory@fabrikam.test", again, 100.0)

    assert association.private_identity == ALICE
    assert association.expires_at == 28800.0
    assert not association.take(named(cnum="1"))
    assert associations.withdraw("mallory@fabrikam.test") == 0
    assert association.verify(signed(keys, register(), "2"), register())


def test_an_association_that_is_over_cannot_be_established() -> None:
    associations = server()
    _, keys = established(associations, "other")
    association = opened(associations)
    associations.end(association)

    associations.establish(association, ALICE, keys, 0.0)

    assert association.state is State.EXPIRED
    assert len(associations) == 1


def test_a_name_that_comes_again_belongs_to_the_new_association() -> None:
    associations = server()
    old, _ = established(associations, who="bob@fabrikam.test")
    new, _ = established(associations)

    assert (old.state, new.state) == (State.EXPIRED, State.ESTABLISHED)
    assert associations.find(named(), EPID, 0.0) is new
    assert associations.withdraw("bob@fabrikam.test") == 0
    assert associations.withdraw(ALICE) == 1


def test_the_table_has_every_input_in_every_state() -> None:
    assert set(TRANSITIONS) == set(State)
    for row in TRANSITIONS.values():
        assert set(row) == set(Input)


def test_an_association_that_is_over_stays_so() -> None:
    assert set(TRANSITIONS[State.EXPIRED].values()) == {State.EXPIRED}


def test_an_association_shows_no_secret() -> None:
    association, keys = established(server())

    assert repr(association) == f"<SecurityAssociation {OPAQUE} established>"
    assert keys.exported_session_key.hex() not in repr(association)
