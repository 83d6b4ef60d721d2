"""The home domains of a configuration, each with its own limits and those of its dialect."""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from scscf.config.keys import ConfigKeys, DomainKeys, RegEventKeys, RegistrarLimits, in_order
from scscf.errors import Problem
from scscf.yaml_file import Where, YamlFile

DEFAULT_DOMAIN = "home1.test"
"""The home domain where none is configured."""

_LIMITS = ("min_expires", "default_expires", "max_expires")
_Limits = TypeVar("_Limits", RegistrarLimits, RegEventKeys)
_OF_DIALECT: dict[str, dict[str, dict[str, object]]] = {
    "ims": {},
    "rfc3261": {"reg_event": {"documents": "delta", "without_binding": "init"}},
    "siprege": {
        "registrar": {"default_expires": 7200, "on_max_contacts": "replace_oldest"},
        "reg_event": {"without_binding": "init"},
    },
}
"""Dialect → section → its defaults where they differ from the section's own."""


class Domain(NamedTuple):
    """A home domain that this S-CSCF serves."""

    name: str
    """Lower case; an IPv6 address without brackets."""
    realm: str
    """The digest realm."""
    aliases: tuple[str, ...]
    """Further hosts of Request-URIs that mean this domain, lower case."""
    dialect: str
    """`ims`, `rfc3261` or `siprege`."""
    registrar: RegistrarLimits
    reg_event: RegEventKeys


def domains_of(keys: ConfigKeys, file: YamlFile, problems: list[Problem]) -> tuple[Domain, ...]:
    """Return the home domains of a configuration file, at least one. What is wrong is added to `problems`."""
    if keys.domains and keys.home_domain:
        problems.append(file.problem(("home_domain",), "short for one entry of domains: give one of them", key=True))
    entries = keys.domains or (DomainKeys(name=keys.home_domain or DEFAULT_DOMAIN),)
    seen: dict[str, int] = {}
    domains = []
    for index, entry in enumerate(entries):
        where: Where = ("domains", index) if keys.domains else ()
        for name in dict.fromkeys((entry.name, *entry.aliases)):
            if name in seen:
                problems.append(file.problem(where, f"{name} is there already, in domains[{seen[name]}]"))
            seen[name] = index
        dialect = entry.dialect or keys.dialect
        own = _OF_DIALECT[dialect]
        registrar = _merged(
            own.get("registrar", {}), keys.registrar, entry.registrar, (*where, "registrar"), file, problems
        )
        reg_event = _merged(
            own.get("reg_event", {}), keys.reg_event, entry.reg_event, (*where, "reg_event"), file, problems
        )
        domains.append(
            Domain(
                entry.name,
                entry.realm or entry.name,
                tuple(alias for alias in entry.aliases if alias != entry.name),
                dialect,
                registrar,
                reg_event,
            )
        )
    return tuple(domains)


def _merged(
    defaults: Mapping[str, object],
    base: _Limits,
    own: _Limits,
    where: Where,
    file: YamlFile,
    problems: list[Problem],
) -> _Limits:
    """Return the domain's own keys over the general ones, over `defaults`.

    Limits that nobody wrote give way to written ones.
    """
    written = base.model_fields_set | own.model_fields_set
    values = {name: getattr(own if name in own.model_fields_set else base, name) for name in written}
    merged = type(base).model_construct(written, **{**defaults, **values})
    wrong = in_order(merged, _LIMITS)
    if wrong:
        problems.append(file.problem(where, f"together with the general keys: {wrong}"))
    low, high = merged.min_expires, merged.max_expires
    if "min_expires" not in written:
        bounds = [values[name] for name in ("default_expires", "max_expires") if name in written]
        low = min(low, *bounds, high) if bounds else low
    if "max_expires" not in written:
        high = max(high, low, values.get("default_expires", 0))
    default = values.get("default_expires", min(max(merged.default_expires, low), high))
    limits = {"min_expires": low, "default_expires": default, "max_expires": high}
    return merged.model_copy(update=limits)
