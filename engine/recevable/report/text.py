"""The decision as French text, in the order an instructor needs.

A summary when there are several requests; then for each request the verdict, the reasons for rejection, what must be
completed and by whom, the appraisals left to a human, and the amounts with their calculation; then the recovery cases
and the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

from recevable.decision.calculation import sentence
from recevable.decision.model import (
    AmountStep,
    AppliedVersion,
    AppraisalLine,
    AppraisalState,
    Decision,
    Finding,
    HouseDefault,
    RecoveryCase,
    RequestDecision,
    TraceLine,
    Verdict,
)
from recevable.decision.points import Point, points
from recevable.decision.wording import amount, count, day, when, words
from recevable.inference.agreement import Sample
from recevable.language.unparse import literal
from recevable.pack.model import RECOVERY, Consequence, Party, Result
from recevable.report import sections
from recevable.report.layout import Page, table

_COLOURS: Final = {
    Verdict.ACCEPT: "green",
    Verdict.COMPLETE: "yellow",
    Verdict.REJECT: "red",
    Verdict.UNDECIDABLE: "red",
}
_UNKNOWN: Final = "inconnu"


def render(decision: Decision, zone: tzinfo, page: Page, name: str = "") -> str:
    """The text of a decision, ending with a newline; `name` is that of the input (file, or file:line)."""
    lines = [*_header(decision, page, name), *_overview(decision, page)]
    explained: set[str] = set()
    for request in decision.requests:
        lines += ["", *_request(request, decision, zone, page)]
        lines += _defaults(request.defaults, explained, zone, page)
        lines += _trace(request.trace, request.versions, zone, page)
    for one in (line for line in decision.appraisals if not line.requests):
        lines += ["", *page.paragraph(f"Réponse sans effet sous `appreciations.{one.label}` : {one.reason}.", "  ! ")]
    if _recovers(decision):
        lines += ["", *_recovery(decision, page)]
        lines += _defaults(decision.recovery_defaults, explained, zone, page)
    elif not decision.requests:
        lines += ["", "Aucun cas de recouvrement n'est établi."]
    at_decision = AppliedVersion(True, decision.decided_on, decision.version)
    lines += _trace(decision.recovery_trace, [at_decision], zone, page)
    lines += _evidence(decision, page)
    lines += ["", *_receipt(decision, page)]
    return "\n".join(lines) + "\n"


def summary(counts: Sequence[tuple[int, str, str]], page: Page) -> str:
    """The last line of a run over several dossiers; each count is (number, singular, plural)."""
    text = ", ".join(count(*counted) for counted in counts if counted[0])
    return page.paint(f"Bilan : {text}.", "bold") + "\n"


# --- what is decided, on which day, under which version ---------------------------------------------------------------


def _header(decision: Decision, page: Page, name: str) -> list[str]:
    reference = f"({decision.reference})" if name and decision.reference else decision.reference
    title = "  ".join(part for part in (name, reference) if part) or "Dossier sans référence"
    return [
        page.paint(page.spread(title, f"décision au {day(decision.decided_on)}"), "bold"),
        *page.paragraph(decision.title, ""),
        *page.paragraph(sections.in_force(decision), ""),
        page.paint("─" * page.width, "dim"),
    ]


def _recovers(decision: Decision) -> bool:
    return bool(decision.recovery) or any(finding.message for finding in decision.recovery_findings)


def _overview(decision: Decision, page: Page) -> list[str]:
    """One line per request, when there are several items to read."""
    rows = [(one.title, sections.VERDICTS[one.verdict].upper(), sections.detail(one)) for one in decision.requests]
    colours = [_COLOURS[request.verdict] for request in decision.requests]
    if decision.recovery:
        opened = sum(not case.closed for case in decision.recovery)
        rows.append(("Recouvrement", "À INSTRUIRE" if opened else "CLOS", count(len(decision.recovery), "cas", "cas")))
        colours.append("yellow" if opened else "green")
    if len(rows) < 2:
        return []
    lines = [
        line.replace(label, page.paint(label, "bold", colour), 1)
        for line, (_, label, _), colour in zip(table(rows), rows, colours, strict=True)
    ]
    return ["", *lines]


# --- a request --------------------------------------------------------------------------------------------------------


def _request(request: RequestDecision, decision: Decision, zone: tzinfo, page: Page) -> list[str]:
    label, colour = sections.VERDICTS[request.verdict].upper(), _COLOURS[request.verdict]
    received = f"reçue le {when(request.received, zone)}" if request.received else "réception non datée"
    reserve = " sous réserve d'une appréciation humaine" if request.provisional else ""
    label_of_amount = "à payer" if request.payable else "montant estimé"
    accepted = request.verdict is Verdict.ACCEPT and request.proposed
    payable = f" ; {label_of_amount} : {sections.payable(request)}" if accepted else ""
    return [
        page.paint(page.spread(request.title.upper(), received), "bold"),
        f"  {page.paint(f'▌ {label}', 'bold', colour)}{reserve}{payable}",
        *(page.paragraph(sections.settled(request), "  ") if sections.settled(request) else []),
        *_versions(request, decision, page),
        *page.paragraph(sections.counts(request), "  "),
        *_against(request, page),
        *_repair(request, decision.parties, page),
        *_appraisals([a for a in decision.appraisals if request.label in a.requests], page),
        *_marked(sections.warnings(request.findings), "!", page),
        *_marked(sections.set_aside(request), "×", page),
        *_amounts(request, zone, page),
    ]


def _versions(request: RequestDecision, decision: Decision, page: Page) -> list[str]:
    """The versions that apply to a request, unless it is just the one in the header."""
    if all(applied.version == decision.version for applied in request.versions):
        return []
    return page.paragraph(sections.applied(request.versions), "  ")


def _against(request: RequestDecision, page: Page) -> list[str]:
    lines = []
    for section in sections.against(request):
        lines += ["", page.paint(f"  {section.heading}", "bold")]
        for rank, point in enumerate(section.points, start=section.first):
            lines += _item(f"{rank:>4}. ", point, page)
        lines += page.paragraph(section.note, "      ") if section.note else []
    return lines


def _item(bullet: str, point: Point, page: Page) -> list[str]:
    lines = page.paragraph(point.message, bullet)
    for source, rules in point.references.items():
        lines += _reference(source, ", ".join(rules), len(bullet), page)
    return lines


def _reference(source: str, rule: str, indent: int, page: Page) -> list[str]:
    """The source in the text, then the rule id."""
    return [page.paint(line, "dim") for line in page.paragraph(f"{source} · {rule}", " " * indent)]


def _repair(request: RequestDecision, parties: Mapping[str, Party], page: Page) -> list[str]:
    found = sections.repairs(request, parties)
    if found is None:
        return []
    lines = ["", *page.paragraph(found.note, "  ")] if found.note else []
    if found.asked:
        lines += ["", page.paint(f"  {found.heading}", "bold")]
    for one in found.asked:
        lines.append(f"    Demander {one.party} :")
        for action in one.actions:
            lines += page.paragraph(action.text, "      – ")
    return lines


def _marked(found: sections.Section | None, mark: str, page: Page) -> list[str]:
    """A section of points under one mark; nothing without a section."""
    if found is None:
        return []
    lines = ["", page.paint(f"  {found.heading}", "bold")]
    for point in found.points:
        lines += _item(f"    {mark} ", point, page)
    return lines


# --- what only a human may decide -------------------------------------------------------------------------------------


def _appraisals(appraisals: Sequence[AppraisalLine], page: Page) -> list[str]:
    if not appraisals:
        return []
    lines = ["", page.paint(f"  {sections.APPRAISALS}", "bold")]
    for line in appraisals:
        recorded = line.state is AppraisalState.RECORDED
        lines += page.paragraph(line.question, "    ✓ " if recorded else "    ? ")
        state = page.paragraph(sections.state(line), "      ")
        if recorded:
            lines += state
        else:
            lines += [page.paint(text, "yellow") for text in state]
            answers = " ou ".join(f"`{answer}`" for answer in line.answers)
            lines += page.paragraph(f"À consigner au dossier sous `appreciations.{line.label}` : {answers}.", "      ")
        lines += _reference(line.source, line.rule, 6, page)
    return lines


# --- amounts ----------------------------------------------------------------------------------------------------------


def _amounts(request: RequestDecision, zone: tzinfo, page: Page) -> list[str]:
    """Rates, then amounts in the order of the rules, then the one that the request is about."""
    if not request.amounts:
        return []
    proposed = request.proposed.name if request.proposed else ""
    heading, ordered = sections.amounts(request)
    lines = ["", page.paint(f"  {heading}", "bold")]
    for line, note in sections.of_elements(request):
        value = words(line.value, line.type, zone) if line.value is not None else _UNKNOWN
        lines += page.leader(line.title, value, note or ("provisoire" if line.provisional else line.source))
        lines += _calculation(line.steps, line.source if note else "", page)
    for line in ordered:
        value = words(line.value, line.type, zone) if line.value is not None else _UNKNOWN
        mark = "provisoire" if line.provisional else ""
        shown = page.leader(line.title, value, ", ".join(part for part in (mark, line.source) if part))
        beside = shown[-1].endswith(line.source)
        if not beside:
            shown = page.leader(line.title, value, mark)
        lines += [page.paint(text, "bold") for text in shown] if line.name == proposed else shown
        lines += _calculation(line.steps, "" if beside else line.source, page)
    return lines


def _calculation(steps: Sequence[AmountStep], source: str, page: Page) -> list[str]:
    """The operations of an amount, on one line if they fit, and the source if it did not fit beside the amount."""
    steps_text = " ; ".join(text for text in map(sentence, steps) if text)
    text = " · ".join(part for part in (steps_text, source) if part)
    return [page.paint(line, "dim") for line in page.paragraph(text, "      ")] if text else []


# --- what the text does not say ---------------------------------------------------------------------------------------


def _defaults(defaults: Sequence[HouseDefault], explained: set[str], zone: tzinfo, page: Page) -> list[str]:
    """The pack's own choices that counted, with reasons; those already `explained` above have no reason repeated."""
    if not defaults:
        return []
    lines = ["", page.paint(f"  {sections.DEFAULTS}", "bold")]
    for default in defaults:
        value = f" : {words(default.value, default.type, zone)}" if default.parameter else ""
        if default.name in explained:
            lines += page.paragraph(f"{default.title}{value} ({default.name}, raison donnée plus haut)", "    · ")
            continue
        explained.add(default.name)
        lines += page.paragraph(f"{default.title}{value}", "    · ")
        lines += page.paragraph(default.reason, "      ")
        source = default.source if default.source != default.reason else ""
        reference = " · ".join(part for part in (source, default.name) if part)
        lines += [page.paint(text, "dim") for text in page.paragraph(reference, "      ")]
    return lines


