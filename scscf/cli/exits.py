"""How a command line ends: exit codes, and one line for each mistake."""

import sys
from io import TextIOWrapper
from typing import NoReturn

import click

from scscf.errors import InputError


def exit_with(command: click.Command, name: str) -> NoReturn:
    """Run a command line and exit: 0 done, 1 the answer is no, 2 wrong usage or configuration."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = command.main(prog_name=name, standalone_mode=False)
    except InputError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else name
        click.echo(f"{name}: {' '.join(error.format_message().split())} (see {path} --help)", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"{name}: {error.filename or 'system'}: {error.strerror or error}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)
