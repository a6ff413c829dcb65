"""A change report as the differ would write it; texts are ours."""

from typing import Any


def provision(
    number: int = 1, *, severity: str = "high", text: str = "days' notice.", **changed: Any
) -> dict[str, Any]:
    return {
        "id": f"prv_{number}",
        "op": "modified",
        "path": ["5. Termination", f"5.{number}"],
        "heading": f"5.{number}",
        "category": "contract.termination",
        "categories": ["contract.termination"],
        "regulations": [],
        "severity": severity,
        "direction": "worse",
        "confidence": 0.9,
        "reasons": ["quantity.shortened:notice"],
        "before": {"text": f"We may end this with 30 {text}", "path": ["5. Termination"], "parts": None},
        "after": {"text": f"We may end this with 14 {text}", "path": ["5. Termination"], "parts": None},
        "redline": [["=", "We may end this with "], ["-", "30"], ["+", "14"], ["=", f" {text}"]],
        "facts": [],
        "sentence": {"text": "Notice before termination fell from 30 days to 14 days.", "proof": []},
        **changed,
    }


def report(*provisions: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "schema": "clausewatch.change/1",
        "pair": None,
        "outcome": "changed",
        "alert": True,
        "id": "chg_1",
        "status": "confirmed",
        "sequence": 2,
        "platform": {"slug": "acme", "name": "Acme"},
        "document": {
            "id": "doc_1",
            "type": "Terms of Service",
            "url": "https://acme.example/terms",
            "language": "en",
        },
        "dates": {
            "last_seen_old": "2026-04-09T08:00:00Z",
            "first_seen_new": "2026-04-10T08:00:00Z",
            "stated_updated": {"value": "2026-04-09", "quote": "Last updated 9 April 2026"},
            "effective": {"value": "2026-04-24", "quote": "takes effect on 24 April 2026"},
            "objection": None,
        },
        "announced": True,
        "seen_before": None,
        "severity": "high",
        "direction": "worse",
        "confidence": 0.9,
        "reasons": ["quantity.shortened:notice"],
        "headline": {"text": "Notice before termination is shorter", "proof": []},
        "affected": ["api-developers"],
        "notes": [],
        "counts": {
            "added": 0,
            "removed": 0,
            "modified": len(provisions),
            "moved": 0,
            "renumbered": 0,
            "split": 0,
            "merged": 0,
        },
        "provisions": list(provisions),
        "omitted": {"provisions": 0},
        "ignored": [],
        "limits": [],
        "unusable": None,
        "evidence": {
            "old": {"version": "ver_1", "snapshot_sha256": "a" * 64, "text_sha256": "b" * 64},
            "new": {"version": "ver_2", "snapshot_sha256": "c" * 64, "text_sha256": "d" * 64},
        },
        "links": None,
        "disclaimer": "Describes what the document states. Not legal advice.",
        **changed,
    }
