"""The verdict on one trace."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO, NamedTuple

from scscf.capture.reading import CaptureReader
from scscf.conformance.network.profile import NetworkProfile
from scscf.judgement.bench import Found, judge
from scscf.judgement.legs import Leg
from scscf.judgement.trace import MOST, Exchanged, Trace

_MOST_OF_ONE = 3
"""So many findings of one check are told of one user."""


class UserVerdict(NamedTuple):
    """What was found of one user at one network."""

    exchanged: Exchanged
    found: tuple[Found, ...]
    """In the order of time."""
    more: tuple[tuple[str, int], ...]
    """Checks that were broken again, and how often beyond what is in `found`."""


class Judgement(NamedTuple):
    """The verdict on a trace."""

    file: str
    began: float
    """When its first frame was seen, seconds since the Unix epoch."""
    ended: float
    messages: int
    """SIP and Diameter messages in it."""
    judged: int
    """Those that were judged."""
    legs: tuple[tuple[str, Leg, int], ...]
    """Method, leg that was judged, requests on it."""
    passed_on: int
    """Requests that were seen nearer to the S-CSCF too, and left aside here."""
    users: tuple[UserVerdict, ...]
    notices: tuple[str, ...]
    """What could not be read or judged, a sentence each."""

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not any(user.found for user in self.users)


class ReadTrace(NamedTuple):
    """A trace that was read."""

    reader: CaptureReader
    trace: Trace


def read_trace(file: BinaryIO) -> ReadTrace:
    """Read a capture file. Raises NoCapture for one that is no capture."""
    reader, trace = CaptureReader(file), Trace()
    for message in reader:
        trace.take(message)
    return ReadTrace(reader, trace)


def judge_trace(
    read: ReadTrace,
    name: str,
    *,
    aor: str | None = None,
    dialect: str = "auto",
    permitted: frozenset[str] = frozenset(),
    also: frozenset[str] = frozenset(),
    passing: Callable[[Sequence[Exchanged]], Iterable[Exchanged]] = iter,
) -> Judgement:
    """Return the verdict on a trace that is called `name`; `aor`: only on that user, canonical.

    `dialect` is `ims`, `rfc3261`, or `auto`: by what the messages of a user show. Checks in `permitted` are left out,
    those that hold only where they are asked for are asked for in `also`. `passing` sees the users go by.
    """
    reader, trace = read
    users, missed, moved = [], 0, list[float]()
    losses: defaultdict[frozenset[str], list[float]] = defaultdict(list)
    for at, source, destination in reader.losses():
        losses[frozenset((source, destination))].append(at)
    wanted = [each for each in trace.exchanged() if aor is None or aor in each.aors]
    ended = max([reader.ended, *(each.messages[-1].captured.at for each in wanted)])
    for exchanged in passing(wanted):
        ims = exchanged.ims if dialect == "auto" else dialect == "ims"
        profile = NetworkProfile(ims=ims, also=also, from_start=False, began=reader.began or 0.0)
        verdict = judge(exchanged, profile, permitted, ended, losses)
        users.append(_limited(exchanged, verdict.found))
        missed += verdict.missed
        if verdict.moved is not None:
            moved.append(verdict.moved)
    return Judgement(
        name,
        reader.began or 0.0,
        ended,
        trace.count,
        sum(len(each.messages) for each in wanted),
        tuple(sorted((method, leg, count) for (method, leg), count in trace.legs.judged.items())),
        trace.legs.passed_on,
        tuple(users),
        tuple(_notices(reader, trace, missed, moved)),
    )


def _notices(reader: CaptureReader, trace: Trace, missed: int, moved: list[float]) -> list[str]:
    told = reader.notices()
    if moved:
        told.append(
            f"The network's clock was moved on by {max(moved):.0f} s, as duration-registered and expires show: "
            f"nothing is said of times and of what is late. Users concerned: {len(moved)}."
        )
    told += [
        f"The clock of the capture was set back by {step.seconds:.1f} s at frame {step.frame}: times go on from there."
        for step in trace.steps
    ]
    if trace.alone:
        told.append(f"Answers to requests that the capture lacks: {trace.alone}.")
    if missed:
        told.append(f"NOTIFYs that the capture lacks, by their answers or by CSeq and version: {missed}.")
    if trace.copies:
        told.append(f"Messages that came twice at once, one left out: {trace.copies}.")
    if trace.left_out:
        told.append(f"Messages left out, as {MOST} or 256 MB are enough: {trace.left_out}.")
    return told


def _limited(exchanged: Exchanged, found: list[Found]) -> UserVerdict:
    counts: Counter[str] = Counter()
    first = []
    for each in sorted(found, key=lambda each: each.finding.at):
        counts[each.finding.check] += 1
        if counts[each.finding.check] <= _MOST_OF_ONE:
            first.append(each)
    more = tuple((check, count - _MOST_OF_ONE) for check, count in counts.items() if count > _MOST_OF_ONE)
    return UserVerdict(exchanged, tuple(first), more)
