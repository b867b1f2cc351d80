"""The code quality report of GitLab: findings with fingerprints, used to compare merge requests."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any, Final

from recevable.language.diagnostics import Severity
from recevable.outputs.run import Annotation, Case, Run
from recevable.report.json_format import dump
from recevable.report.layout import sentence, visible

_LEVELS: Final = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(run: Run) -> str:
    """The whole run, indented; a finding without a place, which GitLab would hide, gets that of its case."""
    seen: Counter[str] = Counter()
    found = [_finding(one, case, seen) for case in run.cases for one in case.annotations]
    return dump(found, indent=True) + "\n"


def _finding(found: Annotation, case: Case, seen: Counter[str]) -> dict[str, Any]:
    span = found.span or case.span
    path = visible(span.file if span else case.suite)
    return {
        "description": sentence(found.message),
        "check_name": found.code,
        "fingerprint": fingerprint(found, path, seen),
        "severity": _LEVELS[found.severity],
        "location": {"path": path, "lines": {"begin": span.line if span else 1}},
    }


def fingerprint(found: Annotation, path: str, seen: Counter[str]) -> str:
    """What stays when lines move: the code, the file and the words, and a rank among those that are alike."""
    words = f"{found.code}\n{path}\n{found.message}"
    seen[words] += 1
    return hashlib.sha256(f"{words}\n{seen[words]}".encode()).hexdigest()
