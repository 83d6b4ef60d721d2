"""How far a command is that takes its time: a line on a terminal, nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import click

from scscf.cli.client import ApiClient, printable

AFTER = 1.0
"""Seconds that a command may take without a line."""
EVERY = 0.5
"""Seconds between two looks."""

LOOK_TIMEOUT = 2.0
"""Seconds that a server has for saying how far it is."""

Look = Callable[[], tuple[float, float | None, str]]
"""Returns how much is done, of how much (None: nobody knows), and a few words; if it raises Refused, the line stays."""


@contextmanager
def progress(what: str, look: Look = lambda: (0.0, None, "")) -> Iterator[None]:
    """Show on stderr how far the block is.

    The line is drawn by a thread of its own, since the block mostly waits for one answer, and goes away at the end.
    """
    if not sys.stderr.isatty():
        yield
        return
    over = Event()
    thread = Thread(target=_draw, args=(what, look, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(2 * LOOK_TIMEOUT)


def leaving(client: ApiClient) -> Look:
    """Return what looks how many of those who are registered now are de-registered."""
    most = 0

    def look() -> tuple[float, float | None, str]:
        nonlocal most
        left = client.call("GET", "/v1/health", timeout=LOOK_TIMEOUT)["store"]["records"]
        most = max(most, left)
        return most - left, most, f"{most - left} of {most}" if left else "waiting for watchers"

    return look


def _draw(what: str, look: Look, over: Event) -> None:
    # What there is to do is seen best before it is begun.
    with suppress(click.ClickException):
        look()
    if over.wait(AFTER):
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(what, total=None)
        while True:
            with suppress(click.ClickException):
                done, total, words = look()
                line = printable(f"{what}: {words}" if words else what)
                bar.update(task, completed=done, total=total, description=line)
            if over.wait(EVERY):
                return
