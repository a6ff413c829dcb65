"""When a process that died is started again: a pure rule."""

from dataclasses import dataclass

_FIRST_S, _MOST_S = 0.2, 10.0
_STEADY_S = 30.0
MAX_EARLY_DEATHS = 5


@dataclass(frozen=True, slots=True)
class Deaths:
    """Deaths in a row without a steady run in between, and what they say of the process."""

    in_a_row: int = 0
    by_itself: int = 0
    """Those of them that the process brought about itself."""
    was_steady: bool = False

    def after(self, ran_for_s: float, *, killed: bool = False) -> "Deaths":
        """One more death, after a run of so many seconds; `killed` where SIGKILL ended it, so somebody else's doing."""
        own = 0 if killed else 1
        if ran_for_s >= _STEADY_S:
            return Deaths(1, own, was_steady=True)
        return Deaths(self.in_a_row + 1, self.by_itself + own, self.was_steady)

    @property
    def delay_s(self) -> float:
        """How long to wait before the next start: doubled with each death in a row."""
        doublings = min(max(self.in_a_row - 1, 0), 16)  # more would overflow a float in the end
        return float(min(_FIRST_S * 2**doublings, _MOST_S))

    @property
    def is_hopeless(self) -> bool:
        """A process that cannot even start: trying on would only hide that."""
        return not self.was_steady and self.by_itself >= MAX_EARLY_DEATHS
