"""SARIF 2.1.0 (OASIS), for code scanning: one result per annotation, one rule per code."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from recevable import __version__
from recevable.language.diagnostics import Severity, Span
from recevable.outputs.formats.as_gitlab import fingerprint
from recevable.outputs.run import Annotation, Run
from recevable.report.json_format import dump
from recevable.report.layout import sentence, visible

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render(run: Run) -> str:
    """The whole run, indented."""
    codes = sorted({found.code for found in run.annotations})
    seen: Counter[str] = Counter()
    rules = [{"id": code, "shortDescription": {"text": visible(run.about.get(code, code))}} for code in codes]
    driver = {"name": "recevable", "version": __version__, "rules": rules}
    results = [_result(found, codes, seen) for found in run.annotations]
    whole = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"recevable-{run.verb}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [whole]}, indent=True) + "\n"


def _result(found: Annotation, codes: list[str], seen: Counter[str]) -> dict[str, Any]:
    text = "\n".join(sentence(line) for line in [found.message, *found.help.splitlines()])
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": codes.index(found.code),
        "level": _LEVELS[found.severity],
        "message": {"text": text},
        "locations": [],
        "partialFingerprints": {
            "recevable/v1": fingerprint(found, found.span.file if found.span else "", seen),
        },
    }
    if found.span is not None:
        result["locations"] = [{"physicalLocation": _location(found.span)}]
    return result


def _location(span: Span) -> dict[str, Any]:
    path = PurePosixPath(span.file)
    uri = f"file://{quote(span.file)}" if path.is_absolute() else quote(span.file)
    end = span.column + span.length
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": end}
    return {"artifactLocation": {"uri": uri}, "region": region}
