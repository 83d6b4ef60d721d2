"""The shape of the JSON report, of which `schemas/report.schema.json` is made.

Times are seconds: `at` since the scenario began, `seconds` on the wall, `simulated` on the scenario's own clock.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

SHAPE = 1
"""Version of the shape; a key that is added does not change it."""

OutcomeName = Literal["passed", "failed", "not run", "error"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class FailureShape(_Shape):
    """One expectation that was not met."""

    file: str
    line: int
    """From 1; 0 where there is no such place."""
    column: int
    way: str
    """Where in the file: `steps[3].notified.version`."""
    at: float
    message: str
    expected: list[str]
    """As lines."""
    came: list[str]
    """As lines."""


class FindingShape(_Shape):
    """One breach of a rule that was seen on the wire."""

    blamed: str
    """An actor's name, or `network`."""
    check: str
    """Name of the rule: `version-gap`."""
    clause: str
    message: str


class MessageShape(_Shape):
    """One message on the wire."""

    at: float
    protocol: str
    transport: str
    source: str
    """Name of a participant, or an address."""
    target: str
    label: str
    """Method, or status and reason, or Diameter command and result."""
    about: str
    """The method that an answer answers."""
    notes: list[str]
    lost: bool
    again: bool
    """Whether the same octets went the same way before."""
    refused: bool
    text: str
    """The message, what proves who somebody is left out."""


class DocumentShape(_Shape):
    """One reginfo document as an actor got it."""

    at: float
    to: str
    subscription_state: str
    body: str


class ScenarioShape(_Shape):
    """The verdict on one scenario."""

    name: str
    file: str
    outcome: OutcomeName
    reason: str
    """Why it was not run, or what is in error."""
    tags: list[str]
    clauses: list[str]
    parameters: dict[str, str]
    seconds: float
    simulated: float
    steps: int
    """Steps that were done."""
    fingerprint: str
    """SHA-256 over every message with its time and addresses."""
    failures: list[FailureShape]
    findings: list[FindingShape]
    participants: list[str]
    message_count: int
    messages: list[MessageShape]
    """Only of scenarios that failed or are in error."""
    documents: list[DocumentShape]
    """Only of scenarios that failed or are in error."""


class SummaryShape(_Shape):
    """How many scenarios came to what."""

    passed: int
    failed: int
    not_run: int
    error: int
    seconds: float
    simulated: float


class ReportShape(_Shape):
    """What `scscf play --json` writes."""

    shape: Literal[1]
    program: str
    seed: int | None
    """What chance was drawn with."""
    summary: SummaryShape
    scenarios: list[ScenarioShape]
