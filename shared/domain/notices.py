"""What can be told, and the subject that makes each notice unique."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice tells; the webhook event type of the same name where there is one."""

    CHANGE_DETECTED = "change.detected"
    CHANGE_CORRECTED = "change.corrected"
    CHANGE_RETRACTED = "change.retracted"
    CONDITION = "document.condition"
    DIGEST = "digest.ready"
    ENDPOINT_INCIDENT = "endpoint.incident"
    ENDPOINT_TEST = "endpoint.test"
    ENDPOINT_CONFIRMATION = "endpoint.confirmation"
    """Asks a mailbox whether it wants to be told; the only thing that an unconfirmed one gets."""
    SIGN_IN = "member.sign-in"
    """The link that signs a member in; for whoever reads their mailbox, whatever is told there besides."""
    QUOTA = "account.quota"
    PLAN = "account.plan"

    @property
    def is_charged(self) -> bool:
        """Whether its deliveries count against the daily quota.

        What concerns the endpoint itself does not, nor a digest, which is how what is over quota is told.
        """
        return self not in {
            NoticeKind.DIGEST,
            NoticeKind.ENDPOINT_INCIDENT,
            NoticeKind.ENDPOINT_TEST,
            NoticeKind.ENDPOINT_CONFIRMATION,
            NoticeKind.SIGN_IN,
            NoticeKind.QUOTA,
            NoticeKind.PLAN,
        }


def change_subject(change_id: str) -> str:
    """The subject of the notice that tells of a change."""
    return f"change:{change_id}"


def revision_subject(change_id: str, kind: NoticeKind, number: int) -> str:
    """The subject of a change's correction (the first, the second …) or of its retraction, of which there is one."""
    return f"{kind.value}.{number}:{change_id}"


def change_of(subject: str) -> str | None:
    """The change that a subject is about, be it told of, corrected or retracted; None for any other subject."""
    kind, _, change_id = subject.partition(":")
    return change_id if kind == "change" or kind.rpartition(".")[0] in _REVISIONS else None


def condition_subject(condition_id: str, phase: str) -> str:
    """The subject of a condition's beginning or end; `phase` is began or ended."""
    return f"condition:{condition_id}:{phase}"


def incident_subject(endpoint_id: str, phase: str, since: str) -> str:
    """The subject of a phase of an endpoint's failure; `since`, its beginning, tells one failure from the next."""
    return f"endpoint:{endpoint_id}:{phase}:{since}"


def trial_subject(notice_id: str) -> str:
    """The subject of a test: every test is its own."""
    return f"test:{notice_id}"


def confirmation_subject(confirmation_id: str) -> str:
    """The subject of a mail that asks for consent: every one is its own."""
    return f"confirmation:{confirmation_id}"


def sign_in_subject(link_id: str) -> str:
    """The subject of a mail with a link that signs in."""
    return f"sign-in:{link_id}"


def digest_subject(endpoint_id: str, cadence: str, period: str) -> str:
    """The subject of the digest of a period."""
    return f"digest:{endpoint_id}:{cadence}:{period}"


def quota_subject(account_id: str, day: str, phase: str) -> str:
    """The subject of what an account is told of its quota of a day; `phase` is nearly-used or used-up."""
    return f"quota:{account_id}:{day}:{phase}"


def plan_subject(account_id: str, what: str) -> str:
    """The subject of what an account is told of its plan; `what` is the moment it changed, or the week told of."""
    return f"plan:{account_id}:{what}"


def subject_in_words(subject: str) -> str:
    """What people read instead of a subject; ids stay, since other commands and pages take them."""
    kind, _, rest = subject.partition(":")
    first, second, third = [*rest.split(":", 2), "", ""][:3]
    revised, _, _ = kind.rpartition(".")
    match kind:
        case "change":
            return f"change {rest}"
        case "condition":
            return f"condition {first}, which {second}"
        case "endpoint":
            return f"endpoint {first}: {second}, failing since {third[:10]}"
        case "digest":
            return f"{second} digest of {third}"
        case "quota":
            return f"quota of {second}, {third.replace('-', ' ')}"
        case "plan":
            if "T" in second:  # a moment; a week is told of by its first day
                return f"change of plan on {second[:10]}"
            return f"what the plan held back in the week of {second}"
    if revised in _REVISIONS:
        return f"{_REVISIONS[revised]} of {rest}"
    return _ALONE.get(kind, subject)


_REVISIONS = {NoticeKind.CHANGE_CORRECTED.value: "correction", NoticeKind.CHANGE_RETRACTED.value: "retraction"}
_ALONE = {"test": "test", "confirmation": "request for consent", "sign-in": "link to sign in"}
