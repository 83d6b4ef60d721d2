"""Where records live: loaded by name, by address of record or by private identity, saved by compare-and-set."""

from collections.abc import Iterator
from typing import Protocol

from scscf.profile.service_profile import PublicIdentity
from scscf.profile.wildcard import matches
from scscf.registration.record import Device, Record


class Store(Protocol):
    """What keeps records. Nothing is changed in place, so a loaded record is a snapshot."""

    async def load(self, name: str) -> Record | None:
        """Return the record of an IMS subscription."""

    async def find(self, aor: str) -> Record | None:
        """Return the record in which an address of record has contacts or stands in a set of a registered device."""

    async def find_device(self, private_identity: str) -> Record | None:
        """Return the record in which a private identity has bindings."""

    async def save(self, record: Record) -> bool:
        """Keep `record` if the kept one is the revision that it was made from, and return whether it was kept."""

    def names(self) -> Iterator[str]:
        """Yield the name of every record, oldest first."""


class MemoryStore:
    """Records in dicts of this process."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._name_of_aor: dict[str, str] = {}
        self._name_of_device: dict[str, str] = {}
        self._wildcards: dict[str, str] = {}
        """Wildcarded identity → name of the record that registers it."""

    def __len__(self) -> int:
        """Return the number of records that hold bindings."""
        return len(self._records)

    async def load(self, name: str) -> Record | None:
        """Return the record of an IMS subscription."""
        return self._records.get(name)

    async def find(self, aor: str) -> Record | None:
        """Return the record that knows an address of record."""
        name = self._name_of_aor.get(aor)
        if name is None and self._wildcards:
            name = next((name for wildcard, name in self._wildcards.items() if matches(wildcard, aor)), None)
        return None if name is None else self._records.get(name)

    async def find_device(self, private_identity: str) -> Record | None:
        """Return the record in which a private identity has bindings."""
        name = self._name_of_device.get(private_identity)
        return None if name is None else self._records.get(name)

    async def save(self, record: Record) -> bool:
        """Keep `record` if nobody saved another one since it was loaded; one without registrations is forgotten."""
        kept = self._records.get(record.name)
        if (kept.revision if kept is not None else 0) != record.revision - 1:
            return False
        if not record.registrations:
            self._records.pop(record.name, None)
        else:
            self._records[record.name] = record
        if kept is None or kept.devices is not record.devices:
            self._index(kept, record)
        return True

    def names(self) -> Iterator[str]:
        """Yield the name of every record, oldest first."""
        return iter(list(self._records))

    def records(self) -> Iterator[Record]:
        """Yield every record, oldest first."""
        return iter(list(self._records.values()))

    def _index(self, kept: Record | None, record: Record) -> None:
        """Find by name from now on what a record's devices register, and no more what the kept one's did."""
        for device in kept.devices if kept is not None else ():
            self._name_of_device.pop(device.profile.private_identity, None)
            for identity in _identities(device):
                self._name_of_aor.pop(identity.uri, None)
                if identity.wildcarded:
                    self._wildcards.pop(identity.uri, None)
        for device in record.devices:
            self._name_of_device[device.profile.private_identity] = record.name
            for identity in _identities(device):
                self._name_of_aor[identity.uri] = record.name
                if identity.wildcarded:
                    self._wildcards[identity.uri] = record.name


def _identities(device: Device) -> Iterator[PublicIdentity]:
    for implicit_set in device.profile.sets:
        yield from implicit_set
