from pathlib import Path

import pytest

from scscf.config.listen import Listen, bracketed, hostport, parse_api, parse_listen


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("udp://127.0.0.1:5060", Listen("udp", "127.0.0.1", 5060)),
        ("UDP://127.0.0.1", Listen("udp", "127.0.0.1", 5060)),
        ("tcp://[::1]:0", Listen("tcp", "::1", 0)),
        ("udp://localhost:5070/", Listen("udp", "127.0.0.1", 5070)),
        ("udp://0.0.0.0:5060?advertise=sip.test:6060", Listen("udp", "0.0.0.0", 5060, "sip.test", 6060)),
        ("udp://[::]:5060?advertise=[2001:db8::1]", Listen("udp", "::", 5060, "2001:db8::1", None)),
    ],
)
def test_a_listener_is_parsed(text, listen):
    assert parse_listen(text) == listen


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("127.0.0.1:5060", "must be udp://"),
        ("sctp://127.0.0.1:5060", "must be udp://"),
        ("ws://127.0.0.1:5062", "not available yet"),
        ("udp://example.test:5060", "must be an IP address of this machine"),
        ("udp://127.0.0.1:70000", "from 0 to 65535"),
        ("udp://127.0.0.1:x", "from 0 to 65535"),
        ("udp://127.0.0.1:", "from 0 to 65535"),
        ("udp://[::1", "must be"),
        ("udp://::1:5060", "from 0 to 65535|must be"),
        ("udp://", "must be HOST:PORT"),
        ("udp://0.0.0.0:5060", "add .advertise=HOST:PORT"),
        ("udp://127.0.0.1?advertise", "NAME=VALUE"),
        ("udp://127.0.0.1?advertize=a", r"allowed: advertise \(did you mean advertise"),
        ("udp://127.0.0.1?certificate=a", "unknown option of udp://"),
        ("udp://127.0.0.1?advertise=a&advertise=b", "once"),
        ("tls://127.0.0.1", "needs .certificate=FILE"),
        ("tls://127.0.0.1?certificate=no.pem", "there is no file no.pem"),
    ],
)
def test_a_wrong_listener_says_what_is_allowed(text, message):
    with pytest.raises(ValueError, match=message):
        parse_listen(text)


def test_files_of_tls_are_relative_to_the_folder(tmp_path):
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (tmp_path / name).write_text("")
    text = "tls://127.0.0.1?certificate=cert.pem&key=key.pem&ca=ca.pem&verify=optional"
    listen = parse_listen(text, tmp_path)
    assert listen.port == 5061
    assert (listen.certificate, listen.verify) == (str(tmp_path / "cert.pem"), "optional")
    with pytest.raises(ValueError, match="verify=requird: must be none, optional, required"):
        parse_listen("tls://127.0.0.1?certificate=cert.pem&ca=ca.pem&verify=requird", tmp_path)
    with pytest.raises(ValueError, match="verify=required needs ca"):
        parse_listen("tls://127.0.0.1?certificate=cert.pem&verify=required", Path(tmp_path))


def test_without_a_key_the_certificate_s_file_holds_it(tmp_path):
    (tmp_path / "both.pem").write_text("")
    assert parse_listen("tls://127.0.0.1?certificate=both.pem", tmp_path).key == str(tmp_path / "both.pem")


def test_ipv6_is_in_brackets_in_uris():
    assert bracketed("::1") == "[::1]"
    assert parse_listen("udp://[0:0:0:0:0:0:0:1]:5060").uri == "udp://[::1]:5060"


def test_the_api_is_http():
    assert parse_api("http://[::1]:8061") == Listen("http", "::1", 8061)
    with pytest.raises(ValueError, match="must be http://"):
        parse_api("https://127.0.0.1:8060")


@pytest.mark.parametrize(
    ("host", "text"), [("192.0.2.1", "192.0.2.1:5060"), ("hss.test", "hss.test:5060"), ("::1", "[::1]:5060")]
)
def test_a_host_and_a_port_stand_together_as_in_a_uri(host, text):
    assert hostport(host, 5060) == text
