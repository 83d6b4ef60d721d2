"""docs/conformance.md is held to the tests that it names: each is there, is marked with its clause, ran and passed."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import Outcomes

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "docs" / "conformance.md"


class Row(NamedTuple):
    """A row of a table: clauses, modules, and tests by file or by `file::name`."""

    line: int
    clauses: tuple[str, ...]
    modules: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> list[Row]:
    """Return the rows of every table whose first column is `clause`."""
    found = []
    inside = False
    for number, line in enumerate(TABLE.read_text("utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == "clause":
            inside = True
        elif inside and not set(cells[0]) <= set("- "):
            clauses = tuple(clause.strip() for clause in cells[0].split(",") if clause.strip())
            found.append(Row(number, clauses, _code(cells[2]), _code(cells[3])))
    return found


def _code(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


@cache
def functions(file: Path) -> frozenset[str]:
    """Return the names of the tests in a file."""
    found = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))


ROWS = rows()


def named(row: Row) -> list[str]:
    """Return the tests that a row names, one by one."""
    tests = []
    for test in row.tests:
        file, _, name = test.partition("::")
        tests += [test] if name else [f"{file}::{each}" for each in sorted(functions(ROOT / file))]
    return tests


def test_the_table_has_rows() -> None:
    assert len(ROWS) > 50


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line {row.line}")
def test_a_row_names_modules_and_tests_that_exist(row: Row) -> None:
    assert row.clauses, f"line {row.line} names no clause"
    assert row.modules, f"line {row.line} names no module"
    assert row.tests, f"line {row.line} names no test"
    for module in row.modules:
        assert (ROOT / module).is_file(), f"line {row.line}: there is no {module}"
    for test in named(row):
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), f"line {row.line}: there is no {file}"
        assert name in functions(ROOT / file), f"line {row.line}: there is no {test}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line {row.line}")
def test_a_row_s_tests_ran_passed_and_are_marked_with_its_clauses(row: Row, outcomes: Outcomes) -> None:
    for test in named(row):
        assert outcomes.of[test] == {"passed"}, f"line {row.line}: {test} did not run and pass"
    for test in row.tests:
        marks = frozenset[str]().union(*(outcomes.clauses[each] for each in named(row) if each.startswith(test)))
        missing = set(row.clauses) - marks
        assert not missing, f"line {row.line}: {test} is not marked with {', '.join(sorted(missing))}"


def test_every_clause_that_a_test_is_marked_with_is_in_the_table(outcomes: Outcomes) -> None:
    known = {clause for row in ROWS for clause in row.clauses}
    marked = {clause for clauses in outcomes.clauses.values() for clause in clauses}
    assert marked <= known, sorted(marked - known)
