"""The tables of an endpoint and of its handshake are total (MS-SIPREGE §3.2, MS-SIPAE §3.2.1)."""

from enum import Enum
from typing import Any

import pytest

from scscf.ue import endpoint_state, ntlm_authorizer
from scscf.ue.endpoint_state import EndpointInput, EndpointState
from scscf.ue.ntlm_authorizer import Handshake, HandshakeInput


@pytest.mark.parametrize(
    ("table", "states", "inputs"),
    [
        (endpoint_state.TRANSITIONS, EndpointState, EndpointInput),
        (ntlm_authorizer.TRANSITIONS, Handshake, HandshakeInput),
    ],
)
def test_every_state_says_what_every_input_does(
    table: dict[Any, dict[Any, Any]], states: type[Enum], inputs: type[Enum]
) -> None:
    assert set(table) == set(states)
    for row in table.values():
        assert set(row) == set(inputs)
        assert set(row.values()) <= set(states)


@pytest.mark.clause("MS-SIPREGE §3.2")
def test_a_notice_means_nothing_to_who_is_not_registered() -> None:
    row = endpoint_state.TRANSITIONS[EndpointState.UNREGISTERED]

    assert row[EndpointInput.DEREGISTERED] is row[EndpointInput.WITHOUT_SERVICES] is EndpointState.UNREGISTERED
