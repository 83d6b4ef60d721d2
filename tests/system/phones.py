"""Phones and application servers: simulated UEs that are called, and what a proxy has done to what they get."""

from collections.abc import Callable, Mapping
from typing import Any

from scscf.cx import AssignmentAnswer, Cx, ServerAssignment
from scscf.profile.filter_criteria import (
    ApplicationServer,
    DefaultHandling,
    FilterCriterion,
    ServiceProfile,
    SessionCase,
    Trial,
)
from scscf.profile.service_profile import UserProfile
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from scscf.sip.routing import next_hop_of
from tests.world import Client, World

ORIG = "<sip:orig@127.0.0.1:5060;lr>"

SUBSCRIBERS = """
subscriptions:
  - name: alice
    private_identities: [{id: alice@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:alice@home1.test", "tel:+15550001", "sip:alias@home1.test"]]
  - name: bob
    private_identities:
      - {id: bob@home1.test, auth: {scheme: none}}
      - {id: desk@home1.test, auth: {scheme: none}}
    implicit_sets:
      - - sip:bob@home1.test
        - tel:+15550002
        - {id: "sip:hidden@home1.test", barred: true}
        - {id: "sip:room!.*!@home1.test", wildcarded: true}
  - name: dora
    private_identities: [{id: dora@home1.test, auth: {scheme: digest, password: secret}}]
    implicit_sets: [["sip:dora@home1.test"]]
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
"""


class Phone(Client):
    """A UE over UDP that keeps every request that it gets and answers as it is told."""

    def __init__(self, world: World, host: str, user: str, port: int = 5070, **more: Any) -> None:
        super().__init__(world, host, port, user, username=more.pop("username", f"{user}@home1.test"), **more)
        self.got: list[Request] = []
        self.sources: list[tuple[str, int]] = []
        self.answers: tuple[int, ...] = (200,)
        """Statuses that a request gets, one after the other; none for silence."""
        self.headers: list[tuple[str, str]] = []
        """Added to each answer."""
        self.on_request: Callable[[Request], None] | None = None
        """Called in place of answering, where it is set."""

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        message = parse_message(data)
        if isinstance(message, Response):
            self.responses.append(message)
            return
        self.got.append(message)
        self.sources.append(source)
        if self.on_request is not None:
            self.on_request(message)
        elif message.method == "CANCEL":
            self.reply(message, 200)
        elif message.method != "ACK":
            for status in self.answers:
                self.reply(message, status)

    @property
    def methods(self) -> list[str]:
        """The methods of what came, in order."""
        return [request.method for request in self.got]

    def reply(self, request: Request, status: int, *headers: tuple[str, str]) -> None:
        """Answer a request that came, with a Contact and the Record-Route where the answer makes a dialog."""
        response = request.response(status, to_tag=f"t{self.host}" if status > 100 else None)
        if request.method in ("INVITE", "SUBSCRIBE") and status < 300:
            response.headers += [("Record-Route", value) for value in request.get_all("record-route")]
            response.headers.append(("Contact", f"<{self.uri}>"))
        response.headers += [*self.headers, *headers]
        self.socket.send(response.to_bytes(), self.sources[-1])

    def start(
        self, method: str, uri: str, headers: Mapping[str, str | list[str] | None] | None = None, body: bytes = b""
    ) -> None:
        """Send a request to `uri` and go on at once."""
        self.send(method, uri, {"To": f"<{uri}>", "Contact": f"<{self.uri}>"} | dict(headers or {}), body, seconds=0.0)

    def ask(
        self, method: str, uri: str, headers: Mapping[str, str | list[str] | None] | None = None, body: bytes = b""
    ) -> Response:
        """Send a request to `uri` and return the final answer."""
        fields = {"To": f"<{uri}>", "Contact": f"<{self.uri}>"} | dict(headers or {})
        response = self.send(method, uri, fields, body)
        assert response is not None
        return response

    def status(self, method: str, uri: str, **headers: str) -> int:
        """Send a request to `uri` in a call of its own and return the status of its final answer."""
        self.call_id = f"{self.host}-{self.cseq}"
        return self.ask(method, uri, {name.replace("_", "-"): value for name, value in headers.items()}).status

    def statuses(self) -> list[int]:
        """Return the statuses of everything that came back, in order."""
        return [response.status for response in self.responses]

    def proxies(self, request: Request, strip: int = 1) -> Request:
        """Return a request as an application server sends it on: its own Route value gone, its Via on top."""
        forwarded = Request(request.method, request.uri_text, list(request.headers), request.body)
        rest = forwarded.values("route")[strip:]
        forwarded.remove("route")
        for value in rest:
            forwarded.add("Route", value)
        self._branch += 1
        via = f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bKas{self.port}{self._branch};rport"
        forwarded.insert_first("Via", via)
        return forwarded

    def send_on(self, request: Request) -> None:
        """Send a request of `proxies` to where its Route leads."""
        hop = next_hop_of(request)
        self.socket.send(request.to_bytes(), (hop.host, hop.port or 5060))

    def send_back(self, response: Response) -> None:
        """Send a response of what was sent on back to where the request came from."""
        headers = list(response.headers)
        del headers[next(index for index, (name, _) in enumerate(headers) if name == "Via")]
        upstream = Response(response.status, response.reason, headers, response.body)
        self.socket.send(upstream.to_bytes(), ("127.0.0.1", 5060))


