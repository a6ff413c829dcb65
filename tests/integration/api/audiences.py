"""Whom every route of the API and of the pages is for; a test holds this table against the routes that there are."""

from enum import Enum


class For(Enum):
    """Whom a route is for."""

    EVERYBODY = "everybody"
    LINK = "who has a link or a signature of ours"
    READERS = "who may read in the account"
    MEMBERS = "who may change things in the account"
    OWNERS = "who owns the account"
    OPERATORS = "who runs the installation"
    SEEN = "the browsers of who may read in the account"
    SENT = "the browsers of who may change things in the account"
    OWNED = "the browsers of who owns the account"
    RUN = "the browsers of who runs the installation"


BROWSED = {For.SEEN: For.READERS, For.SENT: For.MEMBERS, For.OWNED: For.OWNERS, For.RUN: For.OPERATORS}
"""Pages know people by their sessions alone; whom each is for among those who have one."""


_PAGES = """
/ /changes /changes/{change_id} /changes/{change_id}/evidence /changes/{change_id}/redline /changes/{change_id}/wrong
/status /digests/{digest_id} /documents/{document_id} /feeds /health /methodology /platforms /platforms/{slug}
/provisions/{provision_id} /search /calendar.ics /categories /categories/{category_id} /regulations
/regulations/{regulation_id} /compare /documents/{document_id}/calendar.ics /platforms/{slug}/calendar.ics
/feeds/changes.atom /categories/{category_id}/changes.atom /documents/{document_id}/changes.atom
/platforms/{slug}/changes.atom /static/{name} /ledger /.well-known/clausewatch-ledger /documents/{document_id}/compare
/favicon.ico /problems /problems/{kind}
"""
_LISTS = """
/openapi.json /platforms /platforms/{slug} /documents /documents/{document_id} /documents/{document_id}/versions
/documents/{document_id}/snapshots /documents/{document_id}/provisions /versions/{version_id}
/versions/{version_id}/provisions /versions/{version_id}/text /snapshots/{snapshot_id}
/snapshots/{snapshot_id}/parts/{ordinal}/raw /provisions /provisions/{provision_id} /provisions/{provision_id}/history
/changes /changes/{change_id} /changes/{change_id}/report /changes/{change_id}/redline /changes/{change_id}/citation
/categories /categories/{category_id} /regulations /regulations/{regulation_id} /search
/ledger/entries
"""
SUBSCRIPTION, ENDPOINT = "/api/v1/subscriptions/{subscription_id}", "/api/v1/endpoints/{endpoint_id}"
_DELIVERY, _DOCUMENT = "/api/v1/deliveries/{delivery_id}", "/api/v1/documents/{document_id}"
MEMBER = "/api/v1/members/{member_id}"
_ACCOUNT_PAGES = """
/account/subscriptions /account/subscriptions/new /account/subscriptions/{subscription_id} /account/endpoints
/account/endpoints/{endpoint_id} /account /account/mutes /account/hours
"""
_ACCOUNT_FORMS = """
/account/subscriptions/new /account/subscriptions/{subscription_id} /account/subscriptions/{subscription_id}/pause
/account/subscriptions/{subscription_id}/resume /account/subscriptions/{subscription_id}/remove /account/mutes
/account/mutes/{document_id}/remove /account/hours /account/endpoints /account/endpoints/{endpoint_id}/test
/account/endpoints/{endpoint_id}/rotate /account/endpoints/{endpoint_id}/pause /account/endpoints/{endpoint_id}/enable
/account/endpoints/{endpoint_id}/ask /account/endpoints/{endpoint_id}/replay /account/endpoints/{endpoint_id}/remove
/account/endpoints/{endpoint_id}/deliveries/{delivery_id}/replay
"""
_OWNERS_FORMS = """
/account/keys /account/keys/{key_id}/revoke /account/members /account/members/{member_id}/role
/account/members/{member_id}/remove
"""
_OPERATOR_PAGES = """
/account/outbox /account/outbox/{name} /account/outbox/{name}/html /operator /operator/documents/{document_id}
/operator/documents/{document_id}/selectors /operator/quarantine /operator/reviews /operator/changes/{change_id}
/operator/queues
"""
_OPERATOR_FORMS = """
/operator/documents /operator/documents/{document_id} /operator/documents/{document_id}/pause
/operator/documents/{document_id}/resume
/operator/documents/{document_id}/check /operator/documents/{document_id}/accept
/operator/documents/{document_id}/selectors /operator/reviews/{change_id}/settle /operator/changes/{change_id}/retract
/operator/changes/{change_id}/correct /operator/dead-letters/retry
"""

