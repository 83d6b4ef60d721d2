"""The documents tell the truth: drawn pages are what runs, links lead somewhere, commands are such as there are."""

import json
import re
import runpy
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
import yaml

from hss_stub.__main__ import cli as hss_stub
from scscf.cli.main import cli as scscf

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
OUTSIDE = {"contributing.md": ROOT / "CONTRIBUTING.md", "changes.md": ROOT / "CHANGELOG.md"}
WRITTEN = [*sorted(ROOT.glob("*.md")), *PAGES]
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"^(?:    |\$ )?(?:\.venv/bin/)?((?:scscf|hss-stub) .*)$", re.MULTILINE)


@pytest.mark.parametrize(
    ("program", "drawn"),
    [
        ("draw.py", "state-machines.md"),
        ("draw_checks.py", "checks.md"),
        ("draw_failures.py", "cx-failures.md"),
        ("draw_commands.py", "cli.md"),
    ],
)
def test_a_page_that_is_drawn_is_what_runs(program: str, drawn: str) -> None:
    page = runpy.run_path(str(ROOT / "docs" / program))["page"]()

    assert (ROOT / "docs" / drawn).read_text("utf-8") == page, f"python docs/{program} > docs/{drawn}"


def test_the_site_s_navigation_names_every_page_once() -> None:
    named = sorted(_places(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]))

    assert named == sorted([*(page.relative_to(ROOT / "docs").as_posix() for page in PAGES), *OUTSIDE])
    assert [page for page in OUTSIDE.values() if not page.is_file()] == []


def test_every_link_and_anchor_leads_somewhere() -> None:
    lost = []
    for page in WRITTEN:
        for target in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
            place, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            path = (page.parent / place).resolve() if place else page
            if not path.exists() or (anchor and anchor not in _anchors(path)):
                lost.append(f"{page.relative_to(ROOT)}: {target}")

    assert lost == []


def test_every_picture_is_shown_somewhere_and_is_a_picture() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in WRITTEN
        for target in re.findall(r"!\[[^\]]+\]\(([^)\s]+)\)", page.read_text("utf-8"))
    }
    pictures = set((ROOT / "docs" / "images").iterdir())

    assert pictures - shown == set()
    assert [each for each in pictures if not each.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")] == []


def test_the_site_fetches_nothing_from_another_host() -> None:
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))

    assert settings["theme"]["font"] is False
    assert settings["plugins"] == ["search"]
    assert "extra_javascript" not in settings
    assert [each for each in settings["extra_css"] if not (ROOT / "docs" / each).is_file()] == []
    assert [page for page in WRITTEN if re.search(r"!\[[^\]]*\]\(https?:|<(?:img|script|iframe)\b", _prose(page))] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_commands_that_are_shown_are_such_as_there_are(page: Path) -> None:
    wrong = []
    for line in _commands(page.read_text("utf-8")):
        try:
            _understood(line)
        except click.ClickException as error:
            wrong.append(f"{line}: {error.format_message()}")

    assert wrong == []


def test_the_page_of_the_api_names_every_call_with_its_parameters() -> None:
    calls = json.loads((ROOT / "schemas" / "openapi.json").read_text("utf-8"))["paths"]
    rows = [row for row in (ROOT / "docs" / "api.md").read_text("utf-8").splitlines() if row.startswith("| ")]
    missing = []
    for path, methods in calls.items():
        written = re.compile(re.sub(r"\\{\w+\\}", r"\\{\\w+\\}", re.escape(path)) + r"(?![\w/{])")
        about = [row for row in rows if written.search(row)]
        for method, call in methods.items():
            keys = [each["name"] for each in call.get("parameters", []) if each["in"] == "query"]
            if not any(method.upper() in row for row in about):
                missing.append(f"{method.upper()} {path}")
            missing += [f"{path}?{key}=" for key in keys if not any(re.search(rf"[?&]{key}=", row) for row in about)]

    assert missing == []


def _places(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, Mapping):
        for each in nav.values():
            yield from _places(each)
    elif isinstance(nav, list):
        for each in nav:
            yield from _places(each)


def _prose(page: Path) -> str:
    return FENCED.sub("", page.read_text("utf-8"))


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page, as GitHub and the site make them of headings."""
    headings = re.findall(r"^#+ +(.*)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


def _commands(text: str) -> Iterator[str]:
    """Yield the command lines of ours in a page's code, each without what a shell would do with it."""
    shell = [body for language, body in FENCED.findall(text) if language in ("sh", "console")]
    indented = [line for line in FENCED.sub("", text).splitlines() if line.startswith("    ")]
    for found in COMMAND.findall("\n".join([*shell, *indented]).replace("\\\n", " ")):
        yield re.split(r"\s(?:#|&&|\||>|&)(?:\s|$)", found)[0]


def _understood(line: str) -> None:
    """Parse a command line without running it; click.ClickException where an option or a value is none there is."""
    program, *words = shlex.split(line)
    command: click.Command = scscf if program == "scscf" else hss_stub
    context = click.Context(command, info_name=program)
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
        context = click.Context(command, info_name=name, parent=context)
    if "--help" not in words and "..." not in words:
        command.parse_args(context, list(words))
