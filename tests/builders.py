"""Values that tests start from."""

from scscf.profile.service_profile import PublicIdentity, UserProfile
from scscf.registration.change import Cause, CauseKind, Change
from scscf.registration.command import Command, ContactRequest, Deregister, Register
from scscf.registration.record import Record
from scscf.registration.registration import Event
from scscf.registration.update import update

TOBIAS = "sip:tobias@home1.test"
TEL = "tel:+44123456789"
GAMES = "sip:gameMaster@home1.test"
PHONE = "sip:[2001:db8::1]:1357"
PAGER = "sip:[2001:db8::2]:1357"


def profile(private_identity: str = "phone@home1.test", *aors: str, subscription: str = "tobias") -> UserProfile:
    """Return a device that registers `aors` (default: the set of three) of the subscription."""
    identities = tuple(PublicIdentity(aor) for aor in aors or (TOBIAS, TEL, GAMES))
    return UserProfile(private_identity, subscription, (identities,))


PHONE_PROFILE = profile()
PAGER_PROFILE = profile("pager@home1.test", TOBIAS)


def register(
    contact: str | None = PHONE,
    expires: int = 3600,
    *,
    device: UserProfile = PHONE_PROFILE,
    aor: str = TOBIAS,
    call_id: str = "a@ue",
    cseq: int = 1,
    **more: object,
) -> Register:
    """Return a REGISTER of one contact; None is a query."""
    contacts = () if contact is None else (ContactRequest(contact, expires),)
    values: dict[str, object] = {"contacts": contacts, "star": False} | more
    return Register(device, "home1.test", aor, call_id=call_id, cseq=cseq, **values)  # type: ignore[arg-type]


def star(call_id: str = "a@ue", cseq: int = 2, **more: object) -> Register:
    """Return a REGISTER with `Contact: *` and `Expires: 0`."""
    return register(None, call_id=call_id, cseq=cseq, star=True, **more)


def by_operator(event: Event = Event.DEACTIVATED, **scope: object) -> Deregister:
    """Return an operator's de-registration."""
    return Deregister(Cause(CauseKind.OPERATOR, event=event), **scope)  # type: ignore[arg-type]


def after(*commands: Command, at: float = 0.0) -> Record:
    """Return the record that commands leave, each a second after the one before."""
    record: Record | None = None
    for index, command in enumerate(commands):
        record = update(record, command, at + index, {}).record
    assert record is not None
    return record


def events(change: Change) -> list[tuple[str, str, str]]:
    """Return (AOR, contact URI, event) of each row of a change."""
    return [(row.aor, row.contact.binding.uri, row.contact.event.value) for row in change.rows]
