"""The generator of edits with known truth, on a text of our own: every edit is made, and told rightly."""

from pathlib import Path

import pytest

from benchmarks.edits.__main__ import BLOCK_EDITS, TEXT_EDITS, judge_texts, table
from benchmarks.edits.texts import RealText
from tests.factories.differ import extraction

TEXT = """# Terms of the Acorn service
1. Your account
You may open an account if you are at least 16 years old. You must not share your password with others.
We will tell you within thirty (30) days when we close an account that nobody has used for 12 months.
2. Your data
We collect the following from our visitors:
- Your name and how you wish to be called
- Your address and the town you live in
- The letters that you send to our staff
- Pictures of the garden that you upload
We may share reports, drawings, maps and sketches with our vendors. We do not sell them to other people.
With your consent we may use pictures to draw maps. You can opt out of maps by letter at any time.
3. What you pay
The fee is $25 a month, and 4.5% of it goes to the fund for trees. It was last raised on March 1, 2026.
"Garden" means a piece of land with plants on it that somebody looks after with a rake or a spade.
4. Licence
You give us a worldwide licence to show the pictures, including those of hedges, as Section 3 says in detail.
Acorn Gardens, Inc. runs the service. Read [the notice on data](acorn.example/data) to learn what it does with data.
5. Law
Irish law governs these terms and every dispute about them. The courts of Dublin decide what is left open.
Nobody is held to a promise that was made under the influence of moonlight or of strong cider in the evening.
Tool | Purpose | Kept for
Rake | Leaves | A winter
Spade | Holes | A summer"""


@pytest.mark.parametrize("family", [*TEXT_EDITS, *BLOCK_EDITS])
def test_every_family_is_made_and_told_rightly(family: str) -> None:
    text = RealText("own", Path("own"), extraction(TEXT))
    verdicts = [one for seed in range(6) for one in judge_texts([text], seed, 6, family)]
    wrong = [one.shown for one in verdicts if one.fact is False or one.op is False]
    assert verdicts
    assert not wrong


def test_the_table_counts_facts_operations_and_alerts() -> None:
    text = RealText("own", Path("own"), extraction(TEXT))
    rows = table(list(judge_texts([text], 1, 2, "modality")))
    assert [row["family"] for row in rows] == ["modality", "all edits of text"]
    assert rows[0] == {"family": "modality", "edits": 2, "fact": 1.0, "operation": 1.0, "alerts": 2, "stray": 0}
