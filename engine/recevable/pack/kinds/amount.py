"""`montant`: a number with a name, computed exactly and rounded only where the rule says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.language.operations import ROUNDINGS
from recevable.language.types import AMOUNT, INTEGER, NUMBER, RATE, Type
from recevable.pack.kinds.common import RuleCompiler
from recevable.pack.model import Cause, Check, Rule
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

KEY: Final = "montant"
EXPRESSIONS: Final[dict[str, str]] = {KEY: "value"}
TYPES: Final[dict[str, Type]] = {"montant": AMOUNT, "taux": RATE, "entier": INTEGER, "nombre": NUMBER}


class Rounding(Struct, frozen=True):
    """To a multiple of `step`, in a direction of `operations.ROUNDINGS`."""

    step: str
    direction: str


class Amount(Struct, frozen=True):
    """A named number; `subject_to` lists the appraisals that taint it while they are open."""

    value: Scalar | None
    name: Scalar | None
    type: Type
    rounding: Rounding | None
    subject_to: tuple[Scalar, ...]


def read(reader: Reader) -> tuple[Amount, tuple[Cause, ...]]:
    """`montant: expression`, `nom`, `type`, `arrondi: {pas, sens}`, `sous_reserve_de`."""
    name = reader.name("nom", "un montant")
    type_ = TYPES.get(reader.choice("type", tuple(TYPES), required=False) or "montant", AMOUNT)
    rounding = _rounding(reader.mapping("arrondi", required=False))
    return Amount(reader.scalar(KEY), name, type_, rounding, reader.words("sous_reserve_de", required=False)), ()


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


def checks(rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
    """A number is not a question."""
    return ()
