"""Who may register: look-ups in the subscribers file, where a range is never written out."""

import gc
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from hss_stub.collisions import collisions
from hss_stub.entry import Device, Entry, Identity
from hss_stub.entry_compiler import compile_entry
from hss_stub.subscriber import Subscriber, make_subscriber
from hss_stub.subscribers_file import SubscribersKeys
from hss_stub.template import TemplateIndex
from scscf.errors import InputError, Problem
from scscf.profile.service_profile import ImplicitSet, UserProfile
from scscf.profile.wildcard import matches
from scscf.yaml_file import YamlFile, parse_yaml, read_yaml
from scscf.yaml_model import validate

KEPT = 8192
"""How many subscribers are kept as they were last made; the others are made again when they are asked for."""
DEMO_DOMAIN = "home1.test"
"""The home domain that the demo subscribers are written for."""

_LONGEST = 1000


class Removal(NamedTuple):
    """What a user lost when the file was read again."""

    private_identity: str
    public_identities: tuple[str, ...]
    """Addresses of record of whole sets; empty: the private identity itself is gone."""


class _Found(NamedTuple):
    entry: Entry
    devices: tuple[Device, ...]


class Subscribers:
    """The subscribers of one file."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._private: dict[str, _Found] = {}
        self._public: dict[str, _Found] = {}
        self._wildcards: dict[str, list[tuple[str, _Found]]] = {}
        self._usernames: dict[str, list[str]] = {}
        self._private_ranges: TemplateIndex[_Found] = TemplateIndex()
        self._public_ranges: TemplateIndex[_Found] = TemplateIndex()
        self._username_ranges: TemplateIndex[_Found] = TemplateIndex()
        self._size = 0
        self.entries = tuple(entries)
        """The entries of the file, in its order."""
        for entry in self.entries:
            self._add(entry)
        self.find = lru_cache(maxsize=KEPT)(self._find)
        """find(private_identity): the subscriber, None where there is no such private identity."""

    def __len__(self) -> int:
        """Return how many private identities there are."""
        return self._size

    def _add(self, entry: Entry) -> None:
        self._size += len(entry.numbers) * len(entry.devices)
        by_identity: dict[str, tuple[Identity, list[Device]]] = {}
        for device in entry.devices:
            found = _Found(entry, (device,))
            private, username = device.private_identity, device.username
            if private.varies:
                self._private_ranges.add(private, entry.numbers, found)
            else:
                self._private[private.prefix] = found
            if username.identity != private.identity:
                if username.varies:
                    self._username_ranges.add(username, entry.numbers, found)
                elif not private.varies:
                    self._usernames.setdefault(username.prefix, []).append(private.prefix)
            for identity in (identity for row in device.sets for identity in row):
                by_identity.setdefault(identity.uri.identity, (identity, []))[1].append(device)
        for identity, devices in by_identity.values():
            found = _Found(entry, tuple(devices))
            if identity.wildcarded:
                wildcard = identity.uri.prefix
                self._wildcards.setdefault(wildcard.partition("!")[0], []).append((wildcard, found))
            elif identity.uri.varies:
                self._public_ranges.add(identity.uri, entry.numbers, found)
            else:
                self._public[identity.uri.prefix] = found

    def edited(self, gone: Entry | None, new: Entry | None) -> "Subscribers":
        """Return these subscribers without one entry and with another; nothing that is not about them is made again."""
        entries = [entry for entry in self.entries if entry is not gone]
        if any(entry is not None and entry.is_range for entry in (gone, new)):
            return Subscribers((*entries, new) if new is not None else entries)
        other = Subscribers()
        other._private, other._public = dict(self._private), dict(self._public)
        other._usernames, other._wildcards = dict(self._usernames), dict(self._wildcards)
        other._private_ranges, other._public_ranges = self._private_ranges, self._public_ranges
        other._username_ranges = self._username_ranges
        other._size = self._size
        if gone is not None:
            other._drop(gone)
        if new is not None:
            for device in new.devices:
                username = device.username.prefix
                other._usernames[username] = list(other._usernames.get(username, ()))
            for start in (identity.uri.prefix.partition("!")[0] for row in new.sets for identity in row):
                other._wildcards[start] = list(other._wildcards.get(start, ()))
            other._add(new)
            entries.append(new)
        other._usernames = {username: devices for username, devices in other._usernames.items() if devices}
        other._wildcards = {start: rows for start, rows in other._wildcards.items() if rows}
        other.entries = tuple(entries)
        return other

    def _drop(self, entry: Entry) -> None:
        self._size -= len(entry.devices)
        for device in entry.devices:
            private, username = device.private_identity.prefix, device.username.prefix
            del self._private[private]
            self._usernames[username] = [each for each in self._usernames.get(username, ()) if each != private]
        for identity in (identity for row in entry.sets for identity in row):
            self._public.pop(identity.uri.prefix, None)
            start = identity.uri.prefix.partition("!")[0]
            self._wildcards[start] = [row for row in self._wildcards.get(start, ()) if row[1].entry is not entry]

    def holder(self, identity: Identity) -> str | None:
        """Return a private identity that has just this public identity, of no range; None where there is none."""
        text = identity.uri.prefix
        if identity.wildcarded:
            rows = self._wildcards.get(text.partition("!")[0], ())
            found = next((found for wildcard, found in rows if wildcard == text), None)
        else:
            found = self._public.get(text)
            if found is None:
                return next(
                    (found.devices[0].private_identity.text(n) for n, found in self._public_ranges.find(text)), None
                )
        return None if found is None else found.devices[0].private_identity.text(found.entry.numbers[0])

    def logging_in(self, username: str) -> str | None:
        """Return a private identity that logs in with a username that is not its name; None where there is none."""
        known = self._usernames.get(username, ())
        return next(iter(known), None) or next(
            (found.devices[0].private_identity.text(n) for n, found in self._username_ranges.find(username)), None
        )

    def entry_of(self, private_identity: str) -> Entry | None:
        """Return the entry that a private identity stands in."""
        numbered = self._device(private_identity)
        return None if numbered is None else numbered[1].entry

    def private_identities(self) -> Iterator[str]:
        """Yield every private identity, in the file's order."""
        for entry in self.entries:
            for n in entry.numbers:
                for device in entry.devices:
                    yield device.private_identity.text(n)

    def _device(self, private_identity: str) -> tuple[int, _Found] | None:
        found = self._private.get(private_identity)
        if found is not None:
            return found.entry.numbers[0], found
        if len(private_identity) > _LONGEST:
            return None
        return next(self._private_ranges.find(private_identity), None)

    def _find(self, private_identity: str) -> Subscriber | None:
        numbered = self._device(private_identity)
        if numbered is None:
            return None
        n, found = numbered
        return make_subscriber(private_identity, found.entry, found.devices[0], n)

    def by_public(self, aor: str) -> tuple[str, ...]:
        """Return the private identities that register a canonical address of record, in the file's order."""
        found = self._public.get(aor)
        if found is not None:
            return tuple(device.private_identity.text(found.entry.numbers[0]) for device in found.devices)
        if len(aor) > _LONGEST:
            return ()
        for n, found in self._public_ranges.find(aor):
            return tuple(device.private_identity.text(n) for device in found.devices)
        for length in {len(before) for before in self._wildcards}:
            for wildcard, found in self._wildcards.get(aor[:length], ()):
                if matches(wildcard, aor):
                    return tuple(device.private_identity.text(found.entry.numbers[0]) for device in found.devices)
        return ()

    def identify(self, username: str, aor: str, realm: str) -> str | None:
        """Return the private identity that logs in with `username`: its own name first, then a user of `aor`.

        Where no user of `aor` has that username, but somebody else does, it is that one's private identity (of several
        the one in `realm`), so that the answer can tell a foreign identity from an unknown user.
        """
        if self._device(username) is not None:
            return username
        for private_identity in self.by_public(aor):
            subscriber = self.find(private_identity)
            if subscriber is not None and subscriber.username == username:
                return private_identity
        if len(username) > _LONGEST:
            return None
        others = list(self._usernames.get(username, ()))
        others += [found.devices[0].private_identity.text(n) for n, found in self._username_ranges.find(username)]
        in_realm = [private_identity for private_identity in others if private_identity.endswith(f"@{realm}")]
        return (in_realm or others)[0] if len(in_realm) == 1 or len(others) == 1 else None

    def default_private_identity(self, aor: str) -> str | None:
        """Return the private identity of a user of `aor`: the one that looks like it, else the first."""
        users = self.by_public(aor)
        if len(users) > 1 and aor.startswith("sip:") and aor[4:] in users:
            return aor[4:]
        return users[0] if users else None

    def profile_of(self, private_identity: str) -> UserProfile | None:
        """Return the profile of a private identity, None where there is no such subscriber."""
        subscriber = self.find(private_identity)
        return None if subscriber is None else subscriber.profile

    def removed_in(self, new: "Subscribers", private_identities: Iterable[str]) -> list[Removal]:
        """Return which of these private identities are not in `new`, and the sets of which they have nothing more.

        An identity that only leaves its set is a matter of the new profile (PPR) and no removal (TS 29.228 §6.2.2).
        """
        removals = []
        for private_identity in private_identities:
            if self.entry_of(private_identity) is new.entry_of(private_identity):
                continue
            old_one, new_one = self._find(private_identity), new._find(private_identity)
            if old_one is None:
                continue
            if new_one is None:
                removals.append(Removal(private_identity, ()))
                continue
            gone = tuple(aor for row in old_one.profile.sets for aor in _without_any(row, new_one.profile))
            if gone:
                removals.append(Removal(private_identity, gone))
        return removals


