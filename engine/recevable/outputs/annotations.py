"""A decision as the cases of a run: one per request, each finding at the relevant line of the dossier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from recevable.decision.model import (
    DatumOrigin,
    Decision,
    EvidenceLine,
    Finding,
    RecoveryCase,
    RequestDecision,
    Verdict,
)
from recevable.decision.points import Point, points
from recevable.dossier.limits import pointer
from recevable.dossier.positions import Positions, scan
from recevable.language.diagnostics import Severity, Span
from recevable.language.tree import EACH, FIELD, references
from recevable.outputs.run import Annotation, Case
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import RECOVERY, Consequence, Context, Result

VERDICT: Final = "VERDICT"
# The rank of an element in the name of a datum: `embauches[2].salaire`.
_INDEX: Final = re.compile(r"\[(\d+)\]")
EVIDENCE: Final = "PREUVE"
_EVIDENCE: Final = {"ecart": Severity.ERROR, "non_verifiable": Severity.WARNING, "remarque": Severity.NOTE}
_VERDICTS: Final = {
    Verdict.ACCEPT: "accepté sous réserve d'une appréciation",
    Verdict.COMPLETE: "à compléter",
    Verdict.REJECT: "rejeté",
    Verdict.UNDECIDABLE: "pas de décision",
}


class Places:
    """The positions of the data of one dossier; `line` is that of the dossier in its file."""

    def __init__(self, file: str, data: bytes, line: int) -> None:
        self.file, self.data, self.line = file, data, line
        self._positions: Positions | None = None

    def of(self, names: Iterable[str], root: str) -> Span:
        """The place of the first datum, or of its nearest existing parent; else of the root."""
        values = self._scanned().values
        for name in (*names, root):
            path = _INDEX.sub(r".\1", name).split(".")
            for end in range(len(path), 0, -1):
                candidate = pointer(*path[:end])
                if candidate in values:
                    return self._span(candidate)
        return Span(self.file, self.line, 1)

    def _scanned(self) -> Positions:
        if self._positions is None:
            self._positions = scan(self.data.decode("utf-8"))
        return self._positions

    def _span(self, path: str) -> Span:
        found = self._scanned()
        line, column = found.line_column(found.keys.get(path, found.values[path]))
        return Span(self.file, self.line + line - 1, column)


def severities(decision: Decision) -> Iterator[Severity]:
    """The severity of each finding of a decision; an accepted decision only has notes."""
    for request in decision.requests:
        found = [_severity(point) for point in _points(request.findings)]
        yield from found
        yield from _unexplained(request, found)
    yield from (Severity.NOTE if case.closed else Severity.WARNING for case in decision.recovery)
    yield from (_severity(point) for point in _points(decision.recovery_findings))
    yield from (_EVIDENCE[line.level] for line in decision.evidence or ())


def cases(decision: Decision, compiled: CompiledPack, places: Places, name: str) -> list[Case]:
    """A case per request, and one each for recovery and the proof when they have findings; `name` is the dossier's."""
    found = []
    for request in decision.requests:
        root = request.place
        context = compiled.context(request.name)
        annotations = [_point(point, context, root, places) for point in _points(request.findings)]
        for severity in _unexplained(request, [annotation.severity for annotation in annotations]):
            annotations.append(Annotation(VERDICT, severity, _VERDICTS[request.verdict], places.of((), root)))
        found.append(Case(name, request.label, places.of((), root), tuple(annotations)))
    annotations = [_case(case, places) for case in decision.recovery]
    context = compiled.context(RECOVERY)
    annotations += [_point(point, context, "", places) for point in _points(decision.recovery_findings)]
    if annotations:
        found.append(Case(name, RECOVERY, places.of((), ""), tuple(annotations)))
    if decision.evidence is not None:
        annotations = [_evidence(line, places) for line in decision.evidence]
        found.append(Case(name, "preuve", places.of((), ""), tuple(annotations)))
    return found


def _points(findings: Iterable[Finding]) -> list[Point]:
    return points(f for f in findings if f.result not in (Result.SATISFIED, Result.NOT_APPLICABLE))


def _severity(point: Point) -> Severity:
    unknown = any(datum.origin is DatumOrigin.PARAMETER for datum in point.missing)
    if point.consequence is Consequence.REJECT or unknown:
        return Severity.ERROR
    return Severity.NOTE if point.consequence in (Consequence.SIGNAL, Consequence.SET_ASIDE) else Severity.WARNING


def _unexplained(request: RequestDecision, found: Iterable[Severity]) -> Iterator[Severity]:
    """The severity to add when no finding explains why a request is not accepted."""
    accepted = request.verdict is Verdict.ACCEPT and not request.provisional
    if not accepted and all(severity is Severity.NOTE for severity in found):
        yield Severity.WARNING


def _point(point: Point, context: Context, root: str, places: Places) -> Annotation:
    first = point.findings[0]
    names = [datum.name for datum in (*point.missing, *first.values)] or _read(first, context)
    # the code is the first rule; rules with the same message are named with their sources
    sources = " ; ".join(
        source if rules == [first.rule] else f"{source} ({', '.join(rules)})"
        for source, rules in point.references.items()
    )
    help = "\n".join(part for part in (first.repair, f"Source : {sources}") if part)
    message = point.message or f"{first.title} : à apprécier"
    return Annotation(first.rule, _severity(point), message, places.of(names, root), help)


def _read(finding: Finding, context: Context) -> list[str]:
    """The fields read by the checks of a finding, the deciding test first: a presence test has no value."""
    steps = [
        step
        for check in context.checks
        if (check.rule, check.cause) == (finding.rule, finding.cause)
        for step in reversed(check.steps)
    ]
    names = [name for step in steps for name in references(step.test, FIELD)]
    root, place = (f"{one.list}{EACH}", one.place) if (one := finding.element) is not None else ("", "")
    return [name.replace(root, place) for name in names] if root else names


def _case(case: RecoveryCase, places: Places) -> Annotation:
    severity = Severity.NOTE if case.closed else Severity.WARNING
    place = places.of([datum.name for datum in case.missing], "")
    return Annotation(case.rule, severity, case.message or case.title, place, f"Source : {case.source}")


def _evidence(line: EvidenceLine, places: Places) -> Annotation:
    return Annotation(EVIDENCE, _EVIDENCE[line.level], line.message, places.of([line.field], ""))
