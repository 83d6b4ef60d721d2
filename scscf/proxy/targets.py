"""Where a request to a registered user goes: the target set (RFC 3261 §16.5, RFC 5626 §7, RFC 5627 §6.1)."""

from collections.abc import Iterable
from typing import NamedTuple

from scscf.registration.binding import Binding
from scscf.registration.instance import canonical_instance, same_instance
from scscf.registration.registration import Contact

MOST_TARGETS = 60
"""Contacts beyond these are not tried: as many branches as Max-Breadth allows by default (RFC 5393 §5.3.3)."""


class Target(NamedTuple):
    """One instance of the user, with its flows: the first is tried, the others where that one has failed."""

    q: float
    bindings: tuple[Binding, ...]


def target_groups(
    contacts: Iterable[Contact], instance: str | None = None, *, sips: bool = False
) -> list[list[Target]]:
    """Return groups to be tried one after the other, highest q first; those of one group are tried at once.

    `instance` leaves only the contacts of that instance, where the Request-URI is its GRUU (RFC 5627 §6.1), `sips` only
    SIPS contacts (RFC 5630 §5.3). Bindings for emergency calls are no targets. Outbound bindings of one instance share
    a target, the newest flow first: at most one of them is tried at a time (RFC 5626 §7).
    """
    targets: list[Target] = []
    of_instance: dict[tuple[str, str], int] = {}
    for contact in contacts:
        binding = contact.binding
        if binding.emergency or not binding.uri.lower().startswith("sips:" if sips else ("sip:", "sips:")):
            continue
        if instance is not None and (binding.instance is None or not same_instance(binding.instance, instance)):
            continue
        if instance is not None or (binding.outbound and binding.instance is not None):
            key = (binding.private_identity, canonical_instance(binding.instance or ""))
            index = of_instance.get(key)
            if index is not None:
                known = targets[index]
                targets[index] = Target(max(known.q, _q(binding)), _newest_first((*known.bindings, binding)))
                continue
            of_instance[key] = len(targets)
        targets.append(Target(_q(binding), (binding,)))
    groups: dict[float, list[Target]] = {}
    for target in targets[:MOST_TARGETS]:
        groups.setdefault(target.q, []).append(target)
    return [groups[q] for q in sorted(groups, reverse=True)]


def _newest_first(bindings: tuple[Binding, ...]) -> tuple[Binding, ...]:
    return tuple(sorted(bindings, key=lambda binding: -binding.registered_at))


def _q(binding: Binding) -> float:
    """Return the preference of a contact: 1.0 where it says nothing (RFC 3261 §16.6 leaves that open)."""
    try:
        return min(1.0, max(0.0, float(binding.q))) if binding.q else 1.0
    except ValueError:
        return 0.0
