"""Diameter connections that others make, until their CER says who they are (RFC 6733 §5.3, §5.6)."""

from collections.abc import Callable

from scscf.diameter import answers
from scscf.diameter.check import check, example
from scscf.diameter.identity import Identity
from scscf.diameter.message import DiameterError, Message
from scscf.net.diameter.connection import DiameterConnection
from scscf.net.shell import Shell
from scscf.timers import Deadline

CAPABILITIES_WITHIN = 10.0
"""Seconds that a peer that connects has for its CER."""

Welcome = Callable[[str, DiameterConnection, Message], None]
"""Is called with Origin-Host in lower case, the connection and the CER of who may come in."""


class Strangers:
    """Who has connected and is not known yet. `full()` tells whether there is no room for another one."""

    def __init__(self, shell: Shell, identity: Identity, welcome: Welcome, full: Callable[[], bool]) -> None:
        self._shell = shell
        self._identity = identity
        self._welcome = welcome
        self._full = full
        self._waiting: dict[DiameterConnection, Deadline] = {}
        self.refused = 0
        """Connections that there was no room for."""
        self.malformed_messages = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._waiting)

    def close(self) -> None:
        """Send everybody away."""
        for connection in list(self._waiting):
            self._forget(connection)
            connection.close(at_once=True)

    def connected(self, connection: DiameterConnection) -> None:
        """Somebody has connected; their CER has to come soon (StreamUser)."""
        if self._full():
            self.refused += 1
            connection.close(at_once=True)
            return
        until = self._shell.reactor.seconds() + CAPABILITIES_WITHIN
        self._waiting[connection] = self._shell.wire.at(until, lambda _now: self._silent(connection))

    def not_connected(self, connection: DiameterConnection, detail: str) -> None:
        """Nothing: only connections of our own fail so (StreamUser)."""

    def disconnected(self, connection: DiameterConnection, detail: str) -> None:
        """Whoever connected has gone again (StreamUser)."""
        self._forget(connection)

    def malformed(self, connection: DiameterConnection, error: DiameterError) -> None:
        """What a stranger sent is no message: it is refused, and the stranger with it (StreamUser)."""
        self.malformed_messages += 1
        self._refuse(connection, answers.refusal_of(error, self._identity))

    def received(self, connection: DiameterConnection, message: Message) -> None:
        """Take a stranger's first message, which has to be a CER (StreamUser)."""
        identity = self._identity
        if message.command != "Capabilities-Exchange" or not message.is_request:
            self._refuse(connection, None)
            return
        try:
            check(message)
        except DiameterError as error:
            self.malformed(connection, error)
            return
        host = message.get("Origin-Host").lower()
        if not host:
            failed = example("Origin-Host")
            nameless = answers.refusal(message, identity, answers.INVALID_AVP_VALUE, "Origin-Host is empty", failed)
            self._refuse(connection, nameless)
        elif not answers.common_application(message, identity):
            none_in_common = answers.capabilities_answer(message, identity, answers.NO_COMMON_APPLICATION)
            self._refuse(connection, none_in_common)
        elif host == identity.host.lower():
            own_name = answers.refusal(message, identity, answers.LOOP_DETECTED, "that is my own name")
            self._refuse(connection, own_name)
        else:
            self._forget(connection)
            self._welcome(host, connection, message)

    def _refuse(self, connection: DiameterConnection, answer: Message | None) -> None:
        if answer is not None:
            connection.send(answer)
        self._forget(connection)
        connection.close()

    def _silent(self, connection: DiameterConnection) -> None:
        self._waiting.pop(connection, None)
        connection.close(at_once=True)

    def _forget(self, connection: DiameterConnection) -> None:
        deadline = self._waiting.pop(connection, None)
        if deadline is not None:
            self._shell.wire.cancel(deadline)
