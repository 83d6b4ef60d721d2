import pytest

from hss_stub.config import load_hss_config
from hss_stub.servers import Server
from scscf.config.listen import Listen
from scscf.errors import InputError

ALL = """\
listen: [diameter://127.0.0.1:0, "diameter://[::1]:3868"]
api: http://0.0.0.0:8061
api_token_file: token
origin_host: hss1.home2.test
origin_realm: home2.test
subscribers: users.yaml
servers:
  - sip:a.home2.test
  - {name: sip:b.home2.test, capabilities: [7, 8]}
hosts: {scscf.home2.test: 192.0.2.1}
store: sqlite:///hss.db
log: {level: debug}
"""


@pytest.fixture
def load(tmp_path):
    def write(text, **overrides):
        (tmp_path / "hss.yaml").write_text(text)
        return load_hss_config(tmp_path / "hss.yaml", overrides)

    return write


def problems(load, text, **overrides):
    with pytest.raises(InputError) as caught:
        load(text, **overrides)
    return caught.value.problems


def test_without_a_file_everything_has_a_default():
    config = load_hss_config()

    assert [(listen.host, listen.port) for listen in config.listen] == [("127.0.0.1", 3868)]
    assert (config.api.host, config.api.port) == ("127.0.0.1", 8061)
    assert (config.origin_host, config.origin_realm) == ("hss.home1.test", "home1.test")
    assert config.servers == (Server("sip:127.0.0.1:5060"),)
    assert (config.subscribers, config.store, config.api_token) == (None, None, None)


def test_every_key_is_read_and_files_are_beside_the_configuration(load, tmp_path):
    (tmp_path / "token").write_text("hush\n")

    config = load(ALL)

    assert config.listen == (Listen("tcp", "127.0.0.1", 0), Listen("tcp", "::1", 3868))
    assert (config.api.host, config.api_token) == ("0.0.0.0", "hush")
    assert (config.origin_host, config.origin_realm) == ("hss1.home2.test", "home2.test")
    assert config.subscribers == tmp_path / "users.yaml"
    assert config.servers == (Server("sip:a.home2.test"), Server("sip:b.home2.test", (7, 8)))
    assert config.hosts == {"scscf.home2.test": "192.0.2.1"}
    assert config.store == tmp_path / "hss.db"
    assert config.log.level == "debug"


def test_options_come_before_the_file_and_name_paths_from_here(load, tmp_path):
    config = load("origin_realm: home2.test\nsubscribers: a.yaml\n", subscribers=tmp_path / "b.yaml", listen=[])

    assert config.subscribers == tmp_path / "b.yaml"
    assert config.origin_host == "hss.home2.test"


def test_a_store_is_beside_its_configuration_file(load, tmp_path):
    assert load("store: sqlite:///hss.db\n").store == tmp_path / "hss.db"
    assert load_hss_config(None, {"store": "memory"}).store is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("store: sqlite://\n", 1, "must be memory or sqlite:///FILE"),
        ("store: sqlite:///\n", 1, "must be memory or sqlite:///FILE"),
        ("\nstore: redis://127.0.0.1\n", 2, "must be memory or sqlite:///FILE"),
        ("store: hss.db\n", 1, "must be memory or sqlite:///FILE"),
        ("origin_realm: home2.test\nlisten: [udp://127.0.0.1:3868]\n", 2, "diameter://"),
        ("api: http://0.0.0.0:8061\n", 1, "is open to others: that needs api_token or api_token_file"),
        ("api_token_file: nowhere\n", 1, "cannot be read"),
        ("servers: []\n", 1, "must have at least 1"),
        ("servers:\n  - {name: a.home2.test}\n", 2, "must be a SIP URI"),
        ("servers:\n  - {name: sip:a, capabilities: [-1]}\n", 2, "must be at least 0"),
        ("hosts: {scscf.home2.test: somewhere}\n", 1, "address"),
        ("origin_host: a b\n", 1, "a b"),
        ("orgin_realm: home2.test\n", 1, "origin_realm"),
        ("log: {level: loud}\n", 1, "log.level: must be debug"),
    ],
)
def test_a_mistake_is_told_with_its_line(load, text, line, said):
    (found,) = problems(load, text)

    assert (found.line, found.file.endswith("hss.yaml")) == (line, True)
    assert said in found.message


def test_an_empty_token_is_none(load, tmp_path):
    (tmp_path / "token").write_text("\n")

    (found,) = problems(load, "api_token_file: token\n")
    assert found.message.endswith("is empty")


def test_every_mistake_is_told_at_once(load):
    found = problems(load, "store: x\napi: http://0.0.0.0:1\napi_token_file: nowhere\n")

    assert [each.line for each in found] == [1, 3]
