"""The French words for an impact, shared by the terminal and the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Final

from msgspec import Struct

from recevable.decision.model import Verdict
from recevable.decision.wording import MINUS, NO_BREAK_SPACE, amount, count, day, number, words
from recevable.language.diagnostics import Diagnostic
from recevable.language.types import HOLIDAYS, Kind, Type
from recevable.pack.in_force import TEXT
from recevable.pack.model import Document, Value
from recevable.trials.impact.model import (
    ABSENT,
    RESERVED,
    STATES,
    UNREADABLE,
    AmountChange,
    Balance,
    CaseImpact,
    CaseSide,
    Cause,
    ChangeKind,
    DaySource,
    DossierImpact,
    Elsewhere,
    FindingChange,
    Impact,
    KeyChange,
    Mark,
    Origin,
    OriginKind,
    PackChanges,
    ParameterChange,
    PartChange,
    Period,
    Possibilities,
    Possible,
    Reason,
    RequestImpact,
    Side,
    Version,
    Why,
)

# The name of a state of a request in a matrix heading, and in a sentence.
STATE: Final[dict[str, str]] = {
    str(Verdict.ACCEPT): "accepter",
    RESERVED: "accepter sous réserve",
    str(Verdict.COMPLETE): "compléter",
    str(Verdict.UNDECIDABLE): "pas de décision",
    str(Verdict.REJECT): "rejeter",
    ABSENT: "absente",
    UNREADABLE: "illisible",
}
REASON: Final[dict[Reason, str]] = {
    Reason.REJECTED: "acceptée, elle serait rejetée",
    Reason.UNDECIDABLE: "ne pourrait plus être décidée",
    Reason.UNREADABLE: "ne serait plus lisible : le schéma change",
    Reason.NOT_ACCEPTED: "ne serait plus acceptée en l'état",
    Reason.NEWLY_REJECTED: "serait rejetée",
    Reason.NEWLY_ACCEPTED: "serait acceptée",
    Reason.VERDICT: "changerait de verdict",
    Reason.RECOVERY: "recouvrement à revoir",
    Reason.AMOUNT: "montants recalculés",
    Reason.APPRAISAL: "nouvelle appréciation demandée à un agent",
    Reason.FINDING: "autres motifs, même verdict",
}
CHANGE: Final[dict[ChangeKind, str]] = {
    ChangeKind.ADDED: "ajouté",
    ChangeKind.REMOVED: "retiré",
    ChangeKind.CHANGED: "modifié",
}
_SOURCES: Final = {
    DaySource.OPTION: "donnée par --au",
    DaySource.EXPECTED: "lue dans leur .attendu.yaml",
    DaySource.TODAY: "faute d'autre indication, aujourd'hui",
}
_RESULTS: Final = {
    "rejeter": "rejette",
    "completer": "demande un complément",
    "signaler": "signale",
    "ecarter": "écarte",
}
# The words of files that French writes otherwise.
_WRITTEN: Final = {
    "a_apprecier": "à apprécier",
    "a_partir_du": "à partir du",
    "au_plus_tard": "au plus tard",
    "aupres_de": "auprès de",
    "completer": "compléter",
    "consequence": "conséquence",
    "decision": "décision",
    "decision_implicite": "décision implicite",
    "defaut_maison": "défaut maison",
    "deduction": "déduction",
    "delai": "délai",
    "donnees_otees": "données ôtées",
    "ecarter": "écarter",
    "en_vigueur": "en vigueur",
    "etapes": "étapes",
    "exception_a": "exception à",
    "intitule": "intitulé",
    "jusqu_au": "jusqu'au",
    "jours_feries": "jours fériés",
    "libelle": "libellé",
    "modalite": "modalité",
    "non_satisfait": "non satisfait",
    "periode": "période",
    "pieces": "pièces",
    "pour_chaque": "pour chaque",
    "proroges": "prorogés",
    "proprietes": "propriétés",
    "recu": "reçu",
    "reference": "référence",
    "regles": "règles",
    "reparation": "réparation",
    "reponses": "réponses",
    "resultat": "résultat",
    "resume": "résumé",
    "sans_objet": "sans objet",
    "schema": "schéma",
    "si_absente": "si absente",
    "si_depasse": "si dépassé",
    "si_faux": "si faux",
    "si_invalide": "si invalide",
    "si_perimee": "si périmée",
    "telephone": "téléphone",
    "texte_applicable": "texte applicable",
    "unite": "unité",
    "verifie_le": "vérifié le",
}
NOT_WRITTEN: Final = "(rien)"
UNKNOWN: Final = "inconnu"


class Unread(Struct, frozen=True):
    """A dossier that was not compared, and why: no pack can read it, or the rules of one contradict each other."""

    name: str | None
    diagnostics: tuple[Diagnostic, ...]
    contradiction: bool = False


def euros(value: Decimal | None) -> str:
    """An amount in French notation; an unknown one is not 0."""
    return UNKNOWN if value is None else amount(value)


def signed(value: Decimal | None) -> str:
    """A difference with its sign: `+ 1 200,00 €`, `− 8 000,00 €`."""
    if value is None:
        return UNKNOWN
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return f"{sign}{NO_BREAK_SPACE if sign else ''}{amount(abs(value))}"


def headline(impact: Impact) -> str:
    """The whole impact in one sentence: how many dossiers, what becomes of them, how many euros."""
    decided = f"{count(impact.decided, 'dossier décidé', 'dossiers décidés')} deux fois"
    if not impact.dossiers:
        return f"{decided} : aucun ne change."
    if impact.moved:
        verdicts = sum(totals.moved for totals in impact.requests.values())
        # one unit for what is counted: the requests, as soon as a dossier has several that change
        if verdicts == impact.moved:
            changed = count(impact.moved, "change de verdict", "changent de verdict")
        else:
            changed = count(verdicts, "demande change de verdict", "demandes changent de verdict")
            changed += f" dans {count(impact.moved, 'dossier', 'dossiers')}"
        changed += f" ({transitions(impact)})"
        if impact.moved < len(impact.dossiers):
            what = "" if verdicts == impact.moved else " dossier"
            others = count(
                len(impact.dossiers) - impact.moved, f"autre{what} change", f"autres{what and ' dossiers'} changent"
            )
            changed += f", {others} sans changer de verdict"
    else:
        changed = f"{count(len(impact.dossiers), 'change', 'changent')}, sans changer de verdict"
    return f"{decided} : {changed}{_money_moved(impact)}."


def possibilities(found: Possibilities) -> str:
    """Whether other dossiers may change, in one sentence."""
    if not found.changes:
        return f"Aucun autre changement n'est possible, pour aucun dossier : c'est prouvé ({found.within})."
    changes = count(len(found.changes), "autre changement n'est pas exclu", "autres changements ne sont pas exclus")
    return f"{changes}, sur {count(found.asked, 'demandé', 'demandés')} ({found.within})."


def possible(one: Possible) -> str:
    """A change that no dossier compared shows, in one sentence."""
    if one.day is None:
        return f"{one.title} : ce n'est pas décidé, {one.reason}."
    near = f", proche de {one.near}" if one.near else ""
    return f"{one.title} : aucun de vos dossiers ne le dément, mais celui-ci le dément, décidé le {day(one.day)}{near}."


def transitions(impact: Impact) -> str:
    """The changes of verdict, the most frequent first: `3 de compléter à accepter, 1 de compléter à rejeter`."""
    moved: dict[tuple[str, str], int] = {}
    for totals in impact.requests.values():
        for (before, after), number_ in totals.matrix.items():
            if before != after:
                moved[before, after] = moved.get((before, after), 0) + number_
    order = sorted(moved.items(), key=lambda one: (-one[1], STATES.index(one[0][0]), STATES.index(one[0][1])))
    return ", ".join(f"{number_} de « {STATE[before]} » à « {STATE[after]} »" for (before, after), number_ in order)


def _money_moved(impact: Impact) -> str:
    """What changes in euros, after the sentence on verdicts."""
    parts = [
        f"{signed(balance.net)} {label}"
        for label, balance in (
            ("à payer", impact.payable),
            ("sous réserve", impact.reserved),
            ("à recouvrer", impact.recovery),
        )
        if balance.more_count or balance.less_count
    ]
    if impact.payable.unknown or impact.reserved.unknown or impact.recovery.unknown:
        parts.append("des montants ne sont pas connus des deux côtés")
    return f" ; {', '.join(parts)}" if parts else " ; rien ne change dans ce qui est à payer ou à recouvrer"


def sentence(text: str) -> str:
    """The text as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."


