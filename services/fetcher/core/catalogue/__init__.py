"""What could be watched: the starter catalogue, and declarations that others have written."""

from services.fetcher.core.catalogue.declarations import (
    EarlierDeclaration,
    ImportedDocument,
    ImportResult,
    parse_declarations,
)
from services.fetcher.core.catalogue.entries import (
    BadCatalogue,
    CatalogueEntry,
    UnknownPlatform,
    documents_of,
    load_catalogue,
    parse_catalogue,
)
from services.fetcher.core.catalogue.problems import Problem

__all__ = [
    "BadCatalogue",
    "CatalogueEntry",
    "EarlierDeclaration",
    "ImportResult",
    "ImportedDocument",
    "Problem",
    "UnknownPlatform",
    "documents_of",
    "load_catalogue",
    "parse_catalogue",
    "parse_declarations",
]
