"""Subscribers that change while the HSS runs: one subscription put in, replaced or taken out."""

from typing import Any

from hss_stub.collisions import collisions
from hss_stub.entry import compile_entry
from hss_stub.subscribers import Subscribers
from hss_stub.subscribers_file import SubscriptionKeys
from scscf.errors import InputError, Problem, ScscfError
from scscf.yaml_file import YamlFile
from scscf.yaml_model import validate


class InRangeError(ScscfError):
    """A subscriber stands in a range and cannot be changed alone."""


def with_subscription(subscribers: Subscribers, keys: Any, replaced: str | None = None) -> Subscribers:
    """Return the subscribers with one more subscription, in place of that of the private identity `replaced`.

    `keys` are those of an entry of the subscribers file. Raises InputError with every problem, InRangeError.
    """
    file = YamlFile("subscription", keys)
    problems: list[Problem] = []
    entry = compile_entry(validate(SubscriptionKeys, file), file, (), problems)
    kept = subscribers.entries if replaced is None else without(subscribers, replaced).entries
    if not problems:
        problems += collisions([*kept, entry], file)
    if problems:
        raise InputError(sorted(problems))
    return Subscribers((*kept, entry))


def without(subscribers: Subscribers, private_identity: str) -> Subscribers:
    """Return the subscribers without the subscription of a private identity. Raises InRangeError."""
    gone = subscribers.entry_of(private_identity)
    if gone is not None and gone.is_range and len(gone.numbers) > 1:
        raise InRangeError(f"{private_identity} is one of a range: change the file and have it read again")
    return Subscribers(entry for entry in subscribers.entries if entry is not gone)
