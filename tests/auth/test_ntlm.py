"""NTLM against what Microsoft has published, against ourselves, and against whoever makes up tokens (MS-NLMP)."""

import hmac
import logging
from collections.abc import Callable
from struct import pack, pack_into, unpack_from

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.auth import ntlm
from scscf.auth.ntlm import MessageKeys, NtlmError, Target
from scscf.auth.ntlm_messages import Flag, authenticate_message, read_challenge
from tests.auth import ntlm_captures as captures

TARGET = Target("FABRIKAM", "OCS", "fabrikam.test", "ocs.fabrikam.test")
SERVER_CHALLENGE, CLIENT_CHALLENGE = bytes.fromhex("0123456789abcdef"), bytes.fromhex("aaaaaaaaaaaaaaaa")
SESSION_KEY = bytes.fromhex("55" * 16)
CHALLENGE = ntlm.challenge_message(SERVER_CHALLENGE, TARGET)
WITHOUT_ESS = ntlm.challenge_message(SERVER_CHALLENGE, TARGET, extended=False)
SECRET = ntlm.nt_hash("secret")
COSMO = ntlm.nt_hash("Pa$$word")
OLD_FLAGS = 0x42908255
FLAGS_AT, PROOF_AT, TIME_AT = 60, 138, 162

reproducible = settings(max_examples=60)


def answered(
    challenge: bytes = CHALLENGE, nt_hash: bytes = SECRET, user: str = "alice", at: float = 1.2e9
) -> tuple[bytes, MessageKeys]:
    return ntlm.answer(challenge, user, "FABRIKAM", nt_hash, "PC", CLIENT_CHALLENGE, SESSION_KEY, at)


def accepted(token: bytes, challenge: bytes = CHALLENGE, nt_hash: bytes = SECRET) -> MessageKeys | None:
    return ntlm.accept(challenge, ntlm.read_authenticate(token), nt_hash)


def with_flags(token: bytes, flags: int) -> bytes:
    changed = bytearray(token)
    pack_into("<I", changed, FLAGS_AT, flags)
    return bytes(changed)


@pytest.mark.clause("MS-NLMP §3.3.1")
@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Password", "a4f49c406510bdcab6824ee7c30fd852"),
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
    ],
)
def test_a_password_has_its_hash(password: str, expected: str) -> None:
    assert ntlm.nt_hash(password).hex() == expected


def test_a_password_that_looks_like_hashes_is_a_password() -> None:
    assert ntlm.nt_hash("0" * 32 + ":" + "0" * 32) != bytes(16)


@pytest.mark.clause("MS-NLMP §3.3.2", "MS-SIPAE §3.3.5.2")
def test_communicator_2007_r2_is_accepted_with_its_session_key() -> None:
    authenticate = ntlm.read_authenticate(captures.AUTHENTICATE)
    keys = ntlm.accept(captures.CHALLENGE, authenticate, COSMO)

    assert authenticate[:4] == ("User", "COSMO", "COSMO-OCS-R2", 0x62988255)
    assert authenticate.nt_response[:16].hex() == "8dc0c800ae76eca606d2b9fbebd04731"
    assert keys is not None
    assert keys.exported_session_key == captures.EXPORTED_SESSION_KEY


@pytest.mark.clause("MS-NLMP §3.1.5.2.1")
def test_our_answer_to_office_communications_server_2007_r2_is_communicators_but_for_its_clock() -> None:
    token, keys = ntlm.answer(
        captures.CHALLENGE,
        "User",
        "COSMO",
        COSMO,
        "COSMO-OCS-R2",
        captures.CLIENT_CHALLENGE,
        captures.EXPORTED_SESSION_KEY,
        captures.AT,
    )

    assert token[:PROOF_AT] == captures.AUTHENTICATE[:PROOF_AT]
    assert token[PROOF_AT + 16 : TIME_AT] == captures.AUTHENTICATE[PROOF_AT + 16 : TIME_AT]
    assert token[TIME_AT + 1 : -16] == captures.AUTHENTICATE[TIME_AT + 1 : -16]
    assert len(token) == len(captures.AUTHENTICATE)
    assert keys.exported_session_key == captures.EXPORTED_SESSION_KEY


