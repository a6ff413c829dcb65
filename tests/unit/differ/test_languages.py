"""Policies in German, French, Spanish and Japanese: read, compared, and never an alert on noise."""

import pytest

from services.differ.core.extract import PartContent
from services.differ.core.two_files import compare_files
from shared.domain.report import Report

TITLES = {
    "de": "Nutzungsbedingungen",
    "fr": "Conditions d'utilisation",
    "es": "Condiciones del servicio",
    "ja": "利用規約",
}
HEADINGS = {
    "de": ["1. Konto", "2. Kündigung", "3. Haftung", "4. Daten", "5. Preise"],
    "fr": ["1. Compte", "2. Résiliation", "3. Responsabilité", "4. Données", "5. Prix"],
    "es": ["1. Cuenta", "2. Fin", "3. Responsabilidad", "4. Datos", "5. Precios"],
    "ja": ["第1条 アカウント", "第2条 終了", "第3条 責任", "第4条 個人情報", "第5条 料金"],
}
CLAUSES = {
    "de": [
        "Sie müssen die Daten Ihres Kontos richtig halten.",
        "Wir dürfen den Vertrag mit einer Frist von 30 Tagen kündigen.",
        "Unsere Haftung ist auf das beschränkt, was das Gesetz verlangt.",
        "Sie können der Verarbeitung personenbezogener Daten widersprechen.",
        "Der Kunde zahlt die Preise innerhalb von 14 Tagen.",
    ],
    "fr": [
        "Vous devez tenir à jour les données de votre compte.",
        "Nous pouvons résilier le contrat avec un préavis de 30 jours.",
        "Notre responsabilité est limitée à ce que la loi exige.",
        "Vous pouvez vous opposer au traitement de vos données.",
        "Le client paie dans un délai de 14 jours.",
    ],
    "es": [
        "Usted debe mantener al día los datos de su cuenta.",
        "Podemos terminar el contrato con un aviso de 30 días.",
        "Nuestra responsabilidad se limita a lo que exige la ley.",
        "Usted puede oponerse al tratamiento de sus datos.",
        "El cliente paga en un plazo de 14 días.",
    ],
    "ja": [
        "利用者は、アカウントの情報を正しく保つものとします。",
        "当社は、30日前の通知により契約を終了することができます。",
        "当社の責任は、法律が求める範囲に限られます。",
        "利用者は、個人情報の取扱いに異議を述べることができます。",
        "利用者は、14日以内に料金を支払うものとします。",
    ],
}


def document(language: str, *, before: str = "", after: str = "", clauses: list[str] | None = None) -> str:
    title, texts = TITLES[language], clauses or CLAUSES[language]
    body = "".join(f"<h2>{name}</h2><p>{text}</p>" for name, text in zip(HEADINGS[language], texts, strict=True))
    page = f"<main><h1>{title}</h1>{before}{body}</main>{after}"
    return f"<html lang={language}><head><title>{title}</title></head><body>{page}</body></html>"


def compare(old: str, new: str) -> Report:
    old_part, new_part = (PartContent(None, "text/html", "utf-8", text.encode()) for text in (old, new))
    return compare_files(old_part, new_part)


