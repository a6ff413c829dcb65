"""Fit the committed model of unfair terms anew.

    python -m services.differ.training LABELS_DIR [--out FILE]

LABELS_DIR holds `unfair_tos.train.jsonl.gz`, `unfair_tos.dev.jsonl.gz` (only to leave its sentences out) and
`claudette_ml_en.jsonl.gz`. Takes a few minutes; the same data give the same bytes.
"""

import argparse
import sys
from pathlib import Path

from services.differ.training.data import read_multilingual, read_unfair_tos, without
from services.differ.training.fit import fit_model

_OUT = Path(__file__).parents[1] / "data" / "unfair_terms.json"
_SOURCES = [
    "UNFAIR-ToS: M. Lippi et al., CLAUDETTE, Artificial Intelligence and Law 27 (2019); split of LexGLUE, "
    "I. Chalkidis et al., ACL 2022; training split; CC BY 4.0",
    "CLAUDETTE multilingual, English part: the CLAUDETTE project; CC BY 4.0",
]


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, metavar="LABELS_DIR")
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    train = read_unfair_tos(options.labels / "unfair_tos.train.jsonl.gz")
    held_out = read_unfair_tos(options.labels / "unfair_tos.dev.jsonl.gz")
    extra = without(read_multilingual(options.labels / "claudette_ml_en.jsonl.gz"), [*train, *held_out])
    card = {"sources": _SOURCES, "sentences": {"UNFAIR-ToS": len(train), "CLAUDETTE multilingual": len(extra)}}
    data = fit_model(train, extra, card)
    options.out.write_bytes(data)
    sys.stdout.write(f"{options.out}: {len(data):,} bytes from {len(train) + len(extra):,} sentences\n")


if __name__ == "__main__":
    main()