# --- recovery ---------------------------------------------------------------------------------------------------------


def _recovery(decision: Decision, page: Page) -> list[str]:
    opened = sum(not case.closed for case in decision.recovery)
    state = f"{count(opened, 'cas', 'cas')} à instruire" if opened else ""
    lines = [page.paint(page.spread("RECOUVREMENT", state).rstrip(), "bold")]
    if opened:
        lines.append(f"  {sections.NOBODY_ORDERS}")
    for case in decision.recovery:
        lines += _case(case, page)
    others = [f for f in decision.recovery_findings if f.message and f.result is not Result.TO_APPRAISE]
    lines += _marked(sections.warnings(others), "!", page)
    waiting = [_waiting(case) for case in decision.recovery if case.missing and case.message]
    lines += _unanswered([*waiting, *(f for f in others if f.consequence is not Consequence.SIGNAL)], page)
    lines += _appraisals([a for a in decision.appraisals if RECOVERY in a.requests], page)
    return lines


def _waiting(case: RecoveryCase) -> Finding:
    """What a case lacks, as a finding, so that a datum that several cases lack is printed once."""
    result, consequence = Result.MISSING, Consequence.COMPLETE
    return Finding(
        case.rule, case.title, result, case.source, case.requirements, "", consequence, case.message,
        missing=case.missing,
    )  # fmt: skip


