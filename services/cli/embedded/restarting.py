"""When a process that died is started again: a pure rule."""

from dataclasses import dataclass

_FIRST_S, _MOST_S = 0.2, 10.0
_STEADY_S = 30.0
MAX_EARLY_DEATHS = 5


@dataclass(frozen=True, slots=True)
class Deaths:
    """Deaths in a row without a steady run in between, and whether the process ever ran steadily."""

    in_a_row: int = 0
    was_steady: bool = False

    def after(self, ran_for_s: float) -> "Deaths":
        """One more death, after a run of so many seconds."""
        steady = ran_for_s >= _STEADY_S
        return Deaths(1 if steady else self.in_a_row + 1, self.was_steady or steady)

    @property
    def delay_s(self) -> float:
        """How long to wait before the next start: doubled with each death in a row."""
        return float(min(_FIRST_S * 2 ** max(self.in_a_row - 1, 0), _MOST_S))

    @property
    def is_hopeless(self) -> bool:
        """A process that cannot even start: trying on would only hide that."""
        return not self.was_steady and self.in_a_row >= MAX_EARLY_DEATHS
