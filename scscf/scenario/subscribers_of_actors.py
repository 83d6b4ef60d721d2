"""The subscribers that a scenario's actors are, where its file lists none."""

from collections.abc import Mapping
from typing import Any

from scscf.scenario.keys import ActorKeys

_DIGITS = "{n}"


def aor_of(name: str, actor: ActorKeys, domain: str) -> str:
    """Return the public identity of an actor."""
    if actor.aor is not None:
        return actor.aor
    numbered = _DIGITS if actor.count is not None else ""
    return f"sip:{name}{numbered}@{domain}"


def impi_of(name: str, actor: ActorKeys, domain: str) -> str:
    """Return the private identity of an actor."""
    if actor.impi is not None:
        return actor.impi
    numbered = _DIGITS if actor.count is not None else ""
    return f"{name}{numbered}@{domain}"


def subscriptions_of(actors: Mapping[str, ActorKeys], domain: str) -> list[dict[str, Any]]:
    """Return the entries of a subscribers file: actors of one public identity are devices of one subscription."""
    found: dict[str, dict[str, Any]] = {}
    for name, actor in actors.items():
        if not actor.is_subscriber:
            continue
        aor = aor_of(name, actor, domain)
        listed = list(actor.identities) or [aor]
        entry = next((each for each in found.values() if aor in _ids(each["implicit_sets"][0])), None)
        if entry is None:
            entry = found[name] = {"name": name, "private_identities": [], "implicit_sets": [listed]}
            if actor.count is not None:
                entry["range"] = ["1", str(actor.count)]
                entry["name"] = f"{name}{_DIGITS}"
        elif actor.identities:
            entry["implicit_sets"] = [listed]
        device: dict[str, Any] = {"id": impi_of(name, actor, domain), "auth": _auth(actor)}
        if actor.registers is not None:
            device["identities"] = list(actor.registers)
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
