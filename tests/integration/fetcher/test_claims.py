"""Claims, leases and what a worker's death leaves behind."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.fetcher.worker import manners_of
from shared.archive import Archive
from shared.db.fetcher.claims import Claims
from shared.db.fetcher.hosts import HostSlots
from shared.db.fetcher.records import Records
from shared.db.fetcher.values import Claim, LeaseLost, Slot
from tests.fakes.site import Page, Site
from tests.integration.fetcher.conftest import START, Fetcher

TEXT = b"<p>We may change these terms.</p>"
LEASE = timedelta(minutes=4)


def claims(fetcher: Fetcher) -> Claims:
    return Claims(fetcher.database, lease=LEASE)


def everything(_host: str) -> int:
    return 25


def test_workers_at_once_claim_different_hosts(fetcher: Fetcher) -> None:
    hosts = {f"h{n}.localhost" for n in range(8)}
    for host in hosts:
        for n in range(3):
            fetcher.watch(f"http://{host}/{n}", type=f"Policy {n}")
    start = threading.Barrier(4)

    def claim_all() -> list[Claim]:
        start.wait()
        return list(iter(lambda: claims(fetcher).claim_host(START, everything), None))

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(claim_all) for _ in range(4)]
        claimed = [claim for future in futures for claim in future.result()]
    claimed += iter(lambda: claims(fetcher).claim_host(START, everything), None)

    assert sorted(claim.slot.host for claim in claimed) == sorted(hosts)
    leased = [document.id for claim in claimed for document in claim.documents]
    assert len(leased) == len(set(leased)) >= len(hosts)


def test_a_claim_takes_confirmations_first_and_no_more_than_asked(fetcher: Fetcher) -> None:
    for n in range(3):
        fetcher.watch(f"http://acme.localhost/{n}", type=f"Policy {n}")
    awaited = fetcher.watch("http://bolt.localhost/", platform="Bolt")
    fetcher.schedule(awaited, next_check_at=START + timedelta(hours=1), confirm_at=START)

    first = claims(fetcher).claim_host(START, lambda host: 2)
    second = claims(fetcher).claim_host(START, lambda host: 2)

    assert first is not None
    assert [document.id for document in first.documents] == [awaited]
    assert second is not None
    assert len(second.documents) == 2


def test_a_dead_workers_claim_expires_and_its_late_write_is_refused(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(TEXT))
    dead = claims(fetcher).claim_host(START, everything)
    assert dead is not None
    assert fetcher.run() == 0, "the lease holds"

    fetcher.clock.advance(LEASE)
    assert fetcher.run() == 1
    assert fetcher.checks()[0].outcome == "captured"

    late = fetcher.use_case()
    with pytest.raises(LeaseLost):
        late._checker.check(dead.documents[0], late._open_gate(_renewed(dead.slot)), dead.slot.token, "cor_late")
    assert len(fetcher.checks()) == len(fetcher.snapshots()) == 1
    assert fetcher.schedule(document_id).failures == 0


def _renewed(slot: Slot) -> Slot:
    """The slot as a holder that slept through its lease still believes it to be."""
    return Slot(slot.host, slot.token, slot.until + timedelta(days=1), slot.next_allowed_at, slot.robots)


def test_a_stale_holder_neither_renews_nor_frees_anothers_slot(fetcher: Fetcher) -> None:
    slots = HostSlots(fetcher.database)
    stale = slots.take("acme.localhost", START, LEASE)
    current = slots.take("acme.localhost", START + LEASE, LEASE)
    assert stale is not None
    assert current is not None
    assert slots.take("acme.localhost", START + LEASE, LEASE) is None

    with pytest.raises(LeaseLost):
        slots.renew(stale, START + 3 * LEASE)
    slots.release([(stale, START)])

    assert fetcher.host().slot_token == current.token


def test_a_long_batch_renews_its_slot(fetcher: Fetcher, site: Site) -> None:
    manners = manners_of(fetcher.settings)
    for n in range(6):
        fetcher.watch(site.put(TEXT, f"/{n}"), type=f"Policy {n}")

    def take_long(_host: str, path: str) -> None:
        if path != "/robots.txt":
            fetcher.clock.advance(0.9 * manners.longest_request)

    site.before_answer = take_long

    assert fetcher.run() == 6

    assert {check.outcome for check in fetcher.checks()} == {"captured"}
    assert fetcher.clock.now() - START > manners.lease


class PowerCut(BaseException):
    """The end of a process."""


class CutAfterPut:
    """An archive whose process ends right after the blob is safe."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def put(self, data: bytes) -> str:
        self._archive.put(data)
        raise PowerCut


def test_a_death_between_blob_and_row_leaves_an_orphan_blob_only(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(TEXT))
    dying = fetcher.use_case()
    dying._checker._archive = CutAfterPut(fetcher.archive)

    with pytest.raises(PowerCut):
        dying.run()

    assert len(list(fetcher.archive.keys())) == 1
    assert (fetcher.snapshots(), fetcher.checks(), fetcher.announced("snapshot.captured")) == ([], [], [])
    assert fetcher.schedule(document_id).lease_token is not None
    assert fetcher.run() == 0

    fetcher.clock.advance(manners_of(fetcher.settings).lease)
    assert fetcher.run() == 1
    assert len(fetcher.snapshots()) == len(list(fetcher.archive.keys())) == 1


def test_a_second_record_under_a_spent_lease_is_refused(fetcher: Fetcher, site: Site) -> None:
    fetcher.watch(site.put(Page(TEXT, etag='"1"')))
    claim = claims(fetcher).claim_host(START, everything)
    assert claim is not None
    use_case = fetcher.use_case()
    gate = use_case._open_gate(claim.slot)
    record = use_case._checker.check(claim.documents[0], gate, claim.slot.token, "cor_first")

    with pytest.raises(LeaseLost):
        Records(fetcher.database).record(record, claim.slot.token)

    assert len(fetcher.checks()) == 1
