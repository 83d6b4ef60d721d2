"""What a node says by itself: why a connection is of no use, that a request is not for it (RFC 6733 §5.3, §6.1)."""

import pytest

from scscf.diameter.answers import capabilities_answer, capabilities_request, undeliverable, why_unusable
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message

HERE, THERE = Identity("hss.home1.test", "home1.test"), Identity("scscf.home1.test", "home1.test")
OTHER = Identity("pcrf.home1.test", "home1.test", applications=((10415, 16777236),))


def cea(identity: Identity, result: int = 2001, without: str = "", **more: str) -> Message:
    answer = capabilities_answer(capabilities_request(HERE), identity, result)
    answer.avps = [(name, value) for name, value in answer.avps if name != without]
    answer.avps += [(name.replace("_", "-"), value) for name, value in more.items()]
    return answer


@pytest.mark.clause("RFC 6733 §5.3")
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (cea(THERE), None),
        (cea(THERE, 5010), "the capabilities exchange came to 5010: no reason given"),
        (cea(THERE, 5010, Error_Message="not you"), "the capabilities exchange came to 5010: not you"),
        (cea(THERE, without="Origin-Host"), "the capabilities exchange came to 2001: no Origin-Host"),
        (cea(OTHER), "the capabilities exchange came to 2001: no application in common"),
    ],
)
def test_a_cea_tells_why_there_is_no_connection(answer: Message, why: str | None) -> None:
    assert why_unusable(answer, HERE) == why


@pytest.mark.clause("RFC 6733 §6.1.3", "RFC 6733 §6.1.4")
@pytest.mark.parametrize(
    ("avps", "result"),
    [
        ([("Destination-Realm", "HOME1.test")], None),
        ([("Destination-Realm", "home1.test"), ("Destination-Host", "HSS.home1.test")], None),
        ([("Destination-Realm", "home1.test"), ("Destination-Host", "other.home1.test")], 3002),
        ([("Destination-Realm", "home2.test")], 3003),
        ([("Destination-Realm", "home1.test"), ("Route-Record", "HSS.home1.test")], 3005),
        ([("Destination-Realm", "home1.test"), ("Route-Record", "relay.home1.test")], None),
    ],
)
def test_a_request_for_somebody_else_is_refused(avps: list[tuple[str, str]], result: int | None) -> None:
    refused = undeliverable(Message("Location-Info", avps), HERE)

    assert (None if refused is None else refused.get("Result-Code")) == result
    assert refused is None or refused.is_error
