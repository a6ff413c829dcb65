"""Any two versions of a document, compared while one waits."""

import re
from pathlib import Path

import pytest

from services.api import comparisons
from services.differ.handlers.registering import Registrar
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.integration.api.conftest import Ask

EVIL = "<img src=x onerror=alert(1)> \u202e\"'"


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    """A document of three versions."""
    bench = Bench(database, tmp_path)
    for notice in ("30 days", "14 days", "7 days"):
        bench.confirm(as_html(policy(notice=notice)))
        Registrar(RegistryStore(database), bench.clock).take_in()
    return bench


def test_any_two_versions_are_compared(
    ask: Ask, bench: Bench, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (version.id for version in bench.versions)
    other = Bench(database, tmp_path / "other", kind=f"Privacy {EVIL}", url="https://acme.example/privacy")
    other.confirm(as_html(policy()))
    bench.confirm(as_html(policy(notice="6 days").replace("16 years", f"18 years {EVIL}")))
    newest = bench.versions[-1].id
    record, path = f'<a href="/changes/{bench.changes[1].id}">its record</a>', f"/documents/{bench.document_id}/compare"
    asked: list[tuple[str, int, tuple[str, ...], tuple[str, ...]]] = [
        (
            f"?old={first}&new={third}",
            200,
            ("[deleted: </span>30", "[inserted: </span>7", "nobody was told"),
            (record,),
        ),
        (f"?old={third}&new={first}", 200, ("[deleted: </span>30", "[inserted: </span>7"), (record,)),
        (f"?old={first}&new={third}&view=sides", 200, ("<h4>Before</h4>", f"new={third}&amp;view=sides#"), ()),
        (f"?old={second}&new={third}", 200, ("[deleted: </span>14", record), ("nobody was told",)),
        ("?old=first&new=newest", 200, ("18 years", f'<option value="{newest}" selected>'), (record,)),
        (f"?old={first}&new={first}", 200, ("No provision differs",), ("badge",)),
        (f"?old={first}&new={newest}", 200, ("&lt;img src=x", "18 years"), ("<img",)),
        ("", 200, (f'<option value="{newest}" selected>',), ()),
        (f"?old={first}", 422, ("Choose two versions",), ()),
        ("?old=made-up&new=%3Cscript%3E", 422, ("Choose two versions",), ("<script>",)),
        (f"?old={first}&new={other.versions[0].id}", 422, ("Choose two versions",), ()),
    ]
    for query, status, said, unsaid in asked:
        answer = ask("GET", f"{path}{query}")
        assert answer.status_code == status, query
        assert [one for one in said if one not in answer.text] == [], query
        assert [one for one in unsaid if one in answer.text] == [], query
    alone = ask("GET", f"/documents/{other.document_id}/compare")
    assert (alone.status_code, "no two versions of it yet" in alone.text) == (200, True)
    assert not re.search(r"<img|<b>", alone.text)
    assert ask("GET", "/documents/made-up/compare").status_code == 404
    monkeypatch.setattr(comparisons, "MOST", 0)
    assert "[inserted: </span>7" in ask("GET", f"{path}?old={first}&new={third}").text  # it is there already
    told = ask("GET", f"{path}?old={second}&new={newest}")
    assert "provisions differ: more than can be compared while you wait" in told.text
