"""The public face of the differ's core: from an extraction to a change report.

`extract → segment → align → compare → classify → judge → summarise`; `extract` has its own package.
"""

from services.differ.core.align import Alignment, align
from services.differ.core.comparison import Comparison, compare_versions
from services.differ.core.report import build_report
from services.differ.core.segment import segment
from services.differ.core.version_text import VersionText

__all__ = ["Alignment", "Comparison", "VersionText", "align", "build_report", "compare_versions", "segment"]