def without_effect(changes: PackChanges) -> list[str]:
    """The names of the changes that cannot affect a decision; manifest keys by path."""
    found = [part.origin.name for part in changes.parts if not part.effective]
    return found + [f"programme.yaml {one.key}" for one in changes.programme if not one.effective]


def by_origins(changes: Sequence[AmountChange]) -> list[tuple[tuple[Origin, ...], list[AmountChange]]]:
    """Amounts grouped by the changes that cause them."""
    found: dict[tuple[Origin, ...], list[AmountChange]] = {}
    for change in changes:
        found.setdefault(change.origins, []).append(change)
    return list(found.items())


def quiet(number_: int) -> str:
    """A sentence on the changes that cannot affect a decision."""
    return f"{count(number_, 'élément change', 'éléments changent')} sans effet possible sur une décision"


def asides(impact: Impact, unread: Sequence[Unread]) -> list[str]:
    """Sentences to print beside the differences."""
    found = []
    if impact.reworded:
        many = "dossiers ne changent que dans la rédaction de leurs motifs"
        found.append(f"{count(impact.reworded, 'dossier ne change que dans la rédaction de ses motifs', many)}.")
    if impact.recalculated:
        many = "dossiers ne changent que dans des étapes de leur calcul : mêmes verdicts, mêmes montants"
        one = "dossier ne change que dans des étapes de son calcul : même verdict, mêmes montants"
        found.append(f"{count(impact.recalculated, one, many)}.")
    if impact.lacking:
        one = "dossier contient une donnée que le paquet d'avant ne connaît pas : il le décide sans elle"
        many = "dossiers contiennent une donnée que le paquet d'avant ne connaît pas : il les décide sans elle"
        found.append(f"{count(impact.lacking, one, many)}.")
    if impact.without:
        found.append(f"{count(impact.without, 'dossier ne contient', 'dossiers ne contiennent')} rien à décider.")
    undecided = sum(one.contradiction for one in unread)
    if len(unread) > undecided:
        many = "dossiers sont illisibles"
        found.append(f"{count(len(unread) - undecided, 'dossier est illisible', many)} des deux côtés.")
    if undecided:
        what = count(undecided, "dossier n'est pas comparé", "dossiers ne sont pas comparés")
        found.append(f"{what} : les règles d'un paquet s'y contredisent.")
    for rule in impact.idle if impact.decided else ():
        found.append(f"Aucun de vos dossiers ne remplit la condition de la règle ajoutée {rule} : rien ne la montre.")
    if not impact.changes.any:
        same = impact.before.sha256 == impact.after.sha256
        found.append(
            "Les deux paquets sont identiques."
            if same
            else "Les deux paquets ne diffèrent que par des commentaires ou leur mise en forme."
        )
    return found


