"""`import-versions`: from an archive of texts that we wrote to a registry, on both engines."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import func, select
from sqlmodel import col
from typer.testing import Result

from services.cli.importing import command
from services.cli.importing.unpacking import BadArchive, unpacked
from shared.clock import ManualClock
from shared.db.ledger.sequencing import HEAD_AFTER, Sequencer
from shared.db.registry.changes import ChangeFilter, ChangeList
from shared.db.registry.documents import Documents
from shared.db.registry.search import Search
from shared.db.registry.versions import Versions
from shared.db.session import Database
from shared.db.tables import OutboxRow, ScheduleRow, SnapshotRow
from shared.domain.searching import parse_query
from shared.evidence.unpacking import unpacked as bundled
from tests.factories.accounts import START
from tests.factories.bundles import KEY
from tests.factories.commands import Commands
from tests.factories.policies import policy

DAYS = ("2026-01-05", "2026-02-05", "2026-03-05")


@pytest.fixture(autouse=True)
def _logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs in this process here: what it makes of logging would outlast the stream that it writes to."""
    monkeypatch.setattr(command, "configure_logging", lambda *_args, **_options: None)


def line(document: str = "Terms of Service", day: str = DAYS[0], file: str = "texts/a.md", **other: Any) -> str:
    row = {"collection": "ours", "platform": "Acme", "document": document, "recorded_at": f"{day}T08:00:00Z"}
    return json.dumps({**row, "file": file, **other})


FILES = {
    "texts/a.md": policy(notice="30 days"),
    "texts/b.md": policy(notice="14 days"),
    "texts/privacy.md": policy().replace("Terms of Service", "Privacy Policy"),
    "versions.jsonl": "\n".join(
        (
            line(day=DAYS[1], file="texts/b.md"),  # in no order
            line(),
            line(day=DAYS[2], file="texts/b.md"),
            line("Privacy Policy", file="texts/privacy.md"),
        )
    ),
}


def packed(path: Path, files: dict[str, str] = FILES, *, links: dict[str, str] | None = None) -> Path:
    """A `.tar.zst` of the files, and of links by their targets."""
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    path.write_bytes(zstandard.compress(tarred.getvalue()))
    return path


