"""The configuration: its file's keys, its listeners, and the checked whole that the rest is built from."""

from scscf.config.configuration import DEFAULT_DOMAIN, Config, Diameter, Domain, load_config
from scscf.config.keys import AuthKeys, CauseKeys, LogKeys, RegEventKeys, RegistrarLimits, TimerKeys
from scscf.config.listen import Listen

__all__ = [
    "DEFAULT_DOMAIN",
    "AuthKeys",
    "CauseKeys",
    "Config",
    "Diameter",
    "Domain",
    "Listen",
    "LogKeys",
    "RegEventKeys",
    "RegistrarLimits",
    "TimerKeys",
    "load_config",
]
