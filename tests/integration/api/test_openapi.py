"""Generated requests against our own description: no fault, no undocumented status, answers as described.

CLAUSEWATCH_FUZZ_EXAMPLES sets how many requests are made for each route.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.api.app import make_app, make_resources
from services.differ.handlers.registering import Registrar
from services.notifier.core.compose.samples import AT, channels_of, samples
from services.notifier.core.compose.webhook import webhook_body
from shared.db.identity.keys import ApiKeys
from shared.db.notifier.accounts import AccountStore
from shared.db.registry.changes import ChangeFilter
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.domain.deliveries import Channel
from shared.settings import Settings
from tests.factories.accounts import add_endpoint
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy

EXAMPLES = int(os.environ.get("CLAUSEWATCH_FUZZ_EXAMPLES", "4"))

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""Not that what fits the schema is accepted: a cursor is a word, and not every word is a cursor."""


@dataclass(frozen=True)
class Described:
    """The API over a document with a change, as its own description tells of it."""

    schema: schemathesis.BaseSchema
    owner: dict[str, str]
    """Headers of an account's owner, who also runs the installation."""
    ids: dict[str, str]
    """Parameters of paths, with what they can be."""


@pytest.fixture
def described(sqlite_url: str, tmp_path: Path) -> Iterator[Described]:
    database = Database(sqlite_url)
    configured = Settings(
        data=tmp_path / "data",
        database_url=sqlite_url,
        public_url="https://watch.example",
        secret_key="key" * 12,
        api_anonymous_per_minute=100_000,
    )
    bench = Bench(database, tmp_path)
    for notice in ("30 days", "14 days"):
        bench.confirm(as_html(policy(notice=notice)))
        Registrar(RegistryStore(database), bench.clock).take_in()
    accounts = AccountStore(database)
    endpoint_id = add_endpoint(accounts, "alice", Channel.EMAIL, "alice@reader.example")
    _, secret = ApiKeys(database).make("acc_alice", "all", "owner", bench.clock.now(), is_operator=True)
    resources = make_resources(configured, database, bench.clock)
    [provision, *_] = resources.registry.provisions.of_document(bench.document_id)
    [version, *_] = resources.registry.versions.listed(bench.document_id, limit=1)
    [change] = resources.registry.changes.listed(ChangeFilter(), limit=1)
    ids = {
        "document_id": bench.document_id,
        "provision_id": provision.provision_id,
        "version_id": version.id,
        "snapshot_id": version.snapshot_id,
        "change_id": change.id,
        "endpoint_id": endpoint_id,
        "slug": change.platform_slug,
        "category_id": "contract.termination",
        "regulation_id": "gdpr",
    }
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", make_app(resources))
    yield Described(schema, {"authorization": f"Bearer {secret}"}, ids)
    database.close()


def test_every_route_keeps_to_its_description(described: Described) -> None:
    operations = [result.ok() for result in described.schema.get_all_operations()]
    assert len(operations) > 20
    statuses: Counter[int] = Counter()
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.validate_response(case.call(), checks=CHECKS)
            known = {name: described.ids.get(name, value) for name, value in case.path_parameters.items()}
            case.path_parameters = known
            if key := case.headers.get("Idempotency-Key"):  # a new one each time, or the first answer comes again
                case.headers["Idempotency-Key"] = f"{statuses.total()}-{key}"[:255]
            answer = case.call(headers=described.owner)
            case.validate_response(answer, checks=CHECKS)
            statuses[answer.status_code] += 1

        ask()
    assert statuses[200] > len(operations)
    assert not statuses[401] + statuses[403]


def test_what_we_post_is_described(described: Described) -> None:
    posted = described.schema.raw_schema["webhooks"]
    sent = [sample for sample in samples() if Channel.WEBHOOK in channels_of(sample.kind)]
    assert set(posted) == {sample.kind.value for sample in sent}
    for sample in sent:
        body = json.loads(webhook_body(sample.kind, AT, sample.data))
        schema = posted[sample.kind.value]["post"]["requestBody"]["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": described.schema.raw_schema["components"]})
        assert [error.message for error in validator.iter_errors(body)] == [], sample.name
        assert not validator.is_valid({**body, "type": "another"})
        assert not validator.is_valid({**body, "data": {}})
