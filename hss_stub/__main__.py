"""The command `hss-stub`: the HSS stub as a process of its own."""

import click

from scscf import __version__
from scscf.yaml_model import NOT_YET


class _NotYet(click.ClickException):
    """A command that this version knows and does not do."""

    exit_code = 2

    def __init__(self, command: str) -> None:
        hint = "the stub that `scscf run --subscribers FILE` starts in its own process is"
        super().__init__(f"hss-stub {command}: {NOT_YET}; {hint}")


@click.group(context_settings={"auto_envvar_prefix": "HSS_STUB"})
@click.version_option(__version__, prog_name="hss-stub")
def main() -> None:
    """An HSS stub that speaks Cx over Diameter. Not available yet: `scscf run` has one embedded.

    \b
    Example:
      scscf run --subscribers subscribers.yaml
    """


def _command(name: str, text: str, example: str) -> None:
    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    help_text = f"{text} Not available yet.\n\n\b\nExample:\n  {example}"

    @main.command(name, help=help_text, context_settings=settings)
    def refuse() -> None:
        raise _NotYet(name)


_command("run", "Run the HSS stub.", "hss-stub run --subscribers subscribers.yaml")
_command("deregister", "Have the S-CSCF end registrations (RTR).", "hss-stub deregister --impi alice@home1.test")
_command("import", "Make subscribers of a SIPp CSV or a Cx user-data XML.", "hss-stub import csv users.csv")

if __name__ == "__main__":
    main()