@pytest.mark.parametrize(
    ("language", "old", "new", "outcome"),
    [
        ("de", "Stand: 1. März 2026", "Stand: 01.03.2026", "unchanged"),
        ("de", "Zuletzt aktualisiert vor 8 Tagen", "Zuletzt aktualisiert vor 2 Wochen", "unchanged"),
        ("de", "Aktualisiert: gestern", "", "unchanged"),
        ("de", "Lesezeit: 5 Minuten", "Lesezeit: 6 Minuten", "unchanged"),
        ("de", "Stand: 1.3.2026", "Stand: 1. März 2026", "unchanged"),
        ("de", "Stand: März 2026", "Stand: April 2026", "editorial"),
        ("de", "Letzte Aktualisierung: 1. März 2026", "Letzte Aktualisierung: 5. April 2026", "editorial"),
        ("de", "5 Min. Lesezeit", "", "unchanged"),
        ("fr", "Dernière mise à jour : 1er mars 2026", "Dernière mise à jour : 01/03/2026", "editorial"),
        ("fr", "Mis à jour il y a 8 jours", "Mis à jour il y a 2 semaines", "unchanged"),
        ("fr", "Temps de lecture : 5 min", "", "unchanged"),
        ("fr", "Dernière mise à jour : 1 mars 2026", "Dernière mise à jour : 5 avril 2026", "editorial"),
        ("fr", "Dernière mise à jour : 1er mars 2026", "Dernière mise à jour le 1er mars 2026", "editorial"),
        ("es", "Última actualización: 1 de marzo de 2026", "Última actualización: 01/03/2026", "editorial"),
        ("es", "Actualizado hace 8 días", "Actualizado hace 2 semanas", "unchanged"),
        ("es", "Última actualización: 1 de marzo de 2026", "Última actualización: 5 de abril de 2026", "editorial"),
        ("ja", "最終更新日：2026年3月1日", "最終更新：2026年3月1日", "editorial"),
        ("ja", "最終更新日：2026年3月1日", "最終更新日：2026年4月5日", "editorial"),
        ("ja", "3日前に更新", "8日前に更新", "unchanged"),
    ],
)
def test_a_stated_date_alerts_nobody(language: str, old: str, new: str, outcome: str) -> None:
    earlier, later = (document(language, before=f"<p>{line}</p>") for line in (old, new))
    report = compare(earlier, later)
    assert (report.outcome, report.alert) == (outcome, False)


AROUND = [
    (
        "de",
        "<div class=cookie-banner><p>Wir verwenden Cookies. Sie können zustimmen.</p>"
        "<button>Alle akzeptieren</button></div>",
    ),
    (
        "de",
        "<div><h3>Verwandte Artikel</h3><a href=/a>Lampen pflegen</a><a href=/b>Lampen kaufen</a></div>"
        "<p>War dieser Artikel hilfreich?</p>",
    ),
    ("de", "<footer>© 2026 Lumio <a href=/x>Nutzungsbedingungen</a></footer>"),
    ("fr", "<div id=cookie-consent-banner><p>Nous utilisons des cookies.</p><button>Tout accepter</button></div>"),
    (
        "fr",
        "<div><h3>Articles connexes</h3><a href=/a>Soigner sa lampe</a></div>"
        "<p>Cet article vous a-t-il été utile ?</p>",
    ),
    ("fr", "<footer>© 2026 Lumio <a href=/x>Conditions d'utilisation</a></footer>"),
    (
        "es",
        "<div><p>Utilizamos cookies para mejorar su experiencia en este sitio, y para medirla.</p>"
        "<button>Aceptar</button></div>",
    ),
    ("es", "<div><h3>Artículos relacionados</h3><a href=/a>Cuidar su lámpara</a></div>"),
    ("es", "<footer>© 2026 Lumio <a href=/x>Condiciones del servicio</a></footer>"),
    ("ja", "<div role=dialog><p>当サイトではクッキーを使用しています。</p><button>同意する</button></div>"),
    ("ja", "<div><h3>関連記事</h3><a href=/a>ランプの手入れ</a></div>"),
    ("ja", "<footer>© 2026 Lumio <a href=/x>利用規約</a></footer>"),
]


@pytest.mark.parametrize(("language", "around"), AROUND)
def test_what_stands_around_the_policy_changes_nothing(language: str, around: str) -> None:
    plain, framed = document(language), document(language, after=around)
    assert compare(plain, framed).outcome == "unchanged"
    assert compare(framed, plain).outcome == "unchanged"


@pytest.mark.parametrize("language", TITLES)
def test_quotes_spaces_and_markup_change_nothing(language: str) -> None:
    styled = [text.replace(" ", " \n ").replace("'", "’").replace("30", "<b>3</b>0") for text in CLAUSES[language]]
    assert compare(document(language), document(language, clauses=styled)).outcome == "unchanged"


@pytest.mark.parametrize("language", TITLES)
def test_a_shorter_notice_is_found_in_its_clause(language: str) -> None:
    shorter = [text.replace("30", "14", 1) for text in CLAUSES[language]]
    report = compare(document(language), document(language, clauses=shorter))
    (change,) = report.provisions
    assert (report.outcome, report.alert, change.op) == ("changed", True, "modified")
    assert "".join(text for mark, text in change.redline if mark != "+") == CLAUSES[language][1]
    assert "".join(text for mark, text in change.redline if mark != "-") == shorter[1]
