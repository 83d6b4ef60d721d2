"""Subscribers that change while the HSS runs: one subscription put in, replaced or taken out."""

from collections.abc import Iterator
from typing import Any

from hss_stub.collisions import collisions
from hss_stub.entry import Entry
from hss_stub.entry_compiler import compile_entry
from hss_stub.subscribers import Subscribers
from hss_stub.subscribers_file import SubscriptionKeys
from scscf.errors import InputError, Problem, ScscfError
from scscf.yaml_file import YamlFile
from scscf.yaml_model import validate


class InRangeError(ScscfError):
    """A subscriber stands in a range and cannot be changed alone."""


def with_subscription(subscribers: Subscribers, keys: Any, replaced: str | None = None) -> tuple[Subscribers, Entry]:
    """Return the subscribers with one more subscription, in place of that of the private identity `replaced`.

    `keys` are those of an entry of the subscribers file, but no range and no name of a file. Without `name` the
    subscription keeps that of the one it replaces. Raises InputError with every problem, InRangeError.
    """
    file = YamlFile("subscription", keys)
    checked = validate(SubscriptionKeys, file)
    problems = list(_unfit(checked, file))
    if problems:
        raise InputError(problems)
    entry = compile_entry(checked, file, (), problems)
    gone = None if replaced is None else _alone(subscribers, replaced)
    if gone is not None and checked.name is None and _is_named(gone):
        entry = entry._replace(name=gone.name)
    kept = subscribers if gone is None else subscribers.edited(gone, None)
    if not problems:
        problems += collisions([entry], file)
        problems += _taken(kept, entry, file)
    if problems:
        raise InputError(sorted(problems))
    return kept.edited(None, entry), entry


def without(subscribers: Subscribers, private_identity: str) -> Subscribers:
    """Return the subscribers without the subscription of a private identity. Raises InRangeError."""
    return subscribers.edited(_alone(subscribers, private_identity), None)


def _alone(subscribers: Subscribers, private_identity: str) -> Entry | None:
    entry = subscribers.entry_of(private_identity)
    if entry is not None and len(entry.numbers) > 1:
        raise InRangeError(f"{private_identity} is one of a range: change the file and have it read again")
    return entry


def _unfit(keys: SubscriptionKeys, file: YamlFile) -> Iterator[Problem]:
    if keys.range is not None:
        yield file.problem(("range",), "one subscription at a time; ranges go into the subscribers file")
    if keys.user_data is not None and not keys.user_data.lstrip().startswith("<"):
        yield file.problem(("user_data",), "must be the IMSSubscription itself, and no name of a file")


def _taken(subscribers: Subscribers, entry: Entry, file: YamlFile) -> Iterator[Problem]:
    """Tell what somebody else has already."""

    def problem(way: tuple[str | int, ...], text: str, what: str, holder: str) -> Problem:
        return file.problem(way, f"{text}: {holder} has this {what} already")

    for device in entry.devices:
        private, username = device.private_identity.prefix, device.username.prefix
        if subscribers.entry_of(private) is not None:
            yield file.problem((*device.where, "id"), f"{private}: this private identity is there already")
        holder = subscribers.logging_in(private)
        if holder is not None:
            yield problem((*device.where, "id"), private, "username", holder)
        if username != private and subscribers.entry_of(username) is not None:
            yield problem((*device.where, "auth", "username"), username, "name", username)
    for identity in (identity for row in entry.sets for identity in row):
        holder = subscribers.holder(identity)
        if holder is not None:
            yield problem(identity.where, identity.uri.prefix, "identity", holder)
    name = entry.name.prefix
    if _is_named(entry):
        for other in subscribers.entries:
            if other.name.prefix == name if not other.name.varies else other.name.number(name) in other.numbers:
                yield file.problem(("name",), f"{name}: this subscription name is there already")
                break


def _is_named(entry: Entry) -> bool:
    """Tell whether a subscription has a name of its own, and not that of its first private identity."""
    return bool(entry.devices) and entry.name is not entry.devices[0].private_identity
