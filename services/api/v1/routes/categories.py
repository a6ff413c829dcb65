"""`/categories` and `/regulations`: what provisions are about, and which rules of law speak about them."""

from collections.abc import Iterable
from typing import Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.api.resources import Resources
from services.api.v1.answers import answer
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, following, key_of, page_of
from services.api.v1.problems import documented, not_found
from services.differ.core.taxonomy import Category as TaxonomyCategory
from services.differ.core.taxonomy import instruments, taxonomy


class Rule(BaseModel):
    """A rule of law, and why it speaks about provisions of a category."""

    id: str = Field(examples=["gdpr"])
    ref: str = Field(examples=["Art. 13(1)(c)"])
    why: str


class Category(BaseModel):
    """A kind of provision, and how common it is among the documents here."""

    id: str = Field(examples=["dispute.arbitration"])
    label: str
    definition: str
    default_severity: str
    polarity: str = Field(description="Whether more of it burdens or protects those bound: burden, protection, neutral")
    affected: list[str]
    regulations: list[Rule]
    provisions: int = Field(description="Provisions of this category now")

    @classmethod
    def of(cls, category: TaxonomyCategory, provisions: int) -> Self:
        """As it is answered."""
        rules = [Rule(id=rule.id, ref=rule.ref, why=rule.why) for rule in category.regulations]
        return cls(
            id=category.id,
            label=category.label,
            definition=category.definition,
            default_severity=category.default_severity,
            polarity=category.polarity,
            affected=list(category.affected),
            regulations=rules,
            provisions=provisions,
        )


class CategoryWithPrevalence(Category):
    """A category with the number of platforms that say something of it."""

    platforms: int
    platforms_of: int = Field(description="Platforms that have a text here")


class Instrument(BaseModel):
    """A legal instrument, and the categories that its rules speak about."""

    id: str = Field(examples=["gdpr"])
    name: str
    categories: list[str]


def router(resources: Resources) -> APIRouter:
    """Lists, and one by its id; public."""
    routes = APIRouter()
    provisions = resources.registry.provisions

    @routes.get("/categories", response_model=Page[Category], tags=["categories"], summary="Every category, by id")
    def categories(request: Request, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        counts = provisions.coverage()
        found = following(list(taxonomy().values()), lambda one: (one.id,), key_of(cursor, str), limit)
        items = [Category.of(category, counts.get(category.id, 0)) for category in found]
        return answer(request, page_of(items, [(one.id,) for one in items], limit))

    @routes.get(
        "/categories/{category_id}",
        response_model=CategoryWithPrevalence,
        responses=documented(404),
        tags=["categories"],
        summary="One category, and how common it is",
    )
    def category(request: Request, category_id: str) -> Response:
        found = taxonomy().get(category_id)
        if found is None:
            raise not_found("category")
        common = provisions.prevalence(category_id)
        described = Category.of(found, provisions.coverage().get(category_id, 0))
        said = CategoryWithPrevalence(**described.model_dump(), platforms=common.platforms, platforms_of=common.of)
        return answer(request, said)

    @routes.get(
        "/regulations",
        response_model=Page[Instrument],
        tags=["regulations"],
        summary="Every legal instrument that the taxonomy refers to, by id",
    )
    def regulations(request: Request, cursor: Cursor = None, limit: Limit = DEFAULT) -> Response:
        found = following(list(instruments().items()), lambda one: (one[0],), key_of(cursor, str), limit)
        items = [_instrument(*one) for one in found]
        return answer(request, page_of(items, [(one.id,) for one in items], limit))

    @routes.get(
        "/regulations/{regulation_id}",
        response_model=Instrument,
        responses=documented(404),
        tags=["regulations"],
        summary="One legal instrument",
    )
    def regulation(request: Request, regulation_id: str) -> Response:
        name = instruments().get(regulation_id)
        if name is None:
            raise not_found("regulation")
        return answer(request, _instrument(regulation_id, name))

    return routes


def _instrument(instrument_id: str, name: str) -> Instrument:
    return Instrument(id=instrument_id, name=name, categories=list(_spoken_of(instrument_id)))


def _spoken_of(instrument_id: str) -> Iterable[str]:
    for category in taxonomy().values():
        if any(rule.id == instrument_id for rule in category.regulations):
            yield category.id
