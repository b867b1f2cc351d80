"""The results of the trials of a pack, as French text and as the cases of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from recevable.decision.wording import count
from recevable.language.diagnostics import Diagnostic, Span
from recevable.outputs.run import Case, annotation, relocated, seen_from_here
from recevable.pack.model import MANIFEST
from recevable.report import diagnostics as diagnostics_text
from recevable.report.diagnostics import LineOf
from recevable.report.layout import Page, visible
from recevable.trials.expectations import Difference
from recevable.trials.suite import Origin, TrialResult

NONE: Final = "ESSAI-AUCUN"
ABOUT: Final = {
    NONE: "Aucun essai n'a été joué",
    "ESSAI-ABSENT": "Aucun essai ne porte sur la règle",
    "ESSAI-EXEMPLE": "La règle ne répond pas comme son exemple",
    "ESSAI-DECISION": "Aucune décision n'est rendue",
    "ESSAI-DEMANDE": "Une demande est là sans être attendue, ou l'inverse",
    "ESSAI-VERDICT": "Le verdict n'est pas celui qui est attendu",
    "ESSAI-REGLE": "Une règle ne dit pas ce qui est attendu",
    "ESSAI-MONTANT": "Un montant n'est pas celui qui est attendu",
    "ESSAI-RESERVE": "Un montant dépend d'une autre appréciation",
    "ESSAI-REPARATION": "Le dossier peut être réparé contre toute attente, ou l'inverse",
    "ESSAI-APPRECIATION": "Une question est posée sans être attendue, ou l'inverse",
    "ESSAI-RECOUVREMENT": "Le recouvrement n'est pas celui qui est attendu",
}
_ORIGINS: Final = {
    Origin.EXAMPLE: ("exemple", "exemples"),
    Origin.SCENARIO: ("scénario", "scénarios"),
    Origin.DOSSIER: ("dossier connu", "dossiers connus"),
}


class PackTrials(Struct, frozen=True):
    """The trials of one pack: results, unreadable files, and rules without any trial.

    `chosen` is the word that selected them; empty: all of them.
    """

    folder: Path
    results: tuple[TrialResult, ...]
    unreadable: tuple[Diagnostic, ...]
    untried: tuple[Diagnostic, ...]
    chosen: str = ""

    @property
    def failed(self) -> list[TrialResult]:
        """The trials that failed."""
        return [result for result in self.results if not result.passed]

    @property
    def nothing(self) -> list[Diagnostic]:
        """The fault of a pack without any trial run."""
        if self.results:
            return []
        message, help = "aucun essai n'a été joué", "Écrivez des `exemples` dans les règles, ou des scénarios."
        if self.chosen:
            message, help = f"aucun essai ne porte le nom `{self.chosen}`", "Vérifiez -k."
        return [Diagnostic(NONE, message, Span(MANIFEST, 1, 1), help)]


def cases(found: PackTrials) -> list[Case]:
    """A case per trial, one for unreadable files, one for each rule without a trial."""
    here = seen_from_here(found.folder)

    def whole(name: str, diagnostics: Sequence[Diagnostic]) -> list[Case]:
        annotations = tuple(annotation(one) for one in relocated(diagnostics, found.folder))
        return [Case(here, name, None, annotations)] if annotations else []

    tried = [
        Case(
            f"{here} › {_ORIGINS[result.trial.origin][1]}",
            result.trial.name,
            relocated([_place(result)], found.folder)[0].span,
            tuple(annotation(one) for one in relocated(differences(result), found.folder)),
        )
        for result in found.results
    ]
    return [
        *whole("essais illisibles", found.unreadable),
        *whole("essais joués", found.nothing),
        *tried,
        *whole("règles sans essai", found.untried),
    ]


# What a trial expects of a rule, or of an amount, that has no such answer.
_EXPECTED: Final = ("ATT-RESULTAT", "ATT-REGLE", "ATT-MONTANT")
_OUTDATED: Final = (
    "Si c'est une règle qui vient de changer, `recevable test --revoir` récrit ce que ces essais en attendent."
)


def render(found: PackTrials, page: Page, line_of: LineOf, *, verbose: bool = False) -> str:
    """The failures, each difference by line with its explanation, then the summary.  `verbose`: every trial."""
    blocks = [diagnostics_text.render(relocated(found.unreadable, found.folder), page, line_of)]
    for result in found.results:
        if verbose or not result.passed:
            word, colour = ("réussi", "green") if result.passed else ("échoué", "red")
            title = f"{_ORIGINS[result.trial.origin][0]} {visible(result.trial.name)}"
            head = f"{page.paint(word, 'bold', colour)}  {title}\n"
            blocks.append(head + diagnostics_text.render(relocated(differences(result), found.folder), page, line_of))
    blocks.append(diagnostics_text.render(relocated([*found.untried, *found.nothing], found.folder), page, line_of))
    if any(one.code in _EXPECTED for one in found.unreadable):
        blocks.append(f"{_OUTDATED}\n")
    return "".join(block for block in blocks if block) + balance(found, page)


def balance(found: PackTrials, page: Page) -> str:
    """One line: `rules/p : 1 092 essais réussis (777 exemples, 102 scénarios, 213 dossiers connus)`."""
    parts = counted(Counter(result.trial.origin for result in found.results))
    failed = len(found.failed)
    counts = [count(len(found.results) - failed, "essai réussi", "essais réussis")]
    if failed:
        counts.append(page.paint(count(failed, "échoué", "échoués"), "bold", "red"))
    if found.unreadable:
        counts.append(page.paint(count(len(found.unreadable), "illisible", "illisibles"), "bold", "red"))
    if found.untried:
        counts.append(count(len(found.untried), "règle sans essai", "règles sans essai"))
    origins = f" ({', '.join(parts)})" if parts else ""
    return f"{visible(seen_from_here(found.folder))} : {', '.join(counts)}{origins}\n"


def counted(trials: Mapping[Origin, int]) -> list[str]:
    """`951 exemples`, `1 scénario`: the number of trials of each origin, without zeros."""
    return [count(trials[o], *_ORIGINS[o]) for o in Origin if trials.get(o)]


def differences(result: TrialResult) -> list[Diagnostic]:
    """The differences of a trial, with file names relative to the pack."""
    return [_diagnostic(one) for one in result.differences]


def _place(result: TrialResult) -> Diagnostic:
    return Diagnostic("", "", result.trial.span)


def _diagnostic(found: Difference) -> Diagnostic:
    message = f"{found.subject} : attendu {found.expected}, obtenu {found.got}"
    return Diagnostic(found.code, message, found.place, notes=found.notes)
