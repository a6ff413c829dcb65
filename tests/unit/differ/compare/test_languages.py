"""German and French: aligned, redlined and never alerted on noise, though few facts are read."""

import pytest

from services.differ.core.report import build_report
from tests.factories.differ import compared

GERMAN = """# Nutzungsbedingungen
## 1. Geltung
Diese Bedingungen gelten für alle Verträge, die über unsere Seite geschlossen werden.
## 2. Kündigung
Sie können den Vertrag mit einer Frist von 30 Tagen kündigen. Die Kündigung bedarf der Textform.
## 3. Haftung
Wir haften nur für Vorsatz und grobe Fahrlässigkeit unserer Mitarbeiterinnen und Mitarbeiter.
Für leichte Fahrlässigkeit haften wir nicht, es sei denn, ein Leben ist zu Schaden gekommen.
Für die Angaben anderer Nutzer übernehmen wir auch dann keine Gewähr, wenn wir sie kennen.
Unterlagen bewahren wir so lange auf, wie das Handelsrecht es von uns verlangt."""

FRENCH = """# Conditions d’utilisation
## 1. Objet
Les présentes conditions régissent l’accès au service et son utilisation par les membres.
## 2. Résiliation
Vous pouvez résilier votre abonnement à tout moment. La résiliation prend effet à la fin du mois.
## 3. Responsabilité
Nous ne sommes pas responsables des contenus que les membres mettent en ligne sur le service.
Nous conservons vos données pendant la durée du contrat, puis nous les effaçons.
Le droit français s’applique aux présentes conditions, quel que soit votre lieu de résidence.
Un médiateur peut être saisi gratuitement par chaque membre qui s’estime lésé."""

CASES = [
    ("de", GERMAN, "mit einer Frist von 30 Tagen", "mit einer Frist von 14 Tagen", [("-", "30"), ("+", "14")]),
    ("de", GERMAN, "Sie können den", "Sie dürfen den", [("-", "können"), ("+", "dürfen")]),
    ("de", GERMAN, "haften wir nicht", "haften wir", [("-", " nicht")]),
    ("fr", FRENCH, "Vous pouvez résilier", "Vous devez résilier", [("-", "pouvez"), ("+", "devez")]),
    ("fr", FRENCH, "Nous ne sommes pas responsables", "Nous sommes responsables", [("-", "ne "), ("-", "pas ")]),
    ("fr", FRENCH, "droit français", "droit irlandais", [("-", "français"), ("+", "irlandais")]),
]


@pytest.mark.parametrize(("language", "text", "out", "put", "edits"), CASES)
def test_an_edit_is_redlined_in_its_provision(
    language: str, text: str, out: str, put: str, edits: list[tuple[str, str]]
) -> None:
    (change,) = compared(text, text.replace(out, put), language=language).changes
    assert change.op == "modified"
    assert change.severity != "editorial"
    marks = [(mark, words.strip()) for mark, words in change.redline if mark != "=" and words.strip()]
    assert marks == [(mark, words.strip()) for mark, words in edits]


@pytest.mark.parametrize(("language", "text"), [("de", GERMAN), ("fr", FRENCH)])
@pytest.mark.parametrize("operation", ["moved", "removed", "added", "merged", "split", "renumbered"])
def test_operations(language: str, text: str, operation: str) -> None:
    lines = text.split("\n")
    changed = {
        "moved": [*lines[:6], *lines[7:], lines[6]],
        "removed": lines[:-1],
        "added": [*lines, "Zebras, Lamas et autres Tiere: 7 x 7 = 49 ohne Ende."],
        "merged": [*lines[:6], f"{lines[6]} {lines[7]}", *lines[8:]],
        "split": [*lines[:4], *lines[4].replace(". ", ".\n").split("\n"), *lines[5:]],
        "renumbered": [line.replace("## 3.", "## 4.") for line in lines],
    }[operation]
    assert [change.op for change in compared(text, "\n".join(changed), language=language).changes] == [operation]


@pytest.mark.parametrize(("language", "text"), [("de", GERMAN), ("fr", FRENCH)])
def test_typography_is_no_alert_and_the_limits_are_said(language: str, text: str) -> None:
    cosmetic = text.replace("’", "'").replace(", ", " , ").replace("## 1.", "### 1.")
    assert not build_report(compared(text, cosmetic, language=language)).alert
    assert (
        "facts and categories are read in English only"
        in build_report(compared(text, text.replace("3. ", "7. "), language=language)).limits[0]
    )
