"""A decision in French, in order: the headings and the lines that reports and pages share.

Nothing here knows how they are laid out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct, structs

from recevable.decision.model import (
    Action,
    AmountLine,
    AppliedVersion,
    AppraisalLine,
    AppraisalState,
    DatumOrigin,
    Decision,
    Finding,
    RecoveryCase,
    RequestDecision,
    Verdict,
)
from recevable.decision.points import Point, points
from recevable.decision.wording import amount, count, day, initial
from recevable.language.types import Kind
from recevable.pack.model import Consequence, Party, Result

# The French name of a result, singular and plural.
RESULTS: Final = {
    Result.SATISFIED: ("satisfait", "satisfaits"),
    Result.FAILED: ("non satisfait", "non satisfaits"),
    Result.MISSING: ("sans réponse faute de donnée", "sans réponse faute de donnée"),
    Result.TO_APPRAISE: ("à apprécier", "à apprécier"),
    Result.NOT_APPLICABLE: ("sans objet", "sans objet"),
}
VERDICTS: Final = {
    Verdict.ACCEPT: "accepter",
    Verdict.COMPLETE: "compléter",
    Verdict.REJECT: "rejeter",
    Verdict.UNDECIDABLE: "pas de décision",
}
_MODALITIES: Final = {
    "obligatoire": "Le texte rend le reversement obligatoire.",
    "facultative": "Le texte laisse le reversement à la discrétion de l'administration.",
    "non_precisee": "Le texte ne dit pas si le reversement est obligatoire.",
}
_BASES: Final = {"exact": "Montant en jeu", "maximum": "Montant en jeu, au plus", "proposition": "Montant proposé"}
_COUNTS: Final = {True: "écarté", False: "", None: "compté ou écarté : on ne le sait pas"}
# The text for an accepted request when nothing is left to pay, or when that is unknown.
_SETTLED: Final = {
    True: "Déjà réglée (payée, ou rejetée) : rien n'est à payer.",
    None: "On ne sait pas si elle est déjà réglée : rien n'est à payer d'ici là.",
}
NOBODY_ORDERS: Final = "Rien n'est ordonné d'office : chaque étape est proposée à un agent, qui en décide."
DEFAULTS: Final = "Choix de gestion appliqués, là où le texte se tait"
APPRAISALS: Final = "Appréciations humaines"


class Section(Struct, frozen=True):
    """Points under a heading, the first of which has rank `first`; `note` is printed below them."""

    heading: str
    points: tuple[Point, ...]
    first: int = 1
    note: str = ""


class Asked(Struct, frozen=True):
    """What is asked of a party, who is named with a preposition: `au demandeur`, `à l'ASP`."""

    party: str
    actions: tuple[Action, ...]


class Repairs(Struct, frozen=True):
    """What would have a request accepted, by party; `note`: why nothing would."""

    heading: str
    asked: tuple[Asked, ...]
    note: str = ""


def counts(request: RequestDecision) -> str:
    """`82 contrôles : 43 satisfaits, 5 non satisfaits, 34 sans objet.`"""
    found = request.counts()
    counts = [count(found[result], *forms) for result, forms in RESULTS.items() if found[result]]
    return f"{count(sum(found.values()), 'contrôle', 'contrôles')} : {', '.join(counts) or 'aucun résultat'}."


def blocking(request: RequestDecision) -> list[Finding]:
    """The findings that prevent acceptance."""
    against_acceptance = (Consequence.REJECT, Consequence.COMPLETE)
    return [
        f
        for f in request.findings
        if f.consequence in against_acceptance and f.result in (Result.FAILED, Result.MISSING)
    ]


def against(request: RequestDecision) -> tuple[Section, ...]:
    """The obstacles to acceptance: reasons to reject, what is to complete, what the text does not say yet."""
    found = points(blocking(request))
    rejecting = tuple(p for p in found if p.consequence is Consequence.REJECT)
    waiting = tuple(p for p in found if _waits(p))
    completing = tuple(p for p in found if p not in rejecting and p not in waiting)
    what = "ce motif" if len(rejecting) == 1 else "ces motifs"
    rank = 1 + len(rejecting)
    sections = (
        Section(
            "Motif de rejet" if len(rejecting) == 1 else "Motifs de rejet",
            rejecting,
            note=f"Aucun complément du dossier ne peut lever {what}.",
        ),
        Section("À compléter par ailleurs" if rejecting else "À compléter", completing, rank),
        Section("Sans réponse à cette date", waiting, rank + len(completing)),
    )
    return tuple(section for section in sections if section.points)


def _waits(point: Point) -> bool:
    """Whether rules cannot answer only because a parameter has no value in the text on that day."""
    return bool(point.missing) and all(datum.origin is DatumOrigin.PARAMETER for datum in point.missing)


def warnings(findings: Iterable[Finding]) -> Section | None:
    """What is signalled without changing the verdict."""
    found = points([f for f in findings if f.consequence is Consequence.SIGNAL and f.result is Result.FAILED])
    return Section("Signalements, qui ne changent pas le verdict", tuple(found)) if found else None


def set_aside(request: RequestDecision) -> Section | None:
    """The elements of lists that rules leave out of the amounts, and why."""
    found = points([f for f in request.findings if f.consequence is Consequence.SET_ASIDE])
    return Section("Écarté, sans effet sur le reste de la demande", tuple(found)) if found else None


def of_elements(request: RequestDecision) -> list[tuple[AmountLine, str]]:
    """The numbers of each element of a list, and whether it counts, in words: empty when it does."""
    return [
        (structs.replace(line, title=f"{one.element.label}, {initial(line.title)}"), _COUNTS[one.set_aside])
        for one in request.elements
        for line in one.amounts
    ]


def repairs(request: RequestDecision, parties: Mapping[str, Party]) -> Repairs | None:
    """What would have a request accepted, or what a new one needs when it is rejected; None when there is none."""
    repair = request.repair
    if request.verdict is Verdict.ACCEPT:
        return None
    if request.verdict is Verdict.REJECT:
        heading, actions, note = "Pour une nouvelle demande, si le texte en admet une", repair.renewal, ""
    else:
        heading, actions = "Pour que la demande soit acceptée", repair.actions
        note = "" if repair.possible else _impossible(request)
    asked = tuple(
        Asked(
            parties[party].addressed if party in parties else "au demandeur",
            tuple(action for action in actions if action.party == party),
        )
        for party in dict.fromkeys(action.party for action in actions)
    )
    return Repairs(heading, asked, note) if asked or note else None


def _impossible(request: RequestDecision) -> str:
    titles = {d.name: d.title for f in request.findings for d in f.missing if d.origin is DatumOrigin.PARAMETER}
    wanted = ", ".join(f"« {title} »" for title in titles.values())
    note = f"Aucune décision ne peut être rendue tant que ces valeurs ne sont pas connues : {wanted}."
    return note if titles else "Aucune règle n'est satisfaite : rien n'est établi."


def detail(request: RequestDecision) -> str:
    """Beside the verdict, in a list of requests: what an accepted one pays, how many reasons the others have."""
    if request.verdict is not Verdict.ACCEPT:
        return count(len(points(blocking(request))), "motif", "motifs")
    reserve = "sous réserve d'une appréciation" if request.provisional else ""
    return " ".join(part for part in (payable(request), reserve) if part)


def payable(request: RequestDecision) -> str:
    """The amount to pay if the request is accepted; an empty string when it has no amount."""
    line = request.proposed
    if line is None:
        return ""
    if line.value is None:
        return "montant à fixer"
    if request.settled is False:
        return amount(line.value)
    return f"{amount(line.value)} ({'déjà réglée' if request.settled else 'peut-être réglée'})"


def settled(request: RequestDecision) -> str:
    """That nothing is to be paid for an accepted request, and why; empty for the others."""
    accepted = request.verdict is Verdict.ACCEPT and request.proposed
    return _SETTLED[request.settled] if accepted and request.settled is not False else ""


def amounts(request: RequestDecision) -> tuple[str, tuple[AmountLine, ...]]:
    """A heading, then rates, amounts in the order of the rules, and last the one that the request is about."""
    proposed = request.proposed.name if request.proposed else ""
    ordered = sorted(request.amounts, key=lambda line: 2 if line.name == proposed else line.type.kind is not Kind.RATE)
    reserve = {Verdict.ACCEPT: "", Verdict.REJECT: ", pour mémoire"}.get(
        request.verdict, ", si la demande est acceptée"
    )
    return f"Montants{reserve}", tuple(ordered)


def applied(versions: Sequence[AppliedVersion]) -> str:
    """The versions of the text that apply to a request, and their dates."""
    parts = []
    for one in versions:
        when = "de la décision" if one.by_decision else "de la réception"
        when = "retenue pour cette demande" if one.text else when
        version = f"version {one.version.version}" if one.version else "aucune version connue"
        parts.append(f"{version} à la date {when}" + (f" ({day(one.day)})" if one.day else " (non renseignée)"))
    return f"Texte appliqué : {' ; '.join(parts)}."


def in_force(decision: Decision) -> str:
    """The version of the text in force on the day of a decision."""
    version = decision.version
    same = all(one.version == version for request in decision.requests for one in request.versions)
    head = "Texte en vigueur" if same else "Texte en vigueur au jour de la décision"
    return (
        f"{head} : version {version.version}, depuis le {day(version.start)} ({version.source})."
        if version
        else "Aucune version du texte n'est en vigueur à cette date."
    )


def state(line: AppraisalLine) -> str:
    """Where the answer to a question that only a human may answer is."""
    if line.state is AppraisalState.RECORDED:
        record = line.record
        return (
            f"Réponse « {record['reponse']} » de {record['auteur']}, le {written_day(record['le'])}, valable jusqu'au "
            f"{written_day(record['expire_le'])} : {record['motif']}"
        )
    if line.state is AppraisalState.EXPIRED:
        return f"Réponse expirée depuis le {written_day(line.record['expire_le'])} : à apprécier de nouveau."
    if line.state is AppraisalState.INVALID:
        return f"Réponse inutilisable ({line.reason}) : à apprécier de nouveau."
    return "À apprécier."


def written_day(text: Any) -> str:
    """A day of the dossier in full; any other text, as it is written."""
    try:
        return day(date.fromisoformat(text))
    except (TypeError, ValueError):
        return str(text)


def step(case: RecoveryCase) -> str:
    """The step that a recovery case proposes."""
    asked = "une appréciation humaine est attendue" if not case.message else "il manque une donnée, demandée plus bas"
    return f"Étape à déterminer : {asked}." if case.missing else case.message


def modality(case: RecoveryCase) -> str:
    """How binding the text is on money to be paid back."""
    return modality_words(case.modality)


def modality_words(modality: str) -> str:
    """The same, from the word of a rule."""
    return _MODALITIES[modality]


def basis(case: RecoveryCase) -> str:
    """What the amount of a case is."""
    return _BASES[case.basis]
