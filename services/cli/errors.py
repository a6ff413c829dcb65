"""What a command says instead of a traceback."""


class CommandError(Exception):
    """One clear line for the person at the terminal: where, what, and the mend."""

    exit_status = 1


class UsageError(CommandError):
    """The arguments, the settings or an input file cannot be used as they are."""

    exit_status = 2


class Failure(CommandError):
    """The input was good, but the work could not be done."""
