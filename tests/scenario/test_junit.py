"""The JUnit report against the structure that CI servers read."""

from lxml import etree

from scscf.scenario.junit import junit
from tests.scenario.samples import FAILED, PASSED, SECRETS, VERDICTS

STRUCTURE = etree.RelaxNG(
    etree.fromstring(b"""
<grammar xmlns="http://relaxng.org/ns/structure/1.0" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="testsuites"><ref name="counts"/><oneOrMore><element name="testsuite">
    <attribute name="name"/><ref name="counts"/><zeroOrMore><ref name="case"/></zeroOrMore>
  </element></oneOrMore></element></start>
  <define name="counts">
    <attribute name="tests"><data type="nonNegativeInteger"/></attribute>
    <attribute name="failures"><data type="nonNegativeInteger"/></attribute>
    <attribute name="errors"><data type="nonNegativeInteger"/></attribute>
    <attribute name="skipped"><data type="nonNegativeInteger"/></attribute>
    <attribute name="time"><data type="decimal"/></attribute>
  </define>
  <define name="case"><element name="testcase">
    <attribute name="classname"/><attribute name="name"/><attribute name="time"><data type="decimal"/></attribute>
    <optional><element name="properties"><zeroOrMore><element name="property">
      <attribute name="name"/><attribute name="value"/></element></zeroOrMore></element></optional>
    <optional><choice>
      <element name="skipped"><optional><attribute name="message"/></optional><text/></element>
      <element name="failure"><attribute name="message"/><attribute name="type"/><text/></element>
      <element name="error"><attribute name="message"/><attribute name="type"/><text/></element>
    </choice></optional>
  </element></define>
</grammar>""")
)


def test_a_report_has_the_common_structure() -> None:
    root = etree.fromstring(junit(VERDICTS))

    STRUCTURE.assertValid(root)
    assert dict(root[0].attrib) == {
        "name": "scscf", "tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "0.050",
    }  # fmt: skip


def test_cases_are_classed_by_folder_and_named_by_scenario() -> None:
    cases = etree.fromstring(junit(VERDICTS)).findall(".//testcase")

    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("scenarios.rfc3261", "refresh: A refresh keeps the binding"),
        ("scenarios.ims", "deactivated: Deactivation is told"),
        ("scenarios.ue", "phone: Real phone"),
        ("scenarios.ims", "broken"),
    ]


def test_a_failure_has_its_text_with_the_ladder_and_properties_without_secrets() -> None:
    case = etree.fromstring(junit([FAILED]))[0][0]
    properties = [(each.get("name"), each.get("value")) for each in case.iterfind("properties/property")]

    assert ("tag", "ims") in properties
    assert ("clause", "RFC 3680 §5.1") in properties
    assert ("parameter.password", "...") in properties
    assert ("finding.network", "version-gap") in properties
    assert "- REGISTER lost -" in (case.findtext("failure") or "")
    assert [secret for secret in SECRETS if secret.encode() in junit([FAILED])] == []


def test_what_was_not_run_is_skipped_and_errors_are_errors() -> None:
    root = etree.fromstring(junit(VERDICTS))

    assert [each.get("message") for each in root.iter("skipped")] == ["no UE came within 30 s"]
    assert [each.get("message") for each in root.iter("error")] == ["b.yaml:3:1: no key steeps; b.yaml:4:1: x"]


def test_any_text_makes_a_document() -> None:
    hostile = PASSED._replace(name="\x00\ud800\ufffe]]><&\x1b", tags=("\x08",), file="")

    STRUCTURE.assertValid(etree.fromstring(junit([hostile])))
    STRUCTURE.assertValid(etree.fromstring(junit([PASSED])))


def test_no_verdicts_make_an_empty_suite() -> None:
    assert etree.fromstring(junit([]))[0].get("tests") == "0"
