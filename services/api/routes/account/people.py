"""`/account/keys` and `/account/members`: the programs and people of an account; for its owners."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request, Response

from services.api.forms import Form
from services.api.principals import Principal, Role
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.routes.account.once import Once, forgotten, keep, kept
from services.api.v1.access import account_of
from services.api.v1.problems import status_of
from shared.usecases.refusals import Refused, invalid

_KEYS, _MEMBERS = "/account/keys", "/account/members"
_LONGEST = 200
_ROLES = [
    (Role.READ_ONLY.value, "read-only: sees what the account has"),
    (Role.MEMBER.value, "member: also changes subscriptions, endpoints and deliveries"),
    (Role.OWNER.value, "owner: also members, keys and the plan"),
]


def keys(resources: Resources) -> APIRouter:
    """API keys; the secret of a new one is shown on the page after it, and never again."""
    routes = APIRouter(prefix=_KEYS)
    people = resources.owned.people
    owner, post = Depends(seeing(resources, Role.OWNER)), Depends(posting(resources, Role.OWNER))

    @routes.get("")
    def listed(request: Request, who: Principal = owner) -> Response:
        return _keys(resources, request, who)

    @routes.post("")
    def made(request: Request, sent: Posted = post) -> Response:
        try:
            name, role = _named(sent.form), _role(sent.form)
            is_operator = bool(sent.form.one("operator"))
            key, secret = people.make_key(
                sent.account_id,
                name,
                role,
                is_operator=is_operator,
                by_operator=sent.who.is_operator,
                member_id=sent.who.member_id,
            )
        except Refused as error:
            faults, status = {error.field or "operator": str(error)}, status_of(error)
            return _keys(resources, request, sent.who, sent.form, faults=faults, status=status)
        once = Once(_KEYS, f"The key “{name}”. Send it as “Authorization: Bearer …”.", secret)
        return keep(resources, done(_KEYS, "added", key=key.id), once)

    @routes.post("/{key_id}/revoke")
    def revoked(key_id: str, sent: Posted = post) -> Response:
        people.revoke(sent.account_id, key_id)
        return done(_KEYS, "revoked")

    return routes


def members(resources: Resources) -> APIRouter:
    """Members; of the owners one always stays."""
    routes = APIRouter(prefix=_MEMBERS)
    people = resources.owned.people
    owner, post = Depends(seeing(resources, Role.OWNER)), Depends(posting(resources, Role.OWNER))

    @routes.get("")
    def listed(request: Request, who: Principal = owner) -> Response:
        return _members(resources, request, who)

    @routes.post("")
    def let_in(request: Request, sent: Posted = post) -> Response:
        try:
            people.let_in(sent.account_id, sent.form.one("email"), _role(sent.form))
        except Refused as error:
            faults, status = {error.field or "email": str(error)}, status_of(error)
            return _members(resources, request, sent.who, sent.form, faults=faults, status=status)
        return done(_MEMBERS, "added")

    @routes.post("/{member_id}/role")
    def given_role(member_id: str, sent: Posted = post) -> Response:
        people.set_role(sent.account_id, member_id, _role(sent.form))
        return done(_MEMBERS, "role")

    @routes.post("/{member_id}/remove")
    def let_out(member_id: str, sent: Posted = post) -> Response:
        revoked = people.let_out(sent.account_id, member_id)
        return done(_MEMBERS, "removed", keys=str(revoked)) if revoked else done(_MEMBERS, "removed")

    return routes


def _keys(
    resources: Resources,
    request: Request,
    who: Principal,
    form: Form | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    once = kept(resources, request)
    page = shown(
        resources,
        request,
        "account/keys",
        title="API keys",
        here=_KEYS,
        status=status,
        keys=resources.identity.keys.of_account(account_of(who)),
        makers={one.id: one.email for one in resources.members.of_account(account_of(who))},
        roles=_ROLES,
        given={name: form.one(name) if form else "" for name in ("name", "role", "operator")},
        faults=faults or {},
        once=once if once and once.of == _KEYS else None,
    )
    return forgotten(page, once)


def _members(
    resources: Resources,
    request: Request,
    who: Principal,
    form: Form | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return shown(
        resources,
        request,
        "account/members",
        title="Members",
        here=_MEMBERS,
        status=status,
        members=resources.members.of_account(account_of(who)),
        revoked=request.query_params.get("keys", ""),
        roles=_ROLES,
        given={name: form.one(name) if form else "" for name in ("email", "role")},
        faults=faults or {},
    )


def _role(form: Form) -> str:
    role = form.one("role", Role.READ_ONLY)
    if role not in set(Role):
        raise invalid("role", "choose one of the list")
    return role


def _named(form: Form) -> str:
    name = " ".join(form.one("name").split())
    if not 0 < len(name) <= _LONGEST:
        raise invalid("name", f"say what it is for, in at most {_LONGEST} characters")
    return name
