"""`montant`: a named number, computed exactly and rounded only where the rule says so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from recevable.language.operations import ROUNDINGS
from recevable.language.tree import AMOUNT_NAME
from recevable.language.types import AMOUNT, INTEGER, NUMBER, RATE, Type
from recevable.pack.kinds.base import Content, Expression, Kind, Mutation, MutationOperator
from recevable.pack.model import Defined, Rounding, Rule

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader

TYPES: Final[dict[str, Type]] = {"montant": AMOUNT, "taux": RATE, "entier": INTEGER, "nombre": NUMBER}
_DIRECTIONS: Final = {
    "demi_superieur": "au plus proche, la moitié vers le haut",
    "demi_pair": "au plus proche, la moitié vers le chiffre pair",
    "inferieur": "vers le bas",
    "superieur": "vers le haut",
}


def _other_roundings(rule: Rule) -> Iterator[Mutation]:
    """Mutations of the rounding: each other direction, the next step, no rounding."""
    if rule.defined is None or rule.defined.rounding is None:
        return
    rounding = rule.defined.rounding
    others = [Rounding(rounding.step, sense) for sense in ROUNDINGS if sense != rounding.direction]
    wider = Rounding(f"{Decimal(rounding.step) * 10:f}", rounding.direction)
    for other in (*others, wider, None):
        new = replace(rule, defined=replace(rule.defined, rounding=other))
        yield Mutation("arrondi", ("arrondi",), _written(rounding), _written(other) if other else None, new)


def _written(rounding: Rounding) -> str:
    return f"{rounding.step} ({rounding.direction})"


def _without_reserve(rule: Rule) -> Iterator[Mutation]:
    """Mutations that remove each question of `sous_reserve_de`."""
    defined = rule.defined
    if defined is None:
        return
    for rank, word in enumerate(defined.subject_to):
        kept = tuple(other for other in defined.subject_to if other is not word)
        new = replace(rule, defined=replace(defined, subject_to=kept))
        yield Mutation("sous_reserve_de", ("sous_reserve_de", rank), word.text, None, new)


class Amount(Kind):
    """A named number: `montant: expression`, `nom`, `type`, `arrondi: {pas, sens}`, `sous_reserve_de`."""

    key = "montant"
    title = "Montant"
    noun = "un montant"
    keys = frozenset({"nom", "type", "arrondi", "sous_reserve_de"})
    expressions = (Expression(("montant",), "Se calcule ainsi"),)
    naming = "nom"
    listed = None
    operators = (
        MutationOperator(
            "arrondi",
            "Arrondi : autre sens, autre pas, ou aucun",
            "un exemple dont le résultat exact tombe sur un demi-pas, et un entre deux pas",
            _other_roundings,
        ),
        MutationOperator(
            "reserve-retiree",
            "Réserve d'un montant retirée",
            "un dossier où cette appréciation est ouverte, avec les montants donnés sous réserve",
            _without_reserve,
        ),
    )

    def read(self, reader: Reader) -> Content:
        """Read the name of the number, its type, its rounding and the questions that affect it."""
        name = reader.name("nom", "un montant")
        type_ = TYPES.get(reader.choice("type", tuple(TYPES), required=False) or "montant", AMOUNT)
        rounding = _rounding(reader.mapping("arrondi", required=False))
        subject_to = reader.words("sous_reserve_de", required=False)
        defined = Defined(name, AMOUNT_NAME, type_, "montant", rounding, subject_to) if name is not None else None
        return Content(defined=defined)

    def card(self, rule: Rule) -> Iterator[tuple[str, str]]:
        """The label and text of the rounding."""
        if rule.defined is not None and rule.defined.rounding is not None:
            rounding = rule.defined.rounding
            yield "Arrondi", f"à {rounding.step.replace('.', ',')} près, {_DIRECTIONS[rounding.direction]}"


def _rounding(reader: Reader | None) -> Rounding | None:
    if reader is None:
        return None
    step, direction = reader.scalar("pas"), reader.choice("sens", tuple(ROUNDINGS))
    reader.finish()
    if step is None:
        return None
    from recevable.language.check import parse_decimal
    from recevable.pack.hints import number

    try:
        valid = step.quoted and parse_decimal(step.text) > 0
    except ValueError:
        valid = False
    if not valid:
        help = f'Écrivez `"{number(step.text) or "0.01"}"`, entre guillemets ; `"0.01"` est le centime.'
        reader.fault("PAQ-ARRONDI", f"`{step.text}` n'est pas un pas d'arrondi", step.span, help)
        return None
    return Rounding(step.text, direction) if direction else None
