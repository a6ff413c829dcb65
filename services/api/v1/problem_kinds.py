"""The kinds of errors that the API answers with: one table for what is answered, for the pages about them and for docs.

`type` of a problem (RFC 9457, 3.1.1) is the address of its kind's page, `/problems/<kind>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.usecases.refusals import RefusedKind

ProblemKind: TypeAlias = Literal[
    RefusedKind,
    "bad-credentials",
    "busy",
    "cannot-revise",
    "csrf",
    "fault",
    "idempotency-key-reused",
    "method-not-allowed",
    "not-kept",
    "outcome-unknown",
    "quarantined",
    "role",
    "sign-in",
    "still-under-way",
    "timeout",
    "too-large",
    "too-many-requests",
    "unsupported-media-type",
]
"""What a use case refuses, and what only the API does."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What a kind of problem is: the status it is answered with, what leads to it, and what to do."""

    status: int
    title: str
    cause: str
    mend: str


_AGAIN = "Wait as long as `Retry-After` says and send the same request again."

KINDS: Mapping[ProblemKind, Explained] = {
    "bad-credentials": Explained(
        401,
        "The API key is not good",
        "The `Authorization` header holds a key that is mistyped, was revoked, or whose maker was removed. Routes that "
        "are public say so too, since the program that sent it should know.",
        "Make a new key under Account › API keys and send `Authorization: Bearer cw_…`, or leave the header out to "
        "read what is public.",
    ),
    "sign-in": Explained(
        401,
        "This takes an API key",
        "What an account owns, or what changes something, was asked for without a key.",
        "Make a key under Account › API keys and send it as `Authorization: Bearer cw_…`.",
    ),
    "role": Explained(
        403,
        "The key's role is too small",
        "A read-only key was to change something, or a member's was to do what only owners do: keys and members.",
        "Use a key of the role that `detail` names. A key can do no more than the member who made it.",
    ),
    "operators-only": Explained(
        403,
        "Only for who runs the installation",
        "Sources, quarantine, corrections and dead letters are looked after by whoever runs this installation.",
        "Use an operator's key, or ask who runs the installation.",
    ),
    "plan": Explained(
        403,
        "The plan does not include it",
        "The account's plan has no room for one more, or lacks what was asked for. `detail` says which.",
        "Remove what you no longer need, or take a larger plan. `GET /account` shows limits and use.",
    ),
    "quarantined": Explained(
        403,
        "The capture is quarantined",
        "The bytes are of a capture that was judged not to show its document, or that is not judged yet. They may be "
        "anything, so only the operator gets them.",
        "Read the capture's metadata, or take a capture whose `usable` is true.",
    ),
    "csrf": Explained(
        403,
        "The page did not prove itself",
        "A browser's session, and no API key, was to change something without the token that our pages send along, so "
        "another site may have sent it.",
        "Programs use an API key. In a browser, reload the page and try again.",
    ),
    "not-found": Explained(
        404,
        "There is none",
        "Nothing has that id or address; or it is another account's, which is answered alike.",
        "Take the id from a list, unchanged, and see that the key is of the right account.",
    ),
    "method-not-allowed": Explained(
        405,
        "The address does not take that method",
        "The address is right, and is asked in another way: with GET instead of POST, for instance.",
        "`Allow` names the methods that it takes; `/api/v1/openapi.json` says what each does.",
    ),
    "timeout": Explained(
        408,
        "The request came too slowly",
        "Its body had not come in whole within ten seconds.",
        "Send it again over a better connection. Nothing was done.",
    ),
    "cannot-revise": Explained(
        409,
        "The change cannot be revised so",
        "It was retracted already, alerted nobody, or the correction changes nothing of it. `detail` says which.",
        "Read the change and its status, and correct what differs.",
    ),
    "confirmed": Explained(
        409,
        "Its reader has answered already",
        "A mailbox's reader was to be asked for consent once more after they had given it.",
        "Nothing is to be done: the endpoint is as its page or `GET /endpoints/{endpoint_id}` shows it.",
    ),
    "disabled": Explained(
        409,
        "The endpoint is disabled",
        "It was to be paused, and gets nothing already: disabled by hand, or after it failed for days.",
        "Enable it, if it should get something again: `POST /endpoints/{endpoint_id}/enable`.",
    ),
    "last-owner": Explained(
        409,
        "An account keeps an owner",
        "The account's last owner was to be removed, or to become less.",
        "Make another member an owner first.",
    ),
    "maker-gone": Explained(
        409,
        "Who makes the key is gone",
        "While the key was being made, the member was removed from the account or their own key was revoked.",
        "Let another owner make it.",
    ),
    "member-already": Explained(
        409,
        "The address belongs to an account",
        "An address belongs to one account, and this one does already.",
        "Take another address, or let them be removed from the account that they are in.",
    ),
    "no-secret": Explained(
        409,
        "Only webhooks have a secret",
        "A signing secret was to be exchanged of an endpoint that has none: a mailbox or a Slack channel.",
        "Exchange secrets of webhooks only.",
    ),
    "not-repeatable": Explained(
        409,
        "The delivery cannot be sent again",
        "It is still on its way, or was cancelled. `detail` names its state.",
        "Wait for it where it is under way. What was cancelled was taken back, and is not sent.",
    ),
    "not-yet": Explained(
        409,
        "It is not sealed yet",
        "Evidence was asked for before the ledger came to the change or version, which takes some seconds.",
        _AGAIN,
    ),
    "nothing-to-accept": Explained(
        409,
        "There is no text to accept",
        "The document has no quarantined capture whose text could be taken for a version. `detail` says why.",
        "See `GET /operator/quarantine` for captures that can be accepted.",
    ),
    "outcome-unknown": Explained(
        409,
        "What became of the request is not known",
        "The first request with this idempotency key ended without an answer that could be kept. It was done once or "
        "not at all.",
        "See whether it was done. If it was not, send it with a new key.",
    ),
    "paused": Explained(
        409,
        "The document is paused",
        "It was to be checked now, and is not looked at while it is paused.",
        "Resume it: it is then looked at at once.",
    ),
    "plan-skipped": Explained(
        409,
        "The plan did not include the delivery",
        "It was to be sent again, and was never sent: the plan did not include it.",
        "A larger plan tells what comes after; the change itself is under `GET /changes/{change_id}`.",
    ),
    "reader-said-no": Explained(
        409,
        "Its reader wants no more mail",
        "A mailbox was to be enabled whose reader unsubscribed or refused it.",
        "Only they can say otherwise, by the link in the mail that asked them.",
    ),
    "still-under-way": Explained(
        409,
        "The first request is still under way",
        "A request with the same idempotency key came before and has no answer yet.",
        _AGAIN,
    ),
    "unconfirmed": Explained(
        409,
        "Its reader has not confirmed it",
        "The endpoint is a mailbox whose reader was asked for consent and has not given it yet.",
        "Let them follow the link in the mail that asked them, or have them asked again.",
    ),
    "not-kept": Explained(
        410,
        "The bytes are no longer kept",
        "Captures between two versions keep their hashes and headers; their bytes go after some days.",
        "Take the captures that a version names (`snapshot_id`, `confirmed_by`): theirs are kept for ever.",
    ),
    "too-large": Explained(
        413,
        "The request is too large",
        "The body has more bytes than the address takes. `detail` says how many it may have.",
        "Send less, or in several requests.",
    ),
    "unsupported-media-type": Explained(
        415,
        "The body should be JSON",
        "The body was sent as another type, or as none.",
        "Send it with `Content-Type: application/json`.",
    ),
    "address": Explained(
        422,
        "That address cannot be told anything",
        "The address of an endpoint or member is no mail address, no https URL, or leads into a private network.",
        "`faults` names the field and says why; give an address that can be reached from the internet.",
    ),
    "idempotency-key-reused": Explained(
        422,
        "The idempotency key is taken",
        "The key came before with another address or body, or from another key or member of the account.",
        "Take a new key for each new request; a UUID will do.",
    ),
    "invalid": Explained(
        422,
        "Something in the request is wrong",
        "A parameter, header or field is missing, misspelt, of the wrong kind or out of its bounds; the body is no "
        "JSON; or a cursor is not the `next` of a page of that list.",
        "`faults` names each with its reason. Pass cursors unchanged, and to the list they came from.",
    ),
    "too-many-requests": Explained(
        429,
        "Too many requests in a minute",
        "The account, or without a key the network address, has used up its requests of this minute. Nothing was done.",
        "Wait as long as `Retry-After` says. `RateLimit` on each answer shows what remains; with a key, and with a "
        "larger plan, there is more.",
    ),
    "fault": Explained(
        500,
        "A fault of ours",
        "Something failed that should not. It is in this installation's log.",
        "Try again later; a POST with the same `Idempotency-Key`. If it lasts, tell who runs the installation.",
    ),
    "archive": Explained(
        503,
        "The archive cannot be read",
        "The store that holds the captures does not answer, or lacks what it should hold.",
        "Wait as long as `Retry-After` says. If it lasts, tell who runs the installation.",
    ),
    "busy": Explained(
        503,
        "Too many ask at once",
        "The API has as many requests under way as it takes. Nothing was done.",
        _AGAIN,
    ),
}
"""By status, then by name."""


def address_of(kind: ProblemKind) -> str:
    """The `type` of a problem of that kind: where its page is."""
    return f"/problems/{kind}"
