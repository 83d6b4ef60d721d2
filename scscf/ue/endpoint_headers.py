"""What an endpoint of Microsoft's writes into a REGISTER and reads out of its 200 (MS-SIPREGE §2.2, MS-CONMGMT §2)."""

from typing import Final, NamedTuple

from scscf.config.listen import hostport
from scscf.errors import SipError
from scscf.registration.instance import same_instance
from scscf.sip.address import Address
from scscf.sip.message import Message, Response
from scscf.sip.parameters import parameter, parse_parameters
from scscf.ue.watch import readable_contacts

USER_AGENT: Final = "UCCP/2.0.6362.0 OC/2.0.6362.0 (Microsoft Office Communicator)"
ALLOW_EVENTS: Final = (
    "vnd-microsoft-provisioning,vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-ACL,presence,presence.wpending,"
    "vnd-microsoft-roaming-self,vnd-microsoft-provisioning-v2"
)
SUPPORTED: Final = "gruu-10, adhoclist, msrtc-event-categories"
SURVIVABLE: Final = "ms-userservices-state-notification"
"""Option tag of an endpoint that can do without user services (MS-SIPREGE §2.2.1.5)."""
METHODS: Final = "INVITE, MESSAGE, INFO, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY"
KEEP_ALIVE: Final = "UAC;hop-hop=yes"


class Bound(NamedTuple):
    """What a 200 says of the endpoint's own contact."""

    uri: str
    """As the registrar knows it: with `proxy=replace` not as the endpoint wrote it."""
    expires: int
    """Seconds."""
    gruu: str | None
    services: bool
    """Whether the services of its user are there (Presence-State, MS-SIPREGE §2.2.1.4)."""


def contact_value(host: str, port: int, transport: str, opaque: str, instance: str) -> str:
    """Return the Contact of an endpoint at an address; `instance` is its URN (MS-SIPREGE §4.1)."""
    return (
        f'<sip:{hostport(host, port)};transport={transport};ms-opaque={opaque}>;methods="{METHODS}";proxy=replace;'
        f'+sip.instance="<{instance}>"'
    )


def bound(response: Response, instance: str) -> Bound | None:
    """Return what the 200 to a REGISTER says of an instance, None where it is not among the contacts."""
    for contact in readable_contacts(response):
        if same_instance(_instance(contact), instance):
            text = contact.parameter("expires") or response.get("expires") or ""
            expires = int(text) if text.isascii() and text.isdigit() else 0
            return Bound(contact.uri.text, expires, contact.parameter("gruu"), _has_services(response))
    return None


def agreed_timeout(message: Message) -> int | None:
    """Return the seconds of silence that the server of a connection puts up with, None where nothing is agreed on.

    That is an ms-keep-alive of UAS with `hop-hop=yes` and a timeout (MS-CONMGMT §2.2.1).
    """
    role, _, rest = (message.get("ms-keep-alive") or "").partition(";")
    try:
        params = parse_parameters(f";{rest}") if rest.strip() else ()
    except SipError:
        return None
    timeout = parameter(params, "timeout") or ""
    chosen = role.strip().upper() == "UAS" and (parameter(params, "hop-hop") or "").lower() == "yes"
    return int(timeout) if chosen and timeout.isascii() and timeout.isdigit() and 0 < len(timeout) < 7 else None


def _instance(contact: Address) -> str:
    return contact.parameter("+sip.instance") or ""


def _has_services(response: Response) -> bool:
    try:
        params = parse_parameters(response.get("presence-state") or "")
    except SipError:
        return True
    return (parameter(params, "user-services-state") or "").lower() != "unavailable"
