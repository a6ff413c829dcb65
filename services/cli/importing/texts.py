"""One document's recorded texts, read and compared as live captures are; what a worker process does."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.cli.files import UnreadableFile, read_part
from services.cli.importing.index import Fault, Recorded
from services.differ.core.usable import judge_usable
from services.differ.handlers.describing import Describer
from services.differ.handlers.reading import CaptureReader, Reading
from services.differ.handlers.registering import Registrar
from shared.archive import Archive, open_archive
from shared.clock import Clock, SystemClock
from shared.db.differ import DifferStore, Overtaken
from shared.db.importing import IMPORTED, Finding, ImportedDocument, ImportStore, RecordedText
from shared.db.judging import DocumentInfo, Pending
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.domain.standing import Candidate
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Job:
    """A document with its texts in the order of time."""

    document: ImportedDocument
    texts: Sequence[Recorded]


@dataclass(slots=True)
class Done:
    """What became of a job's texts: each is a version, the same as the one before, known already, or a fault."""

    versions: int = 0
    changes: int = 0
    same: int = 0
    known: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: "Done") -> None:
        """Count another job's as well."""
        self.versions += other.versions
        self.changes += other.changes
        self.same += other.same
        self.known += other.known
        self.faults += other.faults


class Refused(Exception):
    """A text that cannot be taken; the message says why."""


class Importer:
    """Takes documents in, each text in one transaction of its own."""

    def __init__(self, database: Database, archive: Archive, clock: Clock, public_url: str) -> None:
        self._archive, self._clock = archive, clock
        self._store, self._differ = ImportStore(database), DifferStore(database)
        self._reader = CaptureReader(archive)
        self._describer = Describer(self._differ, self._reader, public_url=public_url)
        self._registrar = Registrar(RegistryStore(database), clock)

    def take(self, job: Job) -> Done:
        """Take in what is new of a document, and have it listed and found."""
        done = Done()
        document = self._store.document(job.document, self._clock.now())
        for recorded in job.texts:
            try:
                self._take(document, recorded, done)
            except (Refused, UnreadableFile) as error:
                done.faults.append(Fault(recorded.line, str(error)))
            except Overtaken:
                done.faults.append(Fault(recorded.line, "another import is at this document; run this one again"))
        self._registrar.take_in_document(document.id)
        return done

    def _take(self, document: DocumentInfo, recorded: Recorded, done: Done) -> None:
        text = self._stored(recorded)
        if self._store.is_known(document.id, text):
            done.known += 1
            return
        pending = self._store.pending(document, text)
        if pending.head and text.at <= pending.head.last_seen_at:
            newest = pending.head.last_seen_at.isoformat()
            raise Refused(f"recorded at {text.at.isoformat()}, no later than what was imported before ({newest})")
        reading = self._reader.read(pending.capture, document.declaration, pending.chrome)
        if pending.head and pending.head.fingerprint != reading.fingerprint:
            self._read_head_anew(pending)
            pending = self._store.pending(document, text)
        finding = self._find(pending, reading)
        self._store.record(pending, text, finding)
        done.versions += finding.version is not None
        done.changes += finding.change is not None
        done.same += finding.version is None

    def _stored(self, recorded: Recorded) -> RecordedText:
        part = read_part(recorded.path)
        return RecordedText(recorded.at, self._archive.put(part.body), len(part.body), part.media_type)

    def _find(self, pending: Pending, reading: Reading) -> Finding:
        """A text that no page could be read from is refused; one that only looks short is an archive's to judge."""
        if reading.extraction is None:
            raise Refused("no text can be read from it: {}: {}".format(*reading.refusal or ("", "")))
        if pending.head and reading.text_sha256 == pending.head.text_sha256:
            return Finding(reading.text_sha256)
        unusable = judge_usable(reading.extraction, reading.contents, None)
        if unusable:
            raise Refused(f"no policy text: {unusable.reason}: {unusable.why}")
        seen = Candidate(reading.text_sha256, pending.at, pending.capture.snapshot_id)
        version, change = self._describer.confirmed(pending, seen, reading.extraction)
        return Finding(reading.text_sha256, replace(version, origin=IMPORTED), change)

    def _read_head_anew(self, pending: Pending) -> None:
        """Guarantee 8: an earlier import's text is read by today's rules before another is compared with it."""
        if pending.head is None:
            return
        reading = self._reader.read(pending.head.capture, pending.document.declaration, pending.chrome)
        if reading.extraction is None:
            raise Refused("the version before it can no longer be read")
        self._differ.replace_head(pending, self._describer.read_anew(pending, pending.head, reading.extraction))


_importers: list[Importer] = []
"""A worker process's one, made when the process begins."""


def make_importer(settings: Settings, database: Database) -> Importer:
    """An importer into the installation that the settings name."""
    clock = SystemClock(database.clock_offset())
    return Importer(database, open_archive(settings.archive_location), clock, settings.public_url)


def begin(settings: Settings) -> None:
    """Make what this process works with: connections are not shared between processes."""
    _importers.append(make_importer(settings, Database(settings.sqlalchemy_url, pool_size=2)))


def take(job: Job) -> Done:
    """In a worker process that has begun: one document."""
    return _importers[0].take(job)
