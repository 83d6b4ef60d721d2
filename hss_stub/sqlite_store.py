"""A store in one SQLite file, which one process at a time may have open."""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from hss_stub.store import Kind
from scscf.errors import InputError, Problem

log = logging.getLogger("hss")

APPLICATION_ID = 0x43784853
"""In the file's header: it is ours (`CxHS`)."""
VERSION = 1
"""In the file's header: how its table is laid out."""
_TABLE = "CREATE TABLE kept (kind TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (kind, key))"
_PUT = "INSERT INTO kept (kind, key, text) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET text = excluded.text"


class SqliteStore:
    """Implements Store. A change is in the file as soon as `put` returns; a crash of the process loses none.

    Raises InputError for a file that is another program's, of another version, damaged, or in use.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._failing = False
        try:
            self._file = sqlite3.connect(path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise _refused(path, error) from None
        try:
            self._open()
        except sqlite3.Error as error:
            self._file.close()
            raise _refused(path, error) from None
        except InputError:
            self._file.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def put(self, kind: Kind, key: str, text: str | None) -> None:
        """Keep a text. A full or failing disk is logged, once until it works again."""
        if text is None:
            self._change("DELETE FROM kept WHERE kind = ? AND key = ?", kind.value, key)
        else:
            self._change(_PUT, kind.value, key, text)

    def get(self, kind: Kind, key: str) -> str | None:
        """Return one text; None where it cannot be read."""
        try:
            row = self._file.execute("SELECT text FROM kept WHERE kind = ? AND key = ?", (kind.value, key)).fetchone()
        except (sqlite3.Error, UnicodeEncodeError) as error:
            log.error("%s: cannot be read: %s", self.path, error)
            return None
        return None if row is None else str(row[0])

    def all(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """Yield every key of a kind with its text, oldest first. Raises InputError for a damaged file."""
        try:
            yield from self._file.execute("SELECT key, text FROM kept WHERE kind = ? ORDER BY rowid", (kind.value,))
        except sqlite3.Error as error:
            raise _refused(self.path, error) from None

    def clear(self, kind: Kind) -> None:
        """Keep nothing of a kind any more."""
        self._change("DELETE FROM kept WHERE kind = ?", kind.value)

    def _change(self, statement: str, *values: str) -> None:
        try:
            self._file.execute(statement, values)
        except (sqlite3.Error, UnicodeEncodeError) as error:
            if not self._failing:
                log.error("%s: what changes now is not kept: %s", self.path, error)
            self._failing = True
        else:
            self._failing = False

    def _open(self) -> None:
        run = self._file.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        (application,), (version,) = run("PRAGMA application_id").fetchone(), run("PRAGMA user_version").fetchone()
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != APPLICATION_ID:
            raise InputError([Problem(str(self.path), 0, 0, "is no store of the HSS stub")])
        if tables and version != VERSION:
            message = f"is a store of version {version}, and this program writes version {VERSION}"
            raise InputError([Problem(str(self.path), 0, 0, message)])
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("BEGIN IMMEDIATE")
        if not tables:
            run(_TABLE)
            run(f"PRAGMA application_id = {APPLICATION_ID}")
            run(f"PRAGMA user_version = {VERSION}")
        run("COMMIT")


def _refused(path: Path, error: sqlite3.Error) -> InputError:
    return InputError([Problem(str(path), 0, 0, f"cannot be used as a store: {error}")])