EXPECTED: dict[str, For] = {
    **{f"GET {path}": For.EVERYBODY for path in _PAGES.split()},
    **{f"GET /api/v1{path}": For.EVERYBODY for path in _LISTS.split()},
    **{f"GET {path}": For.SEEN for path in _ACCOUNT_PAGES.split()},
    **{f"POST {path}": For.SENT for path in _ACCOUNT_FORMS.split()},
    **{f"GET {path}": For.OWNED for path in ("/account/keys", "/account/members")},
    **{f"POST {path}": For.OWNED for path in _OWNERS_FORMS.split()},
    **{f"GET {path}": For.RUN for path in _OPERATOR_PAGES.split()},
    **{f"POST {path}": For.RUN for path in _OPERATOR_FORMS.split()},
    "POST /changes/{change_id}/wrong": For.EVERYBODY,
    **{
        f"{method} {path}": For.LINK
        for method in ("GET", "POST")
        for path in ("/p/{endpoint_id}/{token}", "/u/{endpoint_id}/{token}", "/confirm/{endpoint_id}/{expires}/{token}")
    },
    "POST /sendgrid/events": For.LINK,
    "GET /sign-in": For.EVERYBODY,
    "POST /sign-in": For.EVERYBODY,
    "GET /sign-in/{link_id}/{token}": For.LINK,
    "POST /sign-in/{link_id}/{token}": For.LINK,
    "POST /sign-out": For.LINK,
    "GET /api/v1/subscriptions": For.READERS,
    "POST /api/v1/subscriptions": For.MEMBERS,
    "POST /api/v1/subscriptions/preview": For.READERS,
    f"GET {SUBSCRIPTION}": For.READERS,
    f"PUT {SUBSCRIPTION}": For.MEMBERS,
    f"POST {SUBSCRIPTION}/pause": For.MEMBERS,
    f"POST {SUBSCRIPTION}/resume": For.MEMBERS,
    f"DELETE {SUBSCRIPTION}": For.MEMBERS,
    "PUT /api/v1/mutes/{document_id}": For.MEMBERS,
    "DELETE /api/v1/mutes/{document_id}": For.MEMBERS,
    "GET /api/v1/endpoints": For.READERS,
    "POST /api/v1/endpoints": For.MEMBERS,
    f"GET {ENDPOINT}": For.READERS,
    f"POST {ENDPOINT}/test": For.MEMBERS,
    f"POST {ENDPOINT}/rotate": For.MEMBERS,
    f"POST {ENDPOINT}/pause": For.MEMBERS,
    f"POST {ENDPOINT}/enable": For.MEMBERS,
    f"DELETE {ENDPOINT}": For.MEMBERS,
    "GET /api/v1/deliveries": For.READERS,
    f"GET {_DELIVERY}": For.READERS,
    "POST /api/v1/deliveries/replay": For.MEMBERS,
    f"POST {_DELIVERY}/retry": For.MEMBERS,
    "GET /api/v1/account": For.READERS,
    "GET /api/v1/changes/{change_id}/evidence": For.READERS,
    "GET /api/v1/versions/{version_id}/evidence": For.READERS,
    "GET /changes/{change_id}/evidence.zip": For.SEEN,
    "GET /versions/{version_id}/evidence.zip": For.SEEN,
    "GET /api/v1/keys": For.OWNERS,
    "POST /api/v1/keys": For.OWNERS,
    "DELETE /api/v1/keys/{key_id}": For.OWNERS,
    "GET /api/v1/members": For.OWNERS,
    "POST /api/v1/members": For.OWNERS,
    f"PATCH {MEMBER}": For.OWNERS,
    f"DELETE {MEMBER}": For.OWNERS,
    "POST /api/v1/documents": For.OPERATORS,
    f"PATCH {_DOCUMENT}": For.OPERATORS,
    f"POST {_DOCUMENT}/preview": For.OPERATORS,
    f"POST {_DOCUMENT}/pause": For.OPERATORS,
    f"POST {_DOCUMENT}/resume": For.OPERATORS,
    f"POST {_DOCUMENT}/check": For.OPERATORS,
    f"POST {_DOCUMENT}/accept": For.OPERATORS,
    "GET /api/v1/operator/sources": For.OPERATORS,
    "GET /api/v1/operator/quarantine": For.OPERATORS,
    "GET /api/v1/operator/reviews": For.OPERATORS,
    "POST /api/v1/operator/reviews/{change_id}/settle": For.OPERATORS,
    "POST /api/v1/operator/changes/{change_id}/retract": For.OPERATORS,
    "POST /api/v1/operator/changes/{change_id}/correct": For.OPERATORS,
    "GET /api/v1/operator/dead-letters": For.OPERATORS,
    "POST /api/v1/operator/dead-letters/retry": For.OPERATORS,
}

OWNED = ("{subscription_id}", "{endpoint_id}", "{delivery_id}", "{key_id}", "{member_id}")
"""Of these in a path, Alice's are filled in."""