@pytest.mark.clause("MS-NLMP §3.4.4.2", "MS-SIPAE §3.3.4.1", "MS-SIPAE §3.2.4.1")
def test_both_signatures_of_the_capture_come_out_with_extended_session_security() -> None:
    keys = accepted(captures.AUTHENTICATE, captures.CHALLENGE, COSMO)

    assert keys is not None
    assert keys.sign("client", captures.SIGNED_REQUEST).hex() == captures.REQUEST_SIGNATURE
    assert keys.sign("server", captures.SIGNED_RESPONSE).hex().upper() == captures.RESPONSE_SIGNATURE
    assert keys.verify("client", captures.SIGNED_REQUEST, bytes.fromhex(captures.REQUEST_SIGNATURE))


@pytest.mark.clause("MS-NLMP §3.4.4.1")
def test_the_signature_of_an_older_capture_comes_out_with_a_crc() -> None:
    keys = MessageKeys(OLD_FLAGS, captures.OLDER_EXPORTED_SESSION_KEY)

    assert keys.sign("server", captures.OLDER_SIGNED_RESPONSE).hex().upper() == captures.OLDER_RESPONSE_SIGNATURE


@pytest.mark.clause("MS-NLMP §2.2.1.3", "MS-SIPREGE §4")
def test_the_token_of_the_published_unregistration_can_be_read() -> None:
    authenticate = ntlm.read_authenticate(captures.AUTHENTICATE_WITHOUT_ESS)

    assert (authenticate.domain, authenticate.user, authenticate.workstation) == ("NTDEV", "sUnkaran", "SANKARAN-DEV")
    assert authenticate.flags == OLD_FLAGS
    assert len(authenticate.nt_response) == 24
    assert authenticate.lm_response == authenticate.nt_response
    assert len(authenticate.session_key) == 16


@pytest.mark.clause("MS-NLMP §3.3.1")
@pytest.mark.parametrize(
    ("flags", "lm_response", "nt_response", "encrypted"),
    [
        (
            0x62888255 & ~Flag.EXTENDED_SESSIONSECURITY,
            "98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13",
            "67c43011f30298a2ad35ece64f16331c44bdbed927841f94",
            "518822b1b3f350c8958682ecbb3e3cb7",
        ),
        (0x22888255, "aa" * 8 + "00" * 16, "7537f803ae367128ca458204bde7caf81e97ed2683267232", ""),
    ],
)
def test_ntlmv1_of_the_specifications_example_is_accepted(
    flags: int, lm_response: str, nt_response: str, encrypted: str
) -> None:
    token = authenticate_message(
        flags,
        bytes.fromhex(lm_response),
        bytes.fromhex(nt_response),
        "Domain",
        "User",
        "COMPUTER",
        bytes.fromhex(encrypted),
    )

    keys = accepted(token, CHALLENGE, ntlm.nt_hash("Password"))

    assert keys is not None
    if encrypted:
        assert keys.exported_session_key == SESSION_KEY
    else:
        assert keys.exported_session_key.hex() == "eb93429a8bd952f8b89c55b87f475edc"
    assert accepted(token, CHALLENGE, ntlm.nt_hash("password")) is None


@pytest.mark.clause("MS-NLMP §2.2.1.2")
def test_a_challenge_says_what_there_is_to_say_and_has_no_timestamp() -> None:
    server_challenge, flags, info = read_challenge(CHALLENGE)
    pairs = {}
    at = 0
    while True:
        number, length = unpack_from("<HH", info, at)
        if not number:
            break
        pairs[number] = info[at + 4 : at + 4 + length].decode("utf-16-le")
        at += 4 + length

    assert server_challenge == SERVER_CHALLENGE
    assert flags == 0x62998255
    assert pairs == {2: "FABRIKAM", 1: "OCS", 4: "fabrikam.test", 3: "ocs.fabrikam.test"}
    assert read_challenge(WITHOUT_ESS)[1] == 0x62918255


@pytest.mark.parametrize("challenge", [CHALLENGE, WITHOUT_ESS, captures.CHALLENGE])
def test_client_and_server_agree_on_the_keys_of_both_directions(challenge: bytes) -> None:
    token, of_client = answered(challenge)
    of_server = accepted(token, challenge)

    assert of_server is not None
    assert of_server.exported_session_key == of_client.exported_session_key == SESSION_KEY
    for sender in ("client", "server"):
        signature = of_client.sign(sender, b"<NTLM>")
        assert signature == of_client.sign(sender, b"<NTLM>")
        assert of_server.verify(sender, b"<NTLM>", signature)
        assert not of_server.verify(sender, b"<ntlm>", signature)


