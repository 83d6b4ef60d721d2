"""What is logged: text or JSON lines, and never what proves who somebody is."""

import json
import logging
import sys

import pytest

from scscf.trace import JsonFormatter, TextFormatter, log_message, without_secrets

AUTHORIZATION = (
    'Authorization: Digest username="bob", realm="r", nonce="abc", response="6629fae49393a05397450978507c4ef1", '
    'cnonce="0a4f113b", rspauth="x", ck="1", IK="2", auts="3"'
)


def test_secrets_are_hidden_and_the_rest_stays() -> None:
    text = without_secrets(AUTHORIZATION)

    assert 'username="bob"' in text
    assert 'nonce="abc"' in text
    for secret in ("6629fae4", "0a4f113b", '"x"', '"1"', '"2"', '"3"'):
        assert secret not in text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Digest response=beef, realm=r",
        'Authorization: Digest response = "beef", realm=r',
        'Authorization: Digest realm=r, response=\r\n "beef"',
        'Authorization: Digest realm=r, response="beef',
        "Proxy-Authorization: Basic beef==",
        "Authorization: bearer\tbeef",
    ],
)
def test_a_secret_is_hidden_however_it_is_written(text: str) -> None:
    assert "beef" not in without_secrets(text)


def test_what_a_user_proves_by_ntlm_is_hidden() -> None:
    text = without_secrets('Authorization: NTLM qop="auth", opaque="1", gssapi-data="TlRMTVNTUAAD", response="0100"')

    assert text == 'Authorization: NTLM qop="auth", opaque="1", gssapi-data="...", response="..."'
    assert without_secrets('NTLM gssapi-data="", version=4') == 'NTLM gssapi-data="", version=4'


def test_a_message_is_logged_at_debug_with_its_way(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "scscf.messages"):
        log_message("in", "udp", ("192.0.2.1", 5060), ("192.0.2.9", 5070), AUTHORIZATION.encode() + b"\xff")

    (record,) = caplog.records
    assert "udp" in record.getMessage()
    assert "192.0.2.9:5070" in record.getMessage()
    shown = TextFormatter().format(record)
    assert "6629fae4" not in shown
    assert 'username="bob"' in shown
    assert 'username="bob"' in json.loads(JsonFormatter().format(record))["sip"]


def test_a_json_line_holds_the_event_and_what_it_adds() -> None:
    record = logging.getLogger("scscf").makeRecord(
        "scscf", logging.WARNING, "f", 1, "%s gone\n", ("a",), None, extra={"aor": "sip:é@b", "number": 3}
    )
    line = JsonFormatter().format(record)
    shown = json.loads(line)

    assert "\n" not in line
    assert (shown["level"], shown["logger"], shown["message"]) == ("warning", "scscf", "a gone\n")
    assert (shown["aor"], shown["number"]) == ("sip:é@b", "3")
    assert isinstance(shown["time"], float)


def test_a_traceback_is_part_of_its_line() -> None:
    try:
        raise ValueError("boom")
    except ValueError:
        record = logging.getLogger("scscf").makeRecord("scscf", logging.ERROR, "f", 1, "bug", (), sys.exc_info())

    assert "ValueError: boom" in json.loads(JsonFormatter().format(record))["traceback"]
