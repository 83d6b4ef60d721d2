"""Record-Route: how requests inside a dialog come by here again, and where they go on (RFC 3261 §16.4, §16.6 step 4).

The user part of our Record-Route URI is a seal over the dialog, so that nobody is relayed who has no dialog through
here; it may name the flows of ends that cannot be reached but by them (RFC 5626 §5.3).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2s
from hmac import compare_digest
from typing import NamedTuple

from scscf.sip.outbox import Flow

RECORDED = frozenset({"INVITE", "SUBSCRIBE", "REFER"})
"""Methods that begin a dialog."""

_NONE = "_"
_SEAL = 16


class DialogRoute(NamedTuple):
    """What our Record-Route says of a request inside the dialog."""

    flow: Flow | None
    """The way to the end that the request is for, where it has to be this one."""


def route_user(key: bytes, call_id: str, tag: str, caller: Flow | None, callee: Flow | None) -> str:
    """Return the user part of a Record-Route URI; `tag` is the From tag of the request that begins the dialog."""
    flows = "" if caller is None and callee is None else f"-{_written(caller)}-{_written(callee)}"
    return _seal(key, call_id, tag, flows) + flows


def read_route_user(key: bytes, user: str, call_id: str, from_tag: str, to_tag: str) -> DialogRoute | None:
    """Return what a Record-Route URI of ours says, None where it is none, or one of another dialog."""
    if len(user) < _SEAL or len(user) > 400:
        return None
    seal, flows = user[:_SEAL], user[_SEAL:]
    if _is_sealed(seal, _seal(key, call_id, from_tag, flows)):
        index = 2
    elif _is_sealed(seal, _seal(key, call_id, to_tag, flows)):
        index = 1
    else:
        return None
    parts = flows.split("-")
    return DialogRoute(_read(parts[index]) if len(parts) == 3 else None)


def _is_sealed(seal: str, right: str) -> bool:
    return compare_digest(seal.encode("utf-8", "surrogateescape"), right.encode())


def _seal(key: bytes, call_id: str, tag: str, flows: str) -> str:
    text = f"{call_id}\n{tag}\n{flows}"
    return blake2s(text.encode("utf-8", "surrogateescape"), key=key, digest_size=_SEAL // 2).hexdigest()


def _written(flow: Flow | None) -> str:
    if flow is None:
        return _NONE
    text = f"{flow.transport} {flow.local[0]} {flow.local[1]} {flow.remote[0]} {flow.remote[1]} {flow.connection}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=").replace("-", "~").replace("_", "*")


def _read(text: str) -> Flow | None:
    """Return a flow of a seal that was right, so that it was written here."""
    if text == _NONE:
        return None
    text = text.replace("~", "-").replace("*", "_")
    words = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(" ")
    transport, local, local_port, remote, remote_port, connection = words
    return Flow(transport, (local, int(local_port)), (remote, int(remote_port)), int(connection))
