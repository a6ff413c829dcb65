"""`/api/v1/platforms`, and what holds for every route of the API: pages, tags, problems."""

import pytest

from services.api.v1.problems import MEDIA_TYPE
from shared.db.session import Database
from tests.factories.accounts import add_change, add_document
from tests.factories.reports import report
from tests.integration.api.conftest import Ask


def test_a_platform_has_its_counters(ask: Ask, database: Database) -> None:
    document_id = add_document(database)
    add_change(database, document_id)
    severity = report()["severity"]
    [platform] = ask("GET", "/api/v1/platforms").json()["items"]
    assert (platform["documents"], platform["changes"], platform[severity]) == (1, 1, 1)
    assert ask("GET", f"/api/v1/platforms/{platform['slug']}").json() == platform


def test_an_answer_that_is_known_is_not_sent_again(ask: Ask, database: Database) -> None:
    add_document(database)
    first = ask("GET", "/api/v1/platforms")
    again = ask("GET", "/api/v1/platforms", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v1/platforms/nobody", 404, "not-found"),
        ("/api/v1/nothing", 404, "not-found"),
        ("/api/v1/platforms?limit=0", 422, "invalid"),
        ("/api/v1/platforms?limit=101", 422, "invalid"),
        ("/api/v1/platforms?cursor=W1d", 422, "invalid"),
    ],
)
def test_an_error_is_a_problem_that_names_its_kind(ask: Ask, path: str, status: int, kind: str) -> None:
    answer = ask("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert answer.json()["type"] == f"/problems/{kind}"


def test_the_description_is_openapi_3_1(ask: Ask) -> None:
    described = ask("GET", "/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert "/platforms" in described["paths"]
    operations = [one for methods in described["paths"].values() for one in methods.values()]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert described["paths"]["/platforms"]["get"]["security"] == [{}, {"key": []}]
    assert described["paths"]["/endpoints"]["get"]["security"] == [{"key": []}]
    refusals = [(status, one) for said in operations for status, one in said["responses"].items() if status[0] in "45"]
    assert {status for status, _ in refusals} >= {"401", "403", "404", "409", "413", "422", "429", "503"}
    problem = {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}
    assert [status for status, one in refusals if one["content"] != {MEDIA_TYPE: problem}] == []


def test_the_description_names_what_clients_are_made_of(ask: Ask) -> None:
    described = ask("GET", "/api/v1/openapi.json").json()
    operations = [one for methods in described["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert {"get_documents", "get_document", "get_document_versions", "get_category", "post_endpoint_test"} <= set(
        names
    )
    assert {tag for one in operations for tag in one["tags"]} == {one["name"] for one in described["tags"]}
    unsaid = {
        (operation["operationId"], parameter["name"])
        for operation in operations
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    }
    assert unsaid == set()
    read = described["paths"]["/documents"]["get"]["responses"]
    assert set(read["200"]["headers"]) == {"ETag", "RateLimit", "RateLimit-Policy"}
    assert "content" not in read["304"]


def test_webhooks_are_described_as_they_are_exchanged(ask: Ask) -> None:
    webhooks = ask("GET", "/api/v1/openapi.json").json()["webhooks"]
    assert len(webhooks) == 6
    for methods in webhooks.values():
        assert [one["name"] for one in methods["post"]["parameters"]] == [
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
        ]
        assert set(methods["post"]["responses"]) == {"2XX", "410", "default"}
