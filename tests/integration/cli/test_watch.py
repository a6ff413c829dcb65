"""`watch`, `check` and `migrate`: documents are chosen, and asked for again."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.clock import SystemClock
from shared.db.session import Database
from shared.db.tables import CheckRow, DocumentRow, ScheduleRow
from tests.factories.commands import Commands
from tests.servers.waiting import eventually

FAR = datetime(2999, 1, 1, tzinfo=UTC)
TERMS = ("watch", "add", "https://acme.example/terms", "--platform", "Acme Inc.", "--type", "Terms of Service")


def test_a_document_is_watched_once(commands: Commands) -> None:
    first = commands.json(*TERMS)
    again = commands.json(*TERMS)

    assert (first["new"], again["new"]) == (True, False)
    assert [one["id"] for one in commands.json("watch", "list")] == [first["id"]] == [again["id"]]


def test_several_urls_are_parts_with_the_same_selectors(commands: Commands) -> None:
    options = ("--select", "main", "--select", "article", "--remove", ".notice", "--confirm-after", "5")
    added = commands.json(*TERMS, "https://acme.example/terms/2", *options, "--javascript")

    shown = commands.json("watch", "show", added["id"])

    part = {"select": ["main", "article"], "remove": [".notice"], "javascript": True}
    assert shown["declaration"]["parts"] == [
        {"url": "https://acme.example/terms", **part},
        {"url": "https://acme.example/terms/2", **part},
    ]
    assert shown["confirm_after_s"] == 5


@pytest.mark.parametrize(
    ("options", "setting", "before", "after", "words"),
    [
        (("--select", "main", "--select", "p"), "select", [], ["main", "p"], "--select of {url}: none → main, p"),
        (("--remove", ".ad"), "remove", [".notice"], [".ad"], "--remove of {url}: .notice → .ad"),
        (("--javascript",), "javascript", False, True, "--javascript of {url}: no → yes"),
        (("--confirm-after", "5"), "confirm_after_s", 60, 5, "--confirm-after: 60 s → 5 s"),
        (("--check-every", "90"), "check_every_s", None, 90, "--check-every: by how often it changes → 90 s"),
        (
            ("https://acme.example/more",),
            "urls",
            ["https://acme.example/terms"],
            ["https://acme.example/terms", "https://acme.example/more"],
            "URLs: {url} → {url}, https://acme.example/more",
        ),
    ],
)
def test_options_given_again_are_applied_and_told(
    commands: Commands,
    database: Database,
    options: tuple[str, ...],
    setting: str,
    before: object,
    after: object,
    words: str,
) -> None:
    given = (*TERMS, "--remove", ".notice", "--confirm-after", "60")
    for kind in ("Terms of Service", "Other Terms"):
        document_id = commands.json(*given, "--type", kind)["id"]
        _postpone(database, document_id)

    told = commands(*TERMS, *options, "--type", "Terms of Service")
    [change] = commands.json(*TERMS, *options, "--type", "Other Terms")["changed"]
    again = commands(*TERMS, *options, "--type", "Other Terms")

    assert "; changed:" in told
    assert words.format(url="https://acme.example/terms") in told
    assert (change["setting"], change["before"], change["after"]) == (setting, before, after)
    assert "; nothing is changed" in again
    with database.reading() as session:
        assert session.get_one(ScheduleRow, document_id).next_check_at < FAR


def test_a_watched_document_is_edited_by_its_name(commands: Commands) -> None:
    document_id = commands.json(*TERMS, "--check-every", "60")["id"]
    moved = ("--url", "https://legal.acme.example/terms", "--check-every", "0", "--javascript")

    told = commands("watch", "edit", "acme-inc/terms", "--type", "Customer Agreement", *moved)
    again = commands("watch", "edit", "acme-inc/customer", "--type", "Customer Agreement", *moved)

    assert "--type: Terms of Service → Customer Agreement" in told
    assert "URLs: https://acme.example/terms → https://legal.acme.example/terms" in told
    assert "--check-every: 60 s → by how often it changes" in told
    assert "nothing is changed" in again
    shown = commands.json("watch", "show", document_id)
    assert (shown["type"], shown["url"]) == ("Customer Agreement", "https://legal.acme.example/terms")
    commands(*TERMS)  # the name and address are free again
    assert "another document of that type" in commands.refusal(
        "watch", "edit", document_id, "--type", "Terms of Service", "--url", "https://acme.example/terms"
    )


def test_what_is_read_otherwise_is_captured_whole_at_the_next_check(commands: Commands, database: Database) -> None:
    document_id = commands.json(*TERMS)["id"]
    seen = [{"url": "https://acme.example/terms", "final_url": "https://acme.example/terms", "sha256": "0" * 64}]
    for options, kept in ((("--check-every", "60"), True), (("--select", "main"), False)):
        with database.transaction() as session:
            schedule = session.get_one(ScheduleRow, document_id)
            schedule.seen = seen
            session.add(schedule)
        commands(*TERMS, *options)
        with database.reading() as session:
            assert (session.get_one(ScheduleRow, document_id).seen is not None) is kept


def test_a_paused_document_stays_so_and_says_it(commands: Commands) -> None:
    document_id = commands.json(*TERMS)["id"]
    commands("watch", "pause", document_id)

    assert f"it is paused: `clausewatch watch resume {document_id}`" in commands(*TERMS, "--select", "main")


def test_a_new_document_is_due_at_once(commands: Commands, database: Database) -> None:
    commands(*TERMS)

    with database.reading() as session:
        schedule = session.scalars(select(ScheduleRow)).one()
    assert schedule.host == "acme.example"
    assert schedule.next_check_at <= SystemClock(database.clock_offset()).now()


@pytest.mark.parametrize(
    "name", ["{id}", "{start}", "acme-inc/terms-of-service", "Acme Inc./Terms", "ACME INC./terms of service"]
)
def test_a_document_is_named_in_several_ways(commands: Commands, name: str) -> None:
    document_id = commands.json(*TERMS)["id"]
    commands("watch", "add", "https://acme.example/privacy", "--platform", "Acme Inc.", "--type", "Privacy Policy")

    found = commands.json("watch", "show", name.format(id=document_id, start=document_id[:10]))

    assert found["id"] == document_id


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("watch", "show", "doc_nobody"), "no document is called 'doc_nobody'"),
        (("watch", "show", ""), "no document is called ''"),
        (("watch", "show", "acme-inc/"), "names several documents"),
        (("watch", "show", "doc_"), "names several documents"),
        (("check",), "name one DOCUMENT, or say --all"),
        (("check", "doc_1", "--all"), "name one DOCUMENT, or say --all"),
        ((*TERMS[:2], "ftp://acme.example/", *TERMS[3:]), "scheme 'ftp' is not allowed"),
        ((*TERMS[:2], "http://127.0.0.1/terms", *TERMS[3:]), "loopback"),
        ((*TERMS[:2], "https://acme.example/a b", *TERMS[3:]), "white space"),
        ((*TERMS, "--select", "div["), "'div[' is not a CSS selector"),
        ((*TERMS, "--remove", "p:::x"), "'p:::x' is not a CSS selector"),
        ((*TERMS[:-1], "--"), "--type '--' has no letter in it"),
        (("watch", "edit", "doc_nobody"), "no document is called 'doc_nobody'"),
        (("watch", "edit", "acme-inc/terms", "--type", "--"), "watch edit: --type: it has no letter in it"),
        (("watch", "edit", "acme-inc/terms", "--url", "http://127.0.0.1/"), "loopback"),
        (("watch", "edit", "acme-inc/terms", "--select", "div["), "--select: it is no CSS selector"),
        (("watch", "edit", "acme-inc/terms", "--check-every", "0.5"), "seconds as a number from 1"),
    ],
)
def test_a_refusal_is_one_line_with_the_mend(commands: Commands, arguments: tuple[str, ...], words: str) -> None:
    commands(*TERMS)
    commands("watch", "add", "https://acme.example/privacy", "--platform", "Acme Inc.", "--type", "Privacy Policy")

    assert words in commands.refusal(*arguments)

    assert len(commands.json("watch", "list")) == 2


def test_a_paused_document_is_not_checked_until_it_is_resumed(commands: Commands) -> None:
    document_id = commands.json(*TERMS)["id"]
    commands("watch", "pause", document_id)

    assert commands.json("check", "--all") == []
    assert f"watch resume {document_id}" in commands.refusal("check", document_id)
    commands("watch", "resume", document_id)
    assert commands.json("check", "--all") == [{"id": document_id, "due": True}]


def test_a_check_is_due_now_even_after_a_failure(commands: Commands, database: Database) -> None:
    document_id = commands.json(*TERMS)["id"]
    _postpone(database, document_id)

    commands("check", document_id)

    assert _is_due(database, document_id)


def test_a_check_in_the_queue_keeps_its_place(commands: Commands, database: Database) -> None:
    document_id = commands.json(*TERMS)["id"]
    with database.reading() as session:
        before = session.get_one(ScheduleRow, document_id).next_check_at

    commands("check", "--all")

    with database.reading() as session:
        assert session.get_one(ScheduleRow, document_id).next_check_at == before


def test_waiting_gives_the_outcome_of_the_next_check(commands: Commands, database: Database) -> None:
    document_id = commands.json(*TERMS)["id"]
    _add_check(database, document_id, outcome="captured")
    _postpone(database, document_id)

    def fetcher() -> None:
        eventually(lambda: _is_due(database, document_id))
        _add_check(database, document_id, outcome="failed", failure="dns", detail="no such host")

    worker = threading.Thread(target=fetcher)
    worker.start()
    result = commands.run("check", document_id, "--wait", "--timeout", "20")
    worker.join()

    assert result.exit_code == 1
    assert "failed (dns: no such host)" in result.stdout


def test_waiting_ends_and_says_so(commands: Commands) -> None:
    document_id = commands.json(*TERMS)["id"]

    line = commands.refusal("check", document_id, "--wait", "--timeout", "0", status=1)

    assert "1 of 1 not looked at in time" in line


def test_a_failing_document_shows_its_retry_and_its_last_failure(commands: Commands, database: Database) -> None:
    document_id = commands.json(*TERMS)["id"]
    commands("watch", "add", "https://acme.example/privacy", "--platform", "Acme Inc.", "--type", "Privacy Policy")
    _add_check(database, document_id, outcome="failed", failure="timeout", detail="an older one")
    _add_check(database, document_id, outcome="failed", failure="dns", detail="no such host")
    now = SystemClock(database.clock_offset()).now()
    with database.transaction() as session:
        schedule = session.get_one(ScheduleRow, document_id)
        schedule.failures, schedule.retry_at = 2, now + timedelta(hours=3, minutes=30)
        session.add(schedule)

    listed = commands("watch", "list")
    [healthy, failing] = commands.json("watch", "list")
    shown = commands("watch", "show", document_id)

    assert ("retry in 3 hours" in listed, "dns: no such host" in listed) == (True, True)
    assert (healthy["last_failure"], healthy["retry_at"]) == (None, None)
    assert (failing["last_failure"]["kind"], failing["last_failure"]["detail"]) == ("dns", "no such host")
    assert "2 in a row" in shown

    commands("check", document_id)
    assert "retry in" not in commands("watch", "list")


def test_a_document_that_works_again_shows_no_failure(commands: Commands, database: Database) -> None:
    document_id = commands.json(*TERMS)["id"]
    _add_check(database, document_id, outcome="failed", failure="dns", detail="no such host")
    _add_check(database, document_id, outcome="not-modified")

    assert commands.json("watch", "show", document_id)["last_failure"] is None


def test_the_embedded_default_makes_its_own_database(embedded: Commands) -> None:
    commands_output = embedded(*TERMS)

    assert "watching Acme Inc. / Terms of Service" in commands_output
    assert (embedded.data / "clausewatch.db").exists()


def test_a_database_of_its_own_is_migrated_only_when_asked(tmp_path: Path) -> None:
    own = Commands(tmp_path / "data", DATABASE_URL=f"sqlite:///{tmp_path}/own.db")

    assert "run `clausewatch migrate`" in own.refusal("watch", "list", status=1)
    assert "went from revision nothing to" in own("migrate")
    assert "already" in own("migrate")
    assert own.json("watch", "list") == []


def test_a_database_that_cannot_be_reached_is_named_without_its_password(embedded: Commands) -> None:
    away = Commands(embedded.data, DATABASE_URL="postgresql://alice:hunter2@127.0.0.1:1/clausewatch")

    line = away.refusal("watch", "list", status=1)

    assert "127.0.0.1:1/clausewatch (DATABASE_URL)" in line
    assert "hunter2" not in line


def test_page_text_cannot_steer_the_terminal(commands: Commands, database: Database) -> None:
    document_id = commands.json(*TERMS)["id"]
    _add_check(database, document_id, outcome="failed", failure="http-status", detail="[red]\x1b[2J\u202egone")

    assert "[red] [2J gone" in commands("watch", "show", document_id)


def _postpone(database: Database, document_id: str) -> None:
    with database.transaction() as session:
        schedule = session.get_one(ScheduleRow, document_id)
        schedule.next_check_at = schedule.retry_at = FAR
        session.add(schedule)


def _is_due(database: Database, document_id: str) -> bool:
    with database.reading() as session:
        schedule = session.get_one(ScheduleRow, document_id)
    return schedule.next_check_at < FAR and schedule.retry_at is None


def _add_check(database: Database, document_id: str, **values: object) -> None:
    with database.transaction() as session:
        at = session.get_one(DocumentRow, document_id).created_at
        session.add(CheckRow(document_id=document_id, at=at, duration_ms=1, **values))