def laid_out(folder: Path, *lines: str, **files: str) -> Path:
    """A folder with an index of these lines; names of files with `__` for the slash and no suffix."""
    texts = {f"{name.replace('__', '/')}.md": text for name, text in files.items()}
    for name, text in {**texts, "versions.jsonl": "\n".join(lines)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(commands: Commands, path: Path, *, processes: int = 1) -> Result:
    """The import, in this process or in workers."""
    ended = commands.run("import-versions", str(path), "--processes", str(processes))
    assert ended.exit_code == 0, (ended.stdout, ended.stderr, ended.exception)
    return ended


def test_an_archive_becomes_a_registry_and_alerts_nobody(
    commands: Commands, database: Database, tmp_path: Path
) -> None:
    said = run(commands, packed(tmp_path / "versions.tar.zst"), processes=2).stdout
    assert "4 texts of 2 documents of 1 platforms: 3 new versions with 1 changes, 1 as the version before" in said
    documents = {document.type: document for document in Documents(database).listed(limit=9)}
    terms = documents["Terms of Service"]
    assert (terms.state, terms.versions, terms.next_check_at, terms.changes) == ("imported", 2, None, 1)
    newest, oldest = Versions(database).listed(terms.id, limit=9)
    assert (newest.origin, oldest.origin) == ("imported", "imported")
    assert [f"{at:%Y-%m-%d}" for at in (oldest.first_seen_at, newest.first_seen_at, newest.last_seen_at)] == list(DAYS)
    [change] = ChangeList(database).listed(ChangeFilter(platforms=("acme",)), limit=9)
    assert (f"{change.detected_at:%Y-%m-%d}", change.severity, change.direction) == (DAYS[1], "high", "worse")
    hits = Search(database).hits(parse_query("refund"), kinds=("provision",), limit=9)
    assert {hit.subject for hit in hits} == {document.id for document in documents.values()}
    with database.reading() as session:
        announced = session.scalar(select(func.count()).select_from(OutboxRow))
        scheduled = session.scalar(select(func.count()).select_from(ScheduleRow))
        unjudged = session.scalar(select(func.count()).where(col(SnapshotRow.judged).is_(False)))
    assert (announced, scheduled, unjudged) == (0, 0, 0)


def test_evidence_of_an_imported_change_claims_no_capture(
    commands: Commands, database: Database, tmp_path: Path
) -> None:
    run(commands, packed(tmp_path / "versions.tar.zst"))
    clock = ManualClock(START)
    for _ in range(2):
        Sequencer(database, clock, KEY).run_once()
        clock.advance(HEAD_AFTER)
    [change] = ChangeList(database).listed(ChangeFilter(platforms=("acme",)), limit=9)
    commands("evidence", "export", change.id, "--out", str(tmp_path / "bundle.zip"))
    said = commands("evidence", "verify", str(tmp_path / "bundle.zip"))
    assert said.count("the text was imported: there was no capture of ours; its hash alone is proven") == 2
    files = bundled(tmp_path / "bundle.zip")
    assert "captures.warc.gz" not in files
    assert b"30 days" in files["texts/old.txt"]


def test_a_second_run_adds_nothing_and_a_longer_archive_what_is_new(
    commands: Commands, database: Database, tmp_path: Path
) -> None:
    terms = {"texts__a": policy(notice="30 days"), "texts__b": policy(notice="14 days")}
    folder = laid_out(tmp_path / "given", line(), **terms)
    assert "1 new versions" in run(commands, folder).stdout
    assert "0 new versions with 0 changes, 0 as the version before, 1 known already" in run(commands, folder).stdout
    laid_out(folder, line(), line(day=DAYS[1], file="texts/b.md"), line(day="2025-12-05", file="texts/b.md"))
    ended = run(commands, folder)
    assert "1 new versions with 1 changes, 0 as the version before, 1 known already, 1 lines" in ended.stdout
    assert "line 3: recorded at 2025-12-05" in ended.stderr
    assert [document.versions for document in Documents(database).listed(limit=9)] == [2]


BAD = (
    ("{", "no JSON"),
    ("[" * 20_000, "no JSON"),
    ("[]", "no JSON object"),
    (line(platform="…"), "each need a letter"),
    (line(platform="\ufdfa" * 60), "few signs that stand for words"),
    (line(platform=7), "'platform' must be a text"),
    (line(document=" "), "'document' is empty"),
    (line(platform="A\x00"), "characters that no name has"),
    (line(platform="A\ud800"), "characters that no name has"),
    (line(recorded_at="2026-01-05"), "with its time zone"),
    (line(recorded_at="0001-01-01T00:00:00+14:00"), "no moment that could be kept"),
    (line(recorded_at="2999-01-05T00:00:00Z"), "in the future"),
    (line(file="../outside.md"), "a path inside the archive"),
    (line(file="/etc/passwd"), "a path inside the archive"),
    (line(file="leading-out.md"), "leads out of the archive"),
    (line(file="texts/none.md"), "is no file of the archive"),
    (line("Cookie Policy", file="texts/empty.md"), "no text at all"),
    (line("Cookie Policy", file="texts/broken.md"), "no text can be read from it"),
    (line("Cookie Policy", file="texts/short.md"), "no policy text"),
)


def test_names_and_texts_may_hold_any_sign(commands: Commands, database: Database, tmp_path: Path) -> None:
    odd = policy(notice="30 \x00\x1b[31m\ufffe\U0001f4a9 days")
    longest = {"platform": "条" * 200, "document": "款" * 200, "collection": "集" * 200}
    folder = laid_out(tmp_path / "given", line(**longest), line(**longest, day=DAYS[1], file="texts/b.md"))
    laid_out(folder, *(folder / "versions.jsonl").read_text("utf-8").splitlines(), texts__a=odd, texts__b=policy())
    assert "2 new versions with 1 changes" in run(commands, folder).stdout
    [document] = Documents(database).listed(limit=9)
    assert (document.type, document.versions) == ("款" * 200, 2)


def test_bad_lines_are_named_and_the_others_are_taken(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text(policy(), encoding="utf-8")
    texts = {"texts__a": policy(), "texts__empty": "", "texts__broken": "%PDF-1.7\n", "texts__short": "Two words"}
    folder = laid_out(tmp_path / "given", *(bad for bad, _ in BAD), line(), **texts)
    (folder / "leading-out.md").symlink_to(tmp_path / "outside.md")
    ended = run(commands, folder)
    assert "1 new versions" in ended.stdout
    named = ended.stderr.splitlines()
    assert len(named) == len(BAD)
    for number, (said, (_, why)) in enumerate(zip(named, BAD, strict=True), start=1):
        assert said.startswith(f"versions.jsonl, line {number}: ")
        assert why in said


@pytest.mark.parametrize(
    ("files", "links", "why"),
    [
        ({"../out.md": "x"}, {}, "no plain file inside it"),
        ({"/out.md": "x"}, {}, "no plain file inside it"),
        ({}, {"texts": "/tmp"}, "no plain file inside it"),
        ({"texts/a.md": "x"}, {}, "holds no versions.jsonl"),
        ({"texts/a.md": "x" * 20_000_001}, {}, "too large at 'texts/a.md'"),
        ({"texts": "x", "texts/a.md": "x"}, {}, "cannot be written"),
    ],
)
def test_an_archive_that_reaches_out_is_refused(
    tmp_path: Path, files: dict[str, str], links: dict[str, str], why: str
) -> None:
    archive = packed(tmp_path / "given.tar.zst", files, links=links)
    with pytest.raises(BadArchive, match=why), unpacked(archive):
        pass
    assert not (tmp_path / "out.md").exists()


@pytest.mark.parametrize("body", [b"no tar at all", zstandard.compress(b"\x01" * 2000), b"\x28\xb5\x2f\xfd cut"])
def test_what_is_no_archive_is_said_to_be_none(commands: Commands, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "given.tar.zst").write_bytes(body)
    refusal = commands.refusal("import-versions", str(tmp_path / "given.tar.zst"))
    assert "no tar, or a damaged one" in refusal


def test_an_index_that_lists_nothing_is_refused(commands: Commands, tmp_path: Path) -> None:
    assert "lists nothing" in commands.refusal("import-versions", str(laid_out(tmp_path / "given")))


def test_a_missing_text_goes_by_its_name_and_makes_no_document(
    commands: Commands, database: Database, tmp_path: Path
) -> None:
    archive = packed(tmp_path / "given.tar.zst", {"versions.jsonl": line(file="texts/gone.md")})
    ended = commands.run("import-versions", str(archive))
    assert ended.exit_code == 1
    assert ended.stderr == "versions.jsonl, line 1: 'texts/gone.md' is no file of the archive; passed over\n"
    assert not Documents(database).listed(limit=9)


def test_an_archive_may_have_its_index_beside_it(tmp_path: Path) -> None:
    archive = packed(tmp_path / "versions.tar.zst", {"texts/a.md": policy()})
    laid_out(tmp_path, line())
    with unpacked(archive) as found:
        assert found.index == tmp_path / "versions.jsonl"
        assert (found.folder / "texts/a.md").is_file()
    assert not found.folder.exists()
