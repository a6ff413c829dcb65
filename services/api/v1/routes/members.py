"""`/members`: the people of an account. They sign in with their address alone."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, account_of, known
from services.api.v1.answers import answer
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, following, key_of, page_of
from services.api.v1.problems import documented
from shared.db.identity.members import Member


class NewMember(BaseModel):
    """Somebody to let in."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^\x00-\x1f]+$")]
    role: Role = Role.READ_ONLY


class NewRole(BaseModel):
    """What a member may do from now on."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class MemberAnswer(BaseModel):
    """A person of the account."""

    id: str = Field(examples=["mem_abc"])
    email: str = Field(description="Lower-case")
    role: Role
    is_operator: bool
    created_at: datetime

    @classmethod
    def of(cls, member: Member) -> Self:
        """As it is answered."""
        return cls(**{name: getattr(member, name) for name in cls.model_fields})


def router(resources: Resources) -> APIRouter:
    """An account's own; for its owners, of whom one always stays."""
    routes = APIRouter(prefix="/members", tags=["account"])
    people, members = resources.owned.people, resources.members
    owner = Depends(known(resources, Role.OWNER))

    @routes.get("", response_model=Page[MemberAnswer], responses=documented(*REFUSALS), summary="Members, by address")
    def listed(
        request: Request, cursor: Cursor = None, limit: Limit = DEFAULT, principal: Principal = owner
    ) -> Response:
        everybody = members.of_account(account_of(principal))
        found = following(everybody, lambda one: (one.email,), key_of(cursor, str), limit)
        page = page_of([MemberAnswer.of(one) for one in found], [(one.email,) for one in found], limit)
        return answer(request, page, is_public=False)

    @routes.post("", status_code=201, responses=documented(*REFUSALS, 409), summary="Let somebody in")
    def added(body: NewMember, principal: Principal = owner) -> MemberAnswer:
        return MemberAnswer.of(people.let_in(account_of(principal), body.email, body.role.value))

    @routes.patch("/{member_id}", responses=documented(*REFUSALS, 404, 409), summary="Another role")
    def given_role(member_id: Id, body: NewRole, principal: Principal = owner) -> MemberAnswer:
        account_id = account_of(principal)
        people.set_role(account_id, member_id, body.role.value)
        return next(MemberAnswer.of(one) for one in members.of_account(account_id) if one.id == member_id)

    @routes.delete(
        "/{member_id}",
        status_code=204,
        responses=documented(*REFUSALS, 404, 409),
        summary="Let somebody in no more: browsers are signed out, and the keys that they made revoked, at once",
    )
    def removed(member_id: Id, principal: Principal = owner) -> None:
        people.let_out(account_of(principal), member_id)

    return routes
