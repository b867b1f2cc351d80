"""The diagnostic for a dossier without a decision because rules or engines contradict each other."""

from __future__ import annotations

from typing import Final

from recevable.decision.payable import AboveMaximum, FractionOfCent, NegativePayment
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.diagnostics import Diagnostic, Span
from recevable.report.json_format import plain

_SENTENCES: Final = {
    "REGLES-CONTRADICTION": "des règles contradictoires s'appliquent à ce dossier : {}",
    "REGLES-MONTANT-NEGATIF": "les règles acceptent une demande pour un montant négatif : {}",
    "REGLES-MONTANT-CENTIMES": "les règles acceptent une demande pour un montant qui a des fractions de centime : {}",
    "REGLES-MONTANT-MAXIMAL": "les règles acceptent une demande pour un montant au-delà de son maximum : {}",
    "MOTEURS-DESACCORD": "erreur interne, les deux moteurs ne concluent pas de même sur {}",
}
_UNPAYABLE: Final = {
    NegativePayment: "REGLES-MONTANT-NEGATIF",
    FractionOfCent: "REGLES-MONTANT-CENTIMES",
    AboveMaximum: "REGLES-MONTANT-MAXIMAL",
}


def refusal(
    error: Contradiction | EngineDisagreement, span: Span | None = None, *, going_on: bool = False
) -> Diagnostic:
    """The diagnostic for an error; `going_on` is true when other dossiers are still to be read."""
    help = "Aucune décision n'est rendue sur ce dossier" + ("." if going_on else ", et la suite n'a pas été lue.")
    if isinstance(error, Contradiction):
        values = " ; ".join(f"{r} donne {plain(v)}" for r, v in zip(error.rules, error.values, strict=True))
        code = next((code for kind, code in _UNPAYABLE.items() if isinstance(error, kind)), "REGLES-CONTRADICTION")
        text = f"`{error.name}` : {values}"
        if isinstance(error, AboveMaximum):
            known = "inconnu" if error.maximum is None else f"de {plain(error.maximum)}"
            text += f" ; le maximum `{error.limit}` est {known}"
    else:
        text = f"`{error.rule}` ({error.context}) : réseau {error.network}, référence {error.reference}"
        code = "MOTEURS-DESACCORD"
    return Diagnostic(code, _SENTENCES[code].format(text), span, help)
