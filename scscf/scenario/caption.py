"""What a ladder calls a message: a label for its arrow, and notes of what matters in it."""

from enum import Enum
from typing import NamedTuple

from scscf.capture.recording import Recorded
from scscf.cx import DeregistrationReason, ServerAssignment
from scscf.diameter.display import shown
from scscf.diameter.message import DiameterError, decode
from scscf.diameter.message import Message as DiameterMessage
from scscf.errors import ScscfError
from scscf.regevent.registration_event import CONTENT_TYPE
from scscf.scenario.parties import Parties, printable
from scscf.scenario.reginfo_lines import reginfo_lines
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from scscf.trace import without_secrets

_SHORT = {
    "Capabilities-Exchange": "CE",
    "Device-Watchdog": "DW",
    "Disconnect-Peer": "DP",
    "User-Authorization": "UA",
    "Server-Assignment": "SA",
    "Location-Info": "LI",
    "Multimedia-Auth": "MA",
    "Registration-Termination": "RT",
    "Push-Profile": "PP",
}
_LONGEST_NOTE = 200


class Caption(NamedTuple):
    """What is said of one message."""

    label: str
    """Its method, its status and reason, or its Diameter command and result."""
    about: str = ""
    """What an answer answers, for whoever has room for it: the method."""
    notes: tuple[str, ...] = ()
    refused: bool = False
    """Whether it is an answer that refuses."""


def caption(message: Recorded, parties: Parties) -> Caption:
    """Return what a ladder says of a message, whatever its octets are."""
    made = _diameter(message.data) if message.protocol == "diameter" else _sip(message.data, parties)
    notes = tuple(note if len(note) <= _LONGEST_NOTE else note[: _LONGEST_NOTE - 3] + "..." for note in made.notes)
    return made._replace(label=made.label[:100], about=made.about[:40], notes=notes)


def full_text(message: Recorded) -> str:
    """Return the whole message as text, what proves who somebody is left out."""
    if message.protocol == "diameter":
        return shown(message.data)
    return without_secrets(message.data.decode("utf-8", "replace")).replace("\r\n", "\n")


def _sip(data: bytes, parties: Parties) -> Caption:
    if not data.strip(b"\r\n\0"):
        return Caption("keep-alive")
    try:
        message = parse_message(data)
    except ScscfError:
        return Caption(f"{len(data)} octets", notes=("not a SIP message",))
    if isinstance(message, Response):
        method = (message.get("cseq") or "").split()[1:]
        return Caption(
            printable(f"{message.status} {message.reason}".strip()),
            printable(method[0]) if method else "",
            tuple(_response_notes(message, parties)),
            message.status >= 300,
        )
    return Caption(printable(message.method), notes=tuple(_request_notes(message, parties)))


def _request_notes(request: Request, parties: Parties) -> list[str]:
    method = request.method
    if method == "REGISTER":
        notes = [_bindings(request, parties)]
    elif method == "SUBSCRIBE":
        notes = [printable(f"{request.uri_text}  {_named(request, 'Event')}  {_named(request, 'Expires')}")]
    elif method in ("NOTIFY", "BENOTIFY"):
        state = request.get("subscription-state") or "no Subscription-State"
        notes = [] if state.lower().startswith("active") else [printable(state)]
        if (request.get("content-type") or "").lower().startswith("application/reginfo"):
            notes += reginfo_lines(request.body, parties.contact)
        elif (request.get("content-type") or "").lower().startswith(CONTENT_TYPE):
            notes.append(_notice(request))
        elif request.body:
            notes.append(printable(f"{request.get('content-type') or 'a body'}, {len(request.body)} octets"))
    else:
        notes = [printable(request.uri_text)]
    if request.defect is not None:
        notes.append(printable(f"malformed: {request.defect}"))
    return [note.strip() for note in notes if note.strip()]


