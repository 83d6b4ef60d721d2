from random import Random

import pytest

from scscf.profile.filter_criteria import ApplicationServer, FilterCriterion, ServiceProfile, SessionCase, Trial
from scscf.proxy.proxying import Chain, Proxying, loop_key
from scscf.sip.message import make_request

REQUEST = make_request(
    "MESSAGE",
    "sip:bob@home1.test",
    [("From", "<sip:a@b>;tag=1"), ("To", "<sip:bob@home1.test>"), ("Call-ID", "c"), ("CSeq", "1 MESSAGE")],
)


class Never:
    def holds(self, trial: Trial) -> bool:
        return False


def proxying() -> Proxying:
    random = Random(1)
    return Proxying(lambda octets: random.randbytes(octets).hex())


def chain(*criteria: FilterCriterion) -> Chain:
    profile = ServiceProfile("p", criteria)
    return Chain("home1.test", "sip:a@b", SessionCase.ORIGINATING_REGISTERED, profile)


@pytest.mark.clause("TS 24.229 §5.4.3.2")
def test_a_chain_goes_on_behind_the_criterion_that_was_met() -> None:
    same = FilterCriterion(0, ApplicationServer("sip:one"))
    first = chain(same, FilterCriterion(1, ApplicationServer("sip:never"), Never()), same)

    found = first.next(REQUEST)
    assert found is not None
    second, criterion = found
    assert (criterion.server.uri, second.position) == ("sip:one", 1)
    found = second.next(REQUEST)
    assert found is not None
    assert found[0].position == 3
    assert found[0].next(REQUEST) is None
    assert chain()._replace(profile=None).next(REQUEST) is None


@pytest.mark.clause("TS 24.229 §5.4.3.4")
def test_an_original_dialog_is_known_until_it_is_taken_back() -> None:
    state = proxying()
    lent = state.lend(chain())

    assert len(lent) == 24
    assert state.chain(lent) == chain()
    assert len(state) == 1
    state.take_back(lent)
    assert state.chain(lent) is None
    assert len(state) == 0


@pytest.mark.clause("RFC 3261 §16.3")
def test_the_same_request_cannot_wait_twice() -> None:
    state = proxying()
    key = loop_key(REQUEST, (), "")

    assert state.begin(key)
    assert not state.begin(key)
    assert state.begin(loop_key(REQUEST, ("<sip:a;lr>",), ""))
    assert state.begin(loop_key(REQUEST, (), "odi"))
    state.end(key)
    assert state.begin(key)


def test_the_key_of_the_seals_stays() -> None:
    state = proxying()

    assert len(state.key) == 32
    assert state.key == state.key
