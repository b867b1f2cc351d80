"""The decision as French text, in the order in which an instructor needs it.

For each request: the verdict, what stands against it, what would repair it, what only a human may decide, the amounts
with their calculation, and how many rules were satisfied or did not apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final

from recevable.decision.model import (
    Action,
    AmountLine,
    AppraisalLine,
    AppraisalState,
    Decision,
    Finding,
    RecoveryCase,
    RequestDecision,
    TraceLine,
    Verdict,
)
from recevable.decision.wording import NOT_GIVEN, amount, day, moment, words
from recevable.language.unparse import literal
from recevable.pack.model import Consequence, Result
from recevable.report.layout import Page

_VERDICTS: Final = {
    Verdict.ACCEPT: ("ACCEPTER", "green"),
    Verdict.COMPLETE: ("COMPLÉTER", "yellow"),
    Verdict.REJECT: ("REJETER", "red"),
    Verdict.UNDECIDABLE: ("PAS DE DÉCISION", "red"),
}
_PARTIES: Final = {"demandeur": "au demandeur", "ans": "à l'ANS", "asp": "à l'ASP"}
_STATES: Final = {
    AppraisalState.OPEN: "à apprécier",
    AppraisalState.RECORDED: "consignée",
    AppraisalState.EXPIRED: "expirée, à reprendre",
    AppraisalState.INVALID: "inutilisable, à reprendre",
}
_MODALITIES: Final = {
    "obligatoire": "reversement obligatoire selon le texte",
    "facultative": "reversement possible, à la discrétion de l'administration",
    "non_precisee": "modalité non précisée par le texte",
}
_BASES: Final = {"exact": "montant", "maximum": "au plus", "proposition": "proposition"}


def render(decision: Decision, zone: tzinfo, page: Page) -> str:
    """The text of a decision, ending with a newline."""
    lines = _header(decision, page)
    for request in decision.requests:
        lines += ["", *_request(request, decision.appraisals, zone, page)]
        lines += _trace(request.trace, page)
    if decision.recovery or any(f.message for f in decision.recovery_findings):
        lines += ["", *_recovery(decision, page)]
    lines += _trace(decision.recovery_trace, page)
    lines += ["", *_receipt(decision, page)]
    return "\n".join(lines) + "\n"


def _header(decision: Decision, page: Page) -> list[str]:
    name = f"{decision.name}  ({decision.reference})" if decision.reference else decision.name
    version = decision.version
    text = (
        f"texte en vigueur : version {version.version}, depuis le {day(version.start)}"
        if version
        else "aucune version du texte en vigueur à cette date"
    )
    left, right = page.spread(name, "").rstrip(), f"décision au {day(decision.decided_on)}"
    head = page.spread(left, right)
    return [
        page.paint(head, "bold"),
        *page.paragraph(f"{decision.title} ; {text}", ""),
        page.paint("─" * page.width, "dim"),
    ]


def _request(request: RequestDecision, appraisals: Sequence[AppraisalLine], zone: tzinfo, page: Page) -> list[str]:
    label, colour = _VERDICTS[request.verdict]
    received = f"reçue le {moment(request.received, zone)}" if request.received else "réception non datée"
    reserve = ", sous réserve d'une appréciation humaine" if request.provisional else ""
    lines = [
        page.paint(page.spread(request.title.upper(), received), "bold"),
        f"  {page.paint(f'▌ {label}', 'bold', colour)}{reserve}{_proposal(request)}",
    ]
    lines += _against(request, page)
    lines += _repair(request, page)
    lines += _warnings(request, page)
    lines += _appraisals([a for a in appraisals if request.name in a.requests], page)
    lines += _amounts(request.amounts, zone, page)
    lines += ["", *page.paragraph(_counts(request), "  ")]
    return lines


def _proposal(request: RequestDecision) -> str:
    line = request.proposed
    if line is None or request.verdict is not Verdict.ACCEPT:
        return ""
    if line.value is None:
        return " ; montant à fixer après appréciation"
    return f" ; à payer : {amount(line.value)}"


def _against(request: RequestDecision, page: Page) -> list[str]:
    blocking = [
        f
        for f in request.findings
        if f.consequence in (Consequence.REJECT, Consequence.COMPLETE) and f.result in (Result.FAILED, Result.MISSING)
    ]
    if not blocking:
        return []
    blocking.sort(key=lambda f: f.consequence is not Consequence.REJECT)
    lines = ["", page.paint(f"  Motifs ({len(blocking)})", "bold")]
    for rank, finding in enumerate(blocking, start=1):
        rejects = finding.consequence is Consequence.REJECT
        word, colour = ("rejeter", "red") if rejects else ("compléter", "yellow")
        lines += _item(f"{rank:>4}. ", finding, page, page.paint(word, colour), word)
    return lines


def _item(bullet: str, finding: Finding, page: Page, painted: str, word: str) -> list[str]:
    body = page.paragraph(finding.message, bullet)
    tail = " " * len(bullet)
    return [*body, f"{tail}{painted}{page.paint(f' · {finding.source} · {finding.rule}', 'dim')}"]


def _repair(request: RequestDecision, page: Page) -> list[str]:
    repair = request.repair
    if request.verdict is Verdict.ACCEPT:
        return []
    if not repair.possible:
        return [
            "",
            *page.paragraph("Aucune pièce ne peut réparer cette demande : " + ", ".join(repair.obstacles) + ".", "  "),
        ]
    lines = ["", page.paint("  Pour que la demande soit acceptée", "bold")]
    for party in dict.fromkeys(action.party for action in repair.actions):
        lines.append(f"    À demander {_PARTIES.get(party, party)} :")
        lines += _actions([a for a in repair.actions if a.party == party], page)
    return lines


def _actions(actions: Iterable[Action], page: Page) -> list[str]:
    return [line for action in actions for line in page.paragraph(action.text, "      – ")]


def _warnings(request: RequestDecision, page: Page) -> list[str]:
    signals = [f for f in request.findings if f.consequence is Consequence.SIGNAL and f.result is Result.FAILED]
    if not signals:
        return []
    lines = ["", page.paint("  Signalements, sans effet sur la décision", "bold")]
    for finding in signals:
        lines += _item("    ! ", finding, page, page.paint("signaler", "cyan"), "signaler")
    return lines


def _appraisals(lines_of: Sequence[AppraisalLine], page: Page) -> list[str]:
    if not lines_of:
        return []
    lines = ["", page.paint("  Appréciations humaines", "bold")]
    for line in lines_of:
        open_ = line.state is not AppraisalState.RECORDED
        lines += page.paragraph(line.question, "    ? ")
        state = page.paint(_STATES[line.state], "yellow" if open_ else "green")
        reason = f" ({line.reason})" if line.reason else ""
        lines.append(f"      {state}{reason}{page.paint(f' · {line.source} · {line.rule}', 'dim')}")
        if open_:
            lines.append(f"      réponses possibles : {', '.join(line.answers)}")
        else:
            record = line.record
            validity = f"le {record['le']}, valable jusqu'au {record['expire_le']}"
            said = f"« {record['reponse']} », par {record['auteur']} {validity} : {record['motif']}"
            lines += page.paragraph(said, "      ")
    return lines


def _amounts(amounts: Sequence[AmountLine], zone: tzinfo, page: Page) -> list[str]:
    if not amounts:
        return []
    lines = ["", page.paint("  Montants", "bold")]
    for line in amounts:
        value = words(line.value, line.type, zone) if line.value is not None else "inconnu"
        mark = " (provisoire)" if line.provisional else ""
        lines.append(page.leader(line.title, value + mark, indent=4))
        if len(line.steps) > 1 or (line.steps and line.value != line.steps[-1].value):
            lines += [page.paint(f"        {step.text} = {step.value}", "dim") for step in line.steps]
    return lines


def _counts(request: RequestDecision) -> str:
    counts = request.counts()
    total = sum(counts.values())
    parts = [
        f"{counts[Result.SATISFIED]} satisfaites",
        f"{counts[Result.FAILED]} en défaut",
        f"{counts[Result.MISSING]} sans réponse faute de donnée",
        f"{counts[Result.TO_APPRAISE]} à apprécier",
        f"{counts[Result.NOT_APPLICABLE]} sans objet",
    ]
    return f"{total} constats : {', '.join(parts)}."


def _recovery(decision: Decision, page: Page) -> list[str]:
    lines = [page.paint("RECOUVREMENT", "bold")]
    for case in decision.recovery:
        lines += _case(case, page)
    for finding in decision.recovery_findings:
        if finding.message:
            lines += _item("    ! ", finding, page, page.paint(str(finding.result), "cyan"), str(finding.result))
    lines += _appraisals([a for a in decision.appraisals if "recouvrement" in a.requests], page)
    return lines


def _case(case: RecoveryCase, page: Page) -> list[str]:
    state = "clos" if case.closed else "à instruire par un humain"
    value = amount(case.amount.value) if case.amount.value is not None else NOT_GIVEN
    mark = " (provisoire)" if case.amount.provisional else ""
    lines = ["", f"  {page.paint(f'▌ {case.title}', 'bold', 'green' if case.closed else 'yellow')} : {state}"]
    lines += page.paragraph(case.message, "    ")
    lines.append(f"    {_MODALITIES[case.modality]}")
    if not case.closed:
        lines.append(page.leader(_BASES[case.basis], value + mark, indent=4))
    lines.append(page.paint(f"    étape {case.step or 'inconnue'} · {case.source} · {case.rule}", "dim"))
    return lines


def _trace(trace: Sequence[TraceLine], page: Page) -> list[str]:
    if not trace:
        return []
    lines = ["", page.paint("  Trace : chaque règle, l'expression évaluée et les valeurs lues", "bold")]
    for line in trace:
        cause = f" [{line.cause}]" if line.cause else ""
        lines.append(f"    {line.rule}{cause} → {line.outcome}")
        for test in line.tests:
            lines += page.paragraph(f"{test.text} → {literal(test.value)}", "        ", "            ")
            read = [f"{d.name} = {literal(d.value)}" for d in test.data]
            if read:
                lines += [page.paint(t, "dim") for t in page.paragraph("avec " + ", ".join(read), "          ")]
    return lines


def _receipt(decision: Decision, page: Page) -> list[str]:
    receipt = decision.receipt
    parts = (
        f"{receipt.engine} · paquet {receipt.programme} {receipt.pack_sha256[:12]}"
        f" · schéma {receipt.schema_sha256[:12]} · dossier {receipt.dossier_sha256[:12]}"
        f" · moteur {receipt.engine_sha256[:12]}"
    )
    return [page.paint(line, "dim") for line in page.paragraph(f"Reçu : {parts}", "")]


def summary(counts: Sequence[tuple[str, int]], page: Page) -> str:
    """The last line of a run over several dossiers."""
    text = ", ".join(f"{count} {label}" for label, count in counts if count)
    return page.paint(f"Bilan : {text}.", "bold") + "\n"