def _unanswered(findings: Sequence[Finding], page: Page) -> list[str]:
    """The rules that lack a datum or require an action before recovery can be determined."""
    if not findings:
        return []
    lines = ["", page.paint("  À compléter", "bold")]
    for point in points(findings):
        lines += _item("    – ", point, page)
    return lines


def _case(case: RecoveryCase, page: Page) -> list[str]:
    state, colour = ("clos", "green") if case.closed else ("à instruire", "yellow")
    *above, last = page.paragraph(f"{case.title} : {state}", "  ▌ ")
    lines = ["", *(page.paint(line, "bold", colour) for line in (*above, last))]
    lines += page.paragraph(sections.step(case), "    ")
    if not case.closed:
        line = case.amount
        lines += page.paragraph(sections.modality(case), "    ")
        value = amount(line.value) if line.value is not None else _UNKNOWN
        lines += page.leader(sections.basis(case), value, "provisoire" if line.provisional else "")
        lines += _calculation(line.steps, "", page)
    return [*lines, *_reference(case.source, case.rule, 4, page)]


# --- trace and receipt ------------------------------------------------------------------------------------------------


def _trace(trace: Sequence[TraceLine], versions: Sequence[AppliedVersion], zone: tzinfo, page: Page) -> list[str]:
    if not trace:
        return []
    lines = ["", page.paint("  Trace : chaque règle, l'expression évaluée et les valeurs lues", "bold")]
    lines += page.paragraph(sections.applied(versions), "    ")
    for line in trace:
        cause = f" [{line.cause}]" if line.cause else ""
        lines.append(f"    {line.rule}{cause} → {line.outcome}")
        for test in line.tests:
            place = f" ({test.place})" if test.place else ""
            lines += page.paragraph(f"{test.text} → {literal(test.value, zone)}{place}", "        ", "            ")
            read = [f"{d.name} = {literal(d.value, zone)}" for d in test.data]
            if read:
                lines += [page.paint(t, "dim") for t in page.paragraph("avec " + ", ".join(read), "          ")]
    return lines