def days(impact: Impact) -> list[str]:
    """The days on which dossiers were decided, and their origin."""
    found = []
    for source, text in _SOURCES.items():
        dates = {day_: n for (kind, day_), n in impact.days.items() if kind is source}
        if not dates:
            continue
        first, last = min(dates), max(dates)
        when = day(first) if first == last else f"du {day(first)} au {day(last)}"
        found.append(f"{count(sum(dates.values()), 'dossier', 'dossiers')}, date {text} : {when}")
    return found


def source_of_day(dossier: DossierImpact) -> str:
    """The day of a decision and its origin."""
    known = {DaySource.OPTION: "--au", DaySource.EXPECTED: ".attendu.yaml", DaySource.TODAY: "aujourd'hui"}
    return f"décision au {day(dossier.day)} ({known[dossier.day_source]})"


def document(one: Document) -> str:
    """The title of a text, and the day on which it was read."""
    read = f" (consulté le {day(one.read_on)})" if one.read_on is not None else ""
    return f"{one.title}{read}"


# --- what changed in the pack -----------------------------------------------------------------------------------------


def origin(one: Origin) -> str:
    """A change, formatted for a sentence."""
    if one.kind is OriginKind.PROGRAMME:
        return "programme.yaml"
    known = {OriginKind.PARAMETER: "paramètre", OriginKind.RULE: "règle", OriginKind.FIELD: "champ"}
    return f"{known[one.kind]} {one.name}"


