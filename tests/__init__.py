"""The tests, and what they share: fixtures in `conftest`, real servers in `servers`, stand-ins in `fakes`."""

import os
import sys

# Hundreds of processes start in a run; without bytecode each spends most of its time compiling what it imports.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
