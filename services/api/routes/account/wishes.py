"""What a subscription's form says: filled from what is stored or from an address, and read back."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.api.forms import Form
from services.api.resources import Resources
from services.differ.core.render.wording import DIRECTIONS as WORDS
from services.differ.core.taxonomy import taxonomy
from shared.domain.subscriptions import CADENCES, DIRECTIONS, SEVERITIES, Cadence, Subscription
from shared.usecases.refusals import invalid

MANY = ("platforms", "documents", "types", "categories", "provisions", "directions", "endpoints")
"""Fields of which several may be ticked; `endpoints` are those who are told, the others what is wanted."""

_MOST_EACH = 100
_PROVISION = re.compile(r"prv_\w{1,90}", re.ASCII)
_LEAST = {
    "editorial": "everything, wording alone too",
    "low": "low or above",
    "medium": "medium or above",
    "high": "high alone",
}
_HOW_SOON = {
    Cadence.IMMEDIATE: "at once",
    Cadence.SAME_DAY: "the same day, at five in the afternoon",
    Cadence.DAILY: "in a daily digest, at eight in the morning",
    Cadence.WEEKLY: "in a weekly digest, on Mondays",
}

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Names:
    """What can be named, by field: value and words."""

    options: Mapping[str, Options]

    def of(self, field: str, value: str) -> str:
        """The words for a value; the value itself where nothing is called so any more."""
        return self._words[field].get(value, value)

    @cached_property
    def _words(self) -> Mapping[str, Mapping[str, str]]:
        return {field: dict(options) for field, options in self.options.items()}


def names(resources: Resources, account_id: str, *, with_documents: bool = True) -> Names:
    """Everything that a subscription of this account can name: what is watched, and its endpoints."""
    documents = resources.operated.sources.names() if with_documents else ()
    endpoints = resources.owned.store.endpoints(account_id)
    options: dict[str, Options] = {
        "platforms": list({one.platform_slug: one.platform for one in documents}.items()),
        "documents": [(one.id, f"{one.platform} · {one.type}") for one in documents],
        "types": [(kind, kind) for kind in sorted({one.type for one in documents})],
        "categories": [(one.id, one.label) for one in taxonomy().values()],
        "directions": [(one, WORDS[one]) for one in DIRECTIONS],
        "provisions": [],
        "endpoints": [(one.id, f"{one.kind}: {one.address} ({one.state})") for one in endpoints],
        "minimum_severity": [(one, _LEAST[one]) for one in SEVERITIES],
        "cadence": [(one.value, _HOW_SOON[one]) for one in CADENCES],
    }
    return Names(options)


def provision_names(resources: Resources, provisions: Iterable[str]) -> Options:
    """The provisions of a form, by the beginning of what each says."""
    found = [(one, resources.registry.provisions.one(one)) for one in provisions]
    return [(one, f"{entry.platform_name}: {entry.excerpt[:120]}" if entry else one) for one, entry in found]


def with_chosen(options: Options, chosen: Iterable[str]) -> Options:
    """The options and what else is chosen: what a form does not show it would take away, and none left means all."""
    there_are = {value for value, _ in options}
    return [*options, *((value, value) for value in chosen if value not in there_are)]


def filled(wanted: Subscription, endpoints: Iterable[str]) -> Form:
    """The form as it stands for a subscription that there is."""
    ticked = {
        "platforms": wanted.platforms,
        "documents": wanted.documents,
        "types": wanted.document_types,
        "categories": wanted.categories,
        "provisions": wanted.provisions,
        "directions": wanted.directions,
        "endpoints": endpoints,
    }
    fields = [(name, value) for name, values in ticked.items() for value in sorted(values)]
    chosen = [("minimum_severity", wanted.minimum_severity), ("cadence", wanted.cadence.value)]
    return Form([*fields, *chosen])


def wanted_by(form: Form) -> Subscription:
    """What a form wants; Refused names the field that cannot be."""
    given = {name: form.all(name) for name in MANY}
    for name, values in given.items():
        if len(values) > _MOST_EACH:
            raise invalid(name, f"choose {_MOST_EACH} at most; choose none for all of them")
    severity, cadence = form.one("minimum_severity", "low"), form.one("cadence", Cadence.IMMEDIATE.value)
    checks = (
        ("minimum_severity", severity in SEVERITIES),
        ("cadence", cadence in CADENCES),
        ("directions", set(DIRECTIONS).issuperset(given["directions"])),
        ("provisions", all(_PROVISION.fullmatch(one) for one in given["provisions"])),
    )
    for name, is_good in checks:
        if not is_good:
            raise invalid(name, "choose one of the list")
    return Subscription(
        platforms=frozenset(given["platforms"]),
        documents=frozenset(given["documents"]),
        document_types=frozenset(given["types"]),
        categories=frozenset(given["categories"]),
        provisions=frozenset(given["provisions"]),
        directions=frozenset(given["directions"]),
        minimum_severity=severity,
        cadence=Cadence(cadence),
    )


def in_words(wanted: Subscription, known: Names) -> list[str]:
    """What a subscription wants, a phrase for each kind that it names."""
    kinds = (
        ("platforms", wanted.platforms),
        ("documents", wanted.documents),
        ("types", wanted.document_types),
        ("categories", wanted.categories),
        ("directions", wanted.directions),
    )
    said = [" or ".join(known.of(field, value) for value in sorted(values)) for field, values in kinds if values]
    if wanted.provisions:
        said.append(
            f"{len(wanted.provisions)} {'provision' if len(wanted.provisions) == 1 else 'provisions'} by itself"
        )
    return said or ["Everything that is watched"]
