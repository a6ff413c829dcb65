"""docker-compose.yml keeps its promises: closed file systems, no root, no secret inline, no port but what is needed."""

import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from shared.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / "deploy/environment.example").read_text()
COMPOSE: dict[str, Any] = YAML(typ="safe").load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "fetcher", "differ", "notifier", "scheduler", "api")
LASTING = [name for name in SERVICES if name != "migrate"]
VARIABLES = {
    name: name.upper() if field.validation_alias else f"CLAUSEWATCH_{name.upper()}"
    for name, field in Settings.model_fields.items()
}
"""The variable of each setting."""


def as_given(value: str) -> str:
    """A value after `${NAME:-default}` and `${NAME:?why}`, with a stand-in for what .env must say."""
    value = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
    return re.sub(r"\$\{\w+:\?[^}]*\}", "https://clausewatch.example.org", value)


def forget_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(f"{variable}_FILE", raising=False)


def make_secrets(folder: Path) -> str:
    command = [str(ROOT / "deploy" / "make-secrets"), str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_it_has_every_process() -> None:
    assert set(SERVICES) == {"redis", "postgres", *OURS}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(mount.startswith("/tmp") for mount in service["tmpfs"])
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"]["max-size"]
    assert "privileged" not in service
    assert service.get("ports", []) == (["127.0.0.1:8470:8470"] if name == "api" else [])


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("migrate", ["migrate"]),
        ("fetcher", ["worker", "fetcher"]),
        ("differ", ["worker", "differ"]),
        ("notifier", ["worker", "notifier"]),
        ("scheduler", ["scheduler"]),
        ("api", ["api"]),
    ],
)
def test_one_image_runs_every_process(name: str, command: list[str]) -> None:
    assert SERVICES[name]["command"] == command
    assert SERVICES[name]["image"] == SERVICES["migrate"]["image"]


@pytest.mark.parametrize("name", [name for name in OURS if name != "migrate"])
def test_a_process_waits_for_database_broker_and_tables(name: str) -> None:
    assert {on: how["condition"] for on, how in SERVICES[name]["depends_on"].items()} == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }


def test_only_who_must_can_reach_the_outside() -> None:
    assert COMPOSE["networks"]["backend"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {
        "fetcher",
        "notifier",
        "api",
    }


def test_the_differ_can_only_read_the_archive() -> None:
    assert SERVICES["differ"]["volumes"] == ["data:/var/lib/clausewatch:ro"]


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_by_file(name: str) -> None:
    service = SERVICES[name]
    for variable, value in service.get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL|REDIS_URL|SMTP", variable):
            assert variable.endswith("_FILE"), variable
            assert value.removeprefix("/run/secrets/") in service["secrets"]
        assert not re.search(r"://[^/]*:[^/]*@", str(value)), variable


def test_every_secret_has_a_file_that_make_secrets_writes(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    named = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert named == {file.name for file in (tmp_path / "secrets").iterdir()}


def test_make_secrets_keeps_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    before = {file.name: file.read_text() for file in folder.iterdir()}
    assert make_secrets(folder) == ""
    assert {file.name: file.read_text() for file in folder.iterdir()} == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_secrets_are_not_committed() -> None:
    assert (ROOT / "deploy/secrets/.gitignore").read_text().splitlines() == ["*", "!.gitignore"]


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_a_process_are_safe_in_production(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_secrets(tmp_path)
    forget_settings(monkeypatch)
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(variable, as_given(value).replace("/run/secrets", str(tmp_path)))
    settings = load_settings()
    assert settings.env == "production"
    assert re.fullmatch(
        r"postgresql\+psycopg://clausewatch:[0-9a-f]{64}@postgres:5432/clausewatch", settings.sqlalchemy_url
    )
    assert re.fullmatch(r"redis://:[0-9a-f]{64}@redis:6379/0", settings.redis_url)
    assert settings.archive_location.startswith("file:///var/lib/clausewatch/")
    assert (settings.metrics_host, settings.metrics_port) == ("0.0.0.0", 9100)
    assert "" in (settings.smtp_url.get_secret_value(), settings.sendgrid_api_key.get_secret_value())


def test_no_variable_is_misspelt() -> None:
    used = {name for service in OURS for name in SERVICES[service]["environment"]}
    assert {name.removesuffix("_FILE") for name in used} <= set(VARIABLES.values())
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    assert asked <= {*VARIABLES.values(), "CLAUSEWATCH_VERSION"}


def test_the_example_says_all_that_must_be_said() -> None:
    asked = set(re.findall(r"\$\{(\w+):[?]", TEXT))
    given = set(re.findall(r"^(\w+)=\S", EXAMPLE, re.M))
    assert asked
    assert asked <= given


def test_the_example_explains_every_setting_once() -> None:
    named = re.findall(r"^(?:# )?([A-Z_]{5,}?)(?:_FILE)?(?:=| {2,})", EXAMPLE, re.M)
    assert sorted(named) == sorted([*VARIABLES.values(), "CLAUSEWATCH_VERSION"])


@pytest.mark.parametrize(("variable", "value"), re.findall(r"^# ([A-Z_]+)=(.*)$", EXAMPLE, re.M))
def test_what_the_example_leaves_unsaid_is_the_default(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [name] = [name for name, known in VARIABLES.items() if known == variable]
    forget_settings(monkeypatch)
    monkeypatch.setenv(variable, value)
    assert getattr(load_settings(), name) == Settings.model_fields[name].default
