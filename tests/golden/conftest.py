"""The option that writes the goldens anew: `pytest tests/golden --update-goldens`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens", action="store_true", help="write the golden reports anew, to be read in git diff"
    )
