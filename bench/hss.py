"""Microseconds of the HSS stub per MAR with AKA and per SAR with user data: octets in, octets out, no connection."""

import time
from random import Random

from bench.figures import Figure, folder, repeated
from hss_stub.cx_server import CxServer
from hss_stub.hss import Hss
from hss_stub.procedures import HssProcedures
from hss_stub.servers import Server, Servers
from hss_stub.sqlite_store import SqliteStore
from hss_stub.store import Store
from hss_stub.subscribers import subscribers_of
from scscf.cx import Assignment, MultimediaAuth, ServerAssignment
from scscf.diameter.check import check
from scscf.diameter.cx_requests import CxRequest, request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, decode, encode
from scscf.yaml_file import parse_yaml

WITH_AKA = 60.0
"""Microseconds per MAR of a user with a USIM, the codec included."""
USERS = 1000
K, OP = "a" * 28, "b" * 32
SUBSCRIBERS = f"""\
subscriptions:
  - range: [1, {USERS}]
    private_identities: [{{id: "usim{{n:04d}}@home1.test", auth: {{scheme: aka, k: "{K}{{n:04d}}", op: {OP}}}}}]
    implicit_sets: [["sip:usim{{n:04d}}@home1.test", "sip:card{{n:04d}}@home1.test", "tel:+46{{n:04d}}"]]
"""
NAME = "sip:scscf.home1.test:5060"
SCSCF, HSS = Identity("scscf.home1.test", "home1.test"), Identity("hss.home1.test", "home1.test")


def figures(messages: int) -> list[Figure]:
    """Measure the stub, then what a file adds that keeps its states."""
    found = _figures(messages, None, "")
    with folder() as place:
        store = SqliteStore(place / "hss.db")
        found += _figures(messages, store, ", SQLite")
        store.close()
    return found


def _figures(messages: int, store: Store | None, where: str) -> list[Figure]:
    server = _server(store)
    users = [(f"usim{n:04d}@home1.test", f"sip:usim{n:04d}@home1.test") for n in range(1, USERS + 1)]
    authentications: list[CxRequest] = [MultimediaAuth(*user, NAME) for user in users]
    registration, end = ServerAssignment.REGISTRATION, ServerAssignment.USER_DEREGISTRATION
    refreshes: list[CxRequest] = [Assignment(registration, NAME, user, (aor,)) for user, aor in users]
    ends: list[CxRequest] = [Assignment(end, NAME, user, (aor,)) for user, aor in users]
    changes = [request for pair in zip(refreshes, ends, strict=True) for request in pair]
    rows = (
        ("MAR with AKA", authentications, WITH_AKA if store is None else None),
        ("SAR with user data of a set of three", refreshes, None),
        ("SAR that begins or ends", changes, None),
    )
    return [
        Figure(
            f"HSS stub: {what}{where}",
            "us",
            repeated(lambda requests=requests: _serve(server, messages, requests)),  # type: ignore[misc]
            target,
        )
        for what, requests, target in rows
    ]


def _server(store: Store | None) -> CxServer:
    core = HssProcedures(subscribers_of(parse_yaml(SUBSCRIBERS, "bench")), Random(1).randbytes, store)
    hss = Hss(core, Servers((Server(NAME),), store))
    return CxServer(hss, core.faults, HSS, lambda seconds, call: None, lambda host: None)


def _serve(server: CxServer, times: int, requests: list[CxRequest]) -> float:
    sent = [encode(request_message(request, "scscf.home1.test;1;1", SCSCF, "home1.test")) for request in requests]
    answered: list[bytes] = []

    def answer(message: Message) -> None:
        answered.append(encode(message))

    start = time.process_time()
    for n in range(times):
        message = decode(sent[n % len(sent)])
        check(message)
        server.serve(message, answer)
    took = time.process_time() - start
    assert len(answered) == times
    return took / times * 1e6
