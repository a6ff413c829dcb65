"""Who asks: sessions of browsers and keys of programs become principals."""

from dataclasses import dataclass

from starlette.requests import Request

from services.api.principals import ANYBODY, BadCredentials, Principal, Role, remember, remembered
from shared.clock import Clock
from shared.db.identity.keys import ApiKeys
from shared.db.identity.sessions import Sessions, hashed
from shared.secrets import SecretBox

COOKIE = "clausewatch_session"
_CSRF = "csrf"


@dataclass(frozen=True, slots=True)
class KnownBy:
    """Tells who asks, by the database."""

    sessions: Sessions
    keys: ApiKeys
    clock: Clock
    box: SecretBox

    def identify(self, request: Request) -> Principal:
        """See `services.api.principals.Identity`."""
        known = remembered(request.scope)
        if known is None:
            known = self._found(request)
            remember(request.scope, known)
        return known

    def _found(self, request: Request) -> Principal:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme:
            return self._by_key(scheme, secret.strip())
        token = request.cookies.get(COOKIE)
        member = self.sessions.member(token, self.clock.now()) if token else None
        if member is None:
            return ANYBODY
        return Principal(
            member.account_id, Role(member.role), member.plan, member.is_operator, member_id=member.id, by_session=True
        )

    def csrf_token(self, request: Request) -> str:
        """What a form of ours must hold to change something by the session of this request; empty without one."""
        token = request.cookies.get(COOKIE)
        return self.box.link_token(_CSRF, hashed(token)) if token else ""

    def proves_csrf(self, request: Request, given: str) -> bool:
        """Whether a page of ours made this request."""
        token = request.cookies.get(COOKIE)
        return bool(token) and self.box.proves(given, _CSRF, hashed(token or ""))

    def _by_key(self, scheme: str, secret: str) -> Principal:
        found = self.keys.found(secret, self.clock.now()) if scheme.lower() == "bearer" else None
        if found is None:
            raise BadCredentials
        key, plan = found
        return Principal(key.account_id, Role(key.role), plan, key.is_operator, key_id=key.id)
