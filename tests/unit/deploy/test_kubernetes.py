"""The Kubernetes files: confined pods with probes, secrets by file, production settings."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from shared.settings import Settings

FOLDER = Path(__file__).resolve().parents[3] / "deploy/kubernetes"
FILES: dict[str, Any] = {file.name: YAML(typ="safe").load(file.read_text()) for file in FOLDER.glob("*.yaml")}
WORKLOADS = {name: one for name, one in FILES.items() if one["kind"] in {"Deployment", "Job"}}
DEPLOYMENTS = {name: one for name, one in WORKLOADS.items() if one["kind"] == "Deployment"}
ARGUMENTS = {
    "fetcher.yaml": ["worker", "fetcher"],
    "differ.yaml": ["worker", "differ"],
    "notifier.yaml": ["worker", "notifier"],
    "scheduler.yaml": ["scheduler"],
    "api.yaml": ["api"],
    "migrate.yaml": ["migrate"],
}


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def test_every_process_has_a_file_and_every_file_is_applied() -> None:
    assert WORKLOADS.keys() == ARGUMENTS.keys()
    assert set(FILES["kustomization.yaml"]["resources"]) == FILES.keys() - {"kustomization.yaml"}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_pod_is_confined(name: str) -> None:
    pod = pod_of(WORKLOADS[name])
    [container] = pod["containers"]
    assert container["args"] == ARGUMENTS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_process_is_probed(name: str) -> None:
    [container] = pod_of(DEPLOYMENTS[name])["containers"]
    pages = [{"name": "pages", "containerPort": 8470}] if name == "api.yaml" else []
    assert container["ports"] == [{"name": "probes", "containerPort": 9100}, *pages]
    paths = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {"startupProbe": "/live", "livenessProbe": "/live", "readinessProbe": "/ready"}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_finds_its_pods(name: str) -> None:
    labels = DEPLOYMENTS[name]["spec"]["template"]["metadata"]["labels"]
    assert DEPLOYMENTS[name]["spec"]["selector"]["matchLabels"] == labels
    assert labels["app.kubernetes.io/component"] == name.removesuffix(".yaml")


@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_is_mounted_is_a_volume_and_secrets_come_by_file_or_reference(name: str) -> None:
    pod = pod_of(WORKLOADS[name])
    [container] = pod["containers"]
    assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
    for variable in container.get("env", []):
        is_plain = variable == {"name": "CLAUSEWATCH_API_HOST", "value": "0.0.0.0"}
        assert is_plain or variable["name"].endswith("_FILE") or "secretKeyRef" in variable["valueFrom"]


def test_the_pages_are_reached_through_a_service() -> None:
    service, labels = FILES["api-service.yaml"]["spec"], DEPLOYMENTS["api.yaml"]["spec"]["selector"]["matchLabels"]
    assert service["selector"] == labels
    assert service["ports"] == [{"name": "pages", "port": 80, "targetPort": "pages"}]


def test_pods_are_reached_at_their_probes_and_the_pages_alone() -> None:
    policy = FILES["networkpolicy.yaml"]["spec"]
    assert policy["ingress"] == [{"ports": [{"port": 9100}, {"port": 8470}]}]
    for workload in WORKLOADS.values():
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()


def test_the_settings_are_known_and_for_production() -> None:
    data: dict[str, str] = FILES["configmap.yaml"]["data"]
    known = {f"CLAUSEWATCH_{name.upper()}" for name in Settings.model_fields} | {
        "DATABASE_URL",
        "REDIS_URL",
        "AWS_REGION",
    }
    assert {name.removesuffix("_FILE") for name in data} <= known
    assert data["CLAUSEWATCH_ENV"] == "production"
    assert data["CLAUSEWATCH_METRICS_PORT"] == "9100"
    assert not [name for name in data if re.search("KEY|DATABASE_URL|REDIS_URL", name) and not name.endswith("_FILE")]
