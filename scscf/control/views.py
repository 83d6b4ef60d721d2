"""What the control API shows: records, subscriptions and reports in the shapes of scscf.control.shapes."""

import json
from collections.abc import Iterable

from scscf.config.listen import hostport
from scscf.control.shapes import (
    ContactView,
    DutiesView,
    HealthView,
    HssView,
    PeerView,
    RegistrationView,
    ReportView,
    RowView,
    StateName,
    SubscriptionView,
    ToldView,
)
from scscf.net.diameter import PeerView as Peer
from scscf.procedures.deregister import Report
from scscf.procedures.state import Node
from scscf.regevent.subscription import State as Watching
from scscf.regevent.subscription import Subscription, Told
from scscf.registration.change import Row
from scscf.registration.gruu import Gruus, epid_gruu, public_gruu
from scscf.registration.record import Record
from scscf.registration.registration import Contact, State, registration_id


def contact_view(gruus: Gruus, aor: str, contact: Contact, now: float) -> ContactView:
    """Return one contact of one address of record, with its GRUUs where the UE asked for them."""
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
        "params": dict(binding.params),
        "path": list(binding.path),
        "private_identity": binding.private_identity,
        "instance": binding.instance,
        "reg_id": binding.reg_id,
        "pub_gruu": public_gruu(aor, binding) if binding.gruu else None,
        "temp_gruu": gruus.temporary(aor, binding) if binding.gruu else None,
        "epid": binding.epid,
        "gruu": epid_gruu(aor, binding.instance) if binding.endpoint and binding.instance else None,
        "source": hostport(*flow.remote) if flow else None,
        "transport": flow.transport if flow else None,
        "user_agent": binding.user_agent,
    }


def registration_view(gruus: Gruus, record: Record, aor: str, now: float) -> RegistrationView:
    """Return one address of record with its implicit registration set and its contacts."""
    registration = record.registration(aor)
    identities = record.identities_with(aor)
    return {
        "aor": aor,
        "state": registration.state.value if registration else State.INIT.value,
        "id": registration_id(aor),
        "barred": any(identity.barred for identity in identities if identity.uri == aor),
        "implicit_set": [identity.uri for identity in identities],
        "contacts": [contact_view(gruus, aor, contact, now) for contact in record.contacts(aor)],
    }


def nothing_view(aor: str, state: StateName) -> RegistrationView:
    """Return an address of record that nothing is known of, in the state that somebody waited for."""
    return {
        "aor": aor,
        "state": state,
        "id": registration_id(aor),
        "barred": False,
        "implicit_set": [],
        "contacts": [],
    }


def subscription_view(subscription: Subscription, now: float, *, bodies: bool = True) -> SubscriptionView:
    """Return one subscription with the last NOTIFY it was sent, its body if asked for, and what was answered."""
    dialog, last = subscription.dialog, subscription.last_notify
    return {
        "id": subscription.id,
        "aor": subscription.aor,
        "watcher": subscription.watcher,
        "event": subscription.package.name,
        "epid": subscription.endpoint.partition(";")[0] or None,
        "state": subscription.state.value,
        "reason": subscription.reason,
        "expires": subscription.remaining(now) if subscription.state is Watching.ACTIVE else 0,
        "version": last.version if last else None,
        "documents": subscription.documents.value,
        "outstanding": bool(subscription.outstanding),
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
            "body": last.body.decode("utf-8", "replace") if bodies else None,
        },
    }


def report_view(report: Report) -> ReportView:
    """Return what a command changed, and what each watcher answered."""
    return {
        "removed": [_row_view(row, report.at) for row in report.removed if row.contact.state is State.TERMINATED],
        "changed": [_row_view(row, report.at) for row in report.removed if row.contact.state is not State.TERMINATED],
        "watchers": [told_view(told) for told in report.told],
    }


def duties_view(node: Node) -> DutiesView:
    """Return what is owed to the HSS, and who is served unregistered."""
    return {
        "duties": [
            {
                "private_identity": duty.due.private_identity,
                "aor": duty.due.aor,
                "assignment": duty.due.type.name,
                "result": duty.result.name,
                "attempts": duty.attempts,
                "since": duty.since,
            }
            for duty in node.duties
        ],
        "unregistered": [
            {"aor": served.aor, "private_identity": served.profile.private_identity} for served in node.unregistered
        ],
    }


def health_view(
    node: Node, version: str, commit: str | None, listeners: Iterable[str], peers: Iterable[Peer] | None = None
) -> HealthView:
    """Return what runs, and where. `peers` are the HSSs over Diameter; None: the HSS is embedded."""
    return {
        "status": "up",
        "version": version,
        "commit": commit,
        "listeners": list(listeners),
        "store": {"kind": node.config.store, "records": len(node.store)},
        "hss": hss_view(peers),
        "domains": [{"name": domain.config.name, "dialect": domain.dialect.name} for domain in node.domains],
        "subscriptions": len(node.notifier.subscriptions),
        "started": node.started,
        "now": node.now(),
    }


def hss_view(peers: Iterable[Peer] | None) -> HssView:
    """Return the HSS that is asked: up where one of its peers can be."""
    if peers is None:
        return {"kind": "embedded", "state": "up", "peers": []}
    shown: list[PeerView] = [
        {"host": peer.host, "realm": peer.realm, "address": peer.address, "state": peer.state, "why": peer.why}
        for peer in peers
    ]
    is_up = any(peer["state"].endswith("Open") for peer in shown)
    return {"kind": "diameter", "state": "up" if is_up else "down", "peers": shown}


def told_view(told: Told) -> ToldView:
    """Return what one watcher answered."""
    return {
        "subscription": told.subscription,
        "version": told.version,
        "status": told.status,
        "ms": told.milliseconds,
    }


def as_json(value: object) -> bytes:
    """Return a value as JSON in UTF-8, in one line; what came on the wire and is no UTF-8 becomes `?`."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _row_view(row: Row, now: float) -> RowView:
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
