from random import Random

import pytest

from hss_stub.cx_server import CxServer
from hss_stub.faults import Command, Corrupt, Fault
from hss_stub.hss import Hss
from hss_stub.milenage import Milenage, opc_of
from hss_stub.procedures import HssProcedures
from hss_stub.registration_states import RegistrationState
from hss_stub.servers import Server, Servers
from hss_stub.subscribers import subscribers_of
from scscf.cx import (
    Assignment,
    DeregistrationReason,
    LocationInfo,
    MultimediaAuth,
    RegistrationTermination,
    Result,
    ServerAssignment,
    UserAuthorization,
)
from scscf.diameter.avp import encode_avps
from scscf.diameter.cx_answers import read_answer, result_of
from scscf.diameter.cx_requests import request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import DiameterError, decode, encode
from scscf.yaml_file import parse_yaml
from tests.hss_stub.phone import sqn_of

SUBSCRIBERS = """
subscriptions:
  - private_identities: [{id: ann@home1.test, auth: {scheme: digest, password: x}}]
    implicit_sets: [[sip:ann@home1.test]]
  - private_identities:
      - {id: sim@home1.test, auth: {scheme: aka, k: &k 00000000000000000000000000000000, op: *k, sqn: "000000001000"}}
    implicit_sets: [[sip:sim@home1.test]]
"""
ANN, SIM = ("ann@home1.test", "sip:ann@home1.test"), ("sim@home1.test", "sip:sim@home1.test")
NAME = "sip:a.home1.test"
SCSCF = Identity("a.home1.test", "home1.test", ("192.0.2.1",))
HSS = Identity("hss.home1.test", "home1.test", ("192.0.2.2",))
QUESTIONS = {
    Command.UAR: UserAuthorization(*ANN),
    Command.LIR: LocationInfo(ANN[1]),
    Command.MAR: MultimediaAuth(*ANN, NAME),
    Command.SAR: Assignment(ServerAssignment.REGISTRATION, NAME, ANN[0], (ANN[1],)),
}
PHONE = Milenage(bytes(16), opc_of(bytes(16), bytes(16)))


class Wire:
    """A peer of the HSS: every message goes through octets."""

    def __init__(self):
        subscribers = subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml"))
        self.hss = Hss(HssProcedures(subscribers, Random(1).randbytes), Servers((Server(NAME),)))
        self.later, self.cut, self.answers = [], [], []
        self.server = CxServer(
            self.hss,
            self.hss.core.faults,
            HSS,
            lambda seconds, call: self.later.append((seconds, call)),
            self.cut.append,
        )

    def send(self, request, session="a;1;1"):
        message = request_message(request, session, SCSCF, "home1.test")
        self.server.serve(decode(encode(message)), lambda answer: self.answers.append(decode(encode(answer))))

    def ask(self, request):
        self.send(request)
        return read_answer(self.answers.pop())

    def fault(self, command, **fault):
        self.hss.core.faults.set(command, Fault(**fault))

    @property
    def state(self):
        return self.hss.core.registration_state(*ANN)


@pytest.fixture
def wire():
    return Wire()


@pytest.mark.clause("TS 29.229 §6.1")
def test_every_command_is_answered(wire):
    assert wire.ask(QUESTIONS[Command.UAR]).result is Result.FIRST_REGISTRATION
    assert wire.ask(QUESTIONS[Command.LIR]).result is Result.IDENTITY_NOT_REGISTERED
    assert wire.ask(QUESTIONS[Command.MAR]).items[0].digest.realm == "home1.test"
    assert wire.ask(QUESTIONS[Command.SAR]).user_data is not None
    assert wire.ask(QUESTIONS[Command.LIR]).server_name == NAME
    assert wire.ask(QUESTIONS[Command.UAR]).server_name == NAME
    assert wire.hss.serving(ANN[0]) == (NAME, SCSCF.host)


def test_what_an_hss_sends_itself_is_no_request_to_it(wire):
    with pytest.raises(DiameterError) as caught:
        wire.send(RegistrationTermination(ANN[0], DeregistrationReason.SERVER_CHANGE))

    assert caught.value.result == 3001


TWO = (ANN[1], "sip:other@home1.test")


@pytest.mark.clause("TS 29.228 §6.1.2.1", "RFC 6733 §7.5")
@pytest.mark.parametrize(
    ("kind", "impi", "impus", "result", "failed"),
    [
        (ServerAssignment.REGISTRATION, ANN[0], TWO, 5009, ("Public-Identity", TWO[1])),
        (ServerAssignment.UNREGISTERED_USER, None, TWO, 5009, ("Public-Identity", TWO[1])),
        (ServerAssignment.AUTHENTICATION_FAILURE, ANN[0], TWO, 5009, ("Public-Identity", TWO[1])),
        (ServerAssignment.REGISTRATION, ANN[0], (), 5005, ("Public-Identity", "")),
        (ServerAssignment.REGISTRATION, None, TWO[:1], 5005, ("User-Name", "")),
        (ServerAssignment.USER_DEREGISTRATION, None, (), 5005, ("User-Name", "")),
    ],
)
def test_an_assignment_of_too_many_or_too_few_is_refused_with_the_avp(wire, kind, impi, impus, result, failed):
    with pytest.raises(DiameterError) as caught:
        wire.send(Assignment(kind, NAME, impi, impus))

    assert (caught.value.result, caught.value.failed) == (result, encode_avps([failed]))
    assert (wire.answers, len(wire.hss.servers)) == ([], 0)


