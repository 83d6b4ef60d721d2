"""Requests that lack an AVP, or have one too often."""

from typing import Any

import pytest

from scscf.diameter.answers import refusal_of
from scscf.diameter.check import ONCE, ONE_IDENTITY, check
from scscf.diameter.dictionary import AVPS, COMMANDS, MEMBERS
from scscf.diameter.message import DiameterError, Message, decode, encode
from tests.diameter.golden import HSS, REQUESTS, octets

GOLDEN = {decode(octets(name)).command: name for name in [*REQUESTS, "cer", "dwr", "dpr"]}


def refused(message: Message) -> DiameterError:
    with pytest.raises(DiameterError) as caught:
        check(message)
    return caught.value


def failed_avp(error: DiameterError) -> Any:
    """Return what Failed-AVP holds, as the peer reads it."""
    answer = refusal_of(error, HSS)
    assert answer is not None
    return decode(encode(answer)).get("Failed-AVP")


def test_every_command_has_a_golden_request_that_is_whole() -> None:
    assert set(GOLDEN) == set(COMMANDS)
    for name in GOLDEN.values():
        check(decode(octets(name)))


@pytest.mark.clause("RFC 6733 §7.1.5", "RFC 6733 §7.5")
@pytest.mark.parametrize(
    ("command", "missing"), [(each.name, avp) for each in COMMANDS.values() for avp in each.request]
)
def test_each_avp_that_a_command_needs_is_missed(command: str, missing: str) -> None:
    message = decode(octets(GOLDEN[command]))
    message.avps = [each for each in message.avps if each[0] != missing]

    error = refused(message)

    assert error.result == 5005
    assert [name for name, _ in failed_avp(error)] == [missing]


@pytest.mark.parametrize(
    ("name", "value", "failed"),
    [
        ("Deregistration-Reason", [], [("Deregistration-Reason", [("Reason-Code", 0)])]),
        (
            "SIP-Auth-Data-Item",
            [("SIP-Digest-Authenticate", [("Digest-Realm", "r"), ("Digest-HA1", "0")])],
            [("SIP-Auth-Data-Item", [("SIP-Digest-Authenticate", [("Digest-QoP", "")])])],
        ),
    ],
)
@pytest.mark.clause("RFC 6733 §7.5")
def test_what_a_group_lacks_is_shown_in_its_group(name: str, value: Any, failed: Any) -> None:
    message = decode(octets("rtr"))
    message.avps = [each for each in message.avps if each[0] != name] + [(name, value)]

    error = refused(message)

    assert error.result == 5005
    assert failed_avp(error) == failed


@pytest.mark.clause("RFC 6733 §7.1.5")
@pytest.mark.parametrize("command", COMMANDS)
def test_what_may_be_there_once_is_refused_twice(command: str) -> None:
    for name, value in decode(octets(GOLDEN[command])).avps:
        if name not in ONCE and not (name == "Public-Identity" and command in ONE_IDENTITY):
            continue
        message = decode(octets(GOLDEN[command]))
        message.avps.append((name, value))
        error = refused(message)
        assert error.result == 5009
        assert failed_avp(error) == [(name, value)]


@pytest.mark.parametrize("name", ["sar", "rtr"])
def test_some_commands_name_several_identities(name: str) -> None:
    message = decode(octets(name))
    message.avps.append(("Public-Identity", "sip:more@home1.test"))

    check(message)


def test_what_is_not_known_and_not_mandatory_may_be_there_as_often_as_it_likes() -> None:
    message = decode(octets("rtr"))
    message.avps += [("99:1", b"x")] * 3

    check(message)


def test_the_tables_name_what_is_in_the_dictionary() -> None:
    named = {*ONCE, *MEMBERS, *(each for members in MEMBERS.values() for each in members)}
    named |= {each for command in COMMANDS.values() for each in (*command.request, *command.answer)}

    assert named <= set(AVPS)