@pytest.mark.clause("MS-NLMP §3.4.5.2")
def test_with_extended_session_security_each_side_signs_with_its_own_key() -> None:
    _, keys = answered()

    assert keys.sign("client", b"<NTLM>") != keys.sign("server", b"<NTLM>")
    assert not keys.verify("server", b"<NTLM>", keys.sign("client", b"<NTLM>"))


@pytest.mark.parametrize("challenge", [CHALLENGE, WITHOUT_ESS])
def test_a_wrong_password_gives_no_keys(challenge: bytes) -> None:
    token, _ = answered(challenge)

    assert accepted(token, challenge, ntlm.nt_hash("Secret")) is None
    assert accepted(token, challenge, b"") is None


@pytest.mark.parametrize("extended", [True, False])
def test_an_answer_to_another_challenge_gives_no_keys(extended: bool) -> None:
    token, _ = answered(CHALLENGE if extended else WITHOUT_ESS)
    other = ntlm.challenge_message(b"fedcba98", TARGET, extended=extended)

    assert accepted(token, other) is None


def test_the_name_of_an_ntlmv2_user_may_be_in_either_case() -> None:
    token, _ = answered(user="Alice")
    lower = token.replace("Alice".encode("utf-16-le"), "alice".encode("utf-16-le"))

    assert accepted(lower) is not None


@pytest.mark.parametrize("at", [0, 1, 2, 3, 8, 15])
@pytest.mark.parametrize("challenge", [CHALLENGE, WITHOUT_ESS])
def test_a_changed_signature_is_refused(challenge: bytes, at: int) -> None:
    _, keys = answered(challenge)
    signature = bytearray(keys.sign("client", b"<NTLM>"))
    signature[at] ^= 0x10

    assert not keys.verify("client", b"<NTLM>", bytes(signature))


@pytest.mark.clause("MS-NLMP §2.2.2.9.1")
def test_the_pad_of_a_signature_with_a_crc_may_be_anything_but_no_octet_may_be_missing() -> None:
    _, keys = answered(WITHOUT_ESS)
    signature = keys.sign("client", b"<NTLM>")

    assert keys.verify("client", b"<NTLM>", signature[:4] + b"\x12\x34\x56\x78" + signature[8:])
    assert not keys.verify("client", b"<NTLM>", signature[:-1])
    assert not keys.verify("client", b"<NTLM>", signature + b"\0")
    assert not keys.verify("client", b"<NTLM>", b"")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda flags: flags & ~Flag.SIGN, "does not sign"),
        (lambda flags: flags | Flag.ANONYMOUS, "does not sign"),
        (lambda flags: flags | Flag.LM_KEY, "not offered"),
        (lambda flags: flags | Flag.NON_NT_SESSION_KEY, "not offered"),
        (lambda flags: flags | Flag.NEGOTIATE_56, "not offered"),
    ],
)
def test_what_a_client_may_not_take_is_refused(change: Callable[[int], int], message: str) -> None:
    token, _ = answered()
    (flags,) = unpack_from("<I", token, FLAGS_AT)

    with pytest.raises(NtlmError, match=message):
        accepted(with_flags(token, change(flags)))


def test_extended_session_security_is_refused_where_it_was_not_offered() -> None:
    token, _ = answered()

    with pytest.raises(NtlmError, match="not offered"):
        accepted(token, WITHOUT_ESS)


