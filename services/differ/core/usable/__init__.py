"""Whether a capture shows the document at all, judged from its structure and the document's history (guarantee 7)."""

from services.differ.core.usable.history import History
from services.differ.core.usable.rules import Unusable, judge_usable

__all__ = ["History", "Unusable", "judge_usable"]
