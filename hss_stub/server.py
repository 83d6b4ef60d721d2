"""The composition root of the HSS stub as a process of its own: one HSS behind Diameter."""

import logging
import os
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from twisted.internet.defer import Deferred

from hss_stub.control_shapes import PushView
from hss_stub.control_views import push_view
from hss_stub.cx_server import CxServer
from hss_stub.faults import Command, Corrupt
from hss_stub.hss import Hss
from hss_stub.procedures import HssProcedures
from hss_stub.pushes import CREDENTIALS, PROFILE, NobodyError, Push, profile_changes, terminated, terminations
from hss_stub.servers import Server, Servers
from hss_stub.store import Store
from hss_stub.subscribers import Subscribers
from scscf.config.listen import Listen, hostport
from scscf.cx import (
    DeregistrationReason,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Result,
)
from scscf.diameter.cx_answers import CxAnswer, read_answer
from scscf.diameter.cx_requests import CxRequest, request_message
from scscf.diameter.identity import Identity
from scscf.net.diameter import DiameterNode, Remote, Unanswered, Unreachable
from scscf.net.network import Network
from scscf.net.resolver import Dns
from scscf.net.shell import Shell, Timekeeper
from scscf.promise import Promise

log = logging.getLogger("hss")

AT_A_TIME = 100
"""RTRs and PPRs that wait for their answers at once."""


