"""`clausewatch doctor`: is this installation healthy, and if not, what mends it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from typing import Annotated, Literal

import psutil
import redis
import typer
from sqlalchemy.exc import DBAPIError

from services.cli.embedded.broker import NoBroker, choose_broker
from services.cli.errors import CommandError
from services.cli.opening import Opened, open_installation, read_settings
from services.cli.options import AsJson
from services.cli.output import ago, duration, print_json, show_table, styled
from shared.archive import ArchiveError, open_archive
from shared.db.doctor import Findings
from shared.db.ledger.auditing import waiting_rows
from shared.db.ledger.reading import Ledger
from shared.db.reviews import Reviews
from shared.settings import Settings

Level = Literal["ok", "warn", "fail"]

_BROKER_TIMEOUT_S = 3
_PROBE = b"clausewatch doctor was here"
_SAMPLE = 200
_LAGGING = timedelta(minutes=1)
_STUCK = timedelta(hours=1)
_LATE = timedelta(minutes=15)
_MOST_CONDITIONS = 20
_MOST_ENDPOINTS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One examined thing; `mend` says what to do where it is not ok."""

    what: str
    level: Level
    found: str
    mend: str = ""


def doctor(as_json: AsJson = False, strict: Annotated[bool, typer.Option(help="Warnings fail too.")] = False) -> None:
    """Examine the installation: a line for each thing, with the mend. Exit status 1 where something fails."""
    lines = list(examine())
    if as_json:
        print_json([asdict(line) for line in lines])
    else:
        show_table(
            ("", "what", "found", "mend"),
            [(styled(line.level), line.what, line.found, line.mend) for line in lines],
            empty="",
        )
    failing = {"fail", "warn"} if strict else {"fail"}
    if any(line.level in failing for line in lines):
        raise typer.Exit(1)


def examine() -> Iterator[Line]:
    """Everything there is to look at; what cannot be looked at without the database is left out where that fails."""
    try:
        settings = read_settings()
    except CommandError as error:
        yield Line("settings", "fail", str(error), "set the named variable right")
        return
    settings = settings.model_copy(
        update={"data": settings.data.absolute()}
    )  # what is named can be found from anywhere
    yield Line("settings", "ok", f"{settings.env}, data in {settings.data}")
    yield from _processes(settings)
    yield _broker(settings)
    try:
        with open_installation(settings) as opened:
            yield Line("database", "ok", f"{opened.database.engine.dialect.name}, at its newest tables")
            for question in _QUESTIONS:
                yield question(opened)
            yield from _conditions(opened)
    except (CommandError, DBAPIError) as error:
        yield Line("database", "fail", str(error), "see DATABASE_URL, run `clausewatch migrate`, or restore a backup")


def _processes(settings: Settings) -> Iterator[Line]:
    """The embedded supervisor's; where processes are run by other means, those watch over them."""
    file = settings.data / "run" / "processes.json"
    try:
        pids: dict[str, int] = json.loads(file.read_text())
    except FileNotFoundError:
        if not settings.redis_url:
            yield Line("processes", "warn", "the embedded system is not running", "`clausewatch up` starts it")
        return
    except (OSError, ValueError) as error:
        yield Line("processes", "fail", f"{file} cannot be read: {error}", "stop the system and start it again")
        return
    gone = [name for name, pid in pids.items() if not psutil.pid_exists(pid)]
    if gone:
        yield Line("processes", "fail", f"not alive: {', '.join(gone)}", f"read {settings.data / 'logs'}")
    else:
        yield Line("processes", "ok", f"alive: {', '.join(pids)}")


def _broker(settings: Settings) -> Line:
    try:
        broker = choose_broker(settings.redis_url, settings.data)
        if broker.socket and not broker.socket.exists():
            return Line("broker", "warn", "none is running", "`clausewatch up` starts one; or set REDIS_URL")
        policy = _eviction_policy(broker.url)
    except (NoBroker, redis.RedisError, OSError, ValueError) as error:
        return Line("broker", "fail", f"no answer: {error}", "start it, or see REDIS_URL; nothing is lost meanwhile")
    if policy != "noeviction":
        return Line("broker", "warn", f"answers, but may evict ({policy})", "set its maxmemory-policy to noeviction")
    return Line("broker", "ok", "answers")


def _eviction_policy(url: str) -> str:
    timeout = {"socket_timeout": _BROKER_TIMEOUT_S, "socket_connect_timeout": _BROKER_TIMEOUT_S}
    with redis.Redis.from_url(url.replace("redis+socket://", "unix://"), **timeout) as client:
        client.ping()
        try:
            return str(client.config_get("maxmemory-policy").get("maxmemory-policy"))
        except redis.ResponseError:  # hosted brokers keep their settings to themselves
            return "it does not say"


