"""The links in messages: where they lead, and the proof in them that we made them (shared by mail and web)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from shared.secrets import SecretBox

UNSUBSCRIBE = "unsubscribe"
CONFIRM = "confirm"
PREFERENCES = "preferences"
SIGN_IN = "sign-in"
BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links below a public address, and knows its own again. Tokens hold for one purpose and one subject."""

    base: str
    box: SecretBox

    def unsubscribe(self, endpoint_id: str) -> str:
        """Ends what an endpoint is told, in one click (RFC 8058)."""
        return self._url("u", endpoint_id, self.box.link_token(UNSUBSCRIBE, endpoint_id))

    def preferences(self, endpoint_id: str) -> str:
        """Shows and changes what an endpoint is told."""
        return self._url("p", endpoint_id, self.box.link_token(PREFERENCES, endpoint_id))

    def confirm(self, endpoint_id: str, expires_at: datetime) -> str:
        """Says that whoever reads this address wants to be told there; holds until `expires_at`."""
        expires = str(int(expires_at.timestamp()))
        return self._url("confirm", endpoint_id, expires, self.box.link_token(CONFIRM, f"{endpoint_id}.{expires}"))

    def may_confirm(self, endpoint_id: str, expires: str, token: str, now: datetime) -> bool:
        """Whether a confirmation link is ours and still holds; `expires` in unix seconds, as it stands in the link."""
        return self.box.proves(token, CONFIRM, f"{endpoint_id}.{expires}") and now.timestamp() < int(expires)

    def sign_in(self, link_id: str) -> str:
        """Signs in the member whom that link was made for; `shared.db.identity.members` says once, and until when."""
        return self._url("sign-in", link_id, self.box.link_token(SIGN_IN, link_id))

    def may_sign_in(self, link_id: str, token: str) -> bool:
        """Whether such a link is ours."""
        return self.box.proves(token, SIGN_IN, link_id)

    def personal(self, endpoint_id: str) -> dict[str, str]:
        """What stands in every mail to an endpoint and in nobody else's: the value of each of `blanks`, by name."""
        return {PREFERENCES: self.preferences(endpoint_id), UNSUBSCRIBE: self.unsubscribe(endpoint_id)}

    def blanks(self, notice_id: str, names: Collection[str] = (PREFERENCES, UNSUBSCRIBE)) -> dict[str, str]:
        """What stands for those values, by name, in the words of a notice that all its readers share.

        No page can say such a word, because it is made with our key and the notice's id. Letters, digits, `-` and `_`.
        """
        return {name: f"blank-{self.box.link_token(BLANK, f'{notice_id}.{name}')}" for name in names}

    def _url(self, *parts: str) -> str:
        return "/".join((self.base.rstrip("/"), *parts))
