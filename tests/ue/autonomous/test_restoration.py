"""The 504 of a network that lost its data."""

import pytest

from scscf.sip.message import Response
from scscf.ue.autonomous.restoration import asks_for_registration
from tests.ue.autonomous.test_ue import LOST


@pytest.mark.clause("TS 24.229 §5.1.2A.1.6")
@pytest.mark.parametrize(
    ("status", "kind", "body", "asks"),
    [
        (504, "application/3gpp-ims+xml", LOST, True),
        (504, 'Application/3GPP-IMS+xml;sv="1"', LOST, True),
        (503, "application/3gpp-ims+xml", LOST, False),
        (504, "text/plain", LOST, False),
        (504, "application/3gpp-ims+xml", LOST.replace("initial-", "emergency-"), False),
        (504, "application/3gpp-ims+xml", LOST.replace("restoration", "emergency"), False),
        (504, "application/3gpp-ims+xml", "<ims-3gpp", False),
        (504, "application/3gpp-ims+xml", LOST + " " * 70_000, False),
        (504, "application/3gpp-ims+xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', False),
    ],
)
def test_a_504_that_has_it_register_anew(status: int, kind: str, body: str, asks: bool) -> None:
    reply = Response(status, "X", [("Content-Type", kind)], body.encode())

    assert asks_for_registration(reply) is asks
