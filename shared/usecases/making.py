"""The use cases of one installation, as its settings have them."""

import secrets

from shared.clock import Clock
from shared.db.identity.mailing import SignInMails
from shared.db.identity.members import Members
from shared.db.identity.newcomers import Newcomers
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.consent import Consent
from shared.db.notifier.rotation import EndpointSecrets
from shared.db.session import Database
from shared.domain.addresses import EgressPolicy
from shared.secrets import secret_box
from shared.settings import Settings
from shared.usecases.accounts import Accounts
from shared.usecases.rotation import Rotation
from shared.usecases.signing_in import SigningIn


def egress_policy(settings: Settings) -> EgressPolicy:
    """What webhooks and Slack endpoints may reach; any port, since receivers choose theirs."""
    return settings.egress(allow_http=settings.allow_http_webhooks, allowed_ports=None)


def mail_leaves(settings: Settings) -> bool:
    """Whether mail goes anywhere but to the outbox folder.

    In production it is taken to: the notifier alone has the keys to it, and the API must tell no mailbox unasked.
    """
    has_keys = settings.sendgrid_api_key.get_secret_value() or settings.smtp_url.get_secret_value()
    return settings.env == "production" or bool(has_keys)


def make_accounts(settings: Settings, database: Database, clock: Clock) -> Accounts:
    """What an owner does about endpoints and subscriptions."""
    store, policy = AccountStore(database), egress_policy(settings)
    consent = Consent(database, can_link=bool(settings.public_url)) if mail_leaves(settings) else None
    return Accounts(store, secret_box(settings), policy, clock, secrets.token_bytes, settings.slack_hosts, consent)


def make_signing_in(settings: Settings, database: Database, clock: Clock) -> SigningIn:
    """Who may come in, and how."""
    newcomers = Newcomers(database) if settings.sign_up else None
    return SigningIn(Members(database), newcomers, SignInMails(database), clock)


def make_rotation(settings: Settings, database: Database, clock: Clock) -> Rotation:
    """What an owner does about signing secrets."""
    return Rotation(EndpointSecrets(database), secret_box(settings), clock, secrets.token_bytes)
