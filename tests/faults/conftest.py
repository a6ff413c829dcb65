"""The fetcher's and the notifier's benches serve the crash points too."""

from tests.faults.hostile_bench import bench
from tests.integration.fetcher.conftest import fetcher, site

__all__ = ["bench", "fetcher", "site"]
