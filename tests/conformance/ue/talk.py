"""A UE and a network that talk as the standards have it, before a judge; each message can be made otherwise."""

from collections.abc import Callable, Mapping

from scscf.conformance.finding import Finding
from scscf.conformance.ue.judge import UeJudge
from scscf.conformance.ue.profile import UeProfile, Vector
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message

AOR = "sip:tobias@home1.test"
TEL = "tel:+44123456789"
IMPI = "phone@home1.test"
CONTACT = "sip:[2001:db8::1]:5064"
SERVICE_ROUTE = "<sip:orig@scscf.home1.test:5060;lr>"
CLIENT = "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=5062;port-s=5064"
SERVER = "ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=3;spi-s=4;port-c=5066;port-s=5068"
Fields = Mapping[str, str | None]


class Talk:
    """Both sides. What the judge finds is in `findings`; `now` is the time in seconds."""

    def __init__(
        self,
        profile: UeProfile = UeProfile(),  # noqa: B008
        *,
        permitted: frozenset[str] = frozenset(),
        vector_of: Callable[[str], Vector] | None = None,
        algorithm: str = "MD5",
        agreement: bool = False,
    ) -> None:
        self.judge = UeJudge(AOR, IMPI, permitted, profile, vector_of)
        self.now = 1000.0
        self.findings: list[Finding] = []
        self.algorithm = algorithm
        self.agreement = agreement
        self.call_id = "r1@ue"
        self.cseq = 0
        self.contact = CONTACT
        self.nonce = ""
        self.count = 0
        self.nonces = 0
        self.branches = 0
        self.granted = 3600
        self.version = -1
        self.dialogs = 0
        self.subscription: tuple[Request, Response] | None = None
        self.subscribe_cseq = 0
        self.notify_cseq = 0
        self.last_answer: Response | None = None

    @property
    def names(self) -> list[str]:
        """The checks that were found broken, in order."""
        return [finding.check for finding in self.findings]

    def wait(self, seconds: float) -> None:
        """Let time pass; the judge looks at the clock when it asked to."""
        end = self.now + seconds
        for _ in range(100):
            due = self.judge.due()
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            self.findings += self.judge.time(self.now)
        else:
            raise AssertionError("the judge does not come to an end")
        self.now = end

    def see(self, direction: str, message: Request | Response) -> None:
        """Show the judge a message as it is read from the wire."""
        parsed = parse_message(message.to_bytes())
        self.findings += self.judge.observe(direction, parsed, self.now)

    def send(self, method: str, uri: str, fields: Fields, others: Fields | None = None, body: bytes = b"") -> Request:
        """Send a request of the UE; `others` go in place of its fields, None leaves one out."""
        self.branches += 1
        headers: dict[str, str | None] = {
            "Via": f"SIP/2.0/UDP [2001:db8::1]:5064;branch=z9hG4bK{self.branches}",
            "Max-Forwards": "70",
            "From": f"<{AOR}>;tag=f{self.dialogs}",
            "To": f"<{AOR}>",
            **fields,
            **(others or {}),
        }
        request = Request(method, uri, [(name, value) for name, value in headers.items() if value is not None], body)
        self.see("in", request)
        return request

    def answer(self, request: Request, status: int, fields: Fields | None = None) -> Response:
        """Answer a request of the UE."""
        response = request.response(status, to_tag="n1")
        for name, value in (fields or {}).items():
            if value is not None:
                response.add(name, value)
        self.last_answer = response
        self.see("out", response)
        return response

    def authorization(self, **changes: str | None) -> str:
        """Return what the UE answers to the last challenge: AKA repeats itself, digest counts."""
        aka = self.algorithm.startswith("AKA")
        self.count = 1 if aka else self.count + 1
        params = {
            "username": f'"{IMPI}"',
            "realm": '"home1.test"',
            "nonce": f'"{self.nonce}"',
            "uri": '"sip:home1.test"',
            "response": '"0123456789abcdef0123456789abcdef"' if self.nonce else '""',
            "algorithm": self.algorithm,
        }
        if self.nonce:
            params |= {"qop": "auth", "cnonce": '"c"', "nc": f"{self.count:08x}", "opaque": '"o"'}
        values = {name: value for name, value in (params | changes).items() if value is not None}
        return "Digest " + ", ".join(f"{name}={value}" for name, value in values.items())

    def register(self, expires: int | None = 600000, **others: str | None) -> Request:
        """Send a REGISTER with the next CSeq and the last nonce; an underscore in a name stands for `-`."""
        self.cseq += 1
        agreed = {"Security-Client": CLIENT, "Require": "sec-agree", "Proxy-Require": "sec-agree"}
        fields = {
            "Call-ID": self.call_id,
            "CSeq": f"{self.cseq} REGISTER",
            "Contact": f"<{self.contact}>",
            "Expires": None if expires is None else str(expires),
            "Authorization": self.authorization(),
        } | (agreed if self.agreement else {})
        if self.agreement and self.nonce:
            fields["Security-Verify"] = SERVER
        return self.send("REGISTER", "sip:home1.test", fields, named(others))

    def challenge(self, request: Request, **others: str | None) -> Response:
        """Answer 401 with a new nonce, which the UE takes."""
        self.nonces += 1
        self.nonce, self.count = f"nonce{self.nonces}", 0
        value = f'Digest realm="home1.test", nonce="{self.nonce}", opaque="o", qop="auth", algorithm={self.algorithm}'
        server = {"Security-Server": SERVER} if self.agreement else {}
        return self.answer(request, 401, {"WWW-Authenticate": value} | server | named(others))

    def accept(self, request: Request, granted: int | None = None, **others: str | None) -> Response:
        """Answer a REGISTER 200; 0 lists no contact."""
        seconds = self.granted if granted is None else granted
        contact = f"{request.get('contact')};expires={seconds}" if seconds else None
        fields = {"Contact": contact, "Service-Route": SERVICE_ROUTE, "P-Associated-URI": f"<{AOR}>, <{TEL}>"}
        return self.answer(request, 200, fields | named(others))

    def registered(self, granted: int | None = None) -> None:
        """Register as it has to be done, with a challenge."""
        self.challenge(self.register())
        self.accept(self.register(), granted)

    def refreshed(self, granted: int | None = None) -> None:
        """Refresh without a challenge."""
        self.accept(self.register(), granted)

    def deregistered(self) -> None:
        """De-register."""
        self.accept(self.register(0), 0)

    def new_call(self) -> None:
        """Begin anew, as a UE does that was switched off: another Call-ID, no nonce."""
        self.call_id = f"r{self.branches + 1}@ue"
        self.cseq, self.nonce = 0, ""

    def subscribe(self, expires: int = 600000, **others: str | None) -> Request:
        """Send a SUBSCRIBE outside of any dialog."""
        self.dialogs += 1
        self.subscribe_cseq, self.notify_cseq, self.version = 1, 0, -1
        return self._subscribe(AOR, f"<{AOR}>", expires, others)

    def resubscribe(self, expires: int = 600000, **others: str | None) -> Request:
        """Send a SUBSCRIBE inside the last dialog."""
        assert self.subscription is not None
        self.subscribe_cseq += 1
        return self._subscribe("sip:scscf.home1.test", self.subscription[1].get("to") or "", expires, others)

    def _subscribe(self, uri: str, to: str, expires: int, others: Fields) -> Request:
        fields = {
            "To": to,
            "Call-ID": f"s{self.dialogs}@ue",
            "CSeq": f"{self.subscribe_cseq} SUBSCRIBE",
            "Contact": f"<{self.contact}>",
            "Route": SERVICE_ROUTE,
            "Event": "reg",
            "Accept": "application/reginfo+xml",
            "Expires": str(expires),
        }
        return self.send("SUBSCRIBE", uri, fields, named(others))

    def accept_subscribe(self, request: Request, granted: int | None = None) -> Response:
        """Answer a SUBSCRIBE 200."""
        seconds = int(request.get("expires") or 0) if granted is None else granted
        response = self.answer(request, 200, {"Expires": str(seconds), "Contact": "<sip:scscf.home1.test>"})
        self.subscription = (request, response)
        return response

    def subscribed(self, granted: int | None = None) -> None:
        """Subscribe as it has to be done, up to the 200 to the first NOTIFY."""
        self.accept_subscribe(self.subscribe(), granted)
        self.notified(state=f"active;expires={granted or 600000}")

    def unsubscribed(self, answer: int | None = 200) -> None:
        """End the subscription, up to the answer to the last NOTIFY."""
        self.accept_subscribe(self.resubscribe(0), 0)
        self.notified(state="terminated;reason=timeout", answer=answer)

    def notify(self, body: bytes | None = None, state: str = "active;expires=600000", **others: str | None) -> Request:
        """Send the UE a NOTIFY in the last dialog."""
        assert self.subscription is not None
        asked, accepted = self.subscription
        self.notify_cseq += 1
        self.version += 1
        self.branches += 1
        fields: dict[str, str | None] = {
            "Via": f"SIP/2.0/UDP scscf.home1.test;branch=z9hG4bK{self.branches}",
            "Max-Forwards": "70",
            "From": accepted.get("to"),
            "To": asked.get("from"),
            "Call-ID": asked.call_id,
            "CSeq": f"{self.notify_cseq} NOTIFY",
            "Contact": "<sip:scscf.home1.test>",
            "Event": "reg",
            "Subscription-State": state,
            "Content-Type": "application/reginfo+xml",
            **named(others),
        }
        headers = [(name, value) for name, value in fields.items() if value is not None]
        request = Request("NOTIFY", self.contact, headers, self.document() if body is None else body)
        self.see("out", request)
        return request

    def reply(self, request: Request, status: int = 200, reason: str | None = None) -> Response:
        """Answer a NOTIFY."""
        response = request.response(status, reason)
        self.see("in", response)
        return response

    def notified(self, body: bytes | None = None, answer: int | None = 200, **others: str) -> None:
        """Send a NOTIFY and let the UE answer it; None: silence."""
        request = self.notify(body, **others)
        if answer is not None:
            self.reply(request, answer)

    def told(self, event: str, answer: int | None = 200, *, over: bool | None = None, **attributes: object) -> None:
        """Tell the UE of an event of its contact at both identities; `over` ends the subscription with it."""
        ended = event not in ("registered", "created", "refreshed", "shortened")
        ends = ended if over is None else over
        state = "terminated;reason=noresource" if ends else "active;expires=500000"
        self.version += 1
        body = self.document(event, **attributes)
        self.version -= 1
        self.notified(body, answer, state=state)

    def document(self, event: str = "registered", **attributes: object) -> bytes:
        """Return a document of this version, whole, about the UE's contact."""
        ended = event not in ("registered", "created", "refreshed", "shortened")
        state = "terminated" if ended else "active"
        more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
        rows = "".join(
            f'<registration aor="{aor}" id="a{number}" state="{state}"><contact id="c{number}" state="{state}" '
            f'event="{event}"{more}><uri>{self.contact}</uri></contact></registration>'
            for number, aor in enumerate((AOR, TEL))
        )
        head = f'<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="{self.version}" state="full">'
        return f"{head}{rows}</reginfo>".encode()


def named(others: Fields) -> dict[str, str | None]:
    """Return fields by their names on the wire."""
    return {name.replace("_", "-"): value for name, value in others.items()}


TRIGGERED: set[str] = set()
"""Every check that some test triggers."""


def finds(*checks: str, **more: object) -> Callable[[Callable[[Talk], None]], Callable[[], None]]:
    """Make a test of what happens between a UE and a network: just these checks are found broken, in order."""
    TRIGGERED.update(checks)

    def decorate(happens: Callable[[Talk], None]) -> Callable[[], None]:
        def test() -> None:
            talk = Talk(**more)  # type: ignore[arg-type]
            happens(talk)
            talk.findings += talk.judge.end(talk.now)
            assert talk.names == list(checks), talk.findings

        test.__name__ = happens.__name__
        return test

    return decorate
