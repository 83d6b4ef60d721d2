"""What `scscf ue` prints: lines and tables for people, or one JSON object a line."""

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import click

from scscf.cli.client import printable
from scscf.config.listen import bracketed
from scscf.conformance.finding import Finding
from scscf.errors import SipError
from scscf.regevent.reading import ReadDocument, read_document
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.message import Response
from scscf.sip.outbox import NextHop
from scscf.ue.autonomous.states import RegistrationState
from scscf.ue.ue import Exchange, Ue
from scscf.ue.watch import Notified


class Printing(Protocol):
    """Where a session says what happens."""

    def exchanged(self, exchange: Exchange, ue: Ue, findings: Sequence[Finding]) -> None:
        """A request has come to its end."""

    def notified(self, notified: Notified, findings: Sequence[Finding]) -> None:
        """A NOTIFY has come."""

    def state(self, state: RegistrationState) -> None:
        """The UE stands elsewhere with its registration."""

    def refused(self, reply: Response, *, has_secret: bool) -> None:
        """The network does not register it."""

    def nobody(self, hop: NextHop, detail: str) -> None:
        """Nobody answered."""

    def found(self, findings: Sequence[Finding]) -> None:
        """What is wrong with the network, that belongs to no message above."""

    def end(self, code: int) -> None:
        """It is over."""


class TextPrinting:
    """For people: results on stdout, why it failed on stderr."""

    is_endpoint = False

    def exchanged(self, exchange: Exchange, ue: Ue, findings: Sequence[Finding]) -> None:
        """Print the request and its answers in a line, and what a registration gave."""
        request = exchange.requests[-1]
        answers = ", ".join(_answer(reply) for reply in exchange.replies)
        leaves = " with Expires 0" if request.expires == 0 else ""
        say(f"{request.method} {request.uri_text}{leaves}  {answers}")
        granted = _granted(exchange, ue)
        if request.method == "REGISTER" and exchange.status == 200 and granted is not None:
            say(f"  registered for {granted} s at {_place_of(ue)}")
            if ue.associated:
                say(f"  identities     {', '.join(ue.associated)}")
            if ue.service_route:
                say(f"  service route  {', '.join(ue.service_route)}")
        self.found(findings)

    def notified(self, notified: Notified, findings: Sequence[Finding]) -> None:
        """Print the document as a table."""
        from scscf.cli.tables import document_table, show

        document = _document(notified)
        said = notified.request.get("subscription-state") or ""
        if document is None:
            say(f"NOTIFY  {said}, without a document that can be read")
        else:
            say(f"NOTIFY  {said}, version {document.version}, {document.state}")
            if document.registrations:
                with heard():
                    show(document_table(document))
        self.found(findings)

    def state(self, state: RegistrationState) -> None:
        """Print it."""
        say(f"now {state.value}")

    def refused(self, reply: Response, *, has_secret: bool) -> None:
        """Say what to do about it."""
        why = hint(reply, has_secret=has_secret, is_endpoint=self.is_endpoint)
        click.echo(printable(f"scscf: not registered: {_answer(reply)}{why}"), err=True)

    def nobody(self, hop: NextHop, detail: str) -> None:
        """Say where."""
        click.echo(printable(f"scscf: nobody answered at {_place(hop)}: {detail}"), err=True)

    def found(self, findings: Sequence[Finding]) -> None:
        """Print each in a line."""
        for finding in findings:
            say(f"  wrong: {finding.check} ({finding.clause}): {finding.message}")

    def end(self, code: int) -> None:
        """Say nothing: the exit code says it."""


