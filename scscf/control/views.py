"""The JSON shapes of the control API: one home for each."""

from collections.abc import Iterable
from typing import Any

from scscf.procedures.deregister import Report
from scscf.procedures.state import Node
from scscf.regevent.subscription import Subscription, Told
from scscf.registration.change import Row
from scscf.registration.record import Record
from scscf.registration.registration import Contact, State, registration_id

View = dict[str, Any]


def contact_view(contact: Contact, now: float) -> View:
    """Return one contact of one address of record."""
    binding = contact.binding
    flow = binding.flow
    return {
        "id": contact.id,
        "uri": binding.uri,
        "state": contact.state.value,
        "event": contact.event.value,
        "expires": binding.remaining(now) if contact.state is State.ACTIVE else 0,
        "granted": binding.granted,
        "registered_at": binding.registered_at,
        "expires_at": binding.expires_at if binding.expires_at != float("inf") else None,
        "q": binding.q,
        "callid": binding.call_id,
        "cseq": binding.cseq,
        "params": {name: value for name, value in binding.params},
        "path": list(binding.path),
        "private_identity": binding.private_identity,
        "instance": binding.instance,
        "reg_id": binding.reg_id,
        "pub_gruu": None,
        "temp_gruu": None,
        "source": _place(flow.remote) if flow else None,
        "transport": flow.transport if flow else None,
        "user_agent": binding.user_agent,
    }


def registration_view(record: Record, aor: str, now: float) -> View:
    """Return one address of record with its implicit registration set and its contacts."""
    registration = record.registration(aor)
    identities = record.identities_with(aor)
    return {
        "aor": aor,
        "state": registration.state.value if registration else State.INIT.value,
        "id": registration_id(aor),
        "barred": any(identity.barred for identity in identities if identity.uri == aor),
        "implicit_set": [identity.uri for identity in identities],
        "contacts": [contact_view(contact, now) for contact in record.contacts(aor)],
    }


def subscription_view(subscription: Subscription, now: float) -> View:
    """Return one subscription with the last NOTIFY it was sent and what was answered."""
    dialog, last = subscription.dialog, subscription.last_notify
    return {
        "id": subscription.id,
        "aor": subscription.aor,
        "watcher": subscription.watcher,
        "state": subscription.state.value,
        "reason": subscription.reason,
        "expires": subscription.remaining(now),
        "version": last.version if last else None,
        "documents": subscription.documents.value,
        "outstanding": subscription.outstanding,
        "call_id": dialog.call_id,
        "local_tag": dialog.local_tag,
        "remote_tag": dialog.remote_tag,
        "remote_target": dialog.remote_target,
        "route_set": list(dialog.route_set),
        "last_notify": None
        if last is None
        else {
            "version": last.version,
            "cseq": last.cseq,
            "status": last.status,
            "at": last.at,
            "body": last.body.decode("utf-8", "replace"),
        },
    }


def report_view(report: Report, now: float) -> View:
    """Return what a command changed, and what each watcher answered."""
    return {
        "removed": [_row_view(row, now) for row in report.removed if row.contact.state is State.TERMINATED],
        "changed": [_row_view(row, now) for row in report.removed if row.contact.state is not State.TERMINATED],
        "watchers": [_told_view(told) for told in report.told],
    }


def health_view(node: Node, version: str, commit: str | None, listeners: Iterable[str]) -> View:
    """Return what runs, and where."""
    return {
        "status": "up",
        "version": version,
        "commit": commit,
        "listeners": list(listeners),
        "store": {"kind": node.config.store, "records": len(node.store)},
        "hss": {"kind": "embedded", "state": "up"},
        "domains": [{"name": domain.config.name, "dialect": domain.dialect.name} for domain in node.domains],
        "subscriptions": len(node.notifier.subscriptions),
        "now": node.now(),
    }


def _row_view(row: Row, now: float) -> View:
    contact = row.contact
    return {
        "aor": row.aor,
        "contact": contact.id,
        "uri": contact.binding.uri,
        "private_identity": contact.binding.private_identity,
        "event": contact.event.value,
        "expires": contact.binding.remaining(now) if contact.state is State.ACTIVE else 0,
        "retry_after": contact.retry_after,
    }


def _told_view(told: Told) -> View:
    return {
        "subscription": told.subscription,
        "version": told.version,
        "status": told.status,
        "ms": told.milliseconds,
    }


def _place(address: tuple[str, int]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