def origins(found: Sequence[Origin]) -> str:
    """The causes of a difference; certain when there is only one."""
    if not found:
        return ""
    if len(found) == 1:
        return f"à cause de : {origin(found[0])}"
    return f"à cause de l'un au moins de : {', '.join(origin(one) for one in found)}"


def period(found: Period) -> str:
    """A period of validity."""
    if found.end is None:
        return f"à partir du {day(found.start)}"
    return f"le {day(found.start)}" if found.start == found.end else f"du {day(found.start)} au {day(found.end)}"


def value(found: Value | None, type_: Type, zone: tzinfo) -> str:
    """A value in force; « unknown in the text » and « not in force » are distinguished."""
    if found is None:
        return "sans valeur"
    return "inconnue" if found.value is None else words(found.value, type_, zone)


def value_difference(found: Period, change: ParameterChange, zone: tzinfo) -> str:
    """`26 juillet 2023 à 14:00:00 → 25 juillet 2023 à 14:00:00`."""
    return f"{value(found.before, change.type, zone)} → {value(found.after, change.type, zone)}"


def read_day(change: ParameterChange) -> str:
    """On what day a parameter is read, and whether the pack leaves it to be chosen."""
    if change.type.format == HOLIDAYS:
        return "Chaque jour compté est cherché dans cette liste."
    if change.read_on == TEXT:
        return "Valeur lue dans le texte qui s'applique à la demande."
    if change.read_on:
        return f"Valeur lue au jour que donne le dossier ({change.read_on})."
    if change.by_decision:
        return "Valeur lue au jour de la décision."
    text = "Valeur lue au jour de la réception de la demande"
    return f"{text}." if change.stated else f"{text}, faute d'une « reference » qui en choisisse un autre."


def elsewhere(one: Elsewhere) -> str:
    """Why a place is to be read again, in a sentence."""
    element = element_name(one.element)
    reasons = {
        Why.SAME_VALUE: f"{element} a la valeur qu'avait {one.subject} : {one.text}",
        Why.QUOTED: f"{element} écrit l'ancienne valeur de {one.subject} : « {one.text} »",
        Why.LEFT_OUT: f"{element} cite ce qui est à côté de {one.subject}, sans lui : « {one.text} »",
        Why.COUNTED: f"{element} écrit un nombre que {one.subject} peut changer : « {one.text} »",
        Why.VERSION: f"paramètre {one.subject} : {one.text} ; un nouveau texte se déclare dans {element}",
    }
    reason = reasons[one.why]
    return f"{reason[:1].upper()}{reason[1:]}"