def _without_any(row: ImplicitSet, profile: UserProfile) -> list[str]:
    """Return the identities of a set of which a profile has none, else nothing."""
    uris = [identity.uri for identity in row]
    return [] if any(profile.set_of(uri) is not None for uri in uris) else uris


def load_subscribers(path: Path) -> Subscribers:
    """Read a subscribers file. Raises InputError with every problem in it."""
    collecting = gc.isenabled()
    # Nothing is freed while a file is built up: looking for garbage took more than half of the time.
    gc.disable()
    try:
        return subscribers_of(read_yaml(path))
    finally:
        if collecting:
            gc.enable()


def demo_subscribers(domain: str = DEMO_DOMAIN) -> Subscribers:
    """Return the subscribers that are shipped for trying things out, as users of `domain`."""
    return subscribers_of(parse_yaml(demo_text(domain), "demo_subscribers.yaml"))


def demo_text(domain: str = DEMO_DOMAIN) -> str:
    """Return the demo subscribers' file, written for `domain`."""
    text = files("hss_stub").joinpath("demo_subscribers.yaml").read_text(encoding="utf-8")
    return text.replace(DEMO_DOMAIN, domain)


def subscribers_of(file: YamlFile) -> Subscribers:
    """Return the subscribers that a file's content describes. Raises InputError with every problem in it."""
    keys = validate(SubscribersKeys, file)
    problems: list[Problem] = []
    entries = [
        compile_entry(entry, file, ("subscriptions", position), problems)
        for position, entry in enumerate(keys.subscriptions)
    ]
    problems += collisions(entries, file)
    if problems:
        raise InputError(sorted(problems))
    return Subscribers(entries)
