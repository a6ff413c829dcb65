"""Reading declarations of Open Terms Archive: which documents a platform has, where, and what of the page counts.

The format is that of docs.opentermsarchive.org (terms/reference/declaration). A service is `ID.json`, with
`ID.history.json` for what was valid earlier. Filters in `ID.filters.js` are programs of a stranger; they are refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from services.fetcher.core.catalogue.problems import Place, Problem
from services.fetcher.core.catalogue.terms import FILTER_KEY, HISTORY_KEY, TERM_KEYS, known_keys, read_declaration
from shared.domain.documents import Declaration

_HISTORY = ".history.json"
_SCRIPTS = (".filters.js", ".filters.history.js")
_SERVICE_KEYS = ("name", "terms", "importedFrom")


@dataclass(frozen=True, slots=True)
class EarlierDeclaration:
    """How a document was declared until a moment in the past."""

    valid_until: datetime
    declaration: Declaration


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document as a declaration names it; `earlier` is in time order."""

    file: str
    platform: str
    type: str
    declaration: Declaration
    earlier: tuple[EarlierDeclaration, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`documents` is empty wherever there is a problem: nothing is imported by halves.

    `notes` say what was read and left aside on purpose.
    """

    documents: tuple[ImportedDocument, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


class _Repeated(ValueError):
    """A key that stands twice in one object."""


def parse_declarations(files: Mapping[str, str]) -> ImportResult:
    """The documents that declaration files (path → text) name, by file and in the order of each; or what to mend."""
    problems: list[Problem] = []
    notes: list[str] = []
    histories = {name: text for name, text in files.items() if name.endswith(_HISTORY)}
    documents: list[ImportedDocument] = []
    for name, text in sorted(files.items()):
        place = Place(name, problems.append)
        if name in histories:
            if _service_file(name) not in files:
                notes.append(f"{name}: no declaration of its service is there; left out")
        elif name.endswith(_SCRIPTS):
            _refuse_script(place, files)
        elif name.endswith(".json"):
            history = name.removesuffix(".json") + _HISTORY
            earlier = _read_history(Place(history, problems.append), histories.get(history, "{}"))
            documents += _read_service(place, text, earlier, notes)
        else:
            place.wrong("this is no declaration", "give .json files of a collection's folder `declarations`")
    _refuse_repeated(documents, problems)
    if not documents and not problems:
        problems.append(Problem("import", "", "there is no declaration", "give ID.json files, or their folder"))
    return ImportResult(() if problems else tuple(documents), tuple(dict.fromkeys(problems)), tuple(notes))


def _read_service(
    place: Place, text: str, earlier: Mapping[str, tuple[EarlierDeclaration, ...]], notes: list[str]
) -> list[ImportedDocument]:
    data = _read_object(place, text)
    if data is None:
        return []
    if "documents" in data and "terms" not in data:
        place.at("documents").wrong("`documents` is the format before version 1", "rename it to `terms`")
        return []
    known_keys(place, data, _SERVICE_KEYS)
    name, terms = data.get("name"), data.get("terms")
    if not isinstance(name, str) or not name.strip():
        place.at("name").wrong("the platform has no name", "give `name`, as people know it")
        return []
    if terms == {}:
        notes.append(f"{place.file}: {name.strip()} has no documents any more; left out")
        return []
    if not isinstance(terms, dict):
        place.at("terms").wrong("no documents are declared", 'give `terms`, e.g. {"Terms of Service": {"fetch": …}}')
        return []
    notes += [f"{place.file}: {kind} is in the history alone; left out" for kind in earlier if kind not in terms]
    documents = []
    for kind, term in terms.items():
        if not kind.strip():
            place.at("terms", kind).wrong("a document has no type", 'name it, e.g. "Terms of Service"')
        declaration = read_declaration(place.at("terms", kind), term, TERM_KEYS)
        if declaration is not None:
            documents.append(ImportedDocument(place.file, name.strip(), kind, declaration, earlier.get(kind, ())))
    return documents


def _read_history(place: Place, text: str) -> dict[str, tuple[EarlierDeclaration, ...]]:
    data = _read_object(place, text)
    earlier: dict[str, tuple[EarlierDeclaration, ...]] = {}
    for kind, entries in (data or {}).items():
        if not isinstance(entries, list):
            place.at(kind).wrong("the history of a document is a list", "put its entries between [ and ]")
            continue
        found = [_read_earlier(place.at(kind, index), entry) for index, entry in enumerate(entries)]
        earlier[kind] = tuple(sorted(filter(None, found), key=lambda one: one.valid_until))
    return earlier


def _read_earlier(place: Place, entry: Any) -> EarlierDeclaration | None:
    declaration = read_declaration(place, entry, (*TERM_KEYS, HISTORY_KEY))
    if not isinstance(entry, dict):
        return None
    try:
        valid_until = datetime.fromisoformat(entry.get(HISTORY_KEY, ""))
    except (TypeError, ValueError):
        place.at(HISTORY_KEY).wrong(
            "there is no date and time of RFC 3339", 'say until when it was valid, e.g. "2024-05-31T12:00:00Z"'
        )
        return None
    if valid_until.tzinfo is None:
        valid_until = valid_until.replace(tzinfo=UTC)
    return EarlierDeclaration(valid_until.astimezone(UTC), declaration) if declaration else None


def _read_object(place: Place, text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_without_repeats)
    except _Repeated as error:
        place.wrong(f"the key {error} stands twice in one object", "keep one of them")
        return None
    except json.JSONDecodeError as error:
        place.wrong(f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}", "mend it there")
        return None
    except RecursionError:
        place.wrong("nested too deeply", "a declaration is five levels deep at most")
        return None
    if not isinstance(data, dict):
        place.wrong("not a JSON object", "a declaration begins with {")
        return None
    return data


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Repeated(repr(key))
        found[key] = value
    return found


def _service_file(name: str) -> str:
    for ending in (_HISTORY, *_SCRIPTS):
        if name.endswith(ending):
            return name.removesuffix(ending) + ".json"
    return name


def _refuse_script(place: Place, files: Mapping[str, str]) -> None:
    """Report a script that no term names; one that is named is reported there, with the term."""
    service = _service_file(place.file)
    history = service.removesuffix(".json") + _HISTORY
    named = any(f'"{FILTER_KEY}"' in files.get(name, "") for name in (service, history))
    if not named:
        place.wrong(
            "filters are JavaScript, which is never run",
            f"no term of {PurePosixPath(service).name} names one: leave this file out",
        )


def _refuse_repeated(documents: list[ImportedDocument], problems: list[Problem]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for document in documents:
        first = seen.setdefault((document.platform.casefold(), document.type), document.file)
        if first != document.file:
            Place(document.file, problems.append, ("terms", document.type)).wrong(
                f"{document.platform} / {document.type} is declared in {first} too", "keep one of them"
            )
