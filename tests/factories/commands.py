"""The command line as a person uses it: arguments in; exit status, output and JSON back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from services.cli.main import app


class Commands:
    """Runs commands against one installation."""

    def __init__(self, data: Path, **env: str) -> None:
        self.data = data
        self.env: Mapping[str, str | None] = {
            "CLAUSEWATCH_DATA": str(data),
            "DATABASE_URL": None,
            "REDIS_URL": None,
            **env,
        }

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), env=self.env)

    def __call__(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, (result.stdout, result.stderr, result.exception)
        return result.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def refusal(self, *arguments: str, status: int = 2) -> str:
        """The one line on standard error of a command that must fail."""
        result = self.run(*arguments)
        assert result.exit_code == status, (result.stdout, result.stderr, result.exception)
        assert result.stderr.count("\n") == 1, result.stderr
        return result.stderr
