"""A configuration that is checked as a whole, from a file and from options that go before it."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, NamedTuple

from scscf.config.captures import Capture, Homer, parse_hep
from scscf.config.domain import Domain, domains_of
from scscf.config.keys import (
    AuthKeys,
    CauseKeys,
    ConfigKeys,
    DiameterKeys,
    LogKeys,
    MessageKeys,
    TimerKeys,
)
from scscf.config.listen import Listen, host_of_uri, is_name, parse_api, parse_diameter, parse_listen
from scscf.config.plmn import in_plmn
from scscf.config.siprege import Siprege
from scscf.config.values import CauseName, CxCommandName, CxResultName
from scscf.errors import InputError, Problem
from scscf.yaml_file import YamlFile, read_yaml
from scscf.yaml_model import validate


class Diameter(NamedTuple):
    """How this S-CSCF speaks Cx with an HSS."""

    peers: tuple[Listen, ...]
    """The HSSs, in the order in which they are asked."""
    origin_host: str
    origin_realm: str
    destination_realm: str
    destination_host: str | None
    listen: tuple[Listen, ...]
    timeout: float
    """Seconds in which an answer has to come."""
    watchdog: float
    """Tw, seconds (RFC 3539 §3.4.1)."""
    user_authorization: str
    """`auto`, `always` or `never`."""


class Config(NamedTuple):
    """Everything that can be configured, checked and with its defaults."""

    domains: tuple[Domain, ...]
    listen: tuple[Listen, ...]
    hosts: Mapping[str, str]
    """Name in lower case → address: answers instead of DNS (RFC 3263)."""
    api: Listen
    api_token: str | None
    subscribers: Path | None
    """None: the demo subscribers."""
    diameter: Diameter | None
    """None: the HSS is the embedded stub."""
    server_name: str | None
    """Cx Server-Name; None: of the first listener's advertised address."""
    service_route: tuple[str, ...] | None
    """Values of Service-Route (RFC 3608); None: made of the server name."""
    feature_caps: tuple[str, ...]
    """Values of Feature-Caps (RFC 6809)."""
    trusted_peers: tuple[IPv4Network | IPv6Network, ...]
    direct_ues: str
    sec_agree: str
    """`off` or `headers` (RFC 3329)."""
    auth: AuthKeys
    siprege: Siprege
    timers: TimerKeys
    causes: Mapping[CauseName, CauseKeys]
    cx_failures: Mapping[CxCommandName, Mapping[CxResultName, int]]
    quirks: tuple[str, ...]
    """Names of the quirks that are on from the start."""
    strict: bool
    store: str
    log: LogKeys
    messages: MessageKeys
    capture: Capture
    hep: Homer | None


def load_config(
    path: Path | None = None, overrides: Mapping[str, object] | None = None, plmn: str | None = None
) -> Config:
    """Return the configuration of a file (None: the defaults) with `overrides` in place of the file's keys.

    Overrides have the keys of the file, values of None are not there, mappings are merged key by key. Paths in the file
    are relative to the file, in overrides to the working directory. `plmn` (MCC-MNC) gives the names that overrides do
    not. Raises InputError with every problem found.
    """
    file = YamlFile("configuration", {}) if path is None else read_yaml(path)
    return config_of(file, Path() if path is None else path.parent, overrides, plmn)


