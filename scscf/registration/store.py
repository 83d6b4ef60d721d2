"""Where records live: loaded by name, by address of record or by private identity, saved by compare-and-set."""

from collections.abc import Iterator
from typing import Protocol

from scscf.registration.record import Record


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
        self._by_aor: dict[str, Record] = {}
        self._by_device: dict[str, Record] = {}

    def __len__(self) -> int:
        """Return the number of records that hold bindings."""
        return len(self._records)

    async def load(self, name: str) -> Record | None:
        """Return the record of an IMS subscription."""
        return self._records.get(name)

    async def find(self, aor: str) -> Record | None:
        """Return the record that knows an address of record."""
        return self._by_aor.get(aor)

    async def find_device(self, private_identity: str) -> Record | None:
        """Return the record in which a private identity has bindings."""
        return self._by_device.get(private_identity)

    async def save(self, record: Record) -> bool:
        """Keep `record` if nobody saved another one since it was loaded; one without registrations is forgotten."""
        kept = self._records.get(record.name)
        if (kept.revision if kept else 0) != record.revision - 1:
            return False
        if kept is not None and kept.devices is not record.devices:
            self._unindex(kept)
        if record.registrations:
            self._records[record.name] = record
            self._index(record)
        else:
            self._records.pop(record.name, None)
        return True

    def names(self) -> Iterator[str]:
        """Yield the name of every record, oldest first."""
        return iter(list(self._records))

    def records(self) -> Iterator[Record]:
        """Yield every record, oldest first."""
        return iter(list(self._records.values()))

    def _index(self, record: Record) -> None:
        for device in record.devices:
            self._by_device[device.profile.private_identity] = record
            for implicit_set in device.profile.sets:
                for identity in implicit_set:
                    self._by_aor[identity.uri] = record
        for registration in record.registrations:
            self._by_aor[registration.aor] = record

    def _unindex(self, record: Record) -> None:
        for device in record.devices:
            self._by_device.pop(device.profile.private_identity, None)
            for implicit_set in device.profile.sets:
                for identity in implicit_set:
                    self._by_aor.pop(identity.uri, None)
        for registration in record.registrations:
            self._by_aor.pop(registration.aor, None)
