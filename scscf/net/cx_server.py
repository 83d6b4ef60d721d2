"""Cx over Diameter: what the HSS says unasked, RTR and PPR (TS 29.228 §6.1.3, §6.2)."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from scscf.cx import HssListener, PushProfile, RegistrationTermination, Result
from scscf.diameter.cx_answers import CxAnswer, answer_message
from scscf.diameter.cx_requests import read_request
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message

log = logging.getLogger("scscf")


class CxServer:
    """The HSS's requests to this S-CSCF: each is answered, at once (TS 29.228 §6.1.3, §6.2)."""

    def __init__(
        self,
        identity: Identity,
        perform: Callable[[Coroutine[Any, Any, None], Callable[[Exception], None]], object],
    ) -> None:
        self.listener: HssListener | None = None
        """Who does what the HSS says; while there is nobody it is refused with UNABLE_TO_COMPLY."""
        self._identity = identity
        self._perform = perform

    def serve(self, message: Message, answer: Callable[[Message], None]) -> None:
        """Have a request done and answered. Raises DiameterError for one that cannot be read."""
        request = read_request(message)

        async def do() -> None:
            said: CxAnswer
            listener = self.listener
            if listener is None:
                said = Result.UNABLE_TO_COMPLY
            elif isinstance(request, RegistrationTermination):
                said = await listener.registration_termination(request)
            elif isinstance(request, PushProfile):
                said = await listener.push_profile(request)
            else:
                said = Result.COMMAND_UNSUPPORTED
            answer(answer_message(message, said, self._identity))

        def failed(error: Exception) -> None:
            log.error("%s of the HSS was not done: %r", message.command, error)
            answer(answer_message(message, Result.UNABLE_TO_COMPLY, self._identity))

        self._perform(do(), failed)
