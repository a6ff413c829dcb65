"""Rate limits over HTTP, counted in a real Valkey as several processes share it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from services.api.counting import LocalCounts, SharedCounts, counts_in
from services.api.resources import Resources
from services.api.v1.limits import Limits
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from tests.factories.accounts import START
from tests.integration.api.conftest import Ask, asking
from tests.servers.processes import short_folder
from tests.servers.valkey import Valkey


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine: what is counted is not in the database."""
    return sqlite_url


@pytest.fixture
def limited(resources: Resources, broker_url: str, clock: ManualClock) -> Ask:
    """The API with three requests a minute for anybody, behind one proxy."""
    return asking(replace(resources, limits=Limits(SharedCounts(broker_url, clock), 3, 1)))


def test_anybody_is_limited_by_address(limited: Ask) -> None:
    first = limited("GET", "/api/v1/platforms")
    assert (first.status_code, first.headers["ratelimit-policy"]) == (200, '"address";q=3;w=60')
    assert first.headers["ratelimit"] == '"address";r=2;t=60'
    missing, last, refused = (limited("GET", f"/api/v1/{name}") for name in ("nothing", "platforms", "platforms"))
    assert (missing.status_code, missing.headers["ratelimit"][:13]) == (404, '"address";r=1')
    assert (last.status_code, last.headers["ratelimit"][:13]) == (200, '"address";r=0')
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    elsewhere = limited("GET", "/api/v1/platforms", headers={"x-forwarded-for": "203.0.113.9"})
    assert elsewhere.headers["ratelimit"][:13] == '"address";r=2'
    for path in ("/health", "/", "/platforms", "/feeds/changes.atom", "/static/mark.svg"):
        answer = limited("GET", path)
        assert answer.status_code != 429, path
        assert "ratelimit" not in answer.headers, path


def test_an_account_is_limited_by_its_plan_whatever_its_keys(
    limited: Ask, database: Database, accounts: AccountStore
) -> None:
    accounts.ensure_account("acc_alice", "Alice", "free", START)
    keys = [ApiKeys(database).make("acc_alice", name, "owner", START)[1] for name in ("one", "two")]
    said = [
        limited("GET", path, headers={"authorization": f"Bearer {key}"}).headers
        for key, path in zip(keys, ("/api/v1/endpoints", "/api/v1/platforms"), strict=True)
    ]
    assert [one["ratelimit-policy"] for one in said] == ['"account";q=120;w=60'] * 2
    assert [one["ratelimit"].split(";")[1] for one in said] == ["r=119", "r=118"]
    paths = ("endpoints", "platforms", "changes", "platforms")  # what is public too: who sends a key relies on it
    guesses = [limited("GET", f"/api/v1/{path}", headers={"authorization": "Bearer cw_guess"}) for path in paths]
    assert [guess.status_code for guess in guesses] == [401, 401, 401, 429]
    assert guesses[1].json()["type"] == "/problems/bad-credentials"


def test_processes_count_together_and_no_request_is_counted_as_another(broker_url: str, clock: ManualClock) -> None:
    several = [SharedCounts(broker_url, clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(lambda number: several[number % 4].take("a", 60).count, range(200)))
    assert sorted(counted) == list(range(1, 201))


def test_without_its_broker_a_process_counts_alone_and_comes_back(clock: ManualClock) -> None:
    with short_folder("cw-vk-") as folder:
        valkey = Valkey(folder)
        valkey.start()
        try:
            counts = SharedCounts(valkey.url, clock)
            assert counts.take("a", 60).count == 1
            valkey.kill()
            assert [counts.take("a", 60).count for _ in range(2)] == [1, 2]
            valkey.start()
            assert counts.take("a", 60).count == 3, "it is left alone for a while"
            clock.advance(timedelta(seconds=6))
            assert counts.take("b", 60).count == 1
            with valkey.client() as client:
                assert client.keys("clausewatch:requests:b")
                assert 0 < int(client.pttl("clausewatch:requests:b")) <= 60_000
        finally:
            valkey.stop()


@pytest.mark.parametrize("url", ["", "amqp://broker.example"])
def test_where_the_broker_is_no_redis_a_process_counts_alone(url: str, clock: ManualClock) -> None:
    assert isinstance(counts_in(url, clock), LocalCounts)
