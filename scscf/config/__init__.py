"""The configuration: its file's keys, its listeners, and the checked whole that the rest is built from."""

from scscf.config.captures import Capture, Homer
from scscf.config.configuration import Config, Diameter, load_config
from scscf.config.domain import DEFAULT_DOMAIN, Domain
from scscf.config.keys import AuthKeys, CauseKeys, LogKeys, RegEventKeys, RegistrarLimits, TimerKeys
from scscf.config.listen import Listen
from scscf.config.siprege import Siprege

__all__ = [
    "DEFAULT_DOMAIN",
    "AuthKeys",
    "Capture",
    "CauseKeys",
    "Config",
    "Diameter",
    "Domain",
    "Homer",
    "Listen",
    "LogKeys",
    "RegEventKeys",
    "RegistrarLimits",
    "Siprege",
    "TimerKeys",
    "load_config",
]
