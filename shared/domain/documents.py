"""Where a document is read from, and what of the page belongs to it.

The vocabulary (`fetch`, `select`, `remove`, `combine`, range selectors) is that of Open Terms Archive declarations.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RangeSelector(_Value):
    """Everything between two elements, each named by a CSS selector; exactly one start and one end."""

    start_before: str | None = None
    start_after: str | None = None
    end_before: str | None = None
    end_after: str | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.start_before is None) == (self.start_after is None):
            raise ValueError("a range selector needs exactly one of startBefore and startAfter")
        if (self.end_before is None) == (self.end_after is None):
            raise ValueError("a range selector needs exactly one of endBefore and endAfter")
        return self


Selector = str | RangeSelector


class Part(_Value):
    """One URL of a document. Without `select` the main content is found automatically."""

    url: str
    select: tuple[Selector, ...] = ()
    remove: tuple[Selector, ...] = ()
    javascript: bool = False


class Declaration(_Value):
    """The ordered parts that make up a document."""

    parts: tuple[Part, ...] = Field(min_length=1)
