"""The report for CI servers: JUnit's XML, a test case for each scenario."""

import os
from collections.abc import Sequence
from pathlib import PurePath

from lxml import etree

from scscf.scenario.failure_text import failure_text
from scscf.scenario.masking import masked, masked_parameters
from scscf.scenario.verdict import Outcome, Verdict

_LONGEST_MESSAGE = 500


def junit(verdicts: Sequence[Verdict], suite: str = "scscf") -> bytes:
    """Return a JUnit document: one suite, its cases named by scenario and classed by folder.

    A scenario that failed has its failure text with the ladder; one that was not run is skipped. Tags, clauses and
    parameters are properties of their case.
    """
    classes = _classes(verdicts)
    counts = {
        "tests": len(verdicts),
        "failures": sum(verdict.outcome is Outcome.FAILED for verdict in verdicts),
        "errors": sum(verdict.outcome is Outcome.ERROR for verdict in verdicts),
        "skipped": sum(verdict.outcome is Outcome.NOT_RUN for verdict in verdicts),
    }
    totals = {name: str(count) for name, count in counts.items()}
    totals["time"] = f"{sum(verdict.seconds for verdict in verdicts):.3f}"
    root = etree.Element("testsuites", totals)
    element = etree.SubElement(root, "testsuite", {"name": suite, **totals})
    for verdict, classname in zip(verdicts, classes, strict=True):
        _case(element, verdict, classname)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _case(parent: etree._Element, verdict: Verdict, classname: str) -> None:
    attributes = {"classname": classname, "name": _name(verdict), "time": f"{verdict.seconds:.3f}"}
    case = etree.SubElement(parent, "testcase", attributes)
    properties = [("file", verdict.file), ("simulated", f"{verdict.simulated:.3f}")]
    properties += [("tag", tag) for tag in verdict.tags]
    properties += [("clause", clause) for clause in verdict.clauses]
    properties += [(f"parameter.{name}", value) for name, value in masked_parameters(verdict.parameters)]
    properties += [(f"finding.{blamed}", found.check) for blamed, found in verdict.findings]
    listed = etree.SubElement(case, "properties")
    for name, value in properties:
        etree.SubElement(listed, "property", {"name": masked(name), "value": masked(value)})
    if verdict.outcome is Outcome.NOT_RUN:
        etree.SubElement(case, "skipped", {"message": masked("; ".join(verdict.reason.splitlines()))})
    elif verdict.outcome is not Outcome.PASSED:
        kind = "failure" if verdict.outcome is Outcome.FAILED else "error"
        told = etree.SubElement(case, kind, {"message": _message(verdict), "type": kind})
        told.text = failure_text(verdict)


def _message(verdict: Verdict) -> str:
    if verdict.failures:
        text = verdict.failures[0].message
    elif verdict.findings:
        blamed, found = verdict.findings[0]
        text = f"{blamed}: {found.check}: {found.message}"
    else:
        text = "; ".join(verdict.reason.splitlines())
    return masked(text)[:_LONGEST_MESSAGE]


def _name(verdict: Verdict) -> str:
    stem = PurePath(verdict.file).name.removesuffix(".scenario.yaml").removesuffix(".yaml")
    name = masked(verdict.name)
    return name if not stem or stem == verdict.name or verdict.name.startswith(stem) else f"{masked(stem)}: {name}"


def _classes(verdicts: Sequence[Verdict]) -> list[str]:
    """Return a class for each verdict: its folder, from the name of the folder on that holds them all."""
    folders = [os.path.abspath(os.path.dirname(verdict.file) or ".") for verdict in verdicts]
    top = os.path.dirname(os.path.commonpath(folders)) if folders else ""
    parts = [PurePath(os.path.relpath(folder, top)).parts for folder in folders]
    return [masked(".".join(part.replace(".", "_") for part in each if part != "/")) or "scenarios" for each in parts]
