"""One binding: what is left of it, and what its Contact says of the device."""

import pytest

from scscf.registration.binding import Binding
from tests.builders import TOBIAS, after, register

BINDING = after(register(expires=60)).contacts(TOBIAS)[0].binding


@pytest.mark.parametrize(("now", "left"), [(0.0, 60), (0.1, 60), (59.0, 1), (59.999, 1), (60.0, 0), (61.0, 0)])
def test_what_is_left_is_rounded_up_and_never_negative(now: float, left: int) -> None:
    assert BINDING.remaining(now) == left


def test_what_never_ends_is_left_for_ever() -> None:
    assert BINDING._replace(expires_at=float("inf")).remaining(1e12) == 4294967295
    assert BINDING._replace(expires_at=4294967295.0 + 10).remaining(0) == 4294967295


def test_instance_and_reg_id_come_from_the_contact() -> None:
    params = (("+SIP.instance", '"<urn:uuid:1>"'), ("reg-id", "1"), ("audio", None))
    outbound = BINDING._replace(params=params)

    assert (outbound.instance, outbound.reg_id) == ("<urn:uuid:1>", "1")
    assert (BINDING.instance, BINDING.reg_id) == (None, None)


def test_a_binding_is_replaced_and_never_changed() -> None:
    with pytest.raises(AttributeError):
        BINDING.uri = "sip:other@192.0.2.1"  # type: ignore[misc]

    assert isinstance(BINDING._replace(q="0.5"), Binding)
