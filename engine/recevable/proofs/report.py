"""What was proved, in French and as JSON, with the bounds within which it holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.model import RequestDecision
from recevable.decision.wording import amount, count, day
from recevable.language.diagnostics import Diagnostic, Severity, Span
from recevable.lint.tolerances import PROOF, Tolerance, applied
from recevable.outputs.run import Annotation, Case, annotation, relocated, seen_from_here
from recevable.report.layout import Page
from recevable.trials.proved import Answer, Bounds, Status

_WORDS = {
    Status.PROVED: ("prouvée", "green"),
    Status.REFUTED: ("réfutée", "red"),
    Status.UNDECIDED: ("non décidée", "yellow"),
    Status.EMPTY: ("vide", "yellow"),
}


# What an answer that is no proof is called in a report of CI.
_CODES = {
    Status.REFUTED: ("PREUVE-REFUTEE", Severity.ERROR),
    Status.UNDECIDED: ("PREUVE-NON-DECIDEE", Severity.WARNING),
    Status.EMPTY: ("PREUVE-VIDE", Severity.WARNING),
}
ABOUT = {
    "PREUVE-REFUTEE": "Un dossier montre que cela ne tient pas",
    "PREUVE-NON-DECIDEE": "Ni prouvé, ni réfuté",
    "PREUVE-VIDE": "Aucun dossier n'est dans le cas dont parle la propriété",
}


class Line(Struct, frozen=True):
    """The answer to a question: its identity, what it says, where it is written, and what an example shows.

    `shown` is, for each dossier of the example, the decision in a few words; `excused` is why the pack accepts that it
    is not proved; `scenario` is the example as a scenario that a person may accept.
    """

    id: str
    title: str
    place: Span
    answer: Answer
    shown: tuple[str, ...] = ()
    seconds: float = 0.0
    excused: str = ""
    scenario: str = ""


class Report(Struct, frozen=True):
    """The answers about a pack, or about what changes since another version of it.

    `before` is then the digest of that version, and `incomparable` names what is in one of them only.  `faults` are
    those of the tolerances of the pack.
    """

    programme: str
    digest: str
    bounds: Bounds
    solver: str
    lines: tuple[Line, ...]
    before: str = ""
    incomparable: tuple[str, ...] = ()
    faults: tuple[Diagnostic, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether everything that was asked is proved or excused, and something was asked."""
        settled = (line.answer.status is Status.PROVED or line.excused for line in self.lines)
        return bool(self.lines) and all(settled) and not self.faults

    @property
    def refuted(self) -> bool:
        """Whether a dossier refutes something that was asked."""
        return any(line.answer.status is Status.REFUTED for line in self.lines)


def request_words(request: RequestDecision) -> str:
    """The decision on a request in a few words."""
    payable = request.payable
    paid = f", {amount(payable.value)} à payer" if payable is not None and payable.value is not None else ""
    provisional = ", sous réserve" if request.provisional else ""
    return f"{request.title} : {request.verdict}{provisional}{paid}"


def excused(report: Report, tolerances: Sequence[Tolerance], today: date) -> Report:
    """The report, with what the pack accepts not to be proved, and the faults of its tolerances."""
    unproved = [
        Diagnostic(PROOF, line.title, None, "", subject=line.id)
        for line in report.lines
        if line.answer.status is not Status.PROVED
    ]
    asked = {line.id for line in report.lines}
    mine = [one for one in tolerances if one.check.text == PROOF]
    subjects = asked | {name.partition(":")[0] for name in asked}
    left = applied(mine, unproved, (PROOF,), subjects, today)
    bare = {one.subject for one in left if one.code == PROOF}
    reasons = {one.subject.text: one.reason for one in mine if one.subject.text not in bare and one.expires >= today}
    lines = tuple(
        replace(line, excused=reasons[line.id])
        if line.answer.status is not Status.PROVED and line.id in reasons
        else line
        for line in report.lines
    )
    return replace(report, lines=lines, faults=tuple(one for one in left if one.code != PROOF))


def within(bounds: Bounds) -> str:
    """The bounds of a proof, as the end of a sentence."""
    elements = count(bounds.elements, "élément", "éléments")
    return (
        f"listes de {elements} au plus, dates du {day(bounds.first)} au {day(bounds.last)}, "
        f"décision du {day(bounds.decided_from)} au {day(bounds.decided_until)}"
    )


