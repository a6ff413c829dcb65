"""What `clausewatch up` has done before it starts anything, in a process of its own: the supervisor stays small."""

from dataclasses import replace
from typing import Annotated

import typer

from services.cli.opening import open_installation
from services.cli.sample.kept import load_sample, sample_file, save_sample
from services.cli.sample.setup import rest_sample, set_up_sample
from shared.settings import load_settings


def prepare(
    with_sample: Annotated[bool, typer.Option("--sample", help="Set up the sample platform too.")] = False,
) -> None:
    """Bring the data folder to this version's tables, and set up the sample or put it to rest."""
    settings = load_settings(allow_loopback=True) if with_sample else None
    with open_installation(settings) as opened:
        file = sample_file(opened.settings.data)
        if with_sample:
            sample = load_sample(file)
            save_sample(file, replace(set_up_sample(opened, sample), shown=bool(sample.secret)))
        elif file.exists():
            rest_sample(opened)
