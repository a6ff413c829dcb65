"""`clausewatch migrate`."""

from sqlalchemy.exc import OperationalError

from services.cli.errors import Failure
from services.cli.opening import make_data_folder, read_settings, reason, where
from services.cli.output import say
from shared.db import migrate as migrations


def migrate() -> None:
    """Bring the database to this version's tables; nothing happens where it is there already."""
    settings = read_settings()
    if not settings.database_url:
        make_data_folder(settings)
    try:
        before, head = migrations.current_and_head(settings.sqlalchemy_url)
        if before != head:
            migrations.upgrade(settings.sqlalchemy_url)
    except OperationalError as error:
        raise Failure(f"{where(settings)} cannot be used: {reason(error)}") from error
    if before == head:
        say(f"{where(settings)} is at revision {head} already")
    else:
        say(f"{where(settings)} went from revision {before or 'nothing'} to {head}")
