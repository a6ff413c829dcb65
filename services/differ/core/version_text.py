"""A version as it is compared, from an extraction or from what was kept of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from services.differ.core.blocks import Extraction, StatedDate
from shared.domain.provisions import Provision


class KeptVersion(Protocol):
    """What is kept of a version besides its provisions."""

    @property
    def title(self) -> str | None: ...

    @property
    def language(self) -> str | None: ...

    @property
    def dates(self) -> Sequence[Mapping[str, Any]]: ...

    @property
    def text_sha256(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...


@dataclass(frozen=True)
class VersionText:
    """A version as it is compared: its provisions, and what its extraction said about the whole."""

    provisions: tuple[Provision, ...]
    title: str | None = None
    language: str | None = None
    dates: tuple[StatedDate, ...] = ()
    text_sha256: str | None = None
    fingerprint: str | None = None
    ignored: Mapping[str, int] = field(default_factory=dict)
    limits: tuple[str, ...] = ()

    @classmethod
    def of(cls, extraction: Extraction, provisions: tuple[Provision, ...]) -> "VersionText":
        """The version text of an extraction and its segmented provisions."""
        return cls(
            provisions,
            extraction.title,
            extraction.language,
            extraction.dates,
            extraction.text_sha256,
            extraction.fingerprint,
            extraction.ignored,
            extraction.limits,
        )

    @classmethod
    def kept(cls, version: KeptVersion, provisions: Sequence[Provision]) -> "VersionText":
        """The version text of what was kept."""
        dates = tuple(
            StatedDate(one["role"], date.fromisoformat(one["value"]), one["quote"], one["block"])
            for one in version.dates
        )
        return cls(tuple(provisions), version.title, version.language, dates, version.text_sha256, version.fingerprint)
