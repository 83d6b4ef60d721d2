"""The verdict on one scenario: what it came to, and everything that a report is made of."""

from enum import Enum
from typing import NamedTuple

from scscf.capture.recording import Participant, Recorded
from scscf.conformance.finding import Finding


class Outcome(Enum):
    """What a scenario came to."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"
    """There was nobody to run it with, or it cannot be run that way."""
    ERROR = "error"
    """The file cannot be used, or the program itself has a fault."""


class Place(NamedTuple):
    """Where in a file: line and column from 1, `way` as `steps[3].notified.version`."""

    file: str
    line: int
    column: int
    way: str


class Failure(NamedTuple):
    """One expectation that was not met."""

    place: Place
    message: str
    """One sentence."""
    expected: tuple[str, ...] = ()
    """What was expected, as lines."""
    came: tuple[str, ...] = ()
    """What came, as lines."""
    at: float = 0.0
    """Seconds since the scenario began."""


class Document(NamedTuple):
    """One reginfo document as an actor got it."""

    at: float
    to: str
    """The actor."""
    subscription_state: str
    body: bytes


class Verdict(NamedTuple):
    """The verdict on one scenario."""

    name: str
    file: str
    outcome: Outcome
    reason: str = ""
    """Why it was not run, or what is in error: one line."""
    failures: tuple[Failure, ...] = ()
    findings: tuple[tuple[str, Finding], ...] = ()
    """(whom the actor's judge blames: an actor's name or `network`, what was found)."""
    parameters: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    seconds: float = 0.0
    """Wall time that it took."""
    simulated: float = 0.0
    """Seconds that passed in the scenario."""
    steps: int = 0
    """Steps that were done."""
    participants: tuple[Participant, ...] = ()
    messages: tuple[Recorded, ...] = ()
    documents: tuple[Document, ...] = ()
    fingerprint: str = ""
    """SHA-256 over every message with its time and addresses: the same for two runs that are the same."""
    under_test: tuple[str, ...] = ()
    """Names of the actors that are UEs under test."""
