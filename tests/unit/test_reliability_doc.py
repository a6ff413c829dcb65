"""docs/reliability.md: every row of the fault matrix is there, and every test that it names."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [line for line in (ROOT / "docs" / "reliability.md").read_text().splitlines() if re.match(r"\| \d+ \|", line)]


@cache
def functions_of(file: str) -> frozenset[str]:
    """The names of the functions of a test file."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_row_of_the_matrix_is_there_in_order() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, 35))


def test_every_row_names_tests_that_exist() -> None:
    for row in ROWS:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row.split("|")[4])
        assert named, row
        for file, test in named:
            assert test in functions_of(file), f"{file} has no {test}"
