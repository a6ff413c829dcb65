"""Dashboard and alerts speak of metrics that exist, and Prometheus finds every process."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.metrics import MetricWrapperBase
from ruamel.yaml import YAML

import shared.metrics

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
PROCESSES = {"fetcher", "differ", "notifier", "scheduler", "api"}


def read_yaml(name: str) -> Any:
    return YAML(typ="safe").load((DEPLOY / name).read_text())


def exported() -> dict[str, set[str]]:
    """Every series our processes export, with its labels."""
    series: dict[str, set[str]] = {}
    for metric in vars(shared.metrics).values():
        if isinstance(metric, MetricWrapperBase):
            [family] = metric.describe()
            labels = set(metric._labelnames)
            if family.type == "histogram":
                series |= {f"{family.name}_{end}": labels for end in ("count", "sum")}
                series[f"{family.name}_bucket"] = labels | {"le"}
            else:
                series[family.name + ("_total" if family.type == "counter" else "")] = labels
    return series


def expressions() -> Iterator[Any]:
    dashboard = json.loads((DEPLOY / "grafana/clausewatch.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield pytest.param(target["expr"], id=panel["title"])
    for group in read_yaml("alerts.yml")["groups"]:
        for rule in group["rules"]:
            yield pytest.param(rule["expr"], id=rule["alert"])


@pytest.mark.parametrize("expression", list(expressions()))
def test_an_expression_asks_for_what_is_exported(expression: str) -> None:
    known = exported()
    asked = re.findall(r"\b(?:clausewatch_\w+|up)\b", re.sub(r'"[^"]*"', "", expression))
    assert asked
    assert set(asked) <= known.keys() | {"up"}
    allowed = {"service", "le"}.union(*(known.get(name, set()) for name in asked))
    by = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(",")}
    assert by <= allowed
    assert expression.count("(") == expression.count(")")


def test_every_metric_is_on_the_dashboard() -> None:
    text = (DEPLOY / "grafana/clausewatch.json").read_text()
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported()}
    assert {name for name in families if name not in text} == set()


def test_a_process_that_is_gone_is_noticed() -> None:
    [group] = read_yaml("alerts.yml")["groups"]
    [gone] = [rule["expr"] for rule in group["rules"] if rule["alert"] == "ClausewatchProcessGone"]
    assert set(re.findall(r'absent\(up\{job="clausewatch",service="(\w+)"\}\)', gone)) == PROCESSES


def test_prometheus_asks_every_process_where_it_answers() -> None:
    [job] = read_yaml("prometheus.yml")["scrape_configs"]
    [found] = job["dns_sd_configs"]
    assert set(found["names"]) == PROCESSES
    assert found["port"] == 9100
    assert read_yaml("prometheus.yml")["rule_files"] == ["alerts.yml"]
