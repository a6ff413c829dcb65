"""The fetcher's and the notifier's benches serve the crash points too."""

from tests.integration.fetcher.conftest import fetcher, site

__all__ = ["fetcher", "site"]