def _notice(request: Request) -> str:
    """Return what an endpoint is told of itself (MS-SIPREGE §2.2.1.13)."""
    told = [request.body.decode("utf-8", "replace").strip()]
    told.append(request.get("ms-diagnostics") or request.get("ms-diagnostics-public") or "")
    told.append(request.get("p-preferred-registrar") or "")
    return printable("  ".join(part for part in told if part))


def _bindings(message: Request | Response, parties: Parties) -> str:
    """Return the contacts of a REGISTER or of its answer with their expiries, in seconds."""
    common = message.get("expires")
    try:
        contacts = message.contacts
    except ScscfError:
        return "malformed Contact"
    if not contacts:
        who = "*" if message.contact_is_star else "no Contact"
        return printable(f"{who}  expires {common}" if common is not None else who)
    told = []
    for contact in contacts[:8]:
        expires = contact.parameter("expires") or common
        who = parties.contact(contact.uri.text)
        told.append(f"{who} expires {expires}" if expires is not None else who)
    if len(contacts) > 8:
        told.append(f"and {len(contacts) - 8} more")
    return printable(", ".join(told))


def _response_notes(response: Response, parties: Parties) -> list[str]:
    notes = []
    if 200 <= response.status < 300 and (response.get("cseq") or "").endswith("REGISTER"):
        notes.append(_bindings(response, parties))
    elif 200 <= response.status < 300 and (response.get("cseq") or "").endswith("SUBSCRIBE"):
        notes.append(_named(response, "Expires"))
    notes += [_named(response, name) for name in ("Min-Expires", "Retry-After", "Unsupported", "Warning")]
    if response.status in (401, 407) and "stale=true" in (_challenge(response)).lower().replace('"', ""):
        notes.append("stale nonce")
    return [note for note in notes if note]


def _challenge(response: Response) -> str:
    return response.get("www-authenticate") or response.get("proxy-authenticate") or ""


def _named(message: Request | Response, name: str) -> str:
    value = message.get(name.lower())
    return "" if value is None else printable(f"{name}: {value}")


def _diameter(data: bytes) -> Caption:
    notes: list[str] = []
    try:
        message = decode(data)
    except DiameterError as error:
        notes.append(printable(f"malformed: {error}"))
        if error.request is None:
            return Caption(f"{len(data)} octets", notes=tuple(notes))
        message = error.request
    short = _SHORT.get(message.command)
    if short is not None:
        name = f"{short}R" if message.is_request else f"{short}A"
    else:
        name = f"{message.command} {'request' if message.is_request else 'answer'}"
    if message.is_request:
        notes += _questions(message)
        return Caption(name, notes=tuple(notes))
    result = _result(message)
    label = f"{name} {result}" if result is not None else name
    return Caption(label, notes=tuple(notes), refused=result is not None and result // 1000 != 2)


def _questions(request: DiameterMessage) -> list[str]:
    """Return what a Cx request is for and whom it concerns."""
    told = []
    if request.command == "Server-Assignment":
        told.append(_name(ServerAssignment, request.get("Server-Assignment-Type")))
    elif request.command == "Registration-Termination":
        told.append(_name(DeregistrationReason, _member(request, "Deregistration-Reason", "Reason-Code")))
    told += [str(value) for value in (request.get("Public-Identity"), request.get("User-Name")) if value is not None]
    text = printable("  ".join(part for part in told if part))
    return [text] if text else []


def _name(kind: type[Enum], value: object) -> str:
    """Return what an enumerated AVP says, by its name where it has one."""
    if value is None:
        return ""
    return next((each.name for each in kind if each.value == value), str(value))


def _result(answer: DiameterMessage) -> int | None:
    result = answer.get("Result-Code")
    if result is None:
        result = _member(answer, "Experimental-Result", "Experimental-Result-Code")
    return result if isinstance(result, int) else None


def _member(message: DiameterMessage, group: str, name: str) -> object:
    """Return a member of a Grouped AVP, None where there is no such; an answer may have it malformed."""
    members = message.get(group)
    return next((value for each, value in members if each == name), None) if isinstance(members, list) else None
