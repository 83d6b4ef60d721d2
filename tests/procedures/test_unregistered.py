"""Users who are served though they are not registered (TS 23.228 §5.12)."""

import pytest

from scscf.procedures.unregistered import Served, Unregistered
from scscf.profile.service_profile import PublicIdentity, UserProfile
from scscf.timers import Deadlines

pytestmark = pytest.mark.clause("TS 23.228 §5.12")

A, B = PublicIdentity("sip:a@x"), PublicIdentity("sip:b@x")
PROFILE = UserProfile("a@x", "a", ((A, B),))


def kept(over: list[Served]) -> tuple[Unregistered, Deadlines]:
    deadlines = Deadlines()
    unregistered = Unregistered(deadlines, lambda: 1000.0)
    unregistered.over = over.append
    return unregistered, deadlines


def test_a_user_is_served_for_a_while_and_then_let_go() -> None:
    over: list[Served] = []
    unregistered, deadlines = kept(over)
    served = Served(PROFILE, "sip:b@x", "x")

    unregistered.keep(served, 300)

    assert unregistered.find("sip:b@x") is served
    assert served.identity() is B
    deadlines.fire(1299.0)
    assert over == []
    deadlines.fire(1300.0)
    assert over == [served]
    assert unregistered.find("sip:b@x") is None


def test_one_set_or_all_of_a_private_identity_are_forgotten() -> None:
    over: list[Served] = []
    unregistered, deadlines = kept(over)
    unregistered.keep(Served(PROFILE, "sip:a@x", "x"), 300)
    unregistered.keep(Served(PROFILE._replace(private_identity="c@x"), "sip:c@x", "x"), 300)

    assert not unregistered.forget("a@x", frozenset({"sip:other@x"}))
    assert unregistered.forget("a@x", frozenset({"sip:b@x"}))
    assert not unregistered.forget("a@x")
    assert [served.aor for served in unregistered] == ["sip:c@x"]
    unregistered.clear()
    assert len(unregistered) == len(deadlines) == 0
    assert over == []