class ServerPhone(Phone):
    """An application server that proxies all that it gets."""

    def __init__(self, world: World, host: str, port: int = 5080) -> None:
        super().__init__(world, host, "server", port)
        self.on_request = lambda request: self.send_on(self.proxies(request))

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        message = parse_message(data)
        if isinstance(message, Response):
            self.send_back(message)
        super()._received(data, source)


class Case:
    """A trigger on one session case."""

    def __init__(self, *cases: SessionCase) -> None:
        self.cases = cases

    def holds(self, trial: Trial) -> bool:
        return trial.case in self.cases and trial.request.method != "REGISTER"


def criterion(
    priority: int, host: str, trigger: Case, handling: DefaultHandling = DefaultHandling.CONTINUE, uri: str = ""
) -> FilterCriterion:
    """Return a criterion that sends to the server at a host."""
    return FilterCriterion(priority, ApplicationServer(uri or f"sip:{host}:5080", handling), trigger)


def services(*criteria: FilterCriterion) -> ServiceProfile:
    """Return a service profile."""
    return ServiceProfile("services", criteria)


class ServicesHss:
    """An HSS in front of another one that gives some public identities a service profile."""

    def __init__(self, hss: Cx, profiles: Mapping[str, ServiceProfile]) -> None:
        self._hss = hss
        self._profiles = profiles

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hss, name)

    async def server_assignment(
        self, private_identity: str, public_identity: str, assignment: ServerAssignment, *more: Any
    ) -> AssignmentAnswer:
        answer = await self._hss.server_assignment(private_identity, public_identity, assignment, *more)
        return answer._replace(profile=self._with_services(answer.profile)) if answer.profile is not None else answer

    def _with_services(self, profile: UserProfile) -> UserProfile:
        sets = tuple(
            tuple(identity._replace(service_profile=self._profiles.get(identity.uri)) for identity in implicit_set)
            for implicit_set in profile.sets
        )
        return profile._replace(sets=sets)


def world(config: Mapping[str, object] | None = None, profiles: Mapping[str, ServiceProfile] | None = None) -> World:
    """Return a world with the subscribers of this file."""
    made = World(config, SUBSCRIBERS)
    if profiles:
        made.node.cx = ServicesHss(made.node.cx, profiles)
    return made


def registered(world: World, user: str, host: str, **more: Any) -> Phone:
    """Return a phone that has registered; `contact` is its Contact value where it is not the plain one."""
    contact = more.pop("contact", "")
    phone = Phone(world, host, user, **more)
    realm = f'realm="{phone.domain}", nonce="", uri="sip:{phone.domain}", response=""'
    answer = phone.register(
        contact=f"<{phone.uri}>{contact}", Authorization=f'Digest username="{phone.username}", {realm}'
    )
    assert answer.status == 200
    phone.responses.clear()
    return phone