def config_of(
    file: YamlFile, folder: Path, overrides: Mapping[str, object] | None = None, plmn: str | None = None
) -> Config:
    """Return the configuration that a file's content says, with paths relative to `folder`; see load_config."""
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    file = _overridden(file, given)
    if plmn is not None and isinstance(file.data, dict):
        try:
            named = in_plmn(file.data, plmn)
        except ValueError as error:
            raise InputError([Problem("--plmn", 0, 0, str(error))]) from None
        file = _overridden(file._replace(data=named), {key: given[key] for key in ("home_domain",) if key in given})
    keys = validate(ConfigKeys, file, {"folder": folder, "options": file.options})
    problems: list[Problem] = []
    domains = domains_of(keys, file, problems)
    listen = tuple(parse_listen(text, _folder(file, folder, "listen")) for text in keys.listen)
    _check_listeners(listen, file, problems)
    api = parse_api(keys.api)
    token = _api_token(keys, file, folder, problems)
    if token is None and not ip_address(api.host).is_loopback and keys.api_token_file is None:
        message = f"{api.host} is open to others: that needs api_token or api_token_file"
        problems.append(file.problem(("api",), message))
    _check_hss(keys, file, problems)
    if problems:
        raise InputError(sorted(problems))
    return Config(
        domains=domains,
        listen=listen,
        hosts=keys.hosts,
        api=api,
        api_token=token,
        subscribers=None if keys.subscribers is None else _folder(file, folder, "subscribers") / keys.subscribers,
        diameter=_diameter(keys, domains[0].name, file, folder),
        server_name=keys.server_name,
        service_route=keys.service_route,
        feature_caps=keys.feature_caps,
        trusted_peers=tuple(ip_network(text) for text in keys.trusted_peers),
        direct_ues=keys.direct_ues,
        sec_agree=keys.sec_agree,
        auth=keys.auth,
        siprege=keys.siprege.siprege(),
        timers=keys.timers,
        causes=keys.causes,
        cx_failures=keys.cx_failures,
        quirks=keys.quirks,
        strict=keys.strict,
        store=keys.store,
        log=keys.log,
        messages=keys.messages,
        capture=Capture(
            None if keys.capture.file is None else folder / keys.capture.file,
            keys.capture.octets,
            keys.capture.files,
            keys.capture.keys,
        ),
        hep=None if keys.hep is None else parse_hep(keys.hep),
    )


def _folder(file: YamlFile, folder: Path, key: str) -> Path:
    return Path() if key in file.options else folder


def _overridden(file: YamlFile, overrides: Mapping[str, Any]) -> YamlFile:
    if not overrides or not isinstance(file.data, dict):
        return file
    data = dict(file.data)
    if "home_domain" in overrides:
        data.pop("domains", None)
    options = set()
    for key, value in overrides.items():
        if isinstance(value, Mapping):
            data[key] = {**(data.get(key) or {}), **{name: item for name, item in value.items() if item is not None}}
            continue
        if isinstance(value, Sequence) and not value:
            continue
        data[key] = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        if isinstance(value, Path):
            data[key] = str(value)
        options.add(key)
    return file._replace(data=data, options=frozenset(options))


def _check_listeners(listen: tuple[Listen, ...], file: YamlFile, problems: list[Problem]) -> None:
    seen: set[tuple[str, str, int]] = set()
    for index, listener in enumerate(listen):
        socket = ("udp" if listener.transport == "udp" else "tcp", listener.host, listener.port)
        if listener.port and socket in seen:
            problems.append(file.problem(("listen", index), f"{listener.uri}: this address and port are taken above"))
        seen.add(socket)


def _check_hss(keys: ConfigKeys, file: YamlFile, problems: list[Problem]) -> None:
    if keys.hss is not None and keys.subscribers is not None:
        message = "these are the embedded HSS stub's, and with hss there is none: give one of them"
        problems.append(file.problem(("subscribers",), message, key=True))
    if keys.diameter is not None and keys.hss is None:
        problems.append(file.problem(("diameter",), "needs hss, the HSS to speak with", key=True))


def _diameter(keys: ConfigKeys, home: str, file: YamlFile, folder: Path) -> Diameter | None:
    if keys.hss is None:
        return None
    own = keys.diameter or DiameterKeys()
    named = host_of_uri(keys.server_name) if keys.server_name else ""
    return Diameter(
        peers=tuple(parse_diameter(text, _folder(file, folder, "hss"), remote=True) for text in keys.hss),
        origin_host=own.origin_host or (named if is_name(named) else f"scscf.{home}"),
        origin_realm=own.origin_realm or home,
        destination_realm=own.destination_realm or home,
        destination_host=own.destination_host,
        listen=tuple(parse_diameter(text, _folder(file, folder, "diameter")) for text in own.listen or ()),
        timeout=own.timeout,
        watchdog=own.watchdog,
        user_authorization=own.user_authorization,
    )


def _api_token(keys: ConfigKeys, file: YamlFile, folder: Path, problems: list[Problem]) -> str | None:
    if keys.api_token_file is None:
        return keys.api_token
    where = ("api_token_file",)
    if keys.api_token is not None:
        problems.append(file.problem(where, "give api_token or api_token_file, not both"))
        return keys.api_token
    path = _folder(file, folder, "api_token_file") / keys.api_token_file
    try:
        with path.open(encoding="utf-8") as stream:
            token = stream.read(1000).strip()
    except (OSError, UnicodeError) as error:
        problems.append(file.problem(where, f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"))
        return None
    if not token:
        problems.append(file.problem(where, f"{path} is empty"))
    return token or None
