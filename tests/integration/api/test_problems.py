"""The kinds of errors: one table holds all that can be answered, and nothing else; each has its page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services.api.v1.problem_kinds import KINDS, ProblemKind, address_of
from services.api.v1.problems import Problem
from shared.usecases.refusals import RefusedKind, invalid, none_such
from tests.integration.api.conftest import Ask

ROOT = Path(__file__).parents[3]
RAISING = ("services/api", "shared/usecases")
"""Where what REST answers is raised. Each of both classes has one name for its kind: the first argument."""

PASSED_ON = {"services/api/v1/problems.py": {"error.kind", "kind"}}
"""Kinds that are not spelt where a problem is made: a refusal's own, and that of the framework's errors."""


def kinds_spelt() -> Iterator[tuple[str, ast.expr]]:
    """Every file and first argument that a problem or a refusal is made with."""
    for folder in RAISING:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("Problem", "Refused"):
                    yield path.relative_to(ROOT).as_posix(), node.args[0]


def test_what_can_be_raised_is_in_the_table_and_nothing_else() -> None:
    raised = {"method-not-allowed"}  # the framework's: see the test below
    for file, kind in kinds_spelt():
        if isinstance(kind, ast.Constant):
            raised.add(kind.value)
        else:
            assert ast.unparse(kind) in PASSED_ON.get(file, set()), f"{file}: {ast.unparse(kind)}"
    assert raised == set(KINDS) == set(get_args(ProblemKind))
    assert {invalid("a", "b").kind, none_such("a").kind} <= set(get_args(RefusedKind)) <= raised


def test_a_problem_of_no_kind_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        Problem("made-up", "why")  # type: ignore[arg-type]


def test_every_kind_says_what_to_do() -> None:
    for kind, what in KINDS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind)
        assert 400 <= what.status < 600
        assert not what.title.endswith(".")
        assert what.cause.endswith(".")
        assert what.mend.endswith(".")
    assert len({what.title for what in KINDS.values()}) == len(KINDS)


def test_the_guide_names_every_kind() -> None:
    errors = (ROOT / "docs/api.md").read_text().partition("## Errors")[2]
    rows = re.findall(r"^\| (\d{3}) \| (.+?) \|", errors, re.MULTILINE)
    named = {(kind, int(status)) for status, cell in rows for kind in re.findall(r"`/problems/([a-z-]+)`", cell)}
    assert named == {(kind, what.status) for kind, what in KINDS.items()}


def test_the_type_of_an_error_leads_to_its_page(ask: Ask) -> None:
    answer = ask("DELETE", "/api/v1/platforms")
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (405, address_of("method-not-allowed"))
    assert problem["title"] == KINDS["method-not-allowed"].title
    assert answer.headers["allow"] == "GET"
    page = ask("GET", problem["type"])
    assert page.status_code == 200
    assert problem["title"] in page.text
    assert ask("GET", "/problems/made-up").status_code == 404


def test_one_page_lists_them_all(ask: Ask) -> None:
    page = ask("GET", "/problems").text
    for kind in KINDS:
        assert f'id="{kind}"' in page
        assert f'href="#{kind}"' in page
        assert f'href="{address_of(kind)}"' in page
