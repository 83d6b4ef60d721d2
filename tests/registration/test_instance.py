"""Instance ids are compared as URNs (RFC 5626 §4.1)."""

import pytest

from scscf.registration.instance import canonical_instance, same_instance

pytestmark = pytest.mark.clause("RFC 5626 §4.1")

UUID = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (UUID, UUID.upper(), True),
        (UUID, UUID.strip("<>"), True),
        ("<urn:gsma:imei:90420156-025763-0>", "<URN:GSMA:imei:90420156-025763-0>", True),
        ("<urn:example:a123>", "<URN:Example:a123>", True),
        ("<urn:example:a123>", "<urn:example:A123>", False),
        (UUID, UUID.replace("f8", "f9"), False),
        ("<x>", "<X>", False),
    ],
)
def test_which_instance_ids_are_the_same(first: str, second: str, same: bool) -> None:
    assert same_instance(first, second) is same


def test_the_canonical_form_has_no_brackets() -> None:
    assert canonical_instance(UUID) == "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    assert canonical_instance("") == ""
