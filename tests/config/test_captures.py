import re
from pathlib import Path

import pytest

from scscf.config import load_config
from scscf.config.captures import Homer, parse_hep
from scscf.config.configuration import config_of
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml


def test_a_homer_is_named_by_host_and_port_with_options() -> None:
    assert parse_hep("udp://192.0.2.50") == Homer("192.0.2.50", 9060, 2001, "")
    assert parse_hep("UDP://homer.test:9063/?agent=7&key=se%20cret") == Homer("homer.test", 9063, 7, "se cret")
    assert parse_hep("udp://[2001:db8::1]:9060").host == "2001:db8::1"
    assert "cret" not in repr(parse_hep("udp://homer.test?key=secret"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tcp://homer.test", "not available yet; udp:// is"),
        ("http://homer.test", "must be udp://HOST:PORT"),
        ("homer.test:9060", "must be udp://HOST:PORT"),
        ("udp://homer.test:0", "from 1 to 65535"),
        ("udp://homer.test:99999", "from 0 to 65535"),
        ("udp://homer.test?agent=x", "agent must be a number"),
        ("udp://homer.test?agent=99999999999999", "agent must be a number"),
        ("udp://homer.test?kye=x", "unknown option of udp://; allowed: agent, key (did you mean key?)"),
        ("udp://homer.test?agent", "must be NAME=VALUE"),
    ],
)
def test_what_is_no_homer_is_refused_with_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_hep(text)


def test_messages_and_captures_have_defaults() -> None:
    config = load_config()

    assert (config.messages.keep, config.messages.octets) == (10_000, 32_000_000)
    assert config.capture == (None, 100_000_000, 10, False)
    assert config.hep is None


def test_a_capture_file_is_relative_to_the_configuration() -> None:
    text = (
        "messages: {keep: 5}\ncapture: {file: traces/a.pcapng, octets: 20000, files: 2, keys: true}\nhep: udp://h:1\n"
    )
    config = config_of(parse_yaml(text, "config.yaml"), Path("/etc/scscf"))

    assert config.messages.keep == 5
    assert config.capture == (Path("/etc/scscf/traces/a.pcapng"), 20_000, 2, True)
    assert config.hep == Homer("h", 1)


def test_options_go_before_the_file() -> None:
    text = "capture: {file: a.pcapng, files: 2}\n"
    options = {"capture": {"file": "/var/b.pcapng", "keys": True}, "hep": "udp://h"}
    config = config_of(parse_yaml(text, "config.yaml"), Path("/etc"), options)

    assert config.capture == (Path("/var/b.pcapng"), 100_000_000, 2, True)
    assert config.hep is not None


def test_a_homer_that_cannot_be_read_stops_the_start() -> None:
    with pytest.raises(InputError, match="must be udp://HOST:PORT"):
        config_of(parse_yaml("hep: homer\n", "config.yaml"), Path())
