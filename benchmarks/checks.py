"""CPU per check through the running embedded system, on real pages from a real nginx.

    python -m benchmarks.checks [--pages 300] [--peers] [--json]

Passes: first (check and confirming check of each page), equal bytes (304), equal bytes without validators (200), and
one page in five replaced by the next real capture of its document. CPU of a check = CPU of all our processes ÷ checks,
nginx's excluded, the CPU of an equally long idle time subtracted.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.corpus import Page, find_corpus, pages
from benchmarks.passes import Pass, Watched
from benchmarks.peers import measure_peers
from benchmarks.usage import cpu_by_name, measure_idle, pss_by_name
from services.cli.opening import open_installation
from services.cli.replay.system import SETTINGS, running_pids, running_system
from services.cli.replay.usage import MemoryWatch
from shared.settings import load_settings
from tests.servers.nginx import Site, nginx_program, running_site

SYSTEM = {**SETTINGS, "CLAUSEWATCH_CHECK_INTERVAL_MIN_S": "21600", "CLAUSEWATCH_TICK_S": "0.2"}
"""A replay's settings, but that a check comes only when we ask for it, and the scheduler ticks as by default."""

SWAPPED = 5
"""Every n-th page is replaced in the last pass."""


def main() -> None:
    """Run and print."""
    options = _options()
    program = nginx_program()
    if program is None:
        sys.exit("nginx is not installed: apt-get install nginx")
    chosen = pages(find_corpus(), options.pages)
    with running_site(program) as site, tempfile.TemporaryDirectory(prefix="cw-checks-") as data:
        result = measure(site, chosen, Path(data), hosts=options.hosts, repeat=options.repeat, idle_s=options.idle)
        if options.peers:
            result["peers"] = measure_peers(site, chosen)
    if options.json:
        print(json.dumps(result))
    else:
        _print(result)


def measure(
    site: Site, chosen: Sequence[Page], data: Path, *, hosts: int, repeat: int, idle_s: float
) -> dict[str, object]:
    """Start the system on a folder, run the passes, and return every figure."""
    publish(site, chosen, swapped=False)
    os.environ.update({**SYSTEM, "CLAUSEWATCH_DATA": str(data)})
    load = os.getloadavg()[0]
    with open_installation(load_settings(data=data)) as opened:
        watched = Watched(opened, site, data)
        watched.watch([f"http://first.localhost:{site.port}/0.html"])
        asked_at = opened.clock.now()
        with running_system(data, SYSTEM):
            watched.wait_until_settled()
            cold_start = (watched.first_check_at() - asked_at).total_seconds()
            cold_start_cpu = cpu_by_name(data)
            memory = MemoryWatch(lambda: running_pids(data))
            memory.start()
            idle = measure_idle(data, idle_s)
            urls = [f"http://host{n % hosts}.localhost:{site.port}/{n}.html" for n in range(len(chosen))]
            passes = [watched.run("first", lambda: watched.watch(urls))]
            passes += [watched.run("equal, 304") for _ in range(repeat)]
            site.set_validators(False)
            passes += [watched.run("equal, 200") for _ in range(repeat)]
            site.set_validators(True)
            watched.run("validators learnt again")
            publish(site, chosen, swapped=True)
            passes.append(watched.run("20 % swapped"))
            idle_after = measure_idle(data, idle_s)
            memory.stop()
            pss = pss_by_name(data)
    return {
        "pages": len(chosen),
        "mean_kb": round(sum(page.now.stat().st_size for page in chosen) / len(chosen) / 1000),
        "hosts": hosts,
        "load_before": round(load, 1),
        "cold_start_s": round(cold_start, 2),
        "cold_start_cpu_s": {name: round(seconds, 1) for name, seconds in cold_start_cpu.items()},
        "idle_cpu_ms_per_s": {name: round(1000 * rate, 1) for name, rate in idle.rates.items()},
        "idle_after_cpu_ms_per_s": {name: round(1000 * rate, 1) for name, rate in idle_after.rates.items()},
        "passes": [_figures(one, (idle.over(one.wall_s) + idle_after.over(one.wall_s)) / 2) for one in passes],
        "pss_mb": {name: round(size / 1e6) for name, size in pss.items()} | {"all": round(sum(pss.values()) / 1e6)},
        "peak_pss_mb": round(memory.peak / 1e6),
    }


def publish(site: Site, chosen: Sequence[Page], *, swapped: bool) -> None:
    """Show every page as it first was or, with `swapped`, every fifth as its next capture was."""
    for n, page in enumerate(chosen):
        if not swapped:
            site.show(f"{n}.html", page.now.read_bytes())
        elif n % SWAPPED == 0:
            site.show(f"{n}.html", page.next.read_bytes())


def _figures(one: Pass, idle_cpu_s: float) -> dict[str, object]:
    cpu = sum(one.cpu_s.values())
    return {
        **asdict(one),
        "wall_s": round(one.wall_s, 2),
        "cpu_s": {name: round(seconds, 2) for name, seconds in one.cpu_s.items()},
        "checks_per_s": round(one.checks / one.wall_s, 1),
        "cpu_ms_per_check": round(1000 * (cpu - idle_cpu_s) / one.checks, 2),
        "idle_ms_per_check": round(1000 * idle_cpu_s / one.checks, 2),
    }


def _print(result: dict[str, object]) -> None:
    for name, value in result.items():
        if isinstance(value, list):
            print(f"{name}:")
            for row in value:
                print("  " + ", ".join(f"{key} {cell}" for key, cell in row.items()))
        else:
            print(f"{name}: {value}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=12, help="host names the pages are spread over")
    parser.add_argument("--repeat", type=int, default=3, help="passes of each kind with equal bytes")
    parser.add_argument("--idle", type=float, default=10, help="seconds of idling before and after the passes")
    parser.add_argument("--peers", action="store_true", help="urlwatch and webchanges on the same pages afterwards")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
