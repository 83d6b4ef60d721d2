"""The configuration file of the HSS stub as a process of its own."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field

from hss_stub.servers import Server
from scscf.config.keys import LogKeys
from scscf.config.listen import Listen, parse_api, parse_diameter
from scscf.config.values import Address, Api, DiameterListeners, FileName, Host, SipUri
from scscf.errors import InputError, Problem
from scscf.yaml_file import YamlFile, read_yaml
from scscf.yaml_model import Section, validate

DEFAULT_REALM = "home1.test"
DEFAULT_LISTEN = ("diameter://127.0.0.1:3868",)
DEFAULT_API = "http://127.0.0.1:8061"
DEFAULT_SERVER = "sip:127.0.0.1:5060"


def _or_uri(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class ServerKeys(Section):
    """An S-CSCF that is offered to an I-CSCF for a user who has none."""

    name: SipUri
    capabilities: Annotated[tuple[Annotated[int, Field(ge=0, le=2**32 - 1)], ...], Field(max_length=100)] = ()


class HssKeys(Section):
    """The configuration file of `hss-stub`. Every key may be left out."""

    listen: DiameterListeners = DEFAULT_LISTEN
    """diameter:// or diameters://ADDRESS:PORT; port 0: any free one."""
    api: Api = DEFAULT_API
    """Where the API listens; another address than loopback needs a token."""
    api_token: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """Bearer token of the API."""
    api_token_file: FileName | None = None
    """File that holds the token, relative to this one."""
    origin_host: Host | None = None
    """Without it hss. and the realm."""
    origin_realm: Host = DEFAULT_REALM
    """The home domain; the demo subscribers are its users."""
    subscribers: FileName | None = None
    """Relative to this file; without it the demo subscribers."""
    servers: Annotated[
        tuple[Annotated[ServerKeys, BeforeValidator(_or_uri)], ...], Field(min_length=1, max_length=100)
    ] = (ServerKeys(name=DEFAULT_SERVER),)
    """S-CSCFs offered to an I-CSCF; a bare URI will do."""
    hosts: Annotated[Mapping[Host, Address], Field(max_length=10000)] = Field(default_factory=dict)
    """Name → address: answers instead of DNS."""
    store: Annotated[str, Field(max_length=4096)] = "memory"
    """Where assignments, states and sequence numbers are kept: memory, or sqlite:///FILE."""
    log: LogKeys = LogKeys()


class HssConfig(NamedTuple):
    """Everything that can be configured, checked and with its defaults."""

    listen: tuple[Listen, ...]
    api: Listen
    api_token: str | None
    origin_host: str
    origin_realm: str
    subscribers: Path | None
    """None: the demo subscribers."""
    servers: tuple[Server, ...]
    hosts: Mapping[str, str]
    store: Path | None
    """A SQLite file; None: memory."""
    log: LogKeys


def load_hss_config(path: Path | None = None, overrides: Mapping[str, object] | None = None) -> HssConfig:
    """Return the configuration of a file (None: the defaults) with `overrides` in place of the file's keys.

    Paths in the file are relative to the file, in overrides to the working directory. Raises InputError with every
    problem found.
    """
    file = YamlFile("configuration", {}) if path is None else read_yaml(path)
    folder = Path() if path is None else path.parent
    given = {key: value for key, value in (overrides or {}).items() if value}
    if isinstance(file.data, dict):
        data = {**file.data, **{key: str(value) if isinstance(value, Path) else value for key, value in given.items()}}
        file = file._replace(data=data, options=frozenset(given))
    keys = validate(HssKeys, file, {"folder": folder, "options": file.options})
    problems: list[Problem] = []
    token = _token(keys, file, folder, problems)
    api = parse_api(keys.api)
    if token is None and not ip_address(api.host).is_loopback and keys.api_token_file is None:
        message = f"{api.host} is open to others: that needs api_token or api_token_file"
        problems.append(file.problem(("api",), message))
    store = _store(keys.store, file, folder, problems)
    if problems:
        raise InputError(sorted(problems))
    return HssConfig(
        tuple(parse_diameter(text, _folder(file, folder, "listen")) for text in keys.listen),
        api,
        token,
        keys.origin_host or f"hss.{keys.origin_realm}",
        keys.origin_realm,
        None if keys.subscribers is None else _folder(file, folder, "subscribers") / keys.subscribers,
        tuple(Server(server.name, server.capabilities) for server in keys.servers),
        keys.hosts,
        store,
        keys.log,
    )


def _folder(file: YamlFile, folder: Path, key: str) -> Path:
    return Path() if key in file.options else folder


def _store(text: str, file: YamlFile, folder: Path, problems: list[Problem]) -> Path | None:
    if text == "memory":
        return None
    name = text.removeprefix("sqlite:///")
    if name == text or not name:
        problems.append(file.problem(("store",), f"{text[:100]}: must be memory or sqlite:///FILE"))
        return None
    return _folder(file, folder, "store") / name


def _token(keys: HssKeys, file: YamlFile, folder: Path, problems: list[Problem]) -> str | None:
    if keys.api_token_file is None:
        return keys.api_token
    try:
        token = (folder / keys.api_token_file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        problems.append(file.problem(("api_token_file",), f"cannot be read: {error}"))
        return None
    if not token:
        problems.append(file.problem(("api_token_file",), f"{keys.api_token_file} is empty"))
    return token
