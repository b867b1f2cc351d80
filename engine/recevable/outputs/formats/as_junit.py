"""JUnit XML: one test case per case; annotations that fail the run are failures, the others are output.

No time is written: the same run gives the same bytes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from recevable.outputs.run import Annotation, Case, Run
from recevable.report.layout import sentence, visible


def render(run: Run) -> str:
    """The whole run, as a document in UTF-8."""
    root = ET.Element("testsuites", {"name": f"recevable {run.verb}", **_counts(run, run.cases)})
    suites: dict[str, list[Case]] = {}
    for case in run.cases:
        suites.setdefault(case.suite, []).append(case)
    for name, cases in suites.items():
        suite = ET.SubElement(root, "testsuite", {"name": visible(name), **_counts(run, cases)})
        for case in cases:
            _case(suite, case, run)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _counts(run: Run, cases: Sequence[Case]) -> dict[str, str]:
    failures = sum(any(run.counts(found) for found in case.annotations) for case in cases)
    return {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "skipped": "0"}


def _case(suite: ET.Element, case: Case, run: Run) -> None:
    place = {"file": visible(case.span.file), "line": str(case.span.line)} if case.span else {}
    names = {"name": visible(case.name), "classname": visible(case.suite)}
    element = ET.SubElement(suite, "testcase", names | place)
    fatal = [found for found in case.annotations if run.counts(found)]
    if fatal:
        # readers only show one failure per case
        attributes = {"message": sentence(fatal[0].message), "type": visible(fatal[0].code)}
        ET.SubElement(element, "failure", attributes).text = _text(fatal)
    others = [found for found in case.annotations if not run.counts(found)]
    if others:
        ET.SubElement(element, "system-out").text = _text(others)


def _text(found: Sequence[Annotation]) -> str:
    return "\n".join(line for one in found for line in _lines(one))


def _lines(found: Annotation) -> list[str]:
    where = f"{found.span}: " if found.span else ""
    lines = [visible(where) + sentence(f"{found.severity} [{found.code}] {found.message}")]
    return [*lines, *(f"  {sentence(line)}" for line in found.help.splitlines())]
