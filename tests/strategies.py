"""Hypothesis strategies for SIP: what well-formed and what hostile peers may send."""

from hypothesis import strategies as st

from scscf.sip.grammar import quote
from scscf.sip.message import Request, make_request

_TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"
_USER = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()&=+$,;?/"

tokens = st.text(_TOKEN, min_size=1, max_size=12)
texts = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20)
users = st.lists(
    st.one_of(st.sampled_from(_USER), st.integers(0, 255).map(lambda code: f"%{code:02X}")), min_size=1, max_size=8
).map("".join)
domains = st.lists(st.text("abcxyzABC019", min_size=1, max_size=6), min_size=1, max_size=3).map(".".join)
hosts = st.one_of(domains, st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(lambda address: f"[{address}]"))
ports = st.one_of(st.just(""), st.integers(0, 65535).map(lambda port: f":{port}"))


def parameters(
    values: st.SearchStrategy[str] = tokens, names: st.SearchStrategy[str] = tokens
) -> st.SearchStrategy[str]:
    """`;name=value;name` with names that differ."""
    return st.lists(
        st.tuples(names, st.one_of(st.none(), values)), max_size=4, unique_by=lambda pair: pair[0].lower()
    ).map(lambda pairs: "".join(f";{name}" if value is None else f";{name}={value}" for name, value in pairs))


_uri_words = st.text("abcXYZ019-._~[]/:&+$", min_size=1, max_size=8)
sip_uris = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["sip:", "sips:", "SIP:"]),
    st.one_of(st.just(""), users.map(lambda user: f"{user}@")),
    hosts,
    ports,
    parameters(_uri_words, _uri_words),
)

addresses = st.builds(
    "{}<{}>{}".format,
    st.one_of(st.just(""), texts.map(lambda text: quote(text) + " "), st.just("Bob the 2nd ")),
    sip_uris,
    parameters(st.one_of(tokens, texts.map(quote))),
)
header_values = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=40).map(
    str.strip
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """A request of any method with the mandatory fields, some extension fields and a body."""
    method = draw(tokens)
    headers = [
        ("Via", f"SIP/2.0/UDP {draw(hosts)}{draw(ports)};branch=z9hG4bK{draw(tokens)}"),
        ("From", f"{draw(addresses)}"),
        (draw(st.sampled_from(["To", "t", "TO"])), draw(addresses)),
        ("Call-ID", draw(tokens)),
        ("CSeq", f"{draw(st.integers(0, 2**32 - 1))} {method}"),
        *draw(st.lists(st.tuples(tokens.map(lambda name: f"X-{name}"), header_values), max_size=4)),
    ]
    return make_request(method, draw(sip_uris), headers, draw(st.binary(max_size=40)))
