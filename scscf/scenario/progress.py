"""What `scscf play` shows while it runs: one line each, a bar on a terminal, and of what failed everything there is."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from scscf.scenario.failure_text import LAST, reasons
from scscf.scenario.ladder import coloured_ladder, duration
from scscf.scenario.masking import masked
from scscf.scenario.selection import shown_file
from scscf.scenario.verdict import Outcome, Verdict

_MARKS = {
    Outcome.PASSED: ("passed ", "green"),
    Outcome.FAILED: ("FAILED ", "bold red"),
    Outcome.NOT_RUN: ("not run", "yellow"),
    Outcome.ERROR: ("ERROR  ", "bold magenta"),
}


class Progress:
    """Tells of verdicts as they come. `console` is stdout where none is given; where that is no terminal there are
    plain lines and no bar. `verbose` shows the ladder of what passed, too."""

    def __init__(self, console: Console | None = None, *, verbose: bool = False) -> None:
        self._console = console or Console(markup=False, highlight=False, soft_wrap=True)
        self._verbose = verbose
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._total = self._done = 0

    def start(self, total: int) -> None:
        """Begin to tell of so many files; a file may turn out to hold several scenarios."""
        self._total, self._done = total, 0
        if self._console.is_terminal and total > 1:
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("scenarios", total=total)
            self._bar.start()

    def done(self, verdict: Verdict) -> None:
        """Tell of one verdict: its line, and where it failed or `verbose` is asked for, why and the ladder."""
        lines = [verdict_line(verdict)]
        failed = verdict.outcome in (Outcome.FAILED, Outcome.ERROR)
        if failed:
            lines += map(_styled, reasons(verdict))
        if (failed or self._verbose) and verdict.messages:
            last = None if self._verbose else LAST
            rows = coloured_ladder(verdict.messages, verdict.participants, self._width(), last)
            lines += [Text(), *rows, Text()]
        self._print(Text("\n").join(lines))
        if self._bar is not None and self._task is not None:
            self._done += 1
            self._bar.update(self._task, completed=self._done, total=max(self._total, self._done))

    def end(self, verdicts: Sequence[Verdict]) -> None:
        """Take the bar away and sum up."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        counts = Counter(verdict.outcome for verdict in verdicts)
        said = [f"{counts[Outcome.PASSED]} passed", f"{counts[Outcome.FAILED]} failed"]
        if counts[Outcome.NOT_RUN]:
            said.append(f"{counts[Outcome.NOT_RUN]} not run")
        if counts[Outcome.ERROR]:
            said.append(f"{counts[Outcome.ERROR]} in error")
        simulated = sum(verdict.simulated for verdict in verdicts)
        seconds = sum(verdict.seconds for verdict in verdicts)
        bad = counts[Outcome.FAILED] + counts[Outcome.ERROR]
        line = Text(", ".join(said), "bold red" if bad else "bold green" if counts[Outcome.PASSED] else "yellow")
        self._print(line.append(f"; {duration(simulated)} simulated in {seconds:.2f} s", "dim"))

    def _width(self) -> int:
        return min(self._console.width, 160) if self._console.is_terminal else 100

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True, markup=False, highlight=False)


def verdict_line(verdict: Verdict) -> Text:
    """Return the one line of a verdict: outcome, file, name, the time that passed in it, the time that it took."""
    mark, style = _MARKS[verdict.outcome]
    line = Text.assemble((mark, style), " ", masked(shown_file(verdict.file) or verdict.name))
    if verdict.file and verdict.name and verdict.name != verdict.file:
        line.append(f"  {masked(verdict.name)}", "dim")
    if verdict.outcome is Outcome.NOT_RUN:
        return line.append(f"  {masked('; '.join(verdict.reason.splitlines()))}", "yellow") if verdict.reason else line
    return line.append(f"  {duration(verdict.simulated)} in {verdict.seconds * 1000:.0f} ms", "dim")


def _styled(line: str) -> Text:
    kind = line.lstrip()
    if kind.startswith(("- ", "expected:")):
        return Text(line, "red")
    if kind.startswith(("+ ", "came:")):
        return Text(line, "green")
    return Text(line)
