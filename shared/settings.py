"""Settings, typed: `CLAUSEWATCH_*`, `DATABASE_URL`, `REDIS_URL`; `NAME_FILE` reads a secret from a file."""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.domain.addresses import SLACK_HOSTS, WEB_PORTS, EgressPolicy

_SECRETS_BY_FILE = (
    "DATABASE_URL",
    "REDIS_URL",
    "CLAUSEWATCH_SECRET_KEY",
    "CLAUSEWATCH_RETIRED_SECRET_KEYS",
    "CLAUSEWATCH_LEDGER_KEY",
    "CLAUSEWATCH_SENDGRID_API_KEY",
    "CLAUSEWATCH_SMTP_URL",
)


class SettingsError(Exception):
    """Settings that cannot be used: what, and how to mend it."""


class Settings(BaseSettings):
    """One object for all processes; each takes what it needs."""

    model_config = SettingsConfigDict(env_prefix="CLAUSEWATCH_", extra="ignore", frozen=True, populate_by_name=True)

    env: Literal["development", "production"] = "development"
    data: Path = Path("data")
    """Folder of the embedded default: database, archive, broker, outbox, logs."""
    database_url: str = Field(default="", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    redis_url: str = Field(default="", validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    archive_url: str = ""
    secret_key: SecretStr = SecretStr("")
    """At least 32 characters; encrypts endpoint secrets at rest and signs links."""
    retired_secret_keys: SecretStr = SecretStr("")
    """Earlier secret keys, one a line: what was sealed with them still opens, nothing new is."""
    ledger_key: SecretStr = SecretStr("")
    """Ed25519 in PEM (PKCS 8): signs the heads of the ledger."""
    public_url: str = ""
    contact_url: str = "https://github.com/clausewatch/clausewatch"
    """Stands in the User-Agent, so that a site's operator can reach whoever runs this installation."""
    log_level: str = "INFO"
    log_json: bool = True
    metrics_port: int | None = None
    """Port of /metrics, /live and /ready; none is opened where it is not set."""
    metrics_host: str = "127.0.0.1"
    api_port: int = Field(default=8470, ge=1, le=65_535)
    """Port of the pages that links in messages lead to."""
    api_host: str = "127.0.0.1"
    api_processes: int = Field(default=1, ge=1, le=64)
    """How many processes answer at that port: as many as there are cores for a site with many readers."""
    api_at_once: int = Field(default=1, ge=1, le=40)
    """How many requests each of them works on at once; 2 to 4 where the database is a network away and one waits for
    it as long as it works."""
    api_anonymous_per_minute: int = Field(default=60, ge=1)
    """Requests to the REST API that one address may make without a key; those of accounts go by their plans."""
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    """How many proxies of ours stand before the API, each of which appends to X-Forwarded-For."""

    sign_up: bool = False
    """Whether who signs in with an address that is no member's gets an account on the plan free."""

    host_delay_s: float = Field(default=2.0, ge=0)
    """Least time between two requests to one host; robots.txt may ask for more."""
    delay_exempt_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names (and what is below them) that are ours and need no politeness delay."""
    allow_loopback: bool = False
    """Lets the fetcher and webhooks reach this machine itself: for the sample platform, replays and tests."""
    loopback_ports: Annotated[tuple[int, ...], NoDecode] = ()
    """Where loopback is allowed: at these ports alone; at any where none is given."""
    allow_http_webhooks: bool = False
    slack_hosts: Annotated[tuple[str, ...], NoDecode] = SLACK_HOSTS
    """The only hosts that Slack endpoints may be at: others speak the same protocol (GovSlack, Mattermost)."""
    max_body_bytes: int = 20_000_000
    fetch_deadline_s: float = 60.0
    fetch_lease_margin_s: float = Field(default=120.0, gt=0)
    """How much longer than two requests' deadlines a claim of a host lasts; a killed fetcher's work waits for it."""
    fetch_concurrency: int = Field(default=8, ge=1)
    unreachable_after: int = Field(default=5, ge=1)
    """Failures in a row after which a document is unreachable."""
    check_interval_min_s: int = 900
    check_interval_max_s: int = 21_600
    confirm_after_s: float = 600.0
    """Default of a document's `confirm_after`."""
    retry_base_s: float = 30.0
    unstable_after_s: float = 21_600.0
    browser_path: str = ""
    archive_keep_days: int = 7

    differ_concurrency: int = Field(default=2, ge=1)
    differ_memory_limit_kb: int = 500_000
    differ_time_limit_s: int = 120

    notifier_batch: int = 256
    notifier_in_flight: int = 64
    endpoint_in_flight: int = Field(default=8, ge=1)
    """Deliveries to one endpoint under way at once, of one notifier."""
    endpoint_per_second: float = Field(default=50.0, gt=0)
    """Deliveries to one endpoint in the long run, of one notifier; as many may go at once after a rest."""
    slack_per_second: float = Field(default=1.0, gt=0)
    """The same for a Slack webhook, of which Slack takes one a second: divide it by the number of notifiers."""
    grouping_s: float = Field(default=600.0, ge=0)
    """How long a platform's further changes wait after its first, to go out together by email and Slack; 0: never."""
    delivery_deadline_s: float = Field(default=15.0, gt=0)
    """Of a webhook, from name resolution to the last byte of the answer that is read."""
    delivery_lease_s: float = Field(default=120.0, gt=0)
    """How long a delivery is claimed; a killed notifier's sends are repeated after it. Above the deadline by 5 s."""
    smtp_url: SecretStr = SecretStr("")
    sendgrid_api_key: SecretStr = SecretStr("")
    sendgrid_host: str = "https://api.sendgrid.com"
    sendgrid_sandbox: bool = False
    """SendGrid checks mails and sends none."""
    sendgrid_event_key: str = ""
    """The public key of the signed event webhook, as SendGrid shows it; without it no report is believed."""
    mail_from: str = "Clausewatch <alerts@clausewatch.invalid>"

    tick_s: float = 0.2
    """How often the scheduler looks for unpublished events and due work."""
    sweep_after_s: float = 30.0
    """Age at which an event that some consumer has not handled is published again."""
    poison_after: int = Field(default=5, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in ("delay_exempt_hosts", "loopback_ports", "slack_hosts"):
            if isinstance(values.get(name), str):
                values[name] = tuple(word for word in (part.strip() for part in values[name].split(",")) if word)
        return values

    @model_validator(mode="after")
    def _safe_in_production(self) -> "Settings":
        if self.env != "production":
            return self
        unsafe = []
        if not self.database_url:
            unsafe.append("DATABASE_URL is not set (PostgreSQL, e.g. postgresql://user@host/clausewatch)")
        if not self.redis_url:
            unsafe.append("REDIS_URL is not set")
        if len(self.secret_key.get_secret_value()) < 32:
            unsafe.append("CLAUSEWATCH_SECRET_KEY needs at least 32 characters")
        if not self.public_url.startswith("https://"):
            unsafe.append("CLAUSEWATCH_PUBLIC_URL must be an https address")
        if self.allow_loopback:
            unsafe.append("CLAUSEWATCH_ALLOW_LOOPBACK must be off")
        if self.allow_http_webhooks:
            unsafe.append("CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS must be off")
        if unsafe:
            raise ValueError("; ".join(unsafe))
        return self

    def egress(self, *, allow_http: bool = True, allowed_ports: frozenset[int] | None = WEB_PORTS) -> EgressPolicy:
        """What processes may connect to, as far as this installation decides it."""
        ports = frozenset(self.loopback_ports) or None
        return EgressPolicy(allow_http, self.allow_loopback, ports, allowed_ports)

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database URL with our drivers named; SQLite in the data folder where none is set."""
        url = self.database_url or f"sqlite:///{self.data.absolute() / 'clausewatch.db'}"
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url

    @cached_property
    def archive_location(self) -> str:
        """The archive's URL; a folder in the data folder where none is set."""
        return self.archive_url or str(self.data.absolute() / "archive")


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment; SettingsError names each variable that is wrong."""
    from_files: dict[str, Any] = {}
    for name in _SECRETS_BY_FILE:
        path = os.environ.get(f"{name}_FILE")
        if path and not os.environ.get(name):
            try:
                from_files[name.removeprefix("CLAUSEWATCH_").lower()] = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                raise SettingsError(f"{name}_FILE names {path}, which cannot be read: {why}") from None
    try:
        return Settings(**{**from_files, **overrides})
    except ValidationError as error:
        lines = [_said(one) for one in error.errors()]
        raise SettingsError("unusable settings: " + "; ".join(lines)) from None


def _said(error: Any) -> str:
    """One fault as its reader can mend it: the variable, what it holds unless that is a secret, what is allowed."""
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    name = str(error["loc"][0]).lower()
    variable = name.upper() if Settings.model_fields[name].validation_alias else f"CLAUSEWATCH_{name.upper()}"
    given = "" if variable in _SECRETS_BY_FILE else f" is {str(error['input'])[:80]!r}, but"
    allowed = str(error["msg"]).partition(", unable")[0].removeprefix("Input should ")
    return f"{variable}{given} should {allowed}"
