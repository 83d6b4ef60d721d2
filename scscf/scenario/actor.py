"""One actor of a scenario while it runs: a simulated UE with what reached it and no step has looked at yet."""

from collections.abc import Mapping
from typing import NamedTuple

from scscf.errors import SipError
from scscf.scenario.endpoint_actor import endpoint_of
from scscf.scenario.inbox import Inbox
from scscf.scenario.keys import ActorKeys
from scscf.scenario.secret import secret_of
from scscf.sip.message import Message, Request, Response
from scscf.sip.parser import Unparseable, parse_message
from scscf.ue.authorization import Authorizer
from scscf.ue.autonomous.behaviour import Behaviour
from scscf.ue.autonomous.ue import AutonomousUe
from scscf.ue.endpoint import Noticed
from scscf.ue.identity import Identity
from scscf.ue.ue import Ue, uri_of
from scscf.ue.user_agent import UserAgent
from scscf.ue.watch import Notified, Watch


class Told(NamedTuple):
    """A NOTIFY and the subscription that it is of; what it told an endpoint of itself is of none."""

    watch: Watch | None
    notified: Notified
    noticed: Noticed | None = None


class Actor:
    """A simulated UE, watcher or application server under the name that the file gives it."""

    def __init__(self, name: str, keys: ActorKeys, agent: UserAgent, identity: Identity, cnonce: str) -> None:
        self.name = name
        self.keys = keys
        self.agent = agent
        self.endpoint = endpoint_of(keys, agent, identity, cnonce) if keys.kind == "endpoint" else None
        """What it is where it is one of Microsoft's endpoints."""
        if self.endpoint is not None:
            self.ue: Ue = self.endpoint
            self.endpoint.on_noticed.append(self._noticed)
        else:
            authorizer = Authorizer(identity.private_identity, identity.domain, secret_of(keys), cnonce)
            self.ue = Ue(agent, identity, authorizer, named=keys.named)
            self.ue.contact = contact_of(keys, identity, *agent.address)
        self.ue.security_client = keys.security_client
        self.notified: Inbox[Told] = Inbox()
        self.received: Inbox[Request] = Inbox()
        self.watches: dict[str, Watch] = {}
        """Subscriptions by the names that steps gave them."""
        self.documents: list[Told] = []
        self.autonomous: AutonomousUe | None = None
        """What acts of its own accord, where it does."""
        if keys.external or keys.autonomous:
            behaviour = Behaviour(keys.expires, keys.subscribe, misbehave=frozenset(keys.misbehave))
            self.autonomous = AutonomousUe(self.ue, behaviour)
        self.pub_gruu: str | None = None
        self.temp_gruu: str | None = None
        self.ue.on_notified.append(self._notified)
        self.ue.on_received.append(self.received.put)
        agent.traces.append(self._look_for_gruus)

    def _notified(self, watch: Watch, notified: Notified) -> None:
        told = Told(watch, notified)
        self.documents.append(told)
        self.notified.put(told)

    def _noticed(self, noticed: Noticed) -> None:
        self.notified.put(Told(None, noticed.notified, noticed))

    @property
    def contact(self) -> str:
        """URI of its contact, as the registrar knows it where that is known to be another one."""
        bound = self.endpoint.bound_uri if self.endpoint is not None else None
        return bound or uri_of(self.ue.contact)

    @property
    def expires(self) -> int | None:
        """Expires of its REGISTERs, seconds; None: they say nothing of it."""
        keys = self.keys
        return keys.expires if self.endpoint is None or "expires" in keys.model_fields_set else None

    def proves(self, message: Message) -> bool:
        """Tell whether a message is signed within the security association that it has, and rightly."""
        return self.endpoint is not None and isinstance(message, Request | Response) and self.endpoint.proves(message)

    def variables(self) -> Mapping[str, str]:
        """Return what `${NAME.…}` is of this actor."""
        host, port = self.agent.address
        endpoint = self.endpoint
        return {
            "aor": self.ue.identity.aor,
            "impi": self.ue.identity.private_identity,
            "contact": self.contact,
            "host": host,
            "port": str(port),
            "address": f"{host}:{port}",
            "call_id": self.ue.call_id,
            "instance": endpoint.instance if endpoint is not None else self.keys.instance or "",
            "epid": endpoint.epid if endpoint is not None else "",
            "gruu": (endpoint.gruu if endpoint is not None else None) or "",
            "tag": self.ue.tag,
            "pub_gruu": self.pub_gruu or "",
            "temp_gruu": self.temp_gruu or "",
        }

    def _look_for_gruus(self, direction: str, flow: object, data: bytes) -> None:
        if direction != "in" or b"-gruu=" not in data or not data.startswith(b"SIP/2.0 200"):
            return
        try:
            contacts = parse_message(data).contacts
        except (SipError, Unparseable):
            return
        own = uri_of(self.ue.contact)
        for contact in contacts:
            if contact.uri.text == own:
                self.pub_gruu = contact.parameter("pub-gruu") or self.pub_gruu
                self.temp_gruu = contact.parameter("temp-gruu") or self.temp_gruu


def contact_of(keys: ActorKeys, identity: Identity, host: str, port: int) -> str:
    """Return the Contact value of an actor that is reached at an address."""
    if keys.contact is not None:
        value = keys.contact if "<" in keys.contact else f"<{keys.contact}>"
    else:
        user = identity.aor.partition(":")[2].partition("@")[0]
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        transport = "" if keys.transport == "udp" else f";transport={keys.transport}"
        value = f"<sip:{user}@{place}{transport}>"
    if keys.instance is not None:
        value += f';+sip.instance="<{keys.instance}>"'
    if keys.reg_id is not None:
        value += f";reg-id={keys.reg_id}"
    return value + keys.contact_params
