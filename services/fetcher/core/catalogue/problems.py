"""What is wrong with a file that is imported, and where in it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: the file, the place in it as a JSON pointer (RFC 6901), what is wrong, and the mend."""

    file: str
    pointer: str
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}#{self.pointer}" if self.pointer else self.file
        return f"{place}: {self.what}; {self.mend}"


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in a file, to which problems are reported."""

    file: str
    report: Callable[[Problem], None]
    steps: tuple[str, ...] = field(default=())

    def at(self, *steps: str | int) -> "Place":
        """A place further in."""
        return Place(self.file, self.report, (*self.steps, *map(str, steps)))

    def wrong(self, what: str, mend: str) -> None:
        """Report a problem here."""
        pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in self.steps)
        self.report(Problem(self.file, pointer, what, mend))
