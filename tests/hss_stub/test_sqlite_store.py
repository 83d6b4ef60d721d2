import logging
import sqlite3
from random import Random

import pytest

from hss_stub.hss import Hss
from hss_stub.procedures import HssProcedures
from hss_stub.registration_states import RegistrationState
from hss_stub.servers import Servers, Serving
from hss_stub.sqlite_store import SqliteStore
from hss_stub.store import Kind
from hss_stub.subscribers import subscribers_of
from scscf.cx import Assignment, MultimediaAuth, Restoration, RestoredContact, ServerAssignment
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml

ANN = """
  - name: ann
    private_identities: [{id: ann@home1.test, auth: {scheme: digest, password: x}}]
    implicit_sets: [[sip:ann@home1.test], [sip:work@home1.test]]
"""
SIM = """
  - name: sim
    private_identities: [{id: sim@home1.test, auth: {scheme: aka, k: &k 00000000000000000000000000000000, op: *k}}]
    implicit_sets: [[sip:sim@home1.test]]
"""
A = "sip:a.home1.test"
KEPT = Restoration("ann@home1.test", (RestoredContact("<sip:ue@192.0.2.1>", ("<sip:p>",), "1@ue", initial_cseq=7),))


class Running:
    """An HSS with a store in a file, as long as it runs."""

    def __init__(self, path, text=ANN + SIM):
        self.store = SqliteStore(path)
        subscribers = subscribers_of(parse_yaml(f"subscriptions:{text}", "s.yaml"))
        core = HssProcedures(subscribers, Random(1).randbytes, self.store)
        self.hss = Hss(core, Servers((), self.store))

    def register(self, impi, impu, kind=ServerAssignment.REGISTRATION, kept=None):
        self.hss.server_assignment(Assignment(kind, A, impi, (impu,), restoration=kept), "a.home1.test")

    def challenge(self):
        self.hss.multimedia_auth(MultimediaAuth("sim@home1.test", "sip:sim@home1.test", A), "a.home1.test")
        return self.hss.core.sqn("sim@home1.test")

    def state(self, impi, impu):
        return self.hss.core.registration_state(impi, impu)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hss.db"


def test_an_hss_that_is_started_again_knows_what_it_knew(path):
    first = Running(path)
    first.register("ann@home1.test", "sip:ann@home1.test", kept=KEPT)
    sqn = [first.challenge() for _ in range(5)][-1]
    first.store.close()

    again = Running(path)

    assert again.state("ann@home1.test", "sip:ann@home1.test") is RegistrationState.REGISTERED
    assert again.state("ann@home1.test", "sip:work@home1.test") is RegistrationState.NOT_REGISTERED
    assert again.hss.servers.all() == {
        "ann": Serving(A, "a.home1.test", False),
        "sim": Serving(A, "a.home1.test", True),
    }
    assert again.hss.servers.restoration("ann@home1.test") == KEPT
    assert again.hss.core.sqn("sim@home1.test") == sqn
    assert again.challenge() > sqn
    again.store.close()


def test_what_is_over_is_not_known_again(path):
    first = Running(path)
    first.register("ann@home1.test", "sip:ann@home1.test", kept=KEPT)
    first.register("ann@home1.test", "sip:ann@home1.test", ServerAssignment.USER_DEREGISTRATION)
    first.register("sim@home1.test", "sip:sim@home1.test")
    first.hss.core.forget()
    first.store.close()

    again = Running(path)

    assert list(again.store.all(Kind.STATE)) == []
    assert "ann" not in again.hss.servers.all()
    assert again.hss.servers.restoration("ann@home1.test") is None
    again.store.close()


def test_users_whom_the_file_has_no_more_are_forgotten(path):
    first = Running(path)
    first.register("ann@home1.test", "sip:ann@home1.test")
    first.register("sim@home1.test", "sip:sim@home1.test")
    first.store.close()

    again = Running(path, ANN)

    assert again.hss.core.served() == ["ann@home1.test"]
    assert [key for key, _ in again.store.all(Kind.STATE)] == ["ann@home1.test"]
    again.store.close()


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("text", ["", "[]", "{", "7", '{"sip:ann@home1.test": "strange"}', "[1, 2, 3]", "null"])
def test_an_entry_that_cannot_be_read_is_none(path, kind, text):
    store = SqliteStore(path)
    for key in ("ann", "ann@home1.test", "sim@home1.test"):
        store.put(kind, key, text)
    store.close()

    again = Running(path)

    assert again.hss.core.served() == []
    assert again.challenge() > 0
    again.store.close()


def test_a_file_in_use_is_refused(path):
    store = SqliteStore(path)
    with pytest.raises(InputError, match="cannot be used as a store: database is locked"):
        SqliteStore(path)
    store.close()


def test_files_that_are_no_stores_are_refused(path, tmp_path):
    (tmp_path / "text").write_text("subscriptions: [] # " + "x" * 200)
    with pytest.raises(InputError, match="file is not a database"):
        SqliteStore(tmp_path / "text")
    with pytest.raises(InputError, match="unable to open database file"):
        SqliteStore(tmp_path / "nowhere" / "hss.db")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE kept (a)")
    other.close()
    with pytest.raises(InputError, match="is no store of the HSS stub"):
        SqliteStore(tmp_path / "other.db")
    SqliteStore(path).close()
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version = 2")
    later.close()
    with pytest.raises(InputError, match="of version 2"):
        SqliteStore(path)


def test_a_file_that_can_be_written_no_more_is_logged_once(path, caplog):
    store = SqliteStore(path)
    store.put(Kind.SQN, "a", "1")
    store._file.execute("PRAGMA query_only = ON")

    with caplog.at_level(logging.ERROR):
        store.put(Kind.SQN, "a", "2")
        store.put(Kind.SQN, "a", None)
        store.clear(Kind.SQN)

    assert len(caplog.records) == 1
    assert store.get(Kind.SQN, "a") == "1"
    store._file.execute("PRAGMA query_only = OFF")
    store.put(Kind.SQN, "a", "3")
    assert store.get(Kind.SQN, "a") == "3"
    store.close()


def test_a_name_that_is_no_unicode_is_not_kept(path, caplog):
    store = SqliteStore(path)

    store.put(Kind.SQN, "a\udcff", "1")

    assert store.get(Kind.SQN, "a\udcff") is None
    assert list(store.all(Kind.SQN)) == []
    store.close()
