"""What the description calls its operations, their groups, and what stands in the braces of their paths."""

from collections.abc import Mapping
from itertools import zip_longest

TAGS: Mapping[str, str] = {
    "platforms": "Whose documents are watched.",
    "documents": "What is watched, with its versions, its captures and what it says now.",
    "versions": "Texts that a second look confirmed.",
    "snapshots": "Captures: the bytes as they came, with requests, headers and hashes.",
    "provisions": "What documents say, clause by clause, and what they said before.",
    "changes": "What changed, how grave it is and for whom, with what proves it.",
    "categories": "What provisions are about.",
    "regulations": "Rules of law that speak about such provisions.",
    "evidence": "Bundles that anybody can check offline, and the ledger that they are checked against.",
    "search": "Provisions and changes by words.",
    "subscriptions": "What an account wants to hear of, and the documents that it wants to hear nothing of.",
    "endpoints": "Where an account is told: mailboxes, webhooks, Slack.",
    "deliveries": "What was sent, what waits, and why.",
    "account": "An account's plan and usage, its keys and its members.",
    "operator": "For who runs the installation.",
}
"""Every group of routes, in the order in which they are shown."""

IN_PATHS: Mapping[str, str] = {
    "slug": "A platform's `slug`",
    "document_id": "The `id` of a document",
    "version_id": "The `id` of a version",
    "snapshot_id": "The `id` of a capture",
    "ordinal": "The part's `ordinal` in the capture, from 0",
    "provision_id": "A `provision_id`; it stays the same across versions",
    "change_id": "The `id` of a change",
    "category_id": "The `id` of a category: `contract.termination`",
    "regulation_id": "The `id` of a legal instrument: `gdpr`",
    "subscription_id": "The `id` of a subscription",
    "endpoint_id": "The `id` of an endpoint",
    "delivery_id": "The `id` of a delivery",
    "key_id": "The `id` of an API key, which is no secret",
    "member_id": "The `id` of a member",
}


def operation_id(method: str, path: str) -> str:
    """The name by which generated clients call it: `get_documents`, `get_document_versions`, `post_endpoint_test`."""
    parts = path.strip("/").split("/")
    named = [
        _singular(part) if following.startswith("{") else part
        for part, following in zip_longest(parts, parts[1:], fillvalue="")
        if not part.startswith("{")
    ]
    return "_".join([method.lower(), *named]).replace("-", "_")


def _singular(plural: str) -> str:
    return plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural.removesuffix("s")
