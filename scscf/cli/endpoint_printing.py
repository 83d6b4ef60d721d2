"""What `scscf ue --endpoint` prints: as `scscf ue` does, with what an endpoint is told of itself."""

from collections.abc import Sequence
from typing import Any, Protocol

from scscf.cli.ue_printing import JsonPrinting, Printing, TextPrinting, emit, heard, rows, say
from scscf.conformance.finding import Finding
from scscf.sip.message import Response
from scscf.ue.endpoint import Endpoint, Noticed
from scscf.ue.endpoint_state import EndpointState
from scscf.ue.exchange import Exchange
from scscf.ue.ntlm_authorizer import NtlmAuthorizer
from scscf.ue.ue import Ue


class EndpointPrinting(Printing, Protocol):
    """Where a session of an endpoint says what happens."""

    def noticed(self, noticed: Noticed, endpoint: Endpoint, findings: Sequence[Finding]) -> None:
        """A NOTIFY has told the endpoint of itself."""

    def stands(self, state: EndpointState) -> None:
        """The endpoint stands elsewhere."""


class EndpointText(TextPrinting):
    """For people."""

    is_endpoint = True

    def exchanged(self, exchange: Exchange, ue: Ue, findings: Sequence[Finding]) -> None:
        """Print the request and its answers in a line, and what a registration gave."""
        super().exchanged(exchange, ue, ())
        if isinstance(ue, Endpoint) and _is_registered(exchange, ue):
            say(f"  endpoint       {ue.epid}, {ue.instance}")
            if ue.gruu:
                say(f"  gruu           {ue.gruu}")
            signed = _signed(exchange, ue)
            if signed is not None:
                say(f"  signed         {'yes' if signed else 'no'}")
        self.found(findings)

    def noticed(self, noticed: Noticed, endpoint: Endpoint, findings: Sequence[Finding]) -> None:
        """Print what it says as a table."""
        from scscf.cli.tables import notice_table, show

        request = noticed.notified.request
        say(f"{request.method}  {request.get('subscription-state') or ''}".rstrip())
        with heard():
            show(notice_table(_notice(noticed, endpoint)))
        self.found(findings)

    def stands(self, state: EndpointState) -> None:
        """Print it."""
        say(f"now {state.value}")


class EndpointJson(JsonPrinting):
    """For programs: one object a line."""

    is_endpoint = True

    def more(self, exchange: Exchange, ue: Ue) -> dict[str, Any]:
        """Return what the row of a REGISTER says of the endpoint."""
        if not isinstance(ue, Endpoint):
            return {}
        return {"epid": ue.epid, "instance": ue.instance, "gruu": ue.gruu, "signed": _signed(exchange, ue)}

    def noticed(self, noticed: Noticed, endpoint: Endpoint, findings: Sequence[Finding]) -> None:
        """Print what it says."""
        subscription = noticed.notified.state._asdict()
        emit(
            {"event": "notice", "subscription": subscription, **_notice(noticed, endpoint), "findings": rows(findings)}
        )

    def stands(self, state: EndpointState) -> None:
        """Print it."""
        emit({"event": "state", "state": state.value})


def _is_registered(exchange: Exchange, ue: Endpoint) -> bool:
    return exchange.status == 200 and ue.registered_until is not None


def _signed(exchange: Exchange, ue: Endpoint) -> bool | None:
    """Tell whether the answer is signed rightly, None where nothing is to be signed."""
    if not isinstance(ue.authorizer, NtlmAuthorizer):
        return None
    return isinstance(exchange.final, Response) and ue.proves(exchange.final)


def _notice(noticed: Noticed, endpoint: Endpoint) -> dict[str, Any]:
    diagnostics = noticed.diagnostics
    return {
        "registration": noticed.said.state,
        "told": noticed.said.event,
        "error_id": diagnostics.error_id if diagnostics is not None else None,
        "reason": diagnostics.reason if diagnostics is not None else None,
        "preferred_registrar": noticed.preferred_registrar,
        "signed": noticed.signed if isinstance(endpoint.authorizer, NtlmAuthorizer) else None,
    }
