"""Draws the commands from what they are: `python docs/draw_commands.py > docs/cli.md`."""

import re
from collections.abc import Iterator

import click

from hss_stub.__main__ import cli as hss_stub
from scscf.cli.main import cli as scscf
from scscf.cli.options import EXIT_CODES

HEAD = """# Commands

Drawn by `docs/draw_commands.py` from the commands themselves; a test holds the page against them. `COMMAND --help` says
the same, with an example.

Those that are clients of the [control API](api.md) have `--api URL` (`SCSCF_API`; default `http://127.0.0.1:8060`) and
`--api-token TOKEN` (`SCSCF_API_TOKEN`); `--json` prints what the API says. `hss-stub`'s go to port 8061
(`HSS_STUB_API`, `HSS_STUB_API_TOKEN`). Options may come from the environment: `SCSCF_LISTEN`, `HSS_STUB_REALM`.

Exit code 0: done; 1: the answer is no; 2: wrong usage or configuration; 3: not run, because nobody was there. An error
is one line on stderr.
"""


def page() -> str:
    """Return the whole page."""
    pieces = [HEAD]
    for program, group in (("scscf", scscf), ("hss-stub", hss_stub)):
        for name, command in _commands(group):
            pieces.append(_command(f"{program} {name}", command))
    return "\n".join(pieces)


def _commands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in _commands(command))
        else:
            yield name, command


def _command(name: str, command: click.Command) -> str:
    operands = [_operand(each) for each in command.params if isinstance(each, click.Argument)]
    every = {each.opts[-1]: each for each in command.params if isinstance(each, click.Option)}
    asks = "--api-token" in every
    left_out = {"--version", *({"--api", "--api-token", "--json"} if asks else ())}
    options = [each for name, each in every.items() if name not in left_out]
    shown = [f"`{' '.join([name, *operands])}`"]
    if asks:
        shown[0] += " (a client of the API" + (", `--json`)" if "json" in every else ")")
    shown += [_flowed(each) for each in re.split(r"\n\s*\n", command.help or "")]
    if options:
        shown.append("\n".join(["| option | |", "| --- | --- |", *(_option(each) for each in options)]))
    epilog = (command.epilog or "").replace("\b", "").replace(EXIT_CODES, "")
    example = epilog.replace("Examples:", "").replace("Example:", "").split("\n")
    shown += ["\n".join(f"    {each.strip()}" for each in example if each.strip())]
    return f"## {name}\n\n" + "\n\n".join(each for each in shown if each) + "\n"


def _operand(argument: click.Argument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    many = "..." if argument.nargs == -1 and not name.endswith("...") else ""
    return f"{name}{many}" if argument.required or name.startswith("[") else f"[{name}{many}]"


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{each}`" for each in sorted(option.opts, key=len, reverse=True))
    notes = ["repeatable"] if option.multiple else []
    if option.required:
        notes.append("required")
    if option.default not in (None, False, (), "") and "unset" not in repr(option.default).lower():
        notes.append(f"default `{option.default}`")
    told = _flowed(option.help or "").replace("|", "\\|")
    noted = f" ({', '.join(notes)})" if notes else ""
    return f"| {names}{_value(option)} | {told}{noted} |"


def _value(option: click.Option) -> str:
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice):
        return " " + "&nbsp;\\| ".join(f"`{each}`" for each in option.type.choices)
    if option.metavar:
        return f" {option.metavar}"
    if isinstance(option.type, click.Path):
        return " FILE"
    if option.type.name.split()[0] in ("integer", "float", "number"):
        return " N"
    return f" {(option.name or '').rsplit('_', 1)[-1].upper()}"


def _flowed(text: str) -> str:
    return " ".join(text.replace("\b", "").split())


if __name__ == "__main__":
    print(page(), end="")
