"""Cx over Diameter: what the HSS says unasked is done and answered."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from scscf.cx import (
    DeregistrationReason,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Result,
)
from scscf.diameter.cx_answers import read_answer, result_of
from scscf.diameter.cx_requests import CxRequest, request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, decode, encode
from scscf.net.cx_server import CxServer

US, HSS = Identity("scscf.home1.test", "home1.test"), Identity("hss.home1.test", "home1.test")
PHONE = "phone@home1.test"


class Listener:
    """Knows phone@home1.test, and stumbles over pager@home1.test."""

    async def registration_termination(self, request: RegistrationTermination) -> RegistrationTerminationAnswer:
        """Answer an RTR."""
        if request.private_identity == "pager@home1.test":
            raise RuntimeError("stumbled")
        return RegistrationTerminationAnswer(Result.SUCCESS, ("pad@home1.test",))

    async def push_profile(self, request: PushProfile) -> Result:
        """Answer a PPR."""
        return Result.NOT_SUPPORTED_USER_DATA


def served(request: CxRequest, listener: Listener | None) -> Message:
    def perform(coroutine: Coroutine[Any, Any, None], failed: Callable[[Exception], None]) -> None:
        try:
            coroutine.send(None)
        except StopIteration:
            return
        except RuntimeError as error:
            failed(error)

    server = CxServer(US, perform)
    server.listener = listener
    said: list[Message] = []
    server.serve(decode(encode(request_message(request, "hss.home1.test;1;1", HSS, "home1.test"))), said.append)
    (answer,) = said
    return decode(encode(answer))


@pytest.mark.clause("TS 29.228 §6.1.3", "TS 29.228 §6.2.2")
def test_what_the_hss_says_unasked_is_done_and_answered() -> None:
    termination = RegistrationTermination(PHONE, DeregistrationReason.SERVER_CHANGE)

    assert read_answer(served(termination, Listener())) == RegistrationTerminationAnswer(
        Result.SUCCESS, ("pad@home1.test",)
    )
    assert result_of(served(PushProfile(PHONE), Listener())) is Result.NOT_SUPPORTED_USER_DATA


@pytest.mark.clause("RFC 6733 §7.1.5")
@pytest.mark.parametrize(
    ("private_identity", "listener"), [("pager@home1.test", Listener()), (PHONE, None)], ids=["a bug", "nobody yet"]
)
def test_what_cannot_be_done_is_answered_all_the_same(private_identity: str, listener: Listener | None) -> None:
    termination = RegistrationTermination(private_identity, DeregistrationReason.SERVER_CHANGE)

    assert result_of(served(termination, listener)) is Result.UNABLE_TO_COMPLY
