from random import Random

import pytest

from hss_stub.embedded import EmbeddedHss
from hss_stub.embedded_commands import EmbeddedCommands
from hss_stub.faults import Command, Corrupt, Fault
from hss_stub.pushes import NobodyError
from hss_stub.registration_states import RegistrationState
from hss_stub.subscribers import subscribers_of
from scscf.cx import DeregistrationReason, RegistrationTerminationAnswer, Result, ServerAssignment
from scscf.yaml_file import parse_yaml

SUBSCRIBERS = """
subscriptions:
  - private_identities: [{id: ann@home1.test, auth: {scheme: digest, password: x}}]
    implicit_sets: [[sip:ann@home1.test]]
"""
ANN = ("ann@home1.test", "sip:ann@home1.test")
REGISTERED, AWAY = RegistrationState.REGISTERED, RegistrationState.NOT_REGISTERED


class Listener:
    """An S-CSCF that does whatever it is told."""

    def __init__(self):
        self.heard = []

    async def registration_termination(self, request):
        self.heard.append(request)
        return RegistrationTerminationAnswer(Result.SUCCESS)

    async def push_profile(self, request):
        self.heard.append(request)
        return Result.SUCCESS


@pytest.fixture
def hss():
    made = EmbeddedHss(subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml")), Random(1).randbytes)
    made.waited = []

    async def wait(seconds):
        made.waited.append(seconds)

    made.wait = wait
    return made


@pytest.fixture
def commands(hss):
    made = EmbeddedCommands(hss, Listener(), lambda: "sip:a.home1.test", hss.replace)
    made.heard = made._listener.heard
    return made


def run(coroutine):
    with pytest.raises(StopIteration) as caught:
        coroutine.send(None)
    return caught.value.value


def ask(hss, command):
    if command is Command.MAR:
        return run(hss.multimedia_auth(*ANN, "home1.test")).result
    if command is Command.SAR:
        return run(hss.server_assignment(*ANN, ServerAssignment.REGISTRATION)).result
    return run(hss.user_authorization(*ANN, None, False))


@pytest.mark.clause("TS 29.228 §8")
@pytest.mark.parametrize("command", [Command.MAR, Command.SAR, Command.UAR])
@pytest.mark.parametrize(
    ("fault", "result", "waited", "done"),
    [
        (Fault(Result.TOO_BUSY), Result.TOO_BUSY, [], False),
        (Fault(Result.TOO_BUSY, delay=1.0), Result.TOO_BUSY, [1.0], False),
        (Fault(delay=2.0), Result.SUCCESS, [2.0], True),
        (Fault(delay=9.0), Result.TIMEOUT, [5.0], True),
        (Fault(silent=True), Result.TIMEOUT, [5.0], True),
        (Fault(silent=True, executed=False), Result.TIMEOUT, [5.0], False),
        (Fault(disconnect=True), Result.TIMEOUT, [], True),
        (Fault(disconnect=True, executed=False), Result.TIMEOUT, [], False),
        (Fault(corrupt=Corrupt.GARBAGE), Result.GARBAGE, [], True),
    ],
)
def test_what_an_s_cscf_hears_of_a_faulty_command(hss, command, fault, result, waited, done):
    hss.faults.set(command, fault._replace(times=1))

    assert ask(hss, command) is result
    assert hss.waited == waited
    if command is Command.SAR:
        assert hss.registration_state(*ANN) is (REGISTERED if done else AWAY)
    assert ask(hss, command) is Result.SUCCESS


def test_a_fault_of_another_user_is_none(hss):
    hss.faults.set(Command.MAR, Fault(Result.TOO_BUSY, impi="other@home1.test"))

    assert ask(hss, Command.MAR) is Result.SUCCESS


def test_a_termination_reaches_the_s_cscf_and_leaves_nobody(hss, commands):
    ask(hss, Command.SAR)

    (view,) = run(commands.terminate(ANN[0], (), (), DeregistrationReason.SERVER_CHANGE, "", None))

    assert (view["command"], view["result"], view["server"]) == ("RTR", "SUCCESS", "sip:a.home1.test")
    assert [each.private_identity for each in commands.heard] == [ANN[0]]
    assert hss.registration_state(*ANN) is AWAY
    with pytest.raises(NobodyError):
        run(commands.terminate(ANN[0], (), (), DeregistrationReason.SERVER_CHANGE, "", None))


@pytest.mark.parametrize(
    ("fault", "waited", "reaches"),
    [(Fault(delay=3.0), [3.0], True), (Fault(silent=True), [], False), (Fault(disconnect=True), [], False)],
)
def test_what_the_stub_sends_may_come_late_or_never(hss, commands, fault, waited, reaches):
    ask(hss, Command.SAR)
    hss.faults.set(Command.RTR, fault)
    hss.faults.set(Command.PPR, fault)

    (pushed,) = run(commands.push(ANN[0], ("charging",)))
    (ended,) = run(commands.terminate(ANN[0], (), (), DeregistrationReason.SERVER_CHANGE, "", None))

    assert hss.waited == waited * 2
    assert (pushed["result"], ended["result"]) == (("SUCCESS",) * 2 if reaches else ("TIMEOUT",) * 2)
    assert len(commands.heard) == (2 if reaches else 0)
    assert hss.registration_state(*ANN) is (AWAY if reaches else REGISTERED)