def _archive(opened: Opened) -> Line:
    try:
        archive = open_archive(opened.settings.archive_location)
        probe = archive.put(_PROBE)
        kept = archive.get(probe) == _PROBE
        archive.delete(probe)
        sha256s = Findings(opened.database).kept_blobs(newest=_SAMPLE)
        missing = [sha256 for sha256 in sha256s if not archive.exists(sha256)]
        sample = list(islice(archive.keys(), _SAMPLE))
        orphans = len(Findings(opened.database).unreferenced(sample))
    except (ArchiveError, ValueError, OSError) as error:
        return Line("archive", "fail", str(error), "see CLAUSEWATCH_ARCHIVE_URL, and that its folder can be written")
    if not kept or missing:
        found = (
            f"{len(missing)} of {len(sha256s)} looked for are missing, e.g. {missing[0] if missing else 'the probe'}"
        )
        return Line("archive", "fail", found, "restore them from a backup")
    # What a crash between blob and row leaves is harmless, and used again by the next capture of the same bytes.
    seen = f"writable, {len(sha256s)} captures looked for are there, {orphans} of {len(sample)} blobs are orphans"
    return Line("archive", "ok", seen)


def _dead_letters(opened: Opened) -> Line:
    count = Findings(opened.database).dead_letters()
    if count:
        return Line("events", "fail", f"{count} given up", "`clausewatch deadletters list` says why, then `… retry`")
    return Line("events", "ok", "none given up")


def _dead_deliveries(opened: Opened) -> Line:
    findings = Findings(opened.database)
    dead, late = findings.dead_deliveries(), findings.late_deliveries(opened.clock.now() - _LATE)
    if late:
        return Line("deliveries", "fail", f"{late} overdue, {dead} given up", "is the notifier running?")
    if dead:
        held = findings.held_in_dead_digests()
        found = f"{dead} given up{f', digests among them that hold {held} more' if held else ''}"
        return Line("deliveries", "warn", found, "`clausewatch deliveries list --state dead` says why")
    return Line("deliveries", "ok", "none overdue, none given up")


def _endpoints(opened: Opened) -> Line:
    failing = Findings(opened.database).troubled_endpoints()
    if failing:
        shown = ", ".join(failing[:_MOST_ENDPOINTS]) + (" …" if len(failing) > _MOST_ENDPOINTS else "")
        return Line("endpoints", "warn", f"{len(failing)} failing or disabled: {shown}", "`clausewatch endpoints list`")
    return Line("endpoints", "ok", "none failing, none disabled")


def _reviews(opened: Opened) -> Line:
    count = Reviews(opened.database).count()
    if count:
        return Line("reviews", "warn", f"{count} open: readers say an alert is wrong", "`clausewatch reviews list`")
    return Line("reviews", "ok", "no reader doubts an alert")


def _stuck_documents(opened: Opened) -> Line:
    now = opened.clock.now()
    stuck = Findings(opened.database).stuck_documents(now - _STUCK, now)
    if stuck is None:
        return Line("documents", "ok", "none overdue")
    found = f"{stuck.count} overdue, the longest ({stuck.example}) by {duration(stuck.longest.total_seconds())}"
    return Line("documents", "fail", found, "are the scheduler and the fetcher running?")


def _lag(opened: Opened) -> Line:
    since = Findings(opened.database).unpublished_since()
    lag = opened.clock.now() - since if since else timedelta(0)
    if lag > _LAGGING:
        waited = duration(lag.total_seconds())
        return Line("outbox", "fail", f"the oldest event has waited {waited}", "is the scheduler running?")
    return Line("outbox", "ok", "every event was published" if since is None else "in step")


def _conditions(opened: Opened) -> Iterator[Line]:
    """A site's trouble, which its watchers were told of; by itself no fault of the installation."""
    found = Findings(opened.database).open_conditions()
    if not found:
        yield Line("conditions", "ok", "none open")
    now = opened.clock.now()
    for one in found[:_MOST_CONDITIONS]:
        since = f"{one.began_at:%Y-%m-%d %H:%M} UTC ({ago(one.began_at, now)})"
        words = f"{one.platform} / {one.type} is {one.kind} since {since}: {one.detail}"
        yield Line("condition", "warn", words, f"`clausewatch watch show {one.document_id}`")
    if len(found) > _MOST_CONDITIONS:
        rest = f"{len(found) - _MOST_CONDITIONS} more, {len(found)} in all"
        yield Line("conditions", "warn", rest, "`clausewatch watch list` shows them")


def _unjudged(opened: Opened) -> Line:
    since = Findings(opened.database).unjudged_since()
    age = opened.clock.now() - since if since else timedelta(0)
    if age > _LATE:
        found = f"the oldest has waited {duration(age.total_seconds())} to be judged"
        return Line("snapshots", "fail", found, "is the differ running? `clausewatch deadletters list`")
    return Line("snapshots", "ok", "all judged" if since is None else "in step")


def _ledger(opened: Opened) -> Line:
    waiting, since = waiting_rows(opened.database), Ledger(opened.database).last_entered_at()
    if waiting and (since is None or opened.clock.now() - since > _LATE):
        found = f"{waiting} rows wait to be entered"
        return Line("ledger", "warn", found, "is the scheduler running? `clausewatch evidence audit` examines it")
    return Line("ledger", "ok", "in step")


_QUESTIONS: tuple[Callable[[Opened], Line], ...] = (
    _archive,
    _stuck_documents,
    _unjudged,
    _lag,
    _ledger,
    _dead_letters,
    _dead_deliveries,
    _endpoints,
    _reviews,
)