def render(report: Report, page: Page, *, verbose: bool) -> str:
    """The answers as text: those that are not proved with their reason, the others when `verbose`."""
    found = []
    for line in report.lines:
        word, colour = _WORDS[line.answer.status]
        if (line.answer.status is Status.PROVED or line.excused) and not verbose:
            continue
        found.append(f"{page.paint(word, 'bold', colour)} {line.id} : {line.title} ({line.place})")
        found += [f"  {why}" for why in _why(line)]
    found += [f"{fault.span} {fault.message} [{fault.code}]" for fault in report.faults]
    if report.incomparable:
        found.append(f"Sans comparaison possible : {', '.join(report.incomparable)}.")
    counts = _counts(report.lines)
    found.append(f"{report.programme} : {counts} ({within(report.bounds)}).")
    return "\n".join(found) + "\n"


def _why(line: Line) -> list[str]:
    """Why something is not proved: the reason, what excuses it, and the dossier that shows it."""
    found = [reason for reason in (line.answer.reason, line.excused and f"toléré : {line.excused}") if reason]
    example = line.answer.example
    if example is not None:
        near = f", proche de {example.near}" if example.near else ""
        which = f"le dossier connu {example.near}" if example.known else "un dossier"
        found.append(f"{which} le montre, décidé le {day(example.day)}{'' if example.known else near} :")
        found += [f"  {shown}" for shown in line.shown]
    return found


def cases(report: Report, folder: Path) -> list[Case]:
    """A case for each question, with an annotation at its line when it is not proved, and one for the tolerances."""
    here = seen_from_here(folder)
    found = []
    for line in report.lines:
        spot = Diagnostic("", f"{line.title} : {_WORDS[line.answer.status][0]}", line.place)
        annotations: tuple[Annotation, ...] = ()
        if line.answer.status is not Status.PROVED:
            code, severity = _CODES[line.answer.status]
            spot = replace(
                spot, code=code, severity=Severity.NOTE if line.excused else severity, notes=tuple(_why(line))
            )
        (spot,) = relocated([spot], folder)
        if spot.code:
            annotations = (annotation(spot),)
        found.append(Case(here, line.id, spot.span, annotations))
    faults = tuple(annotation(one) for one in relocated(report.faults, folder))
    return [*found, Case(here, "tolérances", None, faults)] if faults else found


def _counts(lines: Sequence[Line]) -> str:
    words = {
        Status.PROVED: ("prouvée", "prouvées"),
        Status.REFUTED: ("réfutée", "réfutées"),
        Status.UNDECIDED: ("non décidée", "non décidées"),
        Status.EMPTY: ("vide", "vides"),
    }
    parts = []
    for status, (one, several) in words.items():
        number = sum(line.answer.status is status for line in lines)
        if number:
            parts.append(count(number, one, several))
    accepted = sum(bool(line.excused) for line in lines)
    if accepted:
        parts.append(f"dont {count(accepted, 'tolérée', 'tolérées')}")
    return ", ".join(parts) or "rien à prouver"


def data(report: Report) -> dict[str, Any]:
    """The answers as JSON."""
    return {
        "programme": report.programme,
        "paquet_sha256": report.digest,
        **({"avant_sha256": report.before, "incomparables": list(report.incomparable)} if report.before else {}),
        "solveur": report.solver,
        "bornes": {
            "elements": report.bounds.elements,
            "dates": [report.bounds.first.isoformat(), report.bounds.last.isoformat()],
            "decision": [report.bounds.decided_from.isoformat(), report.bounds.decided_until.isoformat()],
        },
        "reponses": [_line(line) for line in report.lines],
        "tolerances": [fault.message for fault in report.faults],
    }


def _line(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": line.id,
        "titre": line.title,
        "place": str(line.place),
        "reponse": str(line.answer.status),
    }
    if line.answer.reason:
        found["raison"] = line.answer.reason
    if line.excused:
        found["toleree"] = line.excused
    if line.answer.example is not None:
        example = line.answer.example
        found["exemple"] = {
            "au": example.day.isoformat(),
            "proche_de": example.near,
            "connu": example.known,
            "decisions": list(line.shown),
            "dossiers": [json.loads(content) for content in example.contents],
        }
    return found


def files(lines: Iterable[Line]) -> Iterable[tuple[str, bytes]]:
    """The dossiers of the examples, by file name."""
    for line in lines:
        example = line.answer.example
        for rank, content in enumerate(example.contents if example is not None else (), start=1):
            suffix = f"-{rank}" if example is not None and len(example.contents) > 1 else ""
            name = line.id.lower().replace("/", "-")
            yield f"{name}{suffix}.json", content