def with_mic(pairs: bytes, mic: bytes | None = None, room: bool = True) -> bytes:
    """Return an AUTHENTICATE_MESSAGE whose NTLMv2 response has these AV pairs, and the MIC that goes with it."""
    key = hmac_md5(SECRET, "ALICEFABRIKAM".encode("utf-16-le"))
    client = b"\1\1" + bytes(14) + CLIENT_CHALLENGE + bytes(4) + pairs
    proof = hmac_md5(key, SERVER_CHALLENGE + client)
    flags = 0x62988255 & ~Flag.KEY_EXCH
    token = authenticate_message(flags, bytes(24), proof + client, "FABRIKAM", "alice", "PC", b"")
    if not room:
        return token
    shifted = bytearray(token[:72] + bytes(16) + token[72:])
    for place in (12, 20, 28, 36, 44, 52):
        (offset,) = unpack_from("<I", shifted, place + 4)
        pack_into("<I", shifted, place + 4, offset + 16)
    shifted[72:88] = hmac_md5(hmac_md5(key, proof), CHALLENGE + bytes(shifted)) if mic is None else mic
    return bytes(shifted)


def hmac_md5(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, "md5").digest()


TARGET_PAIR, MIC_PAIR, END = pack("<HHI", 2, 4, 0), pack("<HHI", 6, 4, 2), bytes(4)


@pytest.mark.clause("MS-NLMP §3.2.5.1.2", "MS-NLMP §2.2.2.1")
def test_a_mic_that_the_client_has_made_is_looked_at() -> None:
    assert accepted(with_mic(TARGET_PAIR + MIC_PAIR + END)) is not None
    with pytest.raises(NtlmError, match="its MIC"):
        accepted(with_mic(TARGET_PAIR + MIC_PAIR + END, b"1" * 16))
    with pytest.raises(NtlmError, match="no room"):
        accepted(with_mic(MIC_PAIR + END, room=False))


@pytest.mark.clause("MS-NLMP §3.2.5.1.2")
def test_with_a_mic_not_even_the_flags_can_be_changed_on_the_way() -> None:
    token = with_mic(MIC_PAIR + END)
    (flags,) = unpack_from("<I", token, FLAGS_AT)

    with pytest.raises(NtlmError, match="its MIC"):
        accepted(with_flags(token, flags & ~Flag.EXTENDED_SESSIONSECURITY))


@pytest.mark.parametrize(
    "pairs",
    [
        b"",
        END,
        b"\6",
        pack("<HH", 6, 4),
        pack("<HHH", 6, 2, 2),
        pack("<HHI", 6, 4, 1),
        END + MIC_PAIR,
        pack("<HH", 1, 0xFFFF) + MIC_PAIR,
        pack("<HH", 0xFFFF, 0) * 8,
    ],
)
def test_where_the_client_does_not_say_that_there_is_a_mic_none_is_looked_for(pairs: bytes) -> None:
    assert accepted(with_mic(pairs, b"1" * 16)) is not None


@pytest.mark.parametrize("response", [b"", b"1" * 16, b"1" * 23, b"1" * 25, b"1" * 43])
def test_a_response_of_a_length_that_no_version_has_is_refused(response: bytes) -> None:
    token = authenticate_message(0x62988255, bytes(24), response, "FABRIKAM", "alice", "PC", SESSION_KEY)

    with pytest.raises(NtlmError, match="NtChallengeResponse"):
        accepted(token)


@pytest.mark.parametrize("key", [b"", b"1" * 15, b"1" * 17])
def test_a_session_key_of_a_wrong_length_is_refused(key: bytes) -> None:
    right = ntlm.read_authenticate(answered()[0])
    token = authenticate_message(
        right.flags, right.lm_response, right.nt_response, right.domain, right.user, right.workstation, key
    )

    with pytest.raises(NtlmError, match="EncryptedRandomSessionKey"):
        accepted(token)


@pytest.mark.parametrize(
    ("user", "accepted_name"),
    [("", False), ("a" * 256, True), ("a\nb", False), ("a\0", False), ("a b", True), ("jörg", True)],
)
def test_names_that_nobody_can_show_are_refused(user: str, accepted_name: bool) -> None:
    token, _ = answered(user=user)

    if accepted_name:
        assert accepted(token) is not None
    else:
        with pytest.raises(NtlmError):
            accepted(token)


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"NTLMSSP\0",
        CHALLENGE,
        captures.AUTHENTICATE + bytes(8192),
        captures.AUTHENTICATE[:8] + pack("<I", 1) + captures.AUTHENTICATE[12:],
        b"ntlmssp\0" + captures.AUTHENTICATE[8:],
        captures.AUTHENTICATE[:52] + b"\xff\xff\xff\xff\xff\xff\xff\xff" + captures.AUTHENTICATE[60:],
        authenticate_message(0x62988255, b"", b"", "", "u" * 300, "", b"")[:28]
        + pack("<HHI", 600, 600, 72)
        + bytes(700),
        with_flags(authenticate_message(0, b"", b"", "", "alice", "", b""), 0).replace(b"a\0l\0", b"\xe9\0l\0"),
    ],
)
def test_what_is_no_authenticate_message_is_refused(token: bytes) -> None:
    with pytest.raises(NtlmError):
        ntlm.read_authenticate(token)


