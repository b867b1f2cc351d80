"""A typed tree as French text, for readers who do not read expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import structs

from recevable.language.operations import OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AND,
    ANSWER,
    AT,
    FILTER,
    HISTORY,
    IN_GRID,
    LITERAL,
    NOT,
    OR,
    PARAMETER,
    PRESENT,
    REFERENCES,
    RESULT,
    TODAY,
    VARIABLE,
    Expr,
    nodes,
    source_of,
)
from recevable.language.types import DESIGNATION, NUMERAL, TEXT, Kind, Type

# The display name of a reference (operation, path or name), and the form of a value in a sentence.
Titles = Callable[[str, str], str]
Values = Callable[[Any, Type], str]

_OPPOSITES: Final = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    PRESENT: ABSENT,
    ABSENT: PRESENT,
}

# Dates and instants are not described as larger or smaller.
_DATED: Final = {
    "<": "{0} précède {1}",
    "<=": "{0} ne suit pas {1}",
    ">": "{0} suit {1}",
    ">=": "{0} ne précède pas {1}",
}

_NAMED: Final = REFERENCES | {VARIABLE}
_EITHER: Final = "si"
_COMPARED: Final = _OPPOSITES.keys() | {"dans"}
# Operations that would seem to include the rest of a conjunction.
_WIDE: Final = frozenset({AND, OR, _EITHER, "tous", "certains"})
# Operations that would seem to continue with what follows.
_LONG: Final = frozenset({_EITHER, "somme", "nombre", "minimum", "maximum", "moyenne", "premier", "liste"})
_SUMS: Final = frozenset({"+", "-"})
_PRODUCTS: Final = frozenset({"*", "/"})
# Operations that would seem to apply to the last term of a sum only.
_TIGHTER: Final = frozenset({"*", "/", "oppose", "arrondi", "decale"})


def prose(expr: Expr, titles: Titles, values: Values, given: Callable[[str], str] = lambda name: "") -> str:
    """An expression as a sentence, without a capital or a full stop.

    `given` is what to write after the title of a parameter, usually its value: `« Plafond » (250 000,00 €)`.
    """
    return _Prose(titles, values, given).grouped(expr, expr.op)


def _designating(expr: Expr) -> Expr:
    return structs.replace(expr, type=DESIGNATION) if expr.op == LITERAL and expr.type.kind is Kind.INTEGER else expr


class _Prose:
    def __init__(self, titles: Titles, values: Values, given: Callable[[str], str]) -> None:
        self.titles, self.values, self.given = titles, values, given
        # the number of enclosing loops, and the variables that need a name
        self.depth = 0
        self.named: frozenset[str] = frozenset()

    def say(self, expr: Expr) -> str:
        if expr.op == LITERAL:
            return self.literal(expr, expr.type)
        if expr.op == VARIABLE:
            return self.element(expr)
        if expr.op in OPERATIONS and OPERATIONS[expr.op].over_list:
            return self.loop(expr)
        if expr.op == ANSWER:
            return f"la réponse à « {self.titles(expr.op, expr.value)} »"
        if expr.op == RESULT:
            return f"le résultat de la règle « {self.titles(expr.op, expr.value)} »"
        if expr.op == TODAY:
            return "la date du jour"
        if expr.op == HISTORY:
            return f"« {self.titles(PARAMETER, expr.value)} »"
        if expr.op in REFERENCES:
            given = self.given(expr.value) if expr.op == PARAMETER else ""
            return f"« {self.titles(expr.op, expr.value)} »{given}"
        if expr.op in (PRESENT, ABSENT):
            name = self.say(expr.args[0]) if expr.args else f"« {self.titles('champ', expr.value)} »"
            return OPERATIONS[expr.op].words.format(name)
        if expr.op in (AND, OR):
            return f" {expr.op} ".join(self.grouped(arg, expr.op) for arg in expr.args)
        if expr.op == NOT and expr.value:
            return f"l'élément n'est pas écarté ({expr.value})"
        if expr.op == NOT:
            return self.negation(expr.args[0])
        if expr.op in ("=", "!=") and expr.args[1].op == LITERAL and expr.args[1].type.kind is Kind.BOOLEAN:
            return self.truth(expr.args[0], expr.args[1].value is (expr.op == "="))
        parts = self.operands(expr)
        words = OPERATIONS[expr.op].words
        if expr.op == AT and expr.args[1].op == LITERAL:
            words = "{0} (valeur au {1})"
        if expr.op in _DATED and expr.args[0].type.kind in (Kind.DATE, Kind.INSTANT):
            words = _DATED[expr.op]
        if expr.op == "dans":
            return words.format(parts[0], ", ".join(parts[1:]))
        if expr.op == IN_GRID:
            return words.format(parts[0], " et ".join(parts[1:]))
        if "{*}" in words:
            return words.replace("{*}", " et ".join(parts))
        return words.format(*parts)

    def operands(self, expr: Expr) -> list[str]:
        """The operands, a text compared with a field by the name that the schema gives it, a year with a year."""
        if any(arg.type.format == NUMERAL for arg in expr.args):
            expr = structs.replace(expr, args=tuple(map(_designating, expr.args)))
        if expr.op == IN_GRID:
            beside = [expr.type, *expr.args[0].type.fields.values()]
        else:
            types = [arg.type.item or arg.type for arg in expr.args]
            beside = [next((one for one in types if one.labels), TEXT)] * len(types)
        return [
            self.literal(arg, type_)
            if arg.op == LITERAL and arg.type.kind is Kind.TEXT
            else self.operand(arg, expr.op, rank)
            for rank, (arg, type_) in enumerate(zip(expr.args, beside, strict=True))
        ]

    def literal(self, expr: Expr, type_: Type) -> str:
        """A value; one that has a name in quotation marks, since a name may have several words."""
        label = type_.labels.get(expr.value, "") if expr.type.kind is Kind.TEXT else ""
        return f"« {label} »" if label else self.values(expr.value, expr.type)

    def element(self, expr: Expr) -> str:
        """A part of the loop element; names the element when several lists are iterated over."""
        variable, path = expr.value
        part = (expr.type.title.lower() or path) if path else ""
        if variable in self.named:
            return f"{part} de {variable}" if part else variable
        return part or "l'élément"

    def loop(self, expr: Expr) -> str:
        """An operation over a list; its element has a name when loops are nested."""
        source = self.say(source_of(expr))
        outer = self.depth, self.named
        bodies = (expr.args[1], *expr.args[0].args[1:])
        if self.depth or any(n.op in OPERATIONS and OPERATIONS[n.op].over_list for b in bodies for n in nodes(b)):
            self.named |= {expr.value}
            source += f" (l'élément est noté {expr.value})"
        self.depth += 1
        if expr.args[0].op == FILTER:
            source += f" (seulement les éléments pour lesquels {self.grouped(expr.args[0].args[1], FILTER)})"
        body = self.operand(expr.args[1], expr.op, 1)
        self.depth, self.named = outer
        return OPERATIONS[expr.op].words.format(source, body)

    def truth(self, expr: Expr, wanted: bool) -> str:
        return f"{self.say(expr)} : {'oui' if wanted else 'non'}"

    def negation(self, expr: Expr) -> str:
        if expr.op in _OPPOSITES and len(expr.args) == (0 if expr.op in (PRESENT, ABSENT) else 2):
            return self.say(Expr(_OPPOSITES[expr.op], expr.args, expr.type, expr.value))
        if expr.op in _NAMED:
            return self.truth(expr, wanted=False)
        return OPERATIONS[NOT].words.format(self.grouped(expr, NOT))

    def operand(self, expr: Expr, outer: str, rank: int) -> str:
        if expr.op in _NAMED and expr.type.kind is Kind.BOOLEAN and outer not in _COMPARED:
            return self.truth(expr, wanted=True)
        loose = expr.op in _SUMS and (outer in _TIGHTER or (outer == "-" and rank > 0))
        loose = loose or (expr.op in _PRODUCTS and outer == "/" and rank > 0)
        return f"({self.say(expr)})" if loose or expr.op in _LONG else self.say(expr)

    def grouped(self, expr: Expr, outer: str) -> str:
        if expr.op in _NAMED and expr.type.kind is Kind.BOOLEAN:
            return self.truth(expr, wanted=True)
        wide = expr.op in _WIDE or (expr.op == NOT and expr.args[0].op not in _NAMED | _OPPOSITES.keys())
        return f"({self.say(expr)})" if wide and expr.op != outer else self.say(expr)
