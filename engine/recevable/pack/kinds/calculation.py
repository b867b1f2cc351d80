"""`calcul`: a named date, instant, duration, text or whole number, read by rules that need not copy its expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recevable.language.tree import AMOUNT_NAME
from recevable.language.types import DATE, DESIGNATION, INSTANT, INTEGER, NUMERAL, TEXT, Kind, Type
from recevable.pack.kinds.base import Content, Expression
from recevable.pack.kinds.base import Kind as RuleKind
from recevable.pack.model import Defined

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader

# Durations that have no common measure are different types.
TYPES: Final[dict[str, Type]] = {
    "date": DATE,
    "instant": INSTANT,
    "duree": Type(Kind.DURATION, format="jours"),
    "duree_en_mois": Type(Kind.DURATION, format="mois"),
    "texte": TEXT,
    "entier": INTEGER,
    NUMERAL: DESIGNATION,
}


class Calculation(RuleKind):
    """A named value that is no amount: `calcul: expression`, `nom`, `type`."""

    key = "calcul"
    title = "Calcul"
    noun = "un calcul"
    keys = frozenset({"nom", "type"})
    expressions = (Expression(("calcul",), "Se calcule ainsi"),)
    naming = "nom"
    listed = None

    def read(self, reader: Reader) -> Content:
        """Read the name and the type."""
        name = reader.name("nom", "un calcul")
        type_ = TYPES.get(reader.choice("type", tuple(TYPES)))
        return Content(defined=Defined(name, AMOUNT_NAME, type_, "calcul") if name and type_ else None)
