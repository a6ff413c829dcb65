"""The pages as templates: everything filled in is escaped, and an unknown name is an error."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.api.pages.boxes import boxes
from services.differ.core.render.reasons import in_words
from services.differ.core.render.wording import DIRECTIONS


class Pages:
    """Fills templates; made once, since compiling them takes longer than filling them."""

    def __init__(self, assets: Mapping[str, str]) -> None:
        self._environment = Environment(
            loader=PackageLoader("services.api.pages", ""),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["in_words"] = in_words
        self._environment.filters["direction"] = lambda word: DIRECTIONS.get(word, word)
        self._environment.globals["boxes"] = lambda name, options, chosen: boxes(
            name, tuple(options), frozenset(chosen)
        )
        self._environment.globals["asset"] = assets.__getitem__

    def text(self, name: str, **values: Any) -> str:
        """A filled template."""
        return self._environment.get_template(f"{name}.html").render(**values)

    def page(self, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A filled template as an answer."""
        return HTMLResponse(self.text(name, **values), status)
