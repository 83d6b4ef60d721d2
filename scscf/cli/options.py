"""What every command of a group has: an environment variable for each option, and --version."""

import click

from scscf import __version__


def complete(group: click.Group, name: str, prefix: str) -> None:
    """Give each command --version, and each option the variable PREFIX_OPTION where it names none of its own."""
    for command in group.commands.values():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.envvar is None:
                parameter.envvar = f"{prefix}_{parameter.opts[-1].strip('-').replace('-', '_').upper()}"
        click.version_option(__version__, prog_name=name)(command)
