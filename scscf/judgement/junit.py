"""A verdict on a trace for CI servers: JUnit's XML, a test case for each user."""

from lxml import etree

from scscf.judgement.judgement import Judgement
from scscf.judgement.report import finding_text
from scscf.scenario.parties import printable, shown_address

_LONGEST_MESSAGE = 500


def judgement_junit(judgement: Judgement) -> bytes:
    """Return a JUnit document: one suite, named by the file; each user is a case, classed by the S-CSCF's address."""
    failed = sum(bool(user.found) for user in judgement.users)
    totals = {"tests": str(len(judgement.users)), "failures": str(failed), "errors": "0", "skipped": "0"}
    totals["time"] = f"{max(0.0, judgement.ended - judgement.began):.3f}"
    root = etree.Element("testsuites", totals)
    suite = etree.SubElement(root, "testsuite", {"name": printable(judgement.file), **totals})
    for user in judgement.users:
        names = {
            "classname": shown_address(user.exchanged.network),
            "name": printable(user.exchanged.aor),
            "time": "0.000",
        }
        case = etree.SubElement(suite, "testcase", names)
        if not user.found:
            continue
        first = user.found[0].finding
        message = printable(f"{first.check}: {first.message}")[:_LONGEST_MESSAGE]
        told = etree.SubElement(case, "failure", {"message": message, "type": "failure"})
        lines = [finding_text(each, judgement.began) for each in user.found]
        told.text = "\n".join([*lines, *(f"... {check} {count} times more" for check, count in user.more)])
    if judgement.notices:
        etree.SubElement(suite, "system-out").text = "\n".join(map(printable, judgement.notices))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
