"""What `make docs` does besides: links into the source, diagrams as tables, nothing fetched from other hosts."""

import posixpath
import re
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
OUTSIDE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changes.md"}
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)#\s]+)(#[^)\s]*)?\)")
DIAGRAM = re.compile(r"```mermaid\n(.*?)```\n?", re.DOTALL)
STEP = re.compile(r"^ *(\S+) --> (\S+?)(?:: (.*?)(?: / (.*))?)?$", re.MULTILINE)
CELL = re.compile(r"<td.*?</td>", re.DOTALL)
FETCHED = re.compile(r"""<(?:script|link|img|iframe)[^>]*\s(?:src|href)=["'](?:https?:)?//[^"']+""")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand outside docs/, and as text whatever file of the source a page links to."""
    for name, place in OUTSIDE.items():
        files.append(File.generated(config, place, content=(ROOT / name).read_text("utf-8")))
    for page in list(files.documentation_pages()):
        for _, target, _ in LINK.findall(page.content_string):
            path = _path(page.src_uri, target)
            if path is not None and path not in OUTSIDE and (ROOT / path).is_file():
                place = f"source/{path}.txt"
                if files.get_file_from_path(place) is None:
                    files.append(File.generated(config, place, content=(ROOT / path).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links to files outside docs/ at their copies, and write each state diagram as a table."""
    here = page.file.src_uri

    def link(found: re.Match[str]) -> str:
        text, target, anchor = found.groups()
        path = _path(here, target)
        if path is None:
            return found[0]
        place = OUTSIDE.get(path, f"source/{path}.txt")
        if (ROOT / path).is_dir():
            return f"{text[1:-1]} (`{path}`)"
        if files.get_file_from_path(place) is None:
            return found[0]
        return f"{text}({posixpath.relpath(place, posixpath.dirname(here) or '.')}{anchor or ''})"

    return DIAGRAM.sub(lambda found: table(found[1]), LINK.sub(link, markdown))


def table(diagram: str) -> str:
    """Return the steps of a mermaid state diagram as a table; no script has to draw it."""
    names = {"[*]": ("begin", "end")}
    rows = []
    for before, after, what, done in STEP.findall(diagram):
        start, following = names.get(before, (before, ""))[0], names.get(after, ("", after))[1]
        rows.append(f"| {start} | {escape(what)} | {following} | {escape(done)} |")
    return "\n".join(["| state | input | next state | action |", "| --- | --- | --- | --- |", *rows, ""])


def on_page_content(content: str, **_: Any) -> str:
    """Take the backslash from bars of code in tables, as GitHub does."""
    return CELL.sub(lambda found: found[0].replace("\\|", "|"), content)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Refuse a page that would fetch something from another host."""
    found = FETCHED.search(output)
    if found:
        raise PluginError(f"{page.file.src_uri}: fetched from another host: {found[0]}")
    return output


def _path(here: str, target: str) -> str | None:
    """Return what a link of a page means as a path of the source, None where it stays in docs/ or is a URL."""
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(here), target))
    return None if ":" in target or path.startswith(("docs/", "../")) else path