class HssStub:
    """An HSS on a given reactor (or heap clock), network and source of randomness."""

    def __init__(
        self,
        identity: Identity,
        subscribers: Subscribers,
        servers: Sequence[Server],
        listen: Sequence[Listen],
        reactor: Timekeeper,
        network: Network,
        *,
        random_bytes: Callable[[int], bytes] = os.urandom,
        remotes: Sequence[Remote] = (),
        hosts: Mapping[str, str] | None = None,
        dns: Dns | None = None,
        epoch: float = 0.0,
        store: Store | None = None,
    ) -> None:
        self.shell = Shell(reactor, epoch)
        self.identity = identity
        self._listen = listen
        self.hss = Hss(HssProcedures(subscribers, random_bytes, store), Servers(tuple(servers), store))
        self.hss.moved = lambda push: self.shell.perform(self._tell(push))
        self.server = CxServer(self.hss, self.hss.core.faults, identity, self._later, self._disconnect)
        self.server.clock = reactor.seconds
        lot = random.Random(random_bytes(8))  # noqa: S311  # jitter is no secret
        self.diameter = DiameterNode(
            self.shell,
            network,
            identity,
            remotes,
            listen,
            self.server.serve,
            lot.random,
            hosts=hosts,
            dns=dns,
        )
        self._session = int.from_bytes(random_bytes(4))
        self._sessions = 0

    def start(self) -> None:
        """Listen. Raises InputError where a listener cannot be had."""
        self.diameter.start()

    def stop(self) -> "Deferred[None]":
        """Take leave of every peer."""
        return self.diameter.stop()

    @property
    def listeners(self) -> list[str]:
        """The URIs at which it listens, with their bound ports."""
        up = zip(self._listen, self.diameter.listeners, strict=False)
        return [f"diameter{'s' if listen.transport == 'tls' else ''}://{hostport(*each.local)}" for listen, each in up]

    async def replace(self, subscribers: Subscribers) -> list[PushView]:
        """Take other subscribers: who is gone is de-registered, who has changed is told anew (RTR, PPR)."""
        core = self.hss.core
        pushes: list[Push] = []
        removals = core.subscribers.removed_in(subscribers, core.served())
        gone = [core.subscribers.profile_of(each.private_identity) for each in removals if not each.public_identities]
        for removal in removals:
            try:
                pushes += terminations(
                    core,
                    self.hss.serving,
                    removal.private_identity,
                    removal.public_identities,
                    (),
                    DeregistrationReason.PERMANENT_TERMINATION,
                )
            except NobodyError:
                continue
        changed, rekeyed = core.changed_in(subscribers), core.rekeyed_in(subscribers)
        named = {each: core.subscribers.profile_of(each) for each in changed}
        core.replace(subscribers)
        self.hss.renamed({each: profile.subscription for each, profile in named.items() if profile is not None})
        self.hss.dropped(profile for profile in gone if profile is not None)
        for private_identity in dict.fromkeys((*changed, *rekeyed)):
            what = [*PROFILE] if private_identity in changed else []
            what += [CREDENTIALS] if private_identity in rekeyed else []
            with suppress(NobodyError):
                pushes += profile_changes(core, self.hss.serving, private_identity, what)
        return await self._tell_all(pushes)

    async def terminate(
        self,
        impi: str | None,
        impus: tuple[str, ...],
        associated: tuple[str, ...],
        reason: DeregistrationReason,
        info: str,
        wait: float | None,
    ) -> list[PushView]:
        """Send the RTRs of a command. Raises NobodyError."""
        pushes = terminations(self.hss.core, self.hss.serving, impi, impus, associated, reason, info)
        return await self._tell_all(pushes, wait)

    async def push_profile(self, impi: str, what: tuple[str, ...]) -> list[PushView]:
        """Send what the HSS has of a user now. Raises NobodyError."""
        return await self._tell_all(profile_changes(self.hss.core, self.hss.serving, impi, what))

    async def _tell_all(self, pushes: Sequence[Push], wait: float | None = None) -> list[PushView]:
        """Send so many at a time: an S-CSCF that is slow to answer one does not hold up the next."""
        views: list[PushView] = []
        for start in range(0, len(pushes), AT_A_TIME):
            told = [self.shell.perform(self._tell(push, wait)) for push in pushes[start : start + AT_A_TIME]]
            views += [await promise for promise in told]
        return views

    async def _tell(self, push: Push, wait: float | None = None) -> PushView:
        """Send an RTR or PPR, as a fault of its command has it, and keep what the answer means."""
        request = push.request
        command = Command.PPR if isinstance(request, PushProfile) else Command.RTR
        fault = self.hss.core.faults.next(command, request.private_identity)
        if fault is not None and fault.delay:
            over: Promise[None] = Promise()
            self._later(fault.delay, lambda: over.keep(None))
            await over
        if fault is not None and (fault.silent or fault.disconnect):
            if fault.disconnect and push.host is not None:
                self._disconnect(push.host)
            return push_view(push, Result.TIMEOUT)
        if fault is not None and fault.corrupt is Corrupt.GARBAGE and isinstance(request, PushProfile):
            request = request._replace(user_data=b"<IMSSubscription>")
        began = self.shell.reactor.seconds()
        answer = await self.ask(request, push.host, wait)
        result = answer if isinstance(answer, Result) else answer.result
        self.server.times[command.value].add(result, self.shell.reactor.seconds() - began)
        if isinstance(request, RegistrationTermination) and isinstance(answer, RegistrationTerminationAnswer):
            terminated(self.hss.core, request, answer.result)
            self.hss.released((request.private_identity, *request.associated))
            return push_view(push, answer)
        return push_view(push, answer if isinstance(answer, Result) else Result.GARBAGE)

    async def ask(self, request: CxRequest, host: str | None, wait: float | None = None) -> CxAnswer:
        """Send a request to an S-CSCF and return its answer; TIMEOUT or DISCONNECTED where there is none."""
        self._sessions += 1
        session = f"{self.identity.host};{self._session};{self._sessions}"
        realm = self.diameter.realm_of(host) or self.identity.realm
        message = request_message(request, session, self.identity, realm, host)
        failed: Callable[[Result], CxAnswer] = (
            RegistrationTerminationAnswer if isinstance(request, RegistrationTermination) else _as_it_is
        )
        try:
            return read_answer(await self.diameter.ask(message, wait))
        except Unreachable:
            return failed(Result.DISCONNECTED)
        except Unanswered:
            return failed(Result.TIMEOUT)

    def _later(self, seconds: float, call: Callable[[], object]) -> object:
        def due(_now: float) -> None:
            call()

        return self.shell.wire.at(self.shell.reactor.seconds() + seconds, due)

    def _disconnect(self, host: str) -> object:
        return self._later(0.0, lambda: self.diameter.disconnect(host.lower()))


def _as_it_is(result: Result) -> Result:
    return result
