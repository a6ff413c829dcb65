"""`backup` and `restore`: database and archive together, all or nothing, from either engine into either."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from services.cli.backup_file import BackupWriter, Manifest, members
from shared.archive import LocalArchive
from shared.db.session import Database
from shared.db.tables import CheckRow, SnapshotPartRow
from shared.secrets import secret_box
from shared.settings import load_settings
from tests.factories.accounts import START, add_change, add_document
from tests.factories.commands import Commands

PAGES = (b"<p>You may not resell the service.", b"\x00\xff binary")


@pytest.fixture
def saved(commands: Commands, database: Database, tmp_path: Path) -> Path:
    """A backup of an installation with a change, two captures, an orphan blob, an endpoint, and its key."""
    document = add_document(database)
    add_change(database, document)
    archive = LocalArchive(commands.data / "archive")
    archive.put(b"an orphan that no row speaks of")
    with database.transaction() as session:
        for ordinal, body in enumerate(PAGES):
            session.add(_part(f"snp_{document}_{ordinal + 1}", body, archive.put(body)))
        for _ in range(3):
            session.add(CheckRow(document_id=document, at=START, outcome="captured", duration_ms=7))
    commands("endpoints", "add", "webhook", "https://hooks.example/acme")
    file = tmp_path / "saved.tar.zst"
    commands("backup", str(file))
    return file


@pytest.fixture(params=["embedded", "other engine"])
def target(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Commands:
    """An empty installation to restore into: the embedded default, or the engine that the backup is not of."""
    if request.param == "embedded":
        return Commands(tmp_path / "target")
    other = "postgresql_url" if database_url.startswith("sqlite") else "sqlite_url"
    return Commands(tmp_path / "target", DATABASE_URL=request.getfixturevalue(other))


def test_everything_comes_back(saved: Path, commands: Commands, target: Commands) -> None:
    target("restore", str(saved))

    for question in (("watch", "list"), ("endpoints", "list"), ("changes", "list")):
        assert _without_times(target.json(*question)) == _without_times(commands.json(*question))
    archive = LocalArchive(target.data / "archive")
    assert set(map(archive.get, archive.keys())) == set(PAGES)
    sealed = _rows(commands, "SELECT secret FROM endpoints")
    assert _rows(target, "SELECT secret FROM endpoints") == sealed
    assert secret_box(load_settings(data=target.data)).open(sealed[0][0]).startswith("whsec_")
    assert (target.data / "secret.key").stat().st_mode & 0o077 == 0


def test_numbers_go_on_after_those_restored(saved: Path, target: Commands) -> None:
    target("restore", str(saved))

    database = _open(target)
    with database.transaction() as session:
        document = session.scalars(select(CheckRow.document_id)).first()
        session.add(CheckRow(document_id=document or "", at=START, outcome="failed", duration_ms=1))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CheckRow)) == 4
    database.close()


def test_a_target_that_is_not_empty_is_refused(saved: Path, commands: Commands, target: Commands) -> None:
    target("watch", "add", "https://bolt.example/", "--platform", "Bolt", "--type", "Terms")

    assert "is not empty" in target.refusal("restore", str(saved))
    assert [one["platform"] for one in target.json("watch", "list")] == ["Bolt"]
    assert not (target.data / "archive").exists()


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_short_restores_nothing(saved: Path, target: Commands, kept: float) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(len(whole) * kept if kept < 1 else kept)])

    assert "damaged" in target.refusal("restore", str(saved))
    _assert_untouched(target)


def test_a_file_that_was_changed_restores_nothing(saved: Path, target: Commands) -> None:
    changed = bytearray(saved.read_bytes())
    changed[len(changed) // 2] ^= 0x55
    saved.write_bytes(changed)

    assert "damaged" in target.refusal("restore", str(saved))
    _assert_untouched(target)


def test_a_blob_under_anothers_name_restores_nothing(saved: Path, target: Commands, tmp_path: Path) -> None:
    forged = tmp_path / "forged.tar.zst"
    with BackupWriter(forged) as writer:
        for member in members(saved):
            if member.name == "manifest.json":
                manifest = Manifest.model_validate_json(member.source.read())
            else:
                writer.add_bytes(member.name, b"forged" if member.blob else member.source.read())
        writer.finish(revision=manifest.revision, rows=manifest.rows, missing=[], created_at=manifest.created_at)

    assert "holds other bytes than its name says; nothing was restored" in target.refusal("restore", str(forged))
    _assert_untouched(target)


@pytest.mark.parametrize(("content", "words"), [(b"", "damaged"), (b"no backup at all", "damaged"), (None, "no file")])
def test_what_is_no_backup_is_refused(tmp_path: Path, embedded: Commands, content: bytes | None, words: str) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)

    assert words in embedded.refusal("restore", str(file))
    assert not embedded.data.exists()


def test_a_blob_that_is_missing_is_told_and_the_rest_saved(
    commands: Commands, database: Database, tmp_path: Path
) -> None:
    document = add_document(database)
    add_change(database, document)
    with database.transaction() as session:
        session.add(_part(f"snp_{document}_1", b"gone", "0" * 64))

    assert "1 blobs are missing" in commands.refusal("backup", str(tmp_path / "saved"), status=1)
    assert (tmp_path / "saved").exists()


def test_an_existing_file_is_not_overwritten(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "saved"
    file.write_bytes(b"precious")

    assert "exists already" in commands.refusal("backup", str(file))
    assert file.read_bytes() == b"precious"


def _part(snapshot_id: str, body: bytes, sha256: str) -> SnapshotPartRow:
    return SnapshotPartRow(
        snapshot_id=snapshot_id,
        ordinal=0,
        url="https://acme.example/1",
        final_url="https://acme.example/1",
        status=200,
        redirects=[],
        request_headers=[],
        headers=[["content-type", "text/html"]],
        sha256=sha256,
        size=len(body),
        started_at=START,
        finished_at=START,
    )


def _open(commands: Commands) -> Database:
    url = commands.env["DATABASE_URL"] or ""
    return Database(load_settings(data=commands.data, database_url=url).sqlalchemy_url)


def _rows(commands: Commands, query: str) -> list[tuple[str, ...]]:
    database = _open(commands)
    with database.reading() as session:
        rows = [tuple(row) for row in session.execute(text(query))]
    database.close()
    return rows


def _without_times(listed: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: value for name, value in one.items() if not name.endswith("_at")} for one in listed]


def _assert_untouched(target: Commands) -> None:
    assert target.json("watch", "list") == []
    assert not list(LocalArchive(target.data / "archive").keys())
    assert not (target.data / "secret.key").exists()
