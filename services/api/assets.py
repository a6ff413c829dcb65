"""The files that pages load: each under a name that holds its hash, so that it may be kept for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from services.api.packing import Packed

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"
_A_DAY = "public, max-age=86400"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    body: Packed
    media_type: str


class Assets:
    """Everything in `services/api/static`, and htmx."""

    def __init__(self) -> None:
        kept = resources.files("services.api.static").iterdir()
        files = {entry.name: entry.read_bytes() for entry in kept if Path(entry.name).suffix in _TYPES}
        files["htmx.js"] = _htmx()
        self._served: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        for name, body in files.items():
            served = f"{Path(name).stem}.{hashlib.sha256(body).hexdigest()[:16]}{Path(name).suffix}"
            self._served[served] = Asset(Packed.of(body), _TYPES[Path(name).suffix])
            self._names[name] = served

    @property
    def links(self) -> Mapping[str, str]:
        """The address of each file by its plain name."""
        return {name: f"/static/{served}" for name, served in self._names.items()}

    def router(self) -> APIRouter:
        """`GET /static/{name}`, and `/favicon.ico`."""
        routes = APIRouter()

        @routes.get("/static/{name}", include_in_schema=False)
        def serve(request: Request, name: str) -> Response:
            asset = self._served.get(name)
            if asset is None:
                raise HTTPException(404)
            body, headers = asset.body.chosen(request)
            return Response(body, media_type=asset.media_type, headers={"cache-control": _FOR_EVER, **headers})

        @routes.get("/favicon.ico", include_in_schema=False)
        def icon(request: Request) -> Response:
            """What browsers ask for where a page names no icon, or is none."""
            asset = self._served[self._names["mark.svg"]]
            body, headers = asset.body.chosen(request)
            return Response(body, media_type=asset.media_type, headers={"cache-control": _A_DAY, **headers})

        return routes


def _htmx() -> bytes:
    """The htmx that django-htmx carries; neither it nor Django is imported."""
    spec = find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("django-htmx is not installed: its package holds htmx.js")
    return (Path(spec.origin).parent / "static" / "django_htmx" / "htmx-2.min.js").read_bytes()
