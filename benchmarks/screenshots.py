"""Takes the pictures of the main pages for the README and the docs, over a registry of made-up policies.

    python -m benchmarks.screenshots [docs/screenshots]

Each page is taken as a browser's window shows it at first, 1,280 by 900 CSS pixels in light colours; the first also in
dark ones and on a phone. A page whose address answers with an error is named and left out, and the exit status says so.
"""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from services.fetcher.adapters.browser import find_chromium
from shared.logging import configure_logging
from shared.settings import Settings
from tests.e2e.browsing import Browsed, browsed_site, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = {
    "changes": "/changes",
    "change": "/changes/{change_id}",
    "platform": "/platforms/{slug}",
    "document": "/documents/{document_id}",
    "provision": "/provisions/{provision_id}",
    "compare": "/compare",
    "category": "/categories/{category_id}",
    "search": "/search",
    "status": "/status",
    "account": "/account",
}
"""Names of the files, and the routes that they show."""

PHONE, DESK = 360, 1280


def main() -> None:
    """Seed, serve, take."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/screenshots"))
    folder: Path = parser.parse_args().folder
    configure_logging("ERROR", json=True, process="screenshots")
    executable = find_chromium(Settings().browser_path)
    if executable is None:
        raise SystemExit("no Chromium on PATH: apt-get install --no-install-recommends chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="cw-pictures-") as made,
        browsed_site(Path(made) / "data", documents=12, versions=5) as site,
        chromium(executable) as browser,
    ):
        wanted = [(name, path, DESK, False) for name, path in _addresses(site).items()]
        first = wanted[0][1]
        wanted += [("changes-dark", first, DESK, True), ("changes-phone", first, PHONE, False)]
        failed = [name for name, *how in wanted if not _taken(site, browser, folder / f"{name}.png", *how)]
    if failed:
        raise SystemExit(f"left out, their pages answer with an error: {', '.join(failed)}")


def _addresses(site: Browsed) -> dict[str, str]:
    """An address of each picture's route; the route itself where the application does not have it."""
    known = {
        target.route: target.paths[-1 if target.route == "/compare" else 0] for target in site.targets if target.paths
    }
    return {name: known.get(route, route) for name, route in PICTURES.items()}


def _taken(site: Browsed, browser: "Browser", file: Path, path: str, width: int, dark: bool) -> bool:
    with site.context(browser, width=width, dark=dark) as context:
        page = context.new_page()
        answer = page.goto(path, wait_until="load")
        if answer is None or not answer.ok:
            return False
        page.screenshot(path=str(file))
        print(f"{file}  {path}")
        return True


if __name__ == "__main__":
    main()
