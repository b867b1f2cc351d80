"""`json`: a run as data of our own (schemas/controle.schema.json)."""

from __future__ import annotations

from typing import Any

from recevable.language.diagnostics import Severity, Span
from recevable.outputs.run import Annotation, Run
from recevable.report.json_format import dump


def render(run: Run) -> str:
    """The whole run, indented."""
    cases = [
        {
            "groupe": case.suite,
            "nom": case.name,
            **_place(case.span),
            "constats": [_annotation(found) for found in case.annotations],
        }
        for case in run.cases
    ]
    counts = {str(severity): sum(a.severity is severity for a in run.annotations) for severity in Severity}
    balance = {"cas": len(run.cases)} | counts
    return dump({"verbe": run.verb, "echec": run.failed, "cas": cases, "bilan": balance}, indent=True) + "\n"


def _annotation(found: Annotation) -> dict[str, Any]:
    return {
        "code": found.code,
        "gravite": str(found.severity),
        **_place(found.span),
        "message": found.message,
        "aide": found.help,
    }


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"fichier": None, "ligne": None, "colonne": None}
    return {"fichier": span.file, "ligne": span.line, "colonne": span.column}
