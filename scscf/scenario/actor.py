"""One actor of a scenario while it runs: a simulated UE with what reached it and no step has looked at yet."""

from collections.abc import Mapping
from typing import NamedTuple

from scscf.errors import SipError
from scscf.scenario.inbox import Inbox
from scscf.scenario.keys import ActorKeys
from scscf.sip.message import Request
from scscf.sip.parser import Unparseable, parse_message
from scscf.ue.authorization import Authorizer, Password, Secret
from scscf.ue.autonomous import AutonomousUe
from scscf.ue.autonomous_behaviour import Behaviour
from scscf.ue.identity import Identity
from scscf.ue.ue import Ue, uri_of
from scscf.ue.user_agent import UserAgent
from scscf.ue.usim import Usim
from scscf.ue.watch import Notified, Watch


class Told(NamedTuple):
    """A NOTIFY and the subscription that it is of."""

    watch: Watch
    notified: Notified


class Actor:
    """A simulated UE, watcher or application server under the name that the file gives it."""

    def __init__(self, name: str, keys: ActorKeys, agent: UserAgent, identity: Identity, cnonce: str) -> None:
        self.name = name
        self.keys = keys
        self.agent = agent
        authorizer = Authorizer(identity.private_identity, identity.domain, secret_of(keys), cnonce)
        self.ue = Ue(agent, identity, authorizer, named=keys.named)
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

    def variables(self) -> Mapping[str, str]:
        """Return what `${NAME.…}` is of this actor."""
        host, port = self.agent.address
        contact = uri_of(self.ue.contact)
        return {
            "aor": self.ue.identity.aor,
            "impi": self.ue.identity.private_identity,
            "contact": contact,
            "host": host,
            "port": str(port),
            "address": f"{host}:{port}",
            "call_id": self.ue.call_id,
            "instance": self.keys.instance or "",
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


def secret_of(keys: ActorKeys) -> Secret | None:
    """Return what an actor answers challenges with; None: with nothing."""
    if keys.auth == "none":
        return None
    if keys.auth == "aka" and keys.k is not None and keys.opc is not None:
        return Usim(bytes.fromhex(keys.k), bytes.fromhex(keys.opc), int(keys.sqn, 16))
    return Password(keys.known_password or keys.password)