class JsonPrinting:
    """For programs: one object a line on stdout."""

    is_endpoint = False

    def exchanged(self, exchange: Exchange, ue: Ue, findings: Sequence[Finding]) -> None:
        """Print the statuses, and what a registration gave."""
        request = exchange.requests[-1]
        row: dict[str, Any] = {
            "event": request.method.lower(),
            "uri": request.uri_text,
            "expires": request.expires,
            "statuses": [reply.status if isinstance(reply, Response) else None for reply in exchange.replies],
        }
        if request.method == "REGISTER" and exchange.status == 200:
            row |= {
                "granted": _granted(exchange, ue) or 0,
                "contact": _place_of(ue),
                "associated": list(ue.associated),
                "service_route": list(ue.service_route),
                **self.more(exchange, ue),
            }
        emit({**row, "findings": rows(findings)})

    def more(self, exchange: Exchange, ue: Ue) -> dict[str, Any]:
        """Return what else the row of a REGISTER says."""
        return {}

    def notified(self, notified: Notified, findings: Sequence[Finding]) -> None:
        """Print the document as it was read."""
        document = _document(notified)
        state = notified.state
        row: dict[str, Any] = {"event": "notify", "subscription": state._asdict(), "document": None}
        if document is not None:
            row["document"] = {
                "version": document.version,
                "state": document.state,
                "registrations": [
                    {
                        "aor": each.aor,
                        "id": each.id,
                        "state": each.state,
                        "contacts": [{"uri": contact.uri, **contact.attributes} for contact in each.contacts],
                    }
                    for each in document.registrations
                ],
            }
        emit({**row, "findings": rows(findings)})

    def state(self, state: RegistrationState) -> None:
        """Print it."""
        emit({"event": "state", "state": state.value})

    def refused(self, reply: Response, *, has_secret: bool) -> None:
        """Print the status and what to do about it."""
        hinted = hint(reply, has_secret=has_secret, is_endpoint=self.is_endpoint).lstrip("; ")
        emit({"event": "refused", "status": reply.status, "reason": reply.reason, "hint": hinted})

    def nobody(self, hop: NextHop, detail: str) -> None:
        """Print where."""
        emit({"event": "nobody", "proxy": _place(hop), "detail": detail})

    def found(self, findings: Sequence[Finding]) -> None:
        """Print them."""
        if findings:
            emit({"event": "findings", "findings": rows(findings)})

    def end(self, code: int) -> None:
        """Print the exit code."""
        emit({"event": "end", "code": code})


def hint(reply: Response, *, has_secret: bool, is_endpoint: bool = False) -> str:
    """Return what to do about a refusal, or why it was, after a semicolon; empty where nothing is known."""
    why = reply.get("ms-diagnostics") or reply.get("ms-diagnostics-public")
    if why is not None:
        return f"; ms-diagnostics {why}"
    if reply.status not in (401, 407):
        return ""
    offers = list(_offers(reply))
    asks_for_ntlm = bool(offers) and all(offer.scheme == "ntlm" for offer in offers)
    if asks_for_ntlm and not (is_endpoint and has_secret):
        return f"; it asks for NTLM: add {'' if is_endpoint else '--endpoint, '}--ntlm-user DOMAIN\\user and --password"
    if has_secret:
        named = "--ntlm-user, --impi, --password" if is_endpoint else "--impi, --password, --k, --opc"
        return f"; it does not take these credentials ({named})"
    if any(offer.params.get("algorithm", "").lower().startswith("aka") for offer in offers):
        return "; it asks for AKA: add --k and --opc"
    return "; it asks for a password: add --password, or set SCSCF_PASSWORD"


def _offers(reply: Response) -> Iterator[Credentials]:
    for value in (*reply.get_all("www-authenticate"), *reply.get_all("proxy-authenticate")):
        with suppress(SipError):
            yield parse_credentials(value)


@contextmanager
def heard() -> Iterator[None]:
    """Print within this: where nobody reads any more, it is as if told to end."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        os.kill(os.getpid(), signal.SIGTERM)


def say(text: str) -> None:
    """Print a line of text that may have come over the wire."""
    with heard():
        click.echo(printable(text))


def emit(row: dict[str, Any]) -> None:
    """Print an object in a line; what came on the wire and is no UTF-8 becomes `?`."""
    with heard():
        click.echo(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode())


def _answer(reply: Any) -> str:
    return f"{reply.status} {reply.reason}" if isinstance(reply, Response) else f"no answer ({reply.kind})"


def _place_of(ue: Ue) -> str:
    """Return the contact as it was written; that of an endpoint as the registrar knows it."""
    return getattr(ue, "bound_uri", None) or ue.contact


def _granted(exchange: Exchange, ue: Ue) -> int | None:
    return None if ue.registered_until is None else round(ue.registered_until - ue.now())


def _document(notified: Notified) -> ReadDocument | None:
    try:
        return read_document(notified.request.body)
    except ValueError:
        return None


def _place(hop: NextHop) -> str:
    port = "" if hop.port is None else f":{hop.port}"
    return f"{hop.transport or 'udp'}://{bracketed(hop.host)}{port}"


def rows(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as JSON has them."""
    return [{"check": each.check, "clause": each.clause, "message": each.message} for each in findings]
