"""Reports of every outcome are valid against the published schema, and schema and model name the same keys."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from services.differ.core.pipeline import build_report, compare_versions
from services.differ.core.report import MAX_PROVISIONS
from shared.domain import report as model
from shared.domain.report import DocumentRef, Evidence, EvidenceSide, Links, PlatformRef, Report, Unusable
from tests.factories.differ import compared, version

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[4] / "docs" / "schemas" / "change.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

OLD = """# Terms
Last updated: 1 March 2026
## 5. Termination
5.1 We may terminate your account with 30 days' notice.
We may keep what you sent to us for a while. Nobody else is told about any of it.
We collect:
- your name
- your age
Irish law governs these terms and any dispute about them.
The last clause says nothing of interest to anyone who reads it."""
NEW = """# Terms
Last updated: 1 April 2026
Irish law governs these terms and any dispute about them.
## 5. Termination
5.2 We may terminate your account with 14 days' reasonable notice.
We may keep what you sent to us for a while.
Nobody else is told about any of it.
We collect:
- your name
- your location
- your age
We sell your personal data to [partners](acorn.test/partners).
The last clause says nothing of interest to anyone who reads it."""

WATCHED: dict[str, Any] = {
    "id": "chg_1",
    "status": "confirmed",
    "sequence": 3,
    "platform": PlatformRef(slug="acorn", name="Acorn"),
    "document": DocumentRef(id="doc_1", type="Terms of Service", url="https://acorn.test/terms", language="en"),
    "last_seen_old": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "first_seen_new": datetime(2026, 4, 1, 12, tzinfo=UTC),
    "evidence": Evidence(new=EvidenceSide(version="ver_2", snapshot_sha256="ab" * 32)),
    "links": Links(record="https://c.test/1", redline="https://c.test/1/redline", evidence="https://c.test/1/evidence"),
}
UNUSABLE = Unusable(side="new", reason="error-page", why="It is an error page.")
REPORTS = {
    "unchanged": build_report(compared(OLD, OLD), pair=7),
    "editorial": build_report(compared(OLD, OLD.replace("1 March", "2 March")), pair="a"),
    "changed": build_report(compared(OLD, NEW), pair=None),
    "changed, watched": build_report(compared(OLD, NEW, updated=date(2026, 4, 1)), **WATCHED),
    "reverted": build_report(compared(NEW, OLD), outcome="reverted", seen_before="ver_1", **WATCHED),
    "reverted, not told": build_report(compared(NEW, OLD), outcome="reverted", alert=False, **WATCHED),
    "unusable": build_report(None, unusable=UNUSABLE, pair=True),
    "other language": build_report(compared("Ja, wir dürfen das.", "Nein, niemals.", language="de")),
}


@pytest.mark.parametrize("name", REPORTS)
def test_every_outcome_is_valid_and_survives_its_json_form(name: str) -> None:
    value = json.loads(json.dumps(REPORTS[name].to_json()))
    VALIDATOR.validate(value)
    assert value["outcome"] == name.split(",")[0].replace("other language", "changed")
    assert Report.from_json(value) == REPORTS[name]


def _keys_of(schema: dict[str, Any]) -> set[str] | None:
    for option in (schema, *schema.get("anyOf", ())):
        found = SCHEMA["$defs"][option["$ref"].rsplit("/", 1)[1]] if "$ref" in option else option
        if "properties" in found:
            assert set(found["required"]) == set(found["properties"])
            assert found["additionalProperties"] is False
            return set(found["properties"])
    return None


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (model.Report, SCHEMA),
        (model.ProvisionChange, SCHEMA["$defs"]["provisionChange"]),
        (model.Fact, SCHEMA["$defs"]["fact"]),
        (model.SideText, SCHEMA["$defs"]["sideText"]),
        (model.TextPart, SCHEMA["$defs"]["textPart"]),
        (model.Sentence, SCHEMA["$defs"]["sentence"]),
        (model.Headline, SCHEMA["$defs"]["headline"]),
        (model.Proof, SCHEMA["$defs"]["proof"]),
        (model.HeadlineProof, SCHEMA["$defs"]["headlineProof"]),
        (model.Regulation, SCHEMA["$defs"]["regulation"]),
        (model.Stated, SCHEMA["$defs"]["stated"]),
        (model.EvidenceSide, SCHEMA["$defs"]["evidenceSide"]),
        (model.Evidence, SCHEMA["properties"]["evidence"]),
        (model.Counts, SCHEMA["properties"]["counts"]),
        (model.Dates, SCHEMA["properties"]["dates"]),
        (model.Links, SCHEMA["properties"]["links"]),
        (model.Unusable, SCHEMA["properties"]["unusable"]),
        (model.PlatformRef, SCHEMA["properties"]["platform"]),
        (model.DocumentRef, SCHEMA["properties"]["document"]),
        (model.Omitted, SCHEMA["properties"]["omitted"]),
        (model.Ignored, SCHEMA["properties"]["ignored"]["items"]),
    ],
)
def test_model_and_schema_name_the_same_keys(kind: type[BaseModel], place: dict[str, Any]) -> None:
    assert {field.alias or name for name, field in kind.model_fields.items()} == _keys_of(place)


def test_every_schema_property_is_described() -> None:
    def walk(node: dict[str, Any]) -> None:
        for name, value in node.get("properties", {}).items():
            assert "$ref" in value or value.get("description"), name
            walk(value)

    walk(SCHEMA)
    for definition in SCHEMA["$defs"].values():
        walk(definition)


def test_a_changed_report_tells_what_matters_first() -> None:
    report = REPORTS["changed"]
    assert (report.alert, report.severity, report.direction) == (True, "high", "worse")
    assert report.headline is not None
    assert {proof.provision for proof in report.headline.proof} <= {change.id for change in report.provisions}
    assert report.notes == ("“reasonable notice” is not defined in the document",)
    assert "consumers" in report.affected
    assert report.counts.split == 1
    assert report.counts.moved == 1
    assert (report.id, report.platform, report.links, report.dates.stated_updated) == (None, None, None, None)


def test_split_sides_list_their_parts() -> None:
    [split] = [change for change in REPORTS["changed"].provisions if change.op == "split"]
    assert split.after is not None
    assert split.after.parts is not None
    texts = [split.after.text[slice(*part.span)] for part in split.after.parts]
    assert "\n\n".join(texts) == split.after.text
    assert split.id == split.after.parts[0].id
    assert split.severity == "editorial"


def test_an_announcement_is_a_stated_date_that_moved() -> None:
    first, later = date(2026, 3, 1), date(2026, 4, 1)
    old = version(OLD, updated=first)
    assert build_report(compare_versions(old, version(NEW, seed="new", updated=later))).announced is True
    assert build_report(compare_versions(old, version(NEW, seed="new", updated=first))).announced is False
    assert build_report(compare_versions(version(OLD), version(NEW, seed="new"))).announced is None


def test_text_hashes_are_filled_in_and_given_ones_kept() -> None:
    comparison = compared(OLD, NEW)
    report = build_report(comparison, evidence=Evidence(old=EvidenceSide(text_sha256="given")))
    assert (report.evidence.old.text_sha256, report.evidence.new.text_sha256) == ("given", comparison.new.text_sha256)


def test_what_is_too_much_is_counted() -> None:
    many = "\n".join(f"Entry number{n} of the {n}th kind." for n in range(MAX_PROVISIONS + 5))
    report = build_report(compared("", many))
    assert len(report.provisions) == MAX_PROVISIONS
    assert report.omitted.provisions == 5
    assert report.counts.added == MAX_PROVISIONS + 5


def test_opposite_directions_are_mixed() -> None:
    old = "We will not sell your personal data.\nWe retain your data for 90 days."
    new = "We will sell your personal data.\nWe retain your data for 30 days."
    assert build_report(compared(old, new)).direction == "mixed"


def test_ignored_rules_are_reported() -> None:
    report = build_report(compared(OLD, NEW, ignored={"navigation": 3, "footer": 0}))
    assert [(one.rule, one.count) for one in report.ignored] == [("navigation", 3)]
