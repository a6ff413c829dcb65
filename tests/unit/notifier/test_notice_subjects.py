"""What a notice is about, in words: for whoever lists deliveries."""

from datetime import UTC, datetime

import pytest

from shared.domain.incidents import Phase
from shared.domain.notices import (
    NoticeKind,
    change_of,
    change_subject,
    condition_subject,
    confirmation_subject,
    digest_subject,
    incident_subject,
    plan_subject,
    quota_subject,
    revision_subject,
    sign_in_subject,
    subject_in_words,
    trial_subject,
)

AT = datetime(2026, 4, 10, 8, 30, 15, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (change_subject("chg_1"), "change chg_1"),
        (revision_subject("chg_1", NoticeKind.CHANGE_CORRECTED, 2), "correction of chg_1"),
        (revision_subject("chg_1", NoticeKind.CHANGE_RETRACTED, 1), "retraction of chg_1"),
        (condition_subject("con_1", "began"), "condition con_1, which began"),
        (incident_subject("ep_1", Phase.DISABLED, AT.isoformat()), "endpoint ep_1: disabled, failing since 2026-04-10"),
        (trial_subject("tst_1"), "test"),
        (confirmation_subject("cnf_1"), "request for consent"),
        (sign_in_subject("sgn_1"), "link to sign in"),
        (digest_subject("ep_1", "weekly", "2026-04-06"), "weekly digest of 2026-04-06"),
        (quota_subject("acc_1", "2026-04-10", "nearly-used"), "quota of 2026-04-10, nearly used"),
        (plan_subject("acc_1", AT.isoformat()), "change of plan on 2026-04-10"),
        (plan_subject("acc_1", AT.replace(microsecond=0).isoformat()), "change of plan on 2026-04-10"),
        (plan_subject("acc_1", "2026-04-06"), "what the plan held back in the week of 2026-04-06"),
        ("of:a:kind:to come", "of:a:kind:to come"),
    ],
)
def test_a_subject_in_words(subject: str, words: str) -> None:
    assert subject_in_words(subject) == words


@pytest.mark.parametrize(
    ("subject", "change"),
    [
        (change_subject("chg_1"), "chg_1"),
        (revision_subject("chg_1", NoticeKind.CHANGE_CORRECTED, 2), "chg_1"),
        (revision_subject("chg_1", NoticeKind.CHANGE_RETRACTED, 1), "chg_1"),
        (condition_subject("con_1", "began"), None),
        (digest_subject("ep_1", "weekly", "2026-04-06"), None),
        ("", None),
    ],
)
def test_the_change_that_a_subject_is_about(subject: str, change: str | None) -> None:
    assert change_of(subject) == change
