"""Dates that a document states about itself."""

from datetime import date

import pytest

from services.differ.core.extract.language import detect_language
from tests.unit.differ.extract.pages import SENTENCE, read

GERMAN = (
    "Wir dürfen den Zugang beenden, wenn Sie gegen die Bedingungen verstoßen, und wir werden es Ihnen mit einer Frist "
    "von 30 Tagen in Textform mitteilen, sofern das für uns möglich ist."
)
FRENCH = (
    "Nous pouvons mettre fin à votre accès si vous ne respectez pas les présentes conditions, et nous vous en "
    "informons par écrit dans un délai de trente jours avec les raisons de la décision."
)


@pytest.mark.parametrize(
    ("text", "role", "value"),
    [
        ("Last updated: June 26, 2026", "updated", date(2026, 6, 26)),
        ("Last Modified: 26 June 2026", "updated", date(2026, 6, 26)),
        ("Effective date: 1st of March, 2026", "effective", date(2026, 3, 1)),
        ("These terms are effective as of Sept. 1, 2026.", "effective", date(2026, 9, 1)),
        ("Diese Bedingungen gelten. Gilt ab dem 1. März 2026", "effective", date(2026, 3, 1)),
        ("Stand: 01.03.2026", "updated", date(2026, 3, 1)),
        ("Dernière mise à jour : 3 février 2026", "updated", date(2026, 2, 3)),
        ("En vigueur depuis le 1er août 2026", "effective", date(2026, 8, 1)),
        ("Version: 2026-02-03", "updated", date(2026, 2, 3)),
        ("You may object to this change by 5 May 2026.", "objection", date(2026, 5, 5)),
    ],
)
def test_stated_dates(text: str, role: str, value: date) -> None:
    found = read(f"<p>First.</p><p>{text}</p>")
    assert [(stated.role, stated.value, stated.block) for stated in found.dates] == [(role, value, 1)]
    assert found.dates[0].quote in found.blocks[1].text


@pytest.mark.parametrize("text", ["March 16, 2026", "Founded on 3 May 2019 in Bonn.", "Last updated: 31 February 2026"])
def test_dates_that_state_nothing(text: str) -> None:
    assert read(f"<p>{text}</p>").dates == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (SENTENCE * 3, "en"),
        (
            GERMAN,
            "de",
        ),
        (
            FRENCH,
            "fr",
        ),
        ("利用者は本規約に従って本サービスを利用しなければなりません。", "ja"),
        ("OK", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert detect_language([text]) == language