def element_name(element: str) -> str:
    """What holds a text, in words: `exigence REQ-1, résumé` for its key `resume`."""
    holder, comma, last = element.rpartition(", ")
    return f"{holder}{comma}{_WRITTEN.get(last, last)}"


def place(one: Elsewhere) -> str:
    """`exigences.yaml, ligne 48`."""
    return f"{one.file}, ligne {one.line}" if one.line else one.file


def rewordings(mark: Mark | None, other: Mark | None) -> list[str]:
    """The message of a finding before and after, when it is there on both sides and reads otherwise."""
    if mark is None or other is None or mark.message == other.message:
        return []
    return [f"avant : « {mark.message} »", f"après : « {other.message} »"]


def beyond(impact: Impact, found: Period) -> str:
    """A note on a value that no compared decision can show; empty when one may."""
    if not impact.beyond(found):
        return ""
    last = max(decided_on for _, decided_on in impact.days)
    return (
        f"Aucun dossier ne peut le montrer : la dernière décision comparée est du {day(last)}. "
        f"Essayez --au {found.start.isoformat()}."
    )


def succession(part: PartChange) -> str:
    """What a rule says otherwise than the one that it follows: the head of the list of its keys."""
    head = f"Elle prend la suite de {part.follows}"
    return f"{head}, et dit autrement :" if part.keys else f"{head}, et dit la même chose."


def key(change: KeyChange) -> str:
    """`conséquence (si dépassé) : rejeter → compléter`, `source (valeurs n° 3) : …`."""
    before, after = (NOT_WRITTEN if not one else _WRITTEN.get(one, one) for one in (change.before, change.after))
    return f"{key_name(change.key)} : {before} → {after}"


def key_name(path: str) -> str:
    """A key of a file, in words: `source (valeurs n° 3)` for `valeurs[3].source`."""
    names = (re.sub(r"^\w+", lambda name: _WRITTEN.get(name[0], name[0]), one) for one in path.split("."))
    *above, last = (re.sub(r"\[(\d+)\]", lambda rank: f" n° {rank[1]}", one) for one in names)
    return f"{last} ({', '.join(above)})" if above else last


def version(found: Version) -> str:
    """Where a pack was read: `rules/aide`, `rules/aide tel qu'enregistré`, `rules/aide en version v1.2`."""
    revision, _, path = found.name.rpartition(":")
    if not found.commit or not revision:
        return found.name
    return f"{path} tel qu'enregistré" if revision == "HEAD" else f"{path} en version {revision}"


# --- a dossier --------------------------------------------------------------------------------------------------------


def side(one: Side) -> str:
    """A verdict, with its reservation."""
    return STATE[one.state] + (" sous réserve" if one.provisional and one.state != RESERVED else "")


def proposed(one: Side) -> str:
    """The amount proposed on one side; empty when there is none."""
    if one.proposed is None:
        return ""
    return euros(one.proposed.value)


def money(request: RequestImpact) -> str:
    """The change in euros; empty when there is none."""
    parts = []
    payable = request.payable_difference
    if request.about_money and payable:
        parts.append(f"à payer {euros(request.before.payable)} → {euros(request.after.payable)} ({signed(payable)})")
    reserved = request.reserved_difference
    if request.about_money and reserved:
        held = f"{euros(request.before.reserved)} → {euros(request.after.reserved)}"
        parts.append(f"sous réserve {held} ({signed(reserved)})")
    calculated = request.proposed_difference
    was, now = request.before.proposed, request.after.proposed
    if was != now and was is not None and now is not None and calculated not in (payable, reserved):
        if was.value != now.value:
            difference = f" ({signed(calculated)})" if calculated is not None else ""
            parts.append(f"montant calculé {euros(was.value)} → {euros(now.value)}{difference}")
        else:
            parts.append("montant désormais provisoire" if now.provisional else "montant désormais définitif")
    return " ; ".join(parts)


