"""Generated requests against our own description: no fault, no undocumented status, answers as described.

CLAUSEWATCH_FUZZ_EXAMPLES sets how many requests are made for each route.
"""

import json
import os
from collections.abc import Iterator
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
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.domain.deliveries import Channel
from shared.settings import Settings
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


@pytest.fixture
def described(sqlite_url: str, tmp_path: Path) -> Iterator[schemathesis.BaseSchema]:
    """The API over a document with a change, as its own description tells of it."""
    database = Database(sqlite_url)
    settings = Settings(
        data=tmp_path / "data", database_url=sqlite_url, public_url="https://watch.example", secret_key="key" * 12
    )
    bench = Bench(database, tmp_path)
    for notice in ("30 days", "14 days"):
        bench.confirm(as_html(policy(notice=notice)))
        Registrar(RegistryStore(database), bench.clock).take_in()
    yield schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", make_app(make_resources(settings, database, bench.clock))
    )
    database.close()


def test_every_route_keeps_to_its_description(described: schemathesis.BaseSchema) -> None:
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) > 20
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

        ask()


def test_what_we_post_is_described(described: schemathesis.BaseSchema) -> None:
    posted = described.raw_schema["webhooks"]
    sent = [sample for sample in samples() if Channel.WEBHOOK in channels_of(sample.kind)]
    assert set(posted) == {sample.kind.value for sample in sent}
    for sample in sent:
        body = json.loads(webhook_body(sample.kind, AT, sample.data))
        schema = posted[sample.kind.value]["post"]["requestBody"]["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": described.raw_schema["components"]})
        assert [error.message for error in validator.iter_errors(body)] == [], sample.name
        assert not validator.is_valid({**body, "type": "another"})
        assert not validator.is_valid({**body, "data": {}})
