"""What every command of a group has: an environment variable for each option, --version, and its exit codes."""

from pathlib import Path

import click

from scscf import __version__
from scscf.errors import InputError, Problem

EXIT_CODES = "Exit code 0: done; 1: the answer is no; 2: wrong usage or configuration; 3: nobody was there."
_VALUES = {"listen": "URI", "api": "URL", "hss": "URI", "hss_api": "URL", "proxy": "URI", "target": "URI",
           "contact": "URI", "server": "URI", "reason": "TEXT", "info": "TEXT", "columns": "NAMES"}  # fmt: skip
"""Option → what its value is called in help; the option's own name for another."""


class Program(click.Group):
    """Lists its commands in the order in which they were added: that of the road that a user takes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in their order."""
        return list(self.commands)


def complete(group: click.Group, name: str, prefix: str) -> None:
    """Give each command --version, its exit codes where its help tells none, and each option PREFIX_OPTION.

    An option that names a variable of its own keeps it.
    """
    for command in group.commands.values():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                _complete_option(parameter, prefix)
        if not isinstance(command, click.Group) and "Exit " not in (command.help or ""):
            command.epilog = f"{command.epilog}\n\n{EXIT_CODES}"
        click.version_option(__version__, prog_name=name)(command)


def check_ready_file(path: Path | None) -> None:
    """See that a ready-file can be written, before anything is started. Raises InputError."""
    if path is not None and not path.absolute().parent.is_dir():
        raise InputError([Problem("--ready-file", 0, 0, f"{path.parent}: there is no such folder")])


def _complete_option(option: click.Option, prefix: str) -> None:
    if option.envvar is None:
        option.envvar = f"{prefix}_{option.opts[-1].strip('-').replace('-', '_').upper()}"
    if isinstance(option.type, click.IntRange | click.FloatRange):
        option.type.name = "number"
    elif option.type is click.STRING and option.metavar is None:
        option.metavar = _VALUES.get(option.name or "", (option.name or "").upper())
