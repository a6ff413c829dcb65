"""Generated requests against our own description: no fault, no undocumented status, answers as described.

CLAUSEWATCH_FUZZ_EXAMPLES sets how many requests are made for each route.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.api.app import make_app, make_resources
from services.differ.handlers.registering import Registrar
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
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
    assert set(described.raw_schema["webhooks"]) == {"change", "document.condition", "other"}
