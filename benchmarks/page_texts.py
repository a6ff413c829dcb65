"""Policies that we make up, for measuring pages: seeded, so that the same number always gives the same texts."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_TYPES = ("Terms of Service", "Privacy Policy", "Developer Terms", "Acceptable Use Policy")
_FIRST = datetime(2024, 7, 1, 8, tzinfo=UTC)
_APART = timedelta(days=43)
_NOTICE = timedelta(days=14)
"""From when a text was recorded to when it says that it takes effect."""

_SYLLABLES = (
    "ar",
    "bel",
    "cor",
    "dan",
    "el",
    "fir",
    "gal",
    "hol",
    "im",
    "jun",
    "kor",
    "lum",
    "mer",
    "nor",
    "or",
    "pel",
)
_SERVICES = ("the service", "the platform", "the application", "our websites", "the developer interface")
_ASIDES = (
    "This holds for every plan, unless an order that both of us signed says otherwise.",
    "Where the law of your country gives you more, it is not touched by this.",
    "Ask our support if you are not sure what this means for what you are doing.",
    "It holds for everybody who uses an account with your permission as well.",
    "We write to the address that we have of you when this matters to you.",
    "Earlier versions of this section no longer hold once this one does.",
)
_CLAUSES = (
    "You and {firm} agree to settle every dispute by binding arbitration before one arbitrator, and "
    "waive a jury trial and any class action, unless you opt out within {n} days.",
    "The courts of Dublin have exclusive jurisdiction over claims about {service}, which must be "
    "brought within {n} months.",
    "These terms are governed by the law of Ireland, without regard to its conflict of laws rules, "
    "after a notice of {n} days.",
    "The liability of {firm} is limited to the fees that you paid in the {n} months before the claim, "
    "and it is not liable for indirect or consequential damages.",
    "{firm} provides {service} as is and disclaims all warranties, express or implied, for {n} days "
    "after a release too.",
    "You will indemnify and hold {firm} harmless against third-party claims that arise from your use "
    "of {service}, within {n} days of being asked.",
    "{firm} may change these terms at any time. Material changes take effect {n} days after they are posted.",
    "{firm} may suspend or terminate your account with a notice of {n} days if you break these terms.",
    "By continuing to use {service} for {n} days after a change you agree to be bound by it.",
    "{firm} may remove content that breaks our rules, and you may appeal against its removal within {n} days.",
    "You keep your content. You grant {firm} a worldwide, royalty-free licence to host, store and "
    "display it until {n} days after you delete it.",
    "{firm} may use your content to train its machine learning models, unless you opt out {n} days before it is used.",
    "Decisions about your account may be made by automated means, and a person will review one within "
    "{n} days if you ask.",
    "We collect personal information such as your name, your email address and how you use {service}, "
    "for up to {n} months.",
    "We process biometric and health data with your explicit consent alone, and ask for that anew after {n} months.",
    "The legal basis of this processing is your consent, which you may withdraw with {n} days to take effect.",
    "We share personal data with service providers and advertising partners, and list them anew every {n} months.",
    "We and our partners use cookies and similar tracking technologies for targeted advertising, which last {n} days.",
    "We retain personal data for {n} days after your account is closed, and then delete or anonymise it.",
    "You have the right to access, correct and delete your personal data, and we answer within {n} days.",
    "Personal data is transferred to the United States under standard contractual clauses, reviewed every {n} months.",
    "We notify you of a personal data breach within {n} hours after we became aware of it.",
    "Children under {n} years of age may not use {service}, and we delete data that we collected from a child.",
    "You can contact our data protection officer about this policy, who answers within {n} days.",
    "Your subscription renews automatically for {n} months at the price of that time, unless you cancel before.",
    "Fees are not refundable, except that {firm} refunds what you paid for the last {n} days of a "
    "service that was not provided.",
    "You may not use {service} to harm others, to send spam or to break the law; a breach is kept on "
    "file for {n} months.",
    "You may not scrape {service}, reverse engineer it or circumvent its limits, at more than {n} "
    "requests a minute or at all.",
    "Developers are responsible for their applications' end users and keep access logs of the API for {n} days.",
    "The API is limited to {n} requests a minute, and versions of it are deprecated with a notice on the changelog.",
    "As a processor {firm} acts on documented instructions, and announces new subprocessors {n} days before.",
    "{firm} may assign this agreement to an affiliate or in a merger with a notice of {n} days.",
    "If a provision of these terms is found unenforceable the others remain in force, {n} days' "
    "correspondence notwithstanding.",
)


def lay_out(folder: Path, documents: int, versions: int, seed: int = 5) -> None:
    """A folder that `import-versions` takes: so many documents of 33 clauses, four to a platform, each with so many
    versions."""
    (folder / "texts").mkdir(parents=True)
    with (folder / "versions.jsonl").open("w", encoding="utf-8") as index:
        for number in range(documents):
            platform, kind = _name(number // len(_TYPES)), _TYPES[number % len(_TYPES)]
            for place, text in enumerate(_history(random.Random(f"{seed}/{number}"), platform, kind, versions)):
                file = f"texts/{number}-{place}.md"
                (folder / file).write_text(text, encoding="utf-8")
                at = _FIRST + place * _APART + timedelta(minutes=number)
                row = {"platform": platform, "document": kind, "recorded_at": at.isoformat(), "file": file}
                index.write(json.dumps(row) + "\n")


def _history(chance: random.Random, firm: str, kind: str, versions: int) -> Iterator[str]:
    """A document's texts: from one to the next the period of one to three clauses gets longer or shorter."""
    clauses = [(clause, chance.choice(_SERVICES), chance.sample(_ASIDES, 2)) for clause in _CLAUSES]
    chance.shuffle(clauses)
    periods = [chance.randrange(60, 90) for _ in clauses]
    for version in range(versions):
        body = (
            f"## {number}. {' '.join(clause.split()[:4]).format(firm=firm, service=service, n=period).rstrip(',.')}\n\n"
            f"{clause.format(firm=firm, service=service, n=_plausible(clause, period))} {' '.join(asides)}\n"
            for number, ((clause, service, asides), period) in enumerate(zip(clauses, periods, strict=True), start=1)
        )
        effective = _FIRST + version * _APART + _NOTICE
        yield f"# {firm} {kind}\n\nEffective date: {effective.day} {effective:%B %Y}\n\n" + "\n".join(body)
        for place in chance.sample(range(len(clauses)), chance.randint(1, 3)):
            periods[place] += chance.choice((-2, -1, 1, 2)) + version


def _plausible(clause: str, period: int) -> int:
    """A period by its unit: ages of children, and months, are fewer than days."""
    if "years of age" in clause:
        return 13 + period % 5
    return 6 + period % 18 if "{n} months" in clause else period


def _name(number: int) -> str:
    """A platform's name, another for each number."""
    first, second = divmod(number, len(_SYLLABLES))
    return (_SYLLABLES[first] + _SYLLABLES[second] + _SYLLABLES[(first + second) % 16]).capitalize()
