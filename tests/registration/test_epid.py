"""The instance and the GRUU that follow from an epid (MS-SIPRE §3)."""

import pytest

from scscf.registration.epid import gruu_opaque, instance_of

PUBLISHED = [
    ("01010101", "4B1682A8-F968-5701-83FC-7C6741DC6697", None),
    ("492a7ce35f", "B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97", "HT07tI-f3F-fdDyic8rblwAA"),
    ("8248ca9ebb", "4233FD41-093B-5FD6-B5D2-651ED55969E6", "Qf0zQjsJ1l-10mUe1Vlp5gAA"),
    ("c8ca638a15", "34D859DB-6585-5F91-A3B4-DE853C15347D", "21nYNIVlkV-jtN6FPBU0fQAA"),
]
"""Seen in published examples and in captures of real clients and servers."""


@pytest.mark.clause("MS-SIPRE §3")
@pytest.mark.parametrize(("epid", "instance", "opaque"), PUBLISHED)
def test_instance_and_gruu_of_an_epid_are_the_published_ones(epid: str, instance: str, opaque: str | None) -> None:
    assert instance_of(epid) == instance
    if opaque is not None:
        assert gruu_opaque(instance) == opaque


def test_the_gruu_does_not_depend_on_case_or_on_the_urn() -> None:
    instance = "B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97"
    assert gruu_opaque(instance.lower()) == gruu_opaque(f"urn:uuid:{instance}") == gruu_opaque(instance)
    assert len(gruu_opaque(instance_of("1"))) == 24


@pytest.mark.parametrize("text", ["", "urn:gsma:imei:90420156-025763-0", "B43B3D1D", "z" * 32, "é" * 32])
def test_what_is_no_uuid_has_no_gruu(text: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        gruu_opaque(text)


def test_an_epid_may_have_any_octets() -> None:
    assert instance_of("\udcff") != instance_of("")