@pytest.mark.parametrize("challenge", [b"", CHALLENGE[:40], CHALLENGE[:-1], b"x" * 56, answered()[0]])
def test_a_client_refuses_what_is_no_challenge(challenge: bytes) -> None:
    with pytest.raises(NtlmError):
        answered(challenge)


@pytest.mark.parametrize("token", [captures.AUTHENTICATE, answered(WITHOUT_ESS)[0]])
def test_no_cut_off_token_is_accepted(token: bytes) -> None:
    for length in range(len(token)):
        with pytest.raises(NtlmError):
            ntlm.read_authenticate(token[:length])


@reproducible
@given(st.data())
def test_a_changed_bit_gives_no_keys_unless_it_says_nothing_that_is_proved(data: st.DataObject) -> None:
    """The password proves the response and, in NTLMv2, the name; not the flags, and no MIC is asked for."""
    challenge, nt_hash, token = data.draw(
        st.sampled_from(
            [(captures.CHALLENGE, COSMO, captures.AUTHENTICATE), (WITHOUT_ESS, SECRET, answered(WITHOUT_ESS)[0])]
        )
    )
    bit = data.draw(st.integers(0, len(token) * 8 - 1))
    changed = bytearray(token)
    changed[bit // 8] ^= 1 << bit % 8
    right = ntlm.read_authenticate(token)
    try:
        read = ntlm.read_authenticate(bytes(changed))
        keys = ntlm.accept(challenge, read, nt_hash)
    except NtlmError:
        return
    if keys is not None:
        assert read.nt_response == right.nt_response
        if len(right.nt_response) > 24:
            assert (read.user.upper(), read.domain) == (right.user.upper(), right.domain)
        if read.session_key != right.session_key:
            assert keys.exported_session_key != SESSION_KEY


@reproducible
@given(st.binary(max_size=300))
def test_octets_that_somebody_made_up_raise_nothing_else(octets: bytes) -> None:
    header = captures.AUTHENTICATE[:12]
    for token in (octets, header + octets):
        try:
            assert ntlm.accept(CHALLENGE, ntlm.read_authenticate(token), SECRET) is None
        except NtlmError:
            continue


@reproducible
@given(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x24F), min_size=1, max_size=20),
    st.text(max_size=20),
)
def test_any_name_and_password_round_trip(user: str, password: str) -> None:
    nt_hash = ntlm.nt_hash(password)
    token, keys = answered(nt_hash=nt_hash, user=user)
    try:
        authenticate = ntlm.read_authenticate(token)
    except NtlmError:
        assert not user.isprintable()
        return

    assert authenticate.user == user
    both = ntlm.accept(CHALLENGE, authenticate, nt_hash)
    assert both is not None
    assert both.exported_session_key == keys.exported_session_key


def test_no_secret_is_shown_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        token, keys = answered()
        authenticate = ntlm.read_authenticate(token)
        ntlm.accept(CHALLENGE, authenticate, SECRET)
        keys.sign("client", b"<NTLM>")

    shown = f"{keys!r} {authenticate!r} {authenticate} {caplog.text}"
    assert repr(authenticate) == r"<Authenticate FABRIKAM\alice from PC 0x62988255>"
    assert repr(keys) == "<MessageKeys>"
    for secret in (SESSION_KEY, SECRET, authenticate.session_key, authenticate.nt_response):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
    assert caplog.text == ""


def test_without_the_library_there_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "spnego._ntlm_raw.md4", None)
    ntlm._library.cache_clear()

    with pytest.raises(NtlmError, match="siprege"):
        ntlm.nt_hash("secret")

    monkeypatch.undo()
    assert ntlm.is_available()
    assert ntlm.nt_hash("secret") == SECRET
