"""The image: what it is built from, and that its lock is part of the project's."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()


def locked(file: str) -> dict[str, tuple[str, frozenset[str]]]:
    """The version and hashes of each requirement of a lock, by name."""
    entries = re.split(r"^(?=\S)", (ROOT / file).read_text(), flags=re.M)
    found = {}
    for entry in filter(None, entries):
        name, version = re.match(r"([a-z0-9._-]+)==(\S+)", entry).groups()  # type: ignore[union-attr]
        found[name] = version, frozenset(re.findall(r"sha256:[0-9a-f]{64}", entry))
    return found


def test_the_image_installs_what_the_project_was_tested_with() -> None:
    tested, shipped = locked("requirements.lock"), locked("deploy/requirements.lock")
    assert {name: entry for name, entry in shipped.items() if tested.get(name) != entry} == {}
    assert all(hashes for _, hashes in shipped.values())


def test_the_image_has_every_dependency_and_no_tool() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[\[>=<~]", one)[0] for one in project["dependencies"]}
    tools = {re.split(r"[\[>=<~]", one)[0] for one in project["optional-dependencies"]["dev"]}
    shipped = set(locked("deploy/requirements.lock"))
    assert named <= shipped
    assert shipped & tools == set()


def test_everything_is_installed_by_hash() -> None:
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)


def test_it_runs_as_nobody_in_particular_and_says_whether_it_lives() -> None:
    last_stage = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER 10001:10001$", last_stage, re.M)
    assert 'ENTRYPOINT ["clausewatch"]' in last_stage
    assert "HEALTHCHECK" in last_stage


def test_what_is_copied_is_there_and_not_ignored() -> None:
    kept = set(re.findall(r"^!(.+)$", (ROOT / "deploy/Dockerfile.dockerignore").read_text(), re.M))
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert source in kept


def test_no_file_names_a_registry_of_packages() -> None:
    for file in (ROOT / "deploy").rglob("*"):
        if file.is_file() and file.parent.name != "secrets":
            assert not re.search(r"pypi|index-url|pythonhosted", file.read_text()), file
