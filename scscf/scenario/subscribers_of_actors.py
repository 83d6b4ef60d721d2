"""The subscribers that a scenario's actors are, where its file lists none."""

from collections.abc import Mapping
from typing import Any

from scscf.scenario.keys import NUMBER, ActorKeys
from scscf.scenario.variables import rewritten


def aor_of(name: str, actor: ActorKeys, domain: str) -> str:
    """Return the public identity of an actor."""
    return actor.aor if actor.aor is not None else f"sip:{_own(name, actor)}@{domain}"


def impi_of(name: str, actor: ActorKeys, domain: str) -> str:
    """Return the private identity of an actor."""
    return actor.impi if actor.impi is not None else f"{_own(name, actor)}@{domain}"


def _own(name: str, actor: ActorKeys) -> str:
    return name if actor.count is None else f"{name}{NUMBER}"


def one_of(name: str, actor: ActorKeys, number: int) -> tuple[str, ActorKeys]:
    """Return one of an actor's `count`, from 1, by its own name; an actor without a count is itself."""
    if actor.count is None:
        return name, actor
    own: ActorKeys = rewritten(actor, lambda text: text.replace(NUMBER, str(number)))
    return f"{name}{number}", own.model_copy(update={"count": None})


def subscriptions_of(actors: Mapping[str, ActorKeys], domain: str) -> list[dict[str, Any]]:
    """Return the entries of a subscribers file: actors of one public identity are devices of one subscription."""
    found: dict[str, dict[str, Any]] = {}
    for name, actor in actors.items():
        if not actor.is_subscriber:
            continue
        aor = aor_of(name, actor, domain)
        listed = list(actor.identities) or [aor]
        entry = next((each for each in found.values() if aor in _ids(each["implicit_sets"][0])), None)
        is_range = actor.count is not None and NUMBER in aor
        if entry is None:
            entry = found[name] = {"name": name, "private_identities": [], "implicit_sets": [listed]}
            if is_range:
                entry["range"] = ["1", str(actor.count)]
                entry["name"] = f"{name}{NUMBER}"
        elif actor.identities:
            entry["implicit_sets"] = [listed]
        devices = [(name, actor)] if is_range else [one_of(name, actor, n + 1) for n in range(actor.count or 1)]
        for own_name, own in devices:
            device: dict[str, Any] = {"id": impi_of(own_name, own, domain), "auth": _auth(own)}
            if own.registers is not None:
                device["identities"] = list(own.registers)
            if device["id"] not in [each["id"] for each in entry["private_identities"]]:
                entry["private_identities"].append(device)
    return list(found.values())


def _auth(actor: ActorKeys) -> dict[str, Any]:
    if actor.auth == "none":
        return {"scheme": "none"}
    if actor.auth == "aka":
        return {"scheme": "aka", "k": actor.k, "opc": actor.opc}
    if actor.auth == "ntlm":
        names = {name: value for name, value in (("username", actor.user), ("domain", actor.domain)) if value}
        return {"scheme": "ntlm", "password": actor.password, **names}
    auth: dict[str, Any] = {"scheme": "digest", "password": actor.password}
    return auth | ({"algorithms": list(actor.algorithms)} if actor.algorithms else {})


def _ids(identities: list[Any]) -> list[str]:
    return [each.get("id", "") if isinstance(each, Mapping) else str(each) for each in identities]