@pytest.mark.clause("TS 29.229 §6.2")
@pytest.mark.parametrize("command", QUESTIONS)
@pytest.mark.parametrize("result", [each for each in Result if each.kind != "none"])
def test_every_result_can_be_had_of_every_command(wire, command, result):
    wire.fault(command, result=result)

    wire.send(QUESTIONS[command])

    assert result_of(wire.answers.pop()) is result
    assert wire.state is RegistrationState.NOT_REGISTERED
    assert len(wire.hss.servers) == 0


@pytest.mark.clause("TS 23.003 §13.4")
@pytest.mark.parametrize("written", ["sip:ann@HOME1.test", "sip:ann@home1.test;user=phone", "sip:%61nn@home1.test"])
def test_an_identity_that_is_not_in_canonical_form_is_known_all_the_same(wire, written):
    assert wire.ask(UserAuthorization(ANN[0], written)).result is Result.FIRST_REGISTRATION
    assert wire.ask(MultimediaAuth(ANN[0], written, NAME)).result is Result.SUCCESS
    assert wire.ask(Assignment(ServerAssignment.REGISTRATION, NAME, ANN[0], (written,))).result is Result.SUCCESS
    assert wire.ask(LocationInfo(written)).server_name == NAME
    assert wire.state is RegistrationState.REGISTERED


@pytest.mark.parametrize("written", ["", "ann", "sip:", "sip:[::1", "tel:", "http://home1.test", "x" * 5000])
def test_an_identity_that_is_none_is_unknown(wire, written):
    assert wire.ask(UserAuthorization(ANN[0], written)).result is Result.USER_UNKNOWN
    assert wire.ask(LocationInfo(written)).result is Result.USER_UNKNOWN
    assert wire.ask(MultimediaAuth(ANN[0], written, NAME)).result is Result.USER_UNKNOWN
    registration = Assignment(ServerAssignment.REGISTRATION, NAME, ANN[0], (written,))
    assert wire.ask(registration).result is Result.USER_UNKNOWN


UNREGISTERED = Assignment(ServerAssignment.UNREGISTERED_USER, NAME, None, (ANN[1],))


@pytest.mark.parametrize(
    ("command", "request_"), [*QUESTIONS.items(), (Command.SAR, UNREGISTERED)], ids=lambda each: type(each).__name__
)
def test_a_fault_may_be_of_one_user_even_where_the_request_names_none(wire, command, request_):
    wire.fault(command, result=Result.TOO_BUSY, impi=SIM[0])
    assert wire.ask(request_).result is not Result.TOO_BUSY

    wire.fault(command, result=Result.TOO_BUSY, impi=ANN[0], after=1, times=1)
    assert [wire.ask(request_).result is Result.TOO_BUSY for _ in range(3)] == [False, True, False]


@pytest.mark.parametrize("how", ["silent", "disconnect"])
@pytest.mark.parametrize("executed", [True, False])
def test_a_lost_answer_is_of_a_command_that_was_done_or_not(wire, how, executed):
    wire.fault(Command.SAR, **{how: True}, executed=executed)

    wire.send(QUESTIONS[Command.SAR])

    assert wire.answers == []
    assert wire.cut == ([SCSCF.host] if how == "disconnect" else [])
    assert (wire.state is RegistrationState.REGISTERED) is executed


def test_a_late_answer_is_of_a_command_that_was_done_at_once(wire):
    wire.fault(Command.SAR, delay=3.0)

    wire.send(QUESTIONS[Command.SAR])

    assert (wire.answers, wire.state) == ([], RegistrationState.REGISTERED)
    ((seconds, call),) = wire.later
    call()
    assert seconds == 3.0
    assert read_answer(wire.answers.pop()).result is Result.SUCCESS


@pytest.mark.parametrize("command", QUESTIONS)
def test_an_answer_may_be_unreadable(wire, command):
    wire.fault(command, corrupt=Corrupt.GARBAGE)

    assert wire.ask(QUESTIONS[command]).result is Result.GARBAGE


@pytest.mark.clause("TS 33.102 §6.3")
def test_vectors_may_be_wrong(wire):
    asked = MultimediaAuth(*SIM, NAME)
    wire.fault(Command.MAR, corrupt=Corrupt.MAC, times=1)
    with pytest.raises(AssertionError):
        sqn_of(wire.ask(asked).items[0].aka, PHONE)
    good = sqn_of(wire.ask(asked).items[0].aka, PHONE)

    wire.fault(Command.MAR, corrupt=Corrupt.SQN, times=1)
    assert sqn_of(wire.ask(asked).items[0].aka, PHONE) == 0
    wire.fault(Command.MAR, sqn=-0x800, times=1)
    assert sqn_of(wire.ask(asked).items[0].aka, PHONE) < good
    wire.fault(Command.MAR, sqn=0x100000, times=1)
    assert sqn_of(wire.ask(asked).items[0].aka, PHONE) > good + 0xF0000
