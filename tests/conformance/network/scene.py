"""One UE and its network, message by message, under the eyes of a judge of networks."""

from collections.abc import Mapping

from scscf.conformance.finding import Finding
from scscf.conformance.network.judge import NetworkJudge
from scscf.conformance.network.profile import NetworkProfile
from scscf.sip.message import Request, Response, make_request
from scscf.sip.parser import parse_message

AOR = "sip:tobias@home1.test"
TEL = "tel:+44123456789"
CONTACT = "sip:tobias@192.0.2.5:5060"
OTHER = "sip:tobias@192.0.2.9:5060"
XML = "application/reginfo+xml"
Headers = Mapping[str, str | list[str] | None]
"""Header → its value or values in place of the usual, None to leave it out."""


def contact(
    uri: str = CONTACT,
    event: str = "registered",
    state: str = "active",
    id: str = "c1",
    expires: int | None = 3600,
    inside: str = "",
    **more: object,
) -> str:
    """Return a contact element; `retry_after=60` is the attribute retry-after."""
    attributes = {"id": id, "state": state, "event": event, "expires": expires, **more}
    written = " ".join(f'{key.replace("_", "-")}="{value}"' for key, value in attributes.items() if value is not None)
    return f"<contact {written}><uri>{uri}</uri>{inside}</contact>"


def registration(*contacts: str, aor: str = AOR, id: str = "r1", state: str = "active", inside: str = "") -> str:
    """Return a registration element."""
    return f'<registration aor="{aor}" id="{id}" state="{state}">{"".join(contacts)}{inside}</registration>'


class Scene:
    """Plays both sides; `found` is what the judge says of the network."""

    def __init__(self, permitted: frozenset[str] = frozenset(), **profile: object) -> None:
        self.judge = NetworkJudge(permitted, NetworkProfile(**profile))  # type: ignore[arg-type]
        self.now = 1000.0
        self.found: list[Finding] = []
        self.version = 0
        self.notify_cseq = 0
        self.until = self.now + 7200
        """When the subscription runs out."""
        self._cseq = 0
        self._branch = 0

    @property
    def checks(self) -> list[str]:
        """The names of what was found, in order."""
        return [finding.check for finding in self.found]

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def end(self, seconds: float = 0.0) -> list[str]:
        """Let time pass and end; return the names of what was found."""
        self.now += seconds
        self.found += self.judge.end(self.now)
        return self.checks

    def see(self, direction: str, message: Request | Response) -> None:
        """Show a message to the judge, as it is read from the wire."""
        self.found += self.judge.observe(direction, parse_message(message.to_bytes()), self.now)

    def ask(self, method: str, fields: Headers, uri: str = "sip:home1.test", call_id: str = "r@ue") -> Request:
        """Send a request of the UE's and return it."""
        self._cseq += 1
        self._branch += 1
        usual: dict[str, str | list[str] | None] = {
            "Via": f"SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK{self._branch}",
            "Max-Forwards": "70",
            "From": f"<{AOR}>;tag=ue",
            "To": f"<{AOR}>",
            "Call-ID": call_id,
            "CSeq": f"{self._cseq} {method}",
        }
        request = make_request(method, uri, _pairs(usual | dict(fields)))
        self.see("out", request)
        return request

    def answer(
        self,
        request: Request,
        status: int,
        fields: Headers | None = None,
        to_tag: str | None = "net",
        after: float = 0.01,
    ) -> Response:
        """Answer a request of the UE's; `fields` take the place of what is copied."""
        self.now += after
        response = request.response(status, to_tag=to_tag)
        for name, value in (fields or {}).items():
            response.remove(name.lower())
            for each in _values(value):
                response.add(name, each)
        self.see("in", response)
        return response

    def register(
        self,
        contact: str | None = f"<{CONTACT}>",
        expires: int | None = 3600,
        listed: str | list[str] | None = "",
        status: int = 200,
        asked: Headers | None = None,
        told: Headers | None = None,
    ) -> Response:
        """Register; `listed` "" lists the contact with what is asked for."""
        expiry = None if expires is None else str(expires)
        request = self.ask("REGISTER", {"Contact": contact, "Expires": expiry, **(asked or {})})
        if listed == "":
            listed = f"{contact};expires={expires}" if expires and contact else None
        return self.answer(request, status, {"Contact": listed, **(told or {})})

    def deregister(self, told: Headers | None = None) -> Response:
        """De-register the contact."""
        return self.register(expires=0, told=told)

    def subscribe(
        self,
        expires: int | None = 7200,
        granted: int | None = None,
        asked: Headers | None = None,
        told: Headers | None = None,
        status: int = 200,
        call_id: str = "s@ue",
    ) -> Response:
        """Subscribe to what the UE registered."""
        fields: dict[str, str | list[str] | None] = {
            "Event": "reg",
            "Contact": f"<{CONTACT}>",
            "Expires": None if expires is None else str(expires),
        }
        request = self.ask("SUBSCRIBE", {**fields, **(asked or {})}, AOR, call_id)
        given = expires if granted is None else granted
        self.until = self.now + (given or 0)
        usual: Headers = {"Contact": "<sip:scscf.home1.test>", "Expires": str(given)} if status < 300 else {}
        return self.answer(request, status, {**usual, **(told or {})})

    def refresh(self, expires: int = 7200, **more: Headers | int) -> Response:
        """Refresh the subscription, or end it."""
        asked: Headers = {"To": f"<{AOR}>;tag=net", **(more.pop("asked", None) or {})}  # type: ignore[dict-item]
        return self.subscribe(expires, asked=asked, **more)  # type: ignore[arg-type]

    def document(self, *registrations: str, state: str = "full", version: int | None = None) -> bytes:
        """Return the next document."""
        if version is None:
            version, self.version = self.version, self.version + 1
        head = f'<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="{version}" state="{state}">'
        return f"{head}{''.join(registrations)}</reginfo>".encode()

    def notify(
        self,
        *registrations: str,
        state: str = "full",
        version: int | None = None,
        subscription: str | None = "",
        fields: Headers | None = None,
        uri: str = CONTACT,
        body: bytes | None = None,
        answered: int | None = 200,
        after: float = 0.01,
    ) -> Request:
        """Send a NOTIFY and have the UE answer it; the subscription is active unless said otherwise."""
        self.now += after
        if subscription == "":
            subscription = f"active;expires={round(self.until - self.now)}"
        self.notify_cseq += 1
        self._branch += 1
        if body is None:
            body = self.document(*registrations, state=state, version=version)
        usual: dict[str, str | list[str] | None] = {
            "Via": f"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn{self._branch}",
            "Max-Forwards": "70",
            "From": f"<{AOR}>;tag=net",
            "To": f"<{AOR}>;tag=ue",
            "Call-ID": "s@ue",
            "CSeq": f"{self.notify_cseq} NOTIFY",
            "Contact": "<sip:scscf.home1.test>",
            "Event": "reg",
            "Subscription-State": subscription,
            "Content-Type": XML if body else None,
        }
        notify = make_request("NOTIFY", uri, _pairs(usual | dict(fields or {})), body)
        self.see("in", notify)
        if answered is not None:
            self.see("out", notify.response(answered, to_tag="ue"))
        return notify

    def watched(self, **more: object) -> "Scene":
        """Register, subscribe and get the first document; `more` is of the contact that it lists."""
        self.register()
        self.subscribe()
        self.notify(registration(contact(**more)))  # type: ignore[arg-type]
        return self


def _values(value: str | list[str] | None) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _pairs(fields: Headers) -> list[tuple[str, str]]:
    return [(name, each) for name, value in fields.items() for each in _values(value)]
