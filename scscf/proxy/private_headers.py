"""Header fields that trusted networks tell each other, and what leaves them (RFC 3325, RFC 7315, RFC 5502)."""

from collections.abc import Iterable

from scscf.profile.filter_criteria import SessionCase
from scscf.profile.service_profile import PublicIdentity
from scscf.sip.grammar import is_token, quote
from scscf.sip.message import Message, Request

ASSERTED = "p-asserted-identity"

_NETWORK_ONLY = (
    "p-served-user",
    "p-charging-vector",
    "p-charging-function-addresses",
    "p-visited-network-id",
    "p-access-network-info",
    "p-user-database",
)
"""What no UE and no foreign network is told (TS 24.229 §4.4)."""

_NOT_BELIEVED = (ASSERTED, "p-served-user", "p-charging-vector", "p-charging-function-addresses", "p-called-party-id")
"""What only a trusted peer may say."""

_TERMINATING = frozenset({SessionCase.TERMINATING_REGISTERED, SessionCase.TERMINATING_UNREGISTERED})
_REGISTERED = frozenset({SessionCase.ORIGINATING_REGISTERED, SessionCase.TERMINATING_REGISTERED})


def strip_claims(message: Message) -> None:
    """Take out what an untrusted peer must not say (RFC 3325 §5, TS 24.229 §4.4)."""
    _remove(message, _NOT_BELIEVED)


def strip_for_stranger(message: Message) -> None:
    """Take out what must not leave the trusted network, and who sends it where they want privacy (RFC 3325 §7)."""
    _remove(message, _NETWORK_ONLY)
    if ASSERTED in message and wants_privacy(message):
        message.remove(ASSERTED)


def wants_privacy(message: Message) -> bool:
    """Tell whether the sender asks that their identity be kept from untrusted peers: `Privacy: id` (RFC 3325 §9.3)."""
    return "privacy" in message and any(
        part.strip().lower() == "id" for value in message.get_all("privacy") for part in value.split(";")
    )


def asserted_identities(identities: Iterable[PublicIdentity], served: str) -> str:
    """Return P-Asserted-Identity for a served user: their identity, and the tel URI of the set beside a SIP one.

    Only identities that are not barred are asserted (TS 24.229 §5.4.3.2 [from memory], RFC 3325 §9.1).
    """
    shown = [identity for identity in identities if not identity.barred and not identity.wildcarded]
    own = [identity for identity in shown if identity.uri == served]
    values = [_named(identity) for identity in own] or [f"<{served}>"]
    if not served.startswith("tel:"):
        values += [_named(identity) for identity in shown if identity.uri.startswith("tel:")][:1]
    return ", ".join(values)


def served_user(aor: str, case: SessionCase) -> str:
    """Return P-Served-User for an application server (RFC 5502 §4)."""
    side = "term" if case in _TERMINATING else "orig"
    state = "reg" if case in _REGISTERED else "unreg"
    return f"<{aor}>;sescase={side};regstate={state}"


def add_charging_vector(request: Request, icid: str, orig_ioi: str | None) -> None:
    """Add P-Charging-Vector where there is none, and the originating network's name (None: not known) to it.

    RFC 7315 §4.6, TS 24.229 §5.4.3.2 [from memory].
    """
    vector = request.get("p-charging-vector")
    if vector is None:
        request.add("P-Charging-Vector", f"icid-value={icid}" + (f";orig-ioi={orig_ioi}" if orig_ioi else ""))
    elif orig_ioi and "orig-ioi" not in vector.lower():
        request.set("P-Charging-Vector", f"{vector};orig-ioi={orig_ioi}")


def _named(identity: PublicIdentity) -> str:
    name = identity.display_name
    if not name:
        return f"<{identity.uri}>"
    return f"{name if is_token(name) else quote(name)} <{identity.uri}>"


def _remove(message: Message, names: tuple[str, ...]) -> None:
    for name in names:
        if name in message:
            message.remove(name)
