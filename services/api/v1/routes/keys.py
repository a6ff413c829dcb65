"""`/keys`: what programs of an account prove themselves with."""

from datetime import datetime
from typing import Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, Line, account_of, known
from services.api.v1.answers import answer
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, moment_of, page_of
from services.api.v1.problems import documented
from shared.db.identity.keys import ApiKey


class NewKey(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")

    name: Line = Field(description="What it is for", examples=["build server"])
    role: Role = Field(default=Role.READ_ONLY, description="What it may do; no more than its maker")
    is_operator: bool = Field(default=False, description="Whether it also runs the installation, as its maker does")


class Key(BaseModel):
    """A key as its owner sees it."""

    id: str = Field(examples=["key_abc"])
    name: str
    role: Role
    is_operator: bool
    hint: str = Field(description="How its secret begins, to tell it from others", examples=["cw_Ab3dE9x"])
    created_by: str | None = Field(description="The id of the member who made it; it is revoked when they are removed")
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the hour")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """As it is answered."""
        return cls(**{name: getattr(key, name) for name in cls.model_fields})


class MadeKey(BaseModel):
    """A new key. `secret` is shown this once; nobody can read it again."""

    key: Key
    secret: str = Field(examples=["cw_…"])


def router(resources: Resources) -> APIRouter:
    """An account's own; for its owners."""
    routes = APIRouter(prefix="/keys", tags=["account"])
    identity, people = resources.identity, resources.owned.people
    owner = Depends(known(resources, Role.OWNER))

    @routes.get(
        "",
        response_model=Page[Key],
        responses=documented(*REFUSALS),
        summary="API keys, newest first, revoked ones among them",
    )
    def listed(
        request: Request, cursor: Cursor = None, limit: Limit = DEFAULT, principal: Principal = owner
    ) -> Response:
        found = identity.keys.of_account(account_of(principal), after=moment_of(cursor), limit=limit + 1)
        keys = [(key.created_at.isoformat(), key.id) for key in found]
        return answer(request, page_of([Key.of(key) for key in found], keys, limit), is_public=False)

    @routes.post("", status_code=201, responses=documented(*REFUSALS, 409), summary="Make an API key")
    def made(body: NewKey, principal: Principal = owner) -> MadeKey:
        key, secret = people.make_key(
            account_of(principal),
            body.name,
            body.role.value,
            is_operator=body.is_operator,
            by_operator=principal.is_operator,
            member_id=principal.member_id,
            key_id=principal.key_id,
        )
        return MadeKey(key=Key.of(key), secret=secret)

    @routes.delete("/{key_id}", status_code=204, responses=documented(*REFUSALS, 404), summary="Revoke it, at once")
    def revoked(key_id: Id, principal: Principal = owner) -> None:
        people.revoke(account_of(principal), key_id)

    return routes
