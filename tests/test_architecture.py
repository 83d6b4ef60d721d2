"""The shape of the project: what is packaged, what things are called, and what no file may say."""

import ast
import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
SETUP = ConfigParser()
SETUP.read(TOP / "setup.cfg", encoding="utf-8")
PACKAGES = SETUP["options"]["packages"].split()
FOLDERS = dict(line.split(" = ") for line in SETUP["options"]["package_dir"].strip().splitlines())
MODULES = sorted(path for package in ("scscf", "hss_stub") for path in (TOP / package).rglob("*.py"))

EMPTY_NAMES = {"base", "common", "core", "helper", "helpers", "lib", "manager", "misc", "shared", "util", "utils"}
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.\-/])/(?:home/\w|Users/\w|root/|tmp/|work/|farm/)")


def files_of_the_project() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        check=False,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    if listed.returncode or not names:
        pytest.skip("not a git checkout")
    return [TOP / name for name in names if (TOP / name).is_file()]


def test_the_package_list_is_the_tree() -> None:
    in_the_tree = {
        ".".join(path.parent.relative_to(TOP).parts) for path in MODULES if path.name == "__init__.py"
    } | set(FOLDERS)

    assert set(PACKAGES) == in_the_tree


def test_every_folder_of_modules_is_a_package() -> None:
    assert [path for path in MODULES if not (path.parent / "__init__.py").exists()] == []


def test_remapped_packages_are_folders_with_an_init() -> None:
    assert [name for name, folder in FOLDERS.items() if not (TOP / folder / "__init__.py").exists()] == []


def test_modules_are_named_after_a_thing() -> None:
    assert [path for path in MODULES if path.stem in EMPTY_NAMES or path.parent.name in EMPTY_NAMES] == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(TOP).as_posix()
        for path in MODULES
        if path.stat().st_size and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]

    assert silent == []


def test_tests_mirror_the_packages() -> None:
    tested = {path.relative_to(TOP / "tests").as_posix() for path in (TOP / "tests").rglob("test_*.py")}
    mirrored = {folder.name for folder in (TOP / "scscf").iterdir() if (folder / "__init__.py").exists()}
    mirrored |= {"hss_stub", "system", "soak", "interop", "data"}
    strangers = sorted(name for name in tested if "/" in name and name.split("/")[0] not in mirrored)

    assert strangers == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = []
    for path in files_of_the_project():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(TOP)}:{number}: {line.strip()}"
            for number, line in enumerate(text.splitlines(), 1)
            if SOMEBODYS_MACHINE.search(line)
        ]

    assert found == []


def test_the_version_is_in_the_change_log() -> None:
    source = (TOP / "scscf/__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "([^"]+)"', source)

    assert version is not None
    assert f"## {version[1]}" in (TOP / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_documents_name_files_that_exist() -> None:
    documents = [*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")]
    path = re.compile(r"`((?:scscf|hss_stub|schemas|tests|bench)/[\w/.]+)`")
    named = [
        (document.relative_to(TOP).as_posix(), name)
        for document in documents
        for name in path.findall(document.read_text(encoding="utf-8"))
    ]
    linked = [
        (document.relative_to(TOP).as_posix(), target)
        for document in documents
        for target in re.findall(r"\]\(([^):#]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]

    assert [pair for pair in named if not (TOP / pair[1]).exists()] == []
    assert linked == []
