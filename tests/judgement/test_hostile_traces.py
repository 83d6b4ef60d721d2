"""Traces that nobody would send: they are judged without complaint, and in time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.judgement.report import judgement_lines
from tests.judgement.traces import SERVER, UE, WATCHER, Trace, contact, judged


def a_trace() -> Trace:
    trace = Trace()
    trace.register(UE, SERVER)
    trace.subscribe(WATCHER, SERVER)
    trace.notify(SERVER, WATCHER, contacts=contact())
    return trace


@settings(max_examples=40)
@given(st.data())
def test_damaged_messages_are_judged_without_complaint(data: st.DataObject) -> None:
    messages = a_trace().messages
    for _ in range(data.draw(st.integers(1, 6))):
        index = data.draw(st.integers(0, len(messages) - 1))
        octets = bytearray(messages[index].data)
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 9))] = data.draw(
            st.sampled_from([b"", b"\r\n", b"\0", b'"', b"<", b"9999999999999", b"\xff\xfe", b"*", b";tag=w", b","])
        )
        messages[index] = messages[index]._replace(data=bytes(octets))
    order = data.draw(st.permutations(range(len(messages))))

    judgement_lines(judged([messages[index]._replace(at=float(place)) for place, index in enumerate(order)]))