_LEVELS: Final = {
    "ecart": ("écart", "red"),
    "non_verifiable": ("non vérifiable", "yellow"),
    "remarque": ("remarque", "cyan"),
}


def _evidence(decision: Decision, page: Page) -> list[str]:
    """The mismatches between the attached proof and the dossier."""
    if decision.evidence is None:
        return []
    lines = ["", page.paint("PREUVE DES CHIFFRES", "bold")]
    if not decision.evidence:
        return [*lines, "  Les chiffres du dossier sont ceux de la preuve jointe."]
    for line in decision.evidence:
        word, colour = _LEVELS[line.level]
        lines += [page.paint(shown, colour) for shown in page.paragraph(line.message, f"  – {word} : ", "    ")]
    return lines


def _kept(sample: Sample | None) -> str:
    """How the agreement of both evaluators was kept, when that is not on every dossier."""
    if sample is None:
        return ""
    return f" · accord par échantillon, un dossier sur {sample.one_in} (celui-ci {'en est' if sample.drawn else 'non'})"


def _receipt(decision: Decision, page: Page) -> list[str]:
    receipt = decision.receipt
    parts = (
        f"{receipt.engine} · paquet {receipt.programme} {receipt.pack_sha256[:12]}"
        f" · schéma {receipt.schema_sha256[:12]} · dossier {receipt.dossier_sha256[:12]}"
        f" · moteur {receipt.engine_sha256[:12]}"
        f"{_kept(receipt.sample)}"
    )
    return [page.paint(line, "dim") for line in page.paragraph(f"Reçu : {parts}", "")]
