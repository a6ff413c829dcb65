"""The pages as templates: everything filled in is escaped, and an unknown name is an error."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.differ.core.render.page_style import STYLE
from services.differ.core.render.reasons import in_words


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
        self._environment.globals["style"] = STYLE
        self._environment.filters["in_words"] = in_words
        self._environment.globals["asset"] = assets.__getitem__

    def text(self, name: str, **values: Any) -> str:
        """A filled template."""
        return self._environment.get_template(f"{name}.html").render(**values)

    def page(self, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A filled template as an answer."""
        return HTMLResponse(self.text(name, **values), status)

    def say(self, title: str, *words: str, status: int = 200) -> HTMLResponse:
        """A page that only says something, a paragraph for each of the words."""
        return self.page("said", status=status, title=title, words=words)

    def no_such_link(self) -> HTMLResponse:
        """The one answer to a wrong token, another's id and an unknown one, so that none can be told from another."""
        return self.say(
            "This link does not hold", "It is not complete, has run out, or was never made here.", status=404
        )
