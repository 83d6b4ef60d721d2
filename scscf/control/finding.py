"""Which registrations and subscriptions a text finds: `q=` of the control API, with case folded."""

from scscf.regevent.subscription import Subscription
from scscf.registration.registration import Registration


def is_named(registration: Registration, wanted: str) -> bool:
    """Tell whether a text is in an address of record, a contact of it or the private identity of one."""
    return wanted in registration.aor.casefold() or any(
        wanted in contact.binding.uri.casefold() or wanted in contact.binding.private_identity.casefold()
        for contact in registration.contacts
    )


def is_watched(subscription: Subscription, wanted: str) -> bool:
    """Tell whether a text is in the address of record that is watched, or in the watcher."""
    return wanted in subscription.aor.casefold() or wanted in subscription.watcher.casefold()
