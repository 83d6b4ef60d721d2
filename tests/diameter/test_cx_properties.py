"""Whatever is said over Cx arrives; whatever else arrives does no harm."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scscf import cx
from scscf.diameter.answers import refusal_of
from scscf.diameter.check import check
from scscf.diameter.cx_answers import CxAnswer, answer_message, read_answer
from scscf.diameter.cx_requests import CxRequest, read_request, request_message
from scscf.diameter.display import shown
from scscf.diameter.framing import Framing
from scscf.diameter.message import DiameterError, decode, encode
from scscf.profile.service_profile import ChargingFunctions
from tests.diameter.golden import HSS, NAMES, SCSCF, octets

few = settings(max_examples=60)

texts = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20)
words = st.text("abc019@.:-", min_size=1, max_size=20)
identities = st.lists(words, max_size=3).map(tuple)
keys = st.binary(min_size=16, max_size=16)
uris = st.lists(words.map(lambda word: f"aaa://{word}"), max_size=2).map(tuple)
charging = st.builds(ChargingFunctions, uris, uris)
digests = st.builds(
    cx.DigestVector, st.sampled_from(["MD5", "SHA-256"]), words, st.just("u"), st.text("0123456789abcdef", min_size=1)
)
akas = st.builds(cx.AkaVector, keys, keys, st.binary(min_size=4, max_size=16), keys, keys)
contacts = st.builds(
    cx.RestoredContact,
    words,
    identities,
    words,
    words,
    words,
    identities,
    words,
    st.none() | st.integers(0, 2**32 - 1),
)
restorations = st.builds(cx.Restoration, words, st.lists(contacts, max_size=2).map(tuple), st.none() | words)
capabilities = st.builds(
    cx.Capabilities,
    st.lists(st.integers(0, 9)).map(tuple),
    st.lists(st.integers(0, 9)).map(tuple),
    identities,
)

requests = st.one_of(
    st.builds(
        cx.UserAuthorization,
        texts,
        texts,
        st.none() | words,
        st.sampled_from(cx.UserAuthorizationType),
        st.booleans(),
    ),
    st.builds(cx.LocationInfo, texts, st.booleans(), st.none() | st.sampled_from(cx.UserAuthorizationType)),
    st.builds(
        cx.MultimediaAuth,
        texts,
        texts,
        texts,
        words,
        st.integers(1, 9),
        st.none() | st.builds(cx.Resynchronisation, keys, st.binary(min_size=14, max_size=14)),
    ),
    st.builds(
        cx.Assignment,
        st.sampled_from(cx.ServerAssignment),
        texts,
        st.none() | words,
        identities,
        st.booleans(),
        st.none() | restorations,
        st.booleans(),
        st.none() | words,
    ),
    st.builds(
        cx.RegistrationTermination, texts, st.sampled_from(cx.DeregistrationReason), identities, identities, texts
    ),
    st.builds(
        lambda user_data, charging, proof: cx.PushProfile("u", user_data, charging, *proof),
        st.none() | st.binary(max_size=50),
        st.none() | charging,
        st.tuples(st.none() | digests) | st.tuples(st.none(), st.binary(min_size=16, max_size=16)),
    ),
)

results = st.sampled_from([each for each in cx.Result if each.kind != "none"])
answers: st.SearchStrategy[tuple[str, CxAnswer]] = st.one_of(
    st.tuples(
        st.just("uar"),
        st.builds(cx.UserAuthorizationAnswer, results, st.none() | words, st.none() | capabilities),
    ),
    st.tuples(
        st.just("lir"),
        st.builds(cx.LocationInfoAnswer, results, st.none() | words, st.none() | capabilities, st.none() | words),
    ),
    st.tuples(
        st.just("mar"),
        st.builds(
            cx.MultimediaAuthAnswer,
            results,
            st.just("u"),
            words,
            st.lists(
                st.builds(cx.AuthItem, words, akas, st.none(), st.just(b""))
                | st.builds(cx.AuthItem, words, st.none(), digests, st.just(b""))
                | st.builds(cx.AuthItem, st.just("NTLM"), st.none(), st.none(), st.binary(min_size=16, max_size=16)),
                min_size=1,
                max_size=3,
            ).map(tuple),
        ),
    ),
    st.tuples(
        st.just("sar"),
        st.builds(
            cx.AssignmentData,
            results,
            st.none() | words,
            st.none() | st.binary(max_size=50),
            st.none() | charging,
            identities,
            identities,
            st.lists(restorations, max_size=2).map(tuple),
            st.none() | words,
            st.none() | words,
        ),
    ),
    st.tuples(
        st.just("rtr"),
        st.builds(cx.RegistrationTerminationAnswer, results, identities, st.lists(st.tuples(words, words)).map(tuple)),
    ),
    st.tuples(st.just("ppr"), results),
)


@few
@given(requests)
def test_a_request_arrives_as_it_was_meant(request: CxRequest) -> None:
    message = request_message(request, "s;1;1", SCSCF, "home1.test", "hss.home1.test")

    assert read_request(decode(encode(message))) == request


@few
@given(answers)
def test_an_answer_arrives_as_it_was_meant(named: tuple[str, CxAnswer]) -> None:
    name, said = named

    assert read_answer(decode(encode(answer_message(decode(octets(name)), said, HSS)))) == said


def _serve(data: bytes) -> None:
    """Do what a node does with octets; only DiameterError may come of it, and its answer can be sent and read."""
    try:
        for piece in Framing().feed(data):
            message = decode(piece)
            if message.is_request:
                check(message)
                if message.application:
                    read_request(message)
            elif message.application:
                read_answer(message)
    except DiameterError as error:
        refused = refusal_of(error, HSS)
        if refused is not None:
            answer = encode(refused)
            assert Framing().feed(answer) == [answer]
    shown(data)


@settings(max_examples=300)
@given(
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_mutations_of_real_messages_do_no_harm(name: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(octets(name))
    for at, octet in changes:
        data[at % len(data)] = octet

    _serve(bytes(data))


@settings(max_examples=100)
@given(st.sampled_from(NAMES), st.integers(5, 400), st.binary(max_size=40))
def test_pieces_put_into_real_messages_do_no_harm(name: str, at: int, piece: bytes) -> None:
    data = octets(name)
    put = data[: at & ~3] + piece + bytes(-len(piece) % 4) + data[at & ~3 :]

    _serve(put[:1] + len(put).to_bytes(3) + put[4:])


@settings(max_examples=100)
@given(st.binary(max_size=200))
@example(b"\x01\x00\x00\x14\xc0\x00\x01\x2f" + bytes(12))
def test_any_octets_do_no_harm(data: bytes) -> None:
    _serve(data)


def test_a_repr_shows_no_secret() -> None:
    aka: Any = read_answer(decode(octets("maa-aka")))
    digest: Any = read_answer(decode(octets("maa-digest")))

    assert "AkaVector" in repr(aka)
    for secret in aka.items[0].aka[2:]:
        assert repr(secret) not in repr(aka)
        assert secret.hex() not in repr(aka)
    assert digest.items[0].digest.ha1 not in repr(digest)
    assert repr(cx.Resynchronisation(bytes(16), bytes(14))) == "<Resynchronisation>"
