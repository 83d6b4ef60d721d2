"""What a watcher is told of, and which contact is its own (TS 24.229 §5.4.2.1.2)."""

from scscf.regevent.subscription import Subscription
from scscf.registration.binding import Binding
from scscf.registration.change import Row
from scscf.registration.instance import same_instance
from scscf.registration.record import Record
from scscf.registration.registration import State
from scscf.sip.uri import Uri, parse_uri
from scscf.sip.uri_comparison import same_uri


def visible_identities(aor: str, record: Record | None, told: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the identities that a watcher of `aor` is told of: its implicit registration set less the barred ones.

    What it was `told` of before stays: the set is known only as long as a device that registers it is there.
    """
    known = record.identities_with(aor) if record else ()
    if record and not known:
        # The watched identity has left its set, of which the watcher is told on.
        known = next(filter(None, map(record.identities_with, told)), ())
    visible = [identity.uri for identity in known if not identity.barred]
    if told:
        hidden = {identity.uri for identity in known}.difference(visible)
        kept = [uri for uri in told if uri not in hidden] if hidden else told
        visible = [*kept] if set(visible) <= set(kept) else [*dict.fromkeys([*visible, *kept])]
    return tuple(visible) or (aor,)


def ends_own_contact(subscription: Subscription, row: Row, record: Record) -> bool:
    """Tell whether a row ends the watcher's own contact, known by instance, address or flow.

    A UE that has only moved to another contact address still has one (RFC 5626 §4.1: its instance is the same), as has
    one with another flow; what is for emergency calls does not count.
    """
    binding = row.contact.binding
    left = [each for each in record.bindings() if not each.emergency]
    if row.contact.state is not State.TERMINATED or any(each is binding for each in left):
        return False
    if subscription.instance is not None and binding.instance is not None:
        if not same_instance(subscription.instance, binding.instance):
            return False
        return not any(same_instance(binding.instance, each.instance or "") for each in left)
    if not subscription.own_uri:
        return False
    own = parse_uri(subscription.own_uri)
    if _is_at(own, binding):
        return not any(_is_at(own, each) for each in left)
    flow = subscription.own_flow
    if flow is None or binding.flow != flow or binding.path:
        return False
    return not any(each.flow == flow for each in left)


def _is_at(uri: Uri, binding: Binding) -> bool:
    return uri.text == binding.uri or same_uri(uri, parse_uri(binding.uri))