def finding(change: FindingChange) -> str:
    """`apparaît : rejette`, and the like."""
    if change.before is None and change.after is not None:
        return f"nouveau : {_mark(change.after)}"
    if change.after is None and change.before is not None:
        return f"disparu : {_mark(change.before)}"
    assert change.before is not None
    assert change.after is not None
    before, after = _mark(change.before), _mark(change.after)
    return f"{before} → {after}" if before != after else f"{after}, d'autres données"


def _mark(mark: Mark) -> str:
    if mark.result == "a_apprecier":
        return "à apprécier"
    if mark.result == "manquant":
        return "donnée manquante"
    return _RESULTS[str(mark.consequence)] if mark.consequence else str(mark.result)


def number_of(found: Decimal | None, type_: Type, zone: tzinfo, *, shown: bool = True) -> str:
    """A number of a calculation."""
    if not shown:
        return "absent"
    if found is None:
        return UNKNOWN
    return words(found, type_, zone) if type_.kind is not Kind.NUMBER else number(found)


def case(one: CaseImpact) -> str:
    """The change of a recovery case."""
    return f"{_case(one.before)} → {_case(one.after)}"


def _case(one: CaseSide | None) -> str:
    if one is None:
        return "pas de cas"
    state = "clos" if one.closed else f"étape {one.step}" if one.step else "à instruire"
    return f"{state}, {euros(one.amount)}"


def cause(one: Cause) -> str:
    """A cause in one sentence: the message of the rule where it changes the verdict, else its title."""
    if one.effect == "montant":
        return f"Montant recalculé : {one.title}"
    if one.effect == "provisoire":
        state = "levée" if one.after is None else "nouvelle" if one.before is None else "toujours ouverte"
        return f"Appréciation {state} : {one.title}"
    text = one.message or one.title
    if one.before is not None and one.after is not None:
        return f"Motif maintenu ({_mark(one.before)} → {_mark(one.after)}) : {text}"
    return f"Motif {'levé' if one.after is None else 'nouveau'} : {text}"


def reference(rule: str, found: Sequence[Origin]) -> str:
    """`DEPOT-DELAI · à cause de : paramètre fin_saisie`."""
    return " · ".join(part for part in (rule, origins(found)) if part)


def other_findings(request: RequestImpact) -> list[FindingChange]:
    """The findings that changed, except those already given as causes."""
    rules = {one.rule for one in request.causes if one.effect != "montant"}
    return [change for change in request.findings if change.rule not in rules]


def transition(request: RequestImpact) -> str:
    """`accepter → rejeter`, or the unchanged verdict."""
    before, after = side(request.before), side(request.after)
    return f"{before} → {after}" if before != after else f"{after}, verdict inchangé"


def amount_change(change: AmountChange, zone: tzinfo) -> str:
    """`Avance TTC : 8 000,00 € → 7 900,00 €`."""
    before = number_of(change.before, change.type, zone, shown=change.shown_before)
    after = number_of(change.after, change.type, zone, shown=change.shown_after)
    return f"{change.title} : {before} → {after}"


def reason(dossier: DossierImpact) -> str:
    """Why a dossier needs review, the most important reason first."""
    return " ; ".join(REASON[one] for one in dossier.reasons)


def balance(found: Balance, what: str) -> list[tuple[str, str, str]]:
    """Label, euros, count of `what`: increases, decreases, net."""
    many = what if what.endswith("s") else f"{what}s"
    return [
        ("en plus", signed(found.more), count(found.more_count, what, many)),
        ("en moins", signed(-found.less), count(found.less_count, what, many)),
        ("solde", signed(found.net), ""),
    ]


def moves(found: Balance) -> bool:
    """Whether a balance has anything to report."""
    return bool(found.more_count or found.less_count or found.unknown)


def unknown(found: Balance) -> str:
    """A note on what the sums leave out."""
    left = count(found.unknown, "montant n'est connu", "montants ne sont connus")
    return f"{left} que d'un côté : leur différence n'est pas comptée."
