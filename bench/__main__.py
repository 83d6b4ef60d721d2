"""Run the measurements and print them: `python -m bench [--quick] [--json FILE] [NAME ...]`."""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from bench import cx, diameter, hss, kamailio, memory, notify, register, scenario, startup
from bench.figures import Figure
from bench.loader import IN_FLIGHT, LoadError
from bench.node import LOADER_CORE, SERVER_CORE, NotStarted, pin_loader


def main() -> int:
    """Measure, print a line for each figure, return the exit status: 1 where a measurement could not be made."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages and of the bindings")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    names = "startup, register, notify, diameter, hss, cx, memory, scenario, kamailio"
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    options = parser.parse_args()
    messages, many = (2000, 10_000) if options.quick else (20_000, 100_000)
    suites: dict[str, Callable[[], list[Figure]]] = {
        "startup": startup.figures,
        "register": lambda: register.figures(messages),
        "notify": lambda: notify.figures(messages),
        "diameter": lambda: diameter.figures(messages),
        "hss": lambda: hss.figures(messages),
        "cx": lambda: cx.figures(messages),
        "memory": lambda: memory.figures(messages, many),
        "scenario": lambda: scenario.figures(100 if options.quick else 1000),
        "kamailio": lambda: kamailio.figures(messages, many),
    }
    unknown = sorted(set(options.names) - set(suites))
    if unknown:
        parser.error(f"no measurement is called {', '.join(unknown)}; there are {', '.join(suites)}")
    pin_loader()
    print(f"Python {platform.python_version()}, server on core {SERVER_CORE}, loader on core {LOADER_CORE},")
    print(f"UDP over loopback, {IN_FLIGHT} in flight; CPU time of the server (user and system) per exchange;")
    print("median of the runs (least - most)", flush=True)
    found: list[Figure] = []
    failed = False
    chosen = [name for name in suites if not options.names or name in options.names]
    for number, name in enumerate(chosen, 1):
        _show(f"measuring {name}, {number} of {len(chosen)}; some minutes ...")
        try:
            figures = suites[name]()
        except (LoadError, NotStarted) as error:
            failed = True
            _show("")
            print(f"{name}: {error}", file=sys.stderr)
            continue
        _show("")
        if not figures:
            print(f"{name}: not installed, not measured")
        for figure in figures:
            print(figure, flush=True)
        found += figures
    if options.json:
        rows = [{**figure._asdict(), "median": figure.median} for figure in found]
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return int(failed)


def _show(line: str) -> None:
    """Show on a terminal what goes on, in place of what was shown before. Nothing moves: that would be measured too."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
