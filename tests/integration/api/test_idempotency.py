"""A POST with an Idempotency-Key, sent again: at once, after its answer, after a crash, and by somebody else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import httpx
import pytest
from sqlalchemy import select

from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.identity.idempotency import Earlier, IdempotencyKeys, KeptAnswer, forget_keys
from shared.db.identity.keys import ApiKeys
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import IdempotencyRow
from shared.domain.deliveries import Channel
from shared.secrets import secret_box
from shared.settings import Settings
from tests.factories.accounts import START, add_endpoint
from tests.integration.api.conftest import Ask, asking

HOOK = {"kind": "webhook", "address": "https://receiver.example/hook"}
Post = Callable[..., httpx.Response]


class Together(IdempotencyKeys):
    """Two requests take their keys at the same moment."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__(database, secret_box(settings))
        self.barrier = Barrier(2, timeout=20)

    def begin(self, account_id: str, key: str, request_sha256: str, now: datetime) -> Earlier | None:
        self.barrier.wait()
        return super().begin(account_id, key, request_sha256, now)


class Dying(IdempotencyKeys):
    """The process ends when the work is done and the answer is not stored."""

    def finish(self, account_id: str, key: str, answer: KeptAnswer) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def endpoint(accounts: AccountStore) -> str:
    return add_endpoint(accounts, "alice", Channel.WEBHOOK, HOOK["address"], secret="sealed")


def posting(ask: Ask, database: Database, account_id: str = "acc_alice") -> Post:
    """`post(path, key, json)` by a new API key of that account."""
    _, secret = ApiKeys(database).make(account_id, "test", "member", START)
    known = {"authorization": f"Bearer {secret}"}
    return lambda path, key, json=None: ask(
        "POST", f"/api/v1{path}", headers={**known, "idempotency-key": key}, json=json
    )


def deliveries(accounts: AccountStore) -> int:
    return len(accounts.deliveries("acc_alice"))


def test_of_two_at_once_one_is_done(
    resources: Resources, settings: Settings, database: Database, accounts: AccountStore, endpoint: str
) -> None:
    post = posting(asking(replace(resources, idempotency=Together(database, settings))), database)
    for number in range(5):
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(post, f"/endpoints/{endpoint}/test", f"key-{number}") for _ in range(2)]
            answers = [future.result() for future in futures]
        done = [one for one in answers if one.status_code == 202 and "idempotent-replayed" not in one.headers]
        [other] = [one for one in answers if one is not done[0]]
        assert (len(done), deliveries(accounts)) == (1, number + 1)
        if other.status_code == 202:
            assert (other.headers["idempotent-replayed"], other.text) == ("true", done[0].text)
        else:
            assert (other.status_code, other.headers["retry-after"]) == (409, "1")
            assert other.json()["type"] == "/problems/still-under-way"


def test_an_answer_with_a_secret_comes_again_and_lies_nowhere_in_clear(
    ask: Ask, database: Database, accounts: AccountStore
) -> None:
    for account in ("acc_alice", "acc_bob"):
        accounts.ensure_account(account, account, "compliance", START)
    post = posting(ask, database)
    refused = post("/endpoints", "key", {"kind": "webhook"})
    assert refused.status_code == 422
    first = post("/endpoints", "key", HOOK)
    assert first.status_code == 201, "a refusal did nothing, and its key is free"
    secret = first.json()["secret"]
    for same in ("key", '"key"'):
        again = post("/endpoints", same, HOOK)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["content-type"] == first.headers["content-type"]
        assert again.headers["location"] == first.headers["location"]
        assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    with database.reading() as session:
        [row] = session.scalars(select(IdempotencyRow))
    assert row.body
    assert secret.encode() not in row.body
    assert first.content not in row.body

    elsewhere = posting(ask, database)
    for other in (
        post("/endpoints", "key", {**HOOK, "address": "https://other.example/hook"}),
        post("/subscriptions/preview", "key", {}),
        elsewhere("/endpoints", "key", HOOK),
    ):
        assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
        assert secret not in other.text
    bobs = posting(ask, database, "acc_bob")("/endpoints", "key", HOOK)
    assert (bobs.status_code, bobs.json()["secret"] == secret) == (201, False)


def test_after_a_crash_nobody_claims_to_know(
    resources: Resources,
    settings: Settings,
    database: Database,
    accounts: AccountStore,
    endpoint: str,
    clock: ManualClock,
) -> None:
    dying = posting(asking(replace(resources, idempotency=Dying(database, secret_box(settings)))), database)
    with pytest.raises(KeyboardInterrupt):
        dying(f"/endpoints/{endpoint}/test", "key")
    again = dying(f"/endpoints/{endpoint}/test", "key")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/still-under-way")
    clock.advance(timedelta(seconds=60))
    late = dying(f"/endpoints/{endpoint}/test", "key")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/outcome-unknown")
    assert "retry-after" not in late.headers
    assert deliveries(accounts) == 1
    assert forget_keys(database, START) == 0
    assert forget_keys(database, clock.now()) == 1


def test_what_was_sealed_with_a_key_that_is_gone_is_not_done_again(
    resources: Resources, settings: Settings, database: Database, accounts: AccountStore, endpoint: str
) -> None:
    _, secret = ApiKeys(database).make("acc_alice", "test", "member", START)
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": "key"}
    path = f"/api/v1/endpoints/{endpoint}/test"
    others = secret_box(settings.model_copy(update={"secret_key": type(settings.secret_key)("other" * 8)}))
    for box, status in ((others, 202), (secret_box(settings), 409)):
        answer = asking(replace(resources, idempotency=IdempotencyKeys(database, box)))("POST", path, headers=headers)
        assert answer.status_code == status
    assert deliveries(accounts) == 1


def test_a_key_is_visible_ascii_of_an_account(ask: Ask, database: Database, endpoint: str) -> None:
    post = posting(ask, database)
    for key in ("", '""', "two words", "ä".encode(), "k" * 256):
        answer = post(f"/endpoints/{endpoint}/test", key)
        assert (answer.status_code, answer.json()["faults"][0]["where"]) == (422, "header.Idempotency-Key"), key
    assert ask("POST", "/api/v1/endpoints", headers={"idempotency-key": "key"}, json=HOOK).status_code == 401

    for _ in range(2):  # it is made at the first time, and kept
        described = ask("GET", "/api/v1/openapi.json").json()["paths"]
    posts = [methods["post"] for methods in described.values() if "post" in methods]
    assert len(posts) > 15
    for operation in posts:
        assert [one["name"] for one in operation["parameters"]].count("Idempotency-Key") == 1
        assert "409" in operation["responses"]
