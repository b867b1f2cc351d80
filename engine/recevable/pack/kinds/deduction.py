"""`deduction`: a named truth value that other rules read like a field; the network chains them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from recevable.language.tree import DEDUCTION
from recevable.language.types import BOOLEAN
from recevable.pack.kinds.base import Content, Expression, Kind
from recevable.pack.model import Defined

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader


class Deduction(Kind):
    """A name and the boolean expression that defines it: `deduction: nom`, `vaut: expression`."""

    key = "deduction"
    title = "Déduction"
    noun = "une déduction"
    keys = frozenset({"vaut"})
    expressions = (Expression(("vaut",), "Est vrai quand"),)
    naming = "deduction"
    refused: ClassVar[Mapping[str, str]] = {
        "quand": "Mettez la condition dans `vaut`.",
        "exception_a": "Mettez la condition dans `vaut`.",
        "en_vigueur": "Mettez les dates dans `vaut`.",
        "demandes": "Elle vaut là où une règle l'emploie.",
    }
    refusal = "PAQ-DEDUCTION"
    listed = None

    def read(self, reader: Reader) -> Content:
        """The name."""
        name = reader.name("deduction", "une déduction")
        return Content(defined=Defined(name, DEDUCTION, BOOLEAN, "vaut") if name is not None else None)
