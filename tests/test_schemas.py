"""The schemas that ship with the package, held against documents that are right and wrong by the standards' text."""

from pathlib import Path

import pytest
from lxml import etree

import schemas

FOLDER = Path(schemas.__file__).parent

WORKED = """\
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:gr="urn:ietf:params:xml:ns:gruuinfo" version="0" state="full">
  <registration aor="sip:alice@home1.test" id="r1" state="active">
    <contact id="c1" state="active" event="registered" expires="3599" duration-registered="1"
             callid="x@ue" cseq="2" q="0.8">
      <uri>sip:[2001:db8::1]:5064</uri>
      <display-name xml:lang="en">Alice</display-name>
      <unknown-param name="+sip.instance">"&lt;urn:gsma:imei:90420156-025763-0&gt;"</unknown-param>
      <unknown-param name="audio"/>
      <gr:pub-gruu uri="sip:alice@home1.test;gr=urn:gsma:imei:90420156-025763-0"/>
      <gr:temp-gruu uri="sip:tgruu.7hs@home1.test;gr" first-cseq="2"/>
    </contact>
    <ere:wildcardedIdentity xmlns:ere="urn:3gpp:ns:extRegExp:1.0">sip:user!.*!@home1.test</ere:wildcardedIdentity>
  </registration>
  <registration aor="tel:+15550001" id="r2" state="active">
    <contact id="c2" state="active" event="created" expires="3599"><uri>sip:[2001:db8::1]:5064</uri></contact>
  </registration>
  <registration aor="sip:idle@home1.test" id="r3" state="init"/>
</reginfo>
"""


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / "reginfo.xsd"))


def test_the_worked_document_is_valid(schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(WORKED))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('version="0" ', ""),
        ('version="0"', 'version="-1"'),
        ('state="full"', 'state="delta"'),
        ('aor="sip:alice@home1.test" ', ""),
        ('aor="sip:alice@home1.test"', 'sorn="sip:alice@home1.test"'),
        ("<uri>sip:[2001:db8::1]:5064</uri></contact>", "sip:[2001:db8::1]:5064</contact>"),
        ("<uri>sip:[2001:db8::1]:5064</uri>", "<uri>nobody</uri>"),
        ('event="created"', 'event="de-activated"'),
        ('expires="3599"', 'expires="soon"'),
        ('<unknown-param name="audio"/>', "<unknown-param/>"),
        ('id="r1" ', ""),
        ('id="c2" ', 'id="c2" received="sip:192.0.2.1" '),
        (' first-cseq="2"', ""),
        ("sip:user!.*!@home1.test", "sip:user@home1.test"),
        ('state="init"/>', 'state="init"><contact/></registration>'),
    ],
)
def test_a_document_that_breaks_the_schema_is_found(schema: etree.XMLSchema, right: str, wrong: str) -> None:
    assert right in WORKED

    assert not schema.validate(etree.fromstring(WORKED.replace(right, wrong, 1)))


def test_extensions_follow_the_elements_of_the_standard(schema: etree.XMLSchema) -> None:
    early = WORKED.replace('state="active">', 'state="active"><x:y xmlns:x="urn:example:x"/>', 1)

    assert not schema.validate(etree.fromstring(early))
