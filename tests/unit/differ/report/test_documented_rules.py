"""docs/differ.md lists every rule by its name in the code: neither may drift from the other."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services.differ.core import directions, judge
from services.differ.core.compare import editorial
from services.differ.core.extract import chrome, furniture
from services.differ.core.subjects import SUBJECTS
from services.differ.core.summarise_check import RULES
from services.differ.core.usable import rules as usable
from shared.domain.report import FactKind, UnusableReason

ROOT = Path(__file__).parents[4]
DOCUMENT = (ROOT / "docs" / "differ.md").read_text("utf-8")
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|(?: `(?P<second>[^`]+)` \|)?", re.MULTILINE)


def documented(section: str, column: str) -> list[str]:
    """The names in the first column of the table in a section whose heading cell is `column`."""
    text = re.split(rf"^## {re.escape(section)}$", DOCUMENT, flags=re.MULTILINE)[1].split("\n## ")[0]
    table = text.split(f"| {column} |", 1)[1].split("\n\n")[0]
    return [found["name"] for found in ROW.finditer(table)]


def literals(*modules: object) -> Iterator[str]:
    """Every string of modules; what is put into an f-string at run time shows as a star."""
    for module in modules:
        for node in ast.walk(ast.parse(Path(str(getattr(module, "__file__", ""))).read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def left_out_rules() -> set[str]:
    """The names under which extraction counts what it leaves out."""
    named = {rule.name for rule in chrome.RULES} | {name for name, _ in furniture.KINDS}
    for path in Path(str(chrome.__file__)).parent.glob("*.py"):
        named |= set(re.findall(r"(?:ignored\[|\()\"([a-z-]+)\"(?:\]|, _\w+\))", path.read_text("utf-8")))
    return named


def editorial_rules() -> set[str]:
    written = {text for text in literals(judge, editorial) if re.fullmatch(r"editorial\.[a-z-]+", text)}
    return written | {f"editorial.{name}" for name, _ in editorial.STEPS} | {"editorial.moved", "editorial.renumbered"}


def reason_families() -> set[str]:
    """What stands before the point of a reason."""
    written = {text for text in literals(judge, directions) if re.fullmatch(r"[a-z]+\.[\w*.:-]+", text)}
    return {text.split(".")[0] for text in written} - {"editorial"} | set(get_args(FactKind))


@pytest.mark.parametrize(
    ("section", "column", "in_code"),
    [
        ("Rules of extraction", "rule", left_out_rules()),
        ("Rules of unusable captures", "reason", set(get_args(UnusableReason))),
        ("Rules of editorial changes", "rule", editorial_rules()),
        ("Facts", "kind", set(get_args(FactKind))),
        ("Reasons", "reason", reason_families()),
        ("Sentences and headline", "rule", set(RULES)),
    ],
)
def test_every_rule_is_documented_and_every_documented_rule_exists(
    section: str, column: str, in_code: set[str]
) -> None:
    listed = set(documented(section, column))
    assert listed - in_code == set(), f"docs/differ.md, “{section}”, names what the code does not"
    assert in_code - listed == set(), f"docs/differ.md, “{section}”, leaves out"


def test_subjects_are_documented_in_the_order_in_which_they_are_looked_for() -> None:
    more = {1: "better", -1: "worse", 0: "neither"}
    rows = re.findall(r"^\| `([a-z-]+)` \| (better|worse|neither) \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(subject.name, more[subject.more]) for subject in SUBJECTS]


def test_rules_of_unusable_captures_are_documented_in_their_order() -> None:
    section = DOCUMENT.split("## Rules of unusable captures")[1].split("\n## ")[0]
    rows = [(found["name"], found["second"]) for found in ROW.finditer(section) if found["second"]]
    assert rows == [(reason, rule.__name__.lstrip("_")) for reason, rule in usable._RULES]


def test_the_strength_of_facts_is_as_documented() -> None:
    section = DOCUMENT.split("\n## Facts\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (strong|moderate|weak)\b.*\|$", section, re.MULTILINE)
    assert dict(rows) == judge.STRENGTH


def test_the_worked_example_is_the_golden_report() -> None:
    golden = (ROOT / "tests" / "golden" / "notice-shortened" / "report.txt").read_text("utf-8")
    assert f"```text\n{golden}```" in DOCUMENT


def test_every_reason_of_the_golden_reports_is_documented() -> None:
    families = set(documented("Reasons", "reason"))
    editorial_names = set(documented("Rules of editorial changes", "rule"))
    for path in (ROOT / "tests" / "golden").glob("*/report.json"):
        for reason in json.loads(path.read_text("utf-8"))["reasons"]:
            family = reason.split(".")[0]
            assert reason in editorial_names if family == "editorial" else family in families, path.parent.name
