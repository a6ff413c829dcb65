"""Words that tell a policy from a page that stands in its place. They support the rules and never decide alone."""

import re

POLICY_STEMS = re.compile(
    r"""(?:
      agree\w*|terms?|polic(?:y|ies)|privacy|personal|data|information|rights?|laws?|legal|liab\w+|services?|users?|
      shall|must|may|consent\w*|account|content|process\w*|provid\w+|third|part(?:y|ies)|customers?|purposes?|disclos\w*|
      prohibit\w*|require\w*|terminat\w*|license\w*|warrant\w*|indemn\w+|applicable|notice|requests?|comply|compliance|
      nutz\w+|daten\w*|personenbezogen\w*|recht\w*|dienst\w*|vertrag\w*|haftung\w*|einwillig\w*|bedingungen|richtlinie\w*|
      dürfen|müssen|verarbeit\w+|gesetz\w*|
      données|droits?|utilisat\w+|conditions?|politique|responsab\w+|traitement|contrat|peuvent|devez|loi|consentement|
      datos|derechos?|usuari\w+|condiciones|política|servicios?|tratamiento|contrato|ley|
      dati|diritt\w+|utent\w+|condizioni|servizi\w*|trattamento|legge|
      dados|direitos?|serviços?|condições|tratamento|lei|
      gegevens|rechten|gebruik\w*|voorwaarden|diensten|verwerk\w+|wet
    )""",
    re.VERBOSE,
)

CHALLENGE_WORDS = re.compile(
    r"(?:verify|confirm|prove|check\w*|sure)\s+(?:that\s+)?you(?:'re|\s+are)\s+(?:a\s+)?(?:human|not\s+a\s+(?:ro)?bot)|are\s+you\s+a\s+robot|"
    r"checking\s+(?:if\s+the\s+site\s+connection|your\s+browser)|unusual\s+(?:traffic|activity)|automated\s+(?:requests|access|queries)|"
    r"security\s+(?:check|verification|service)|captcha|just\s+a\s+moment|(?:javascript\s+and\s+cookies)\s+to\s+continue|"
    r"access\s+(?:to\s+this\s+page\s+)?(?:has\s+been\s+)?(?:denied|blocked)|you\s+have\s+been\s+blocked|ray\s+id|"
    r"too\s+many\s+requests|(?:press|click)\s+and\s+hold|drag\s+the\s+slider|(?:ob|dass)\s+sie\s+ein\s+mensch|êtes\s+(?:bien\s+)?un\s+humain|"
    r"ungewöhnliche[nr]?\s+(?:zugriffe|datenverkehr|aktivität)|trafic\s+inhabituel|vérification\s+de\s+sécurité|es\s+un\s+humano|"
    r"kein\s+roboter|sicherheitsüberprüfung|zugriff\s+verweigert|pas\s+un\s+robot|accès\s+refusé|no\s+eres\s+un\s+robot",
    re.IGNORECASE,
)
CHALLENGE_MARKUP = re.compile(
    rb"(?:src|action|href|id|class|name)\s*=\s*[\"']?[^\"'>]{0,200}?(?:captcha|challenge-platform|challenge-form|turnstile|cf-chl|"
    rb"bot-?(?:detect|manag|check)|botcheck|human-?verif)",
    re.IGNORECASE,
)
CONSENT_WORDS = re.compile(
    r"cookies?|consent|accept(?:\s+all)?|reject(?:\s+all)?|preferences|partners|zustimmen|akzeptieren|ablehnen|einwilligung|"
    r"accepter|refuser|aceptar|rechazar|accetta|rifiuta",
    re.IGNORECASE,
)
REDIRECT_WORDS = re.compile(
    r"redirect(?:ing|ed|ion)?\b|(?:has|have)\s+(?:been\s+)?moved|moved\s+(?:permanently|temporarily|to)|"
    r"(?:click|tap)\s+here\s+if\s+you\s+are\s+not|new\s+(?:address|location|home)|"
    r"weiterleitung|weitergeleitet|umgezogen|redirigé|déplacée?|redirigiendo|redirigid[oa]",
    re.IGNORECASE,
)
META_REFRESH = re.compile(rb"<meta[^>]{0,80}http-equiv\s*=\s*[\"']?refresh[^>]{0,200}?url", re.IGNORECASE)
ERROR_WORDS = re.compile(
    r"\b(?:error|http)\s*:?\s*(?:4\d\d|5\d\d)\b|\b(?:4\d\d|5\d\d)\s*(?:[-–|:]\s*)?(?:error|not\s+found|forbidden|unauthorized|bad|gone|"
    r"internal|service|gateway|page)|^\W*(?:404|403|410|500|502|503|504)\W*$|(?:application|server|client-side|unexpected|internal)\s+(?:error|exception)|"
    r"(?:page|file|document|content|article|resource|url)?\s*(?:was\s+|could\s+|can)?\s*(?:not|n't)\s+(?:be\s+)?found|"
    r"(?:is|was)(?:n't|\s+not)\s+(?:currently\s+)?available|no\s+longer\s+(?:available|exists?)|does(?:n't|\s+not)\s+exist|"
    r"something\s+went\s+wrong|(?:temporarily|currently)\s+(?:unavailable|down)|under\s+maintenance|try\s+again\s+(?:later|in\s+a)|"
    r"bad\s+gateway|gateway\s+time-?out|an\s+error\s+(?:has\s+)?occurred|"
    r"(?:we(?:'ll|\s+will)\s+)?(?:be\s+)?back\s+(?:soon|shortly|in\s+a)|gibt\s+es\s+(?:leider\s+)?nicht|schiefgelaufen|später\s+(?:noch\s+einmal|erneut)|"
    r"indisponible|réessayer\s+plus\s+tard|a\s+(?:disparu|été\s+supprimée)|no\s+(?:está\s+)?disponible|"
    r"nicht\s+(?:gefunden|verfügbar)|ein\s+fehler|wartungsarbeiten|introuvable|une\s+erreur|n'existe\s+(?:pas|plus)|"
    r"no\s+(?:encontrada|disponible)|se\s+ha\s+producido\s+un\s+error|non\s+trovata",
    re.IGNORECASE | re.MULTILINE,
)

KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("privacy", re.compile(r"privacy|datenschutz|confidentialité|privacidad|gegevensbescherming", re.IGNORECASE)),
    ("cookies", re.compile(r"\bcookies?\b|tracking\s+technolog", re.IGNORECASE)),
    ("processing", re.compile(r"data\s+process|auftragsverarbeitung|sub-?processor", re.IGNORECASE)),
    ("imprint", re.compile(r"imprint|impressum|legal\s+notice|mentions\s+légales|aviso\s+legal", re.IGNORECASE)),
    (
        "usage",
        re.compile(r"(?:acceptable|usage|content|community)\s+(?:use\s+)?(?:polic|guideline|standard)", re.IGNORECASE),
    ),
    (
        "terms",
        re.compile(
            r"terms|conditions|nutzungsbedingungen|\bagb\b|geschäftsbedingungen|user\s+agreement|términos|termini",
            re.IGNORECASE,
        ),
    ),
)


def document_kind(title: str | None) -> str | None:
    """What kind of document a title names, or None where it names none or several."""
    named = [kind for kind, words in KINDS if title and words.search(title)]
    return named[0] if len(named) == 1 else None
