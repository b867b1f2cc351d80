"""Workflow commands of GitHub Actions: each annotation appears at its line of the files changed by a pull request."""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity
from recevable.outputs.run import Annotation, Run
from recevable.report.layout import sentence, visible

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
# Escapes in the text of a command, then also in its properties: https://github.com/actions/toolkit, command.ts.
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def render(run: Run) -> str:
    """A line per annotation, then one with the number of cases, so that the output is never empty."""
    lines = [_command(found) for found in run.annotations]
    bad = sum(any(run.counts(found) for found in case.annotations) for case in run.cases)
    return "\n".join([*lines, f"recevable {run.verb} : {len(run.cases)} cas, {bad} en échec"]) + "\n"


def _command(found: Annotation) -> str:
    properties = {}
    if found.span is not None:
        span = found.span
        end = span.column + span.length
        properties = {"file": span.file, "line": str(span.line), "col": str(span.column), "endColumn": str(end)}
    properties["title"] = found.code
    written = ",".join(f"{key}={_escaped(visible(value), _PROPERTY)}" for key, value in properties.items())
    text = "\n".join(sentence(line) for line in [found.message, *found.help.splitlines()])
    return f"::{_LEVELS[found.severity]} {written}::{_escaped(text, _DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
