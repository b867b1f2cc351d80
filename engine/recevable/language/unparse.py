"""Convert a typed tree back to canonical text, so that a trace shows what was really evaluated."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from recevable.language.calendar import Duration
from recevable.language.operations import OPERATIONS
from recevable.language.tables import Grid, Scale, Slice
from recevable.language.tree import (
    ABSENT,
    ANSWER,
    AT,
    ELEMENT,
    FILTER,
    IN_GRID,
    IN_SCALE,
    LITERAL,
    PRESENT,
    REFERENCES,
    REQUEST,
    RESULT,
    VARIABLE,
    Expr,
)

# Binding strength, loosest first; calls and leaves bind tightest.
_STRENGTH: Final = {"si": 0, "ou": 1, "et": 2, "non": 3, "+": 5, "-": 5, "*": 6, "/": 6, "oppose": 7}
_COMPARISON: Final = 4
_TIGHT: Final = 9


def unparse(expr: Expr, element: tuple[str, str] | None = None) -> str:
    """The expression as text; parsing it gives an equal tree, except for what sets elements of a list aside.

    `element`: the path of the element that its rule is about, and the name that the rule gives to it.
    """
    if element is not None:
        return unparse(expr).replace(*element)
    if expr.op == LITERAL:
        return literal(expr.value)
    if expr.op in (ANSWER, RESULT):
        return f'{expr.op}("{expr.value}")'
    if expr.op in REFERENCES:
        return path_text(str(expr.value))
    if expr.op == VARIABLE:
        name, path = expr.value
        return f"{name}.{path}" if path else name
    if expr.op in (PRESENT, ABSENT):
        target = unparse(expr.args[0]) if expr.args else path_text(str(expr.value))
        return f"{target} est {expr.op}"
    return _operation(expr)


def path_text(path: str) -> str:
    """A path as a rule writes it: the element that the request is made for is `demande`."""
    head, element, rest = path.partition(ELEMENT)
    return f"{REQUEST}{rest}" if element and "." not in head else path


def _operation(expr: Expr) -> str:
    row, own = OPERATIONS[expr.op], _strength(expr)
    if expr.op in (IN_GRID, IN_SCALE):
        table, *keys = expr.args
        name = table.args[0] if table.op == AT else table
        at = f" au {_operand(table.args[1], _TIGHT)}" if table.op == AT else ""
        return f"{unparse(name)}({', '.join(map(unparse, keys))}){at}"
    if expr.op == AT:
        return f"{unparse(expr.args[0])} au {_operand(expr.args[1], _TIGHT)}"
    if expr.op == "parmi":
        return f"{_operand(expr.args[0], own + 1)} dans {unparse(expr.args[1])}"
    if row.over_list:
        return f"{expr.op}({expr.value} dans {unparse(expr.args[0])}, {unparse(expr.args[1])})"
    if expr.op == FILTER:
        return f"{unparse(expr.args[0])} si {unparse(expr.args[1])}"
    if row.function:
        return f"{expr.op}({', '.join(unparse(arg) for arg in expr.args)})"
    if expr.op == "si":
        condition, yes, no = (unparse(arg) for arg in expr.args)
        return f"si {condition} alors {yes} sinon {no}"
    if expr.op == "non" and expr.value:
        return f"non ecarte({expr.value})"
    if expr.op == "non":
        return f"non {_operand(expr.args[0], own)}"
    if expr.op == "oppose":
        return f"-{_operand(expr.args[0], own)}"
    if expr.op == "dans":
        members = ", ".join(_operand(arg, own + 1) for arg in expr.args[1:])
        return f"{_operand(expr.args[0], own + 1)} dans [{members}]"
    if expr.op == "entre":
        value, low, high = (_operand(arg, own + 1) for arg in expr.args)
        return f"{value} entre {low} et {high}"
    if expr.op in ("et", "ou"):
        return f" {expr.op} ".join(_operand(arg, own + 1) for arg in expr.args)
    # left-associative: the right operand of the same strength keeps its parentheses
    return (
        f"{_operand(expr.args[0], own if own > _COMPARISON else own + 1)} {expr.op} {_operand(expr.args[1], own + 1)}"
    )


def _strength(expr: Expr) -> int:
    if expr.op in _STRENGTH:
        return _STRENGTH[expr.op]
    if expr.op in (PRESENT, ABSENT):
        return _COMPARISON
    if expr.op in (AT, IN_GRID, IN_SCALE):
        return _TIGHT
    row = OPERATIONS.get(expr.op)
    return _TIGHT if row is None or row.function else _COMPARISON


def _operand(expr: Expr, least: int) -> str:
    text = unparse(expr)
    return text if _strength(expr) >= least else f"({text})"


def _cell(categories: tuple[Any, ...]) -> str:
    return " / ".join(map(str, categories))


def _slice(one: Slice, zone: tzinfo) -> str:
    end = "" if one.limit is None else f"{'jusqu_a' if one.included else 'moins_de'} {literal(one.limit, zone)}: "
    return end + literal(one.value, zone)


def literal(value: Any, zone: tzinfo = UTC) -> str:
    """A value as written in the language, an instant in time zone `zone`; `inconnu` for None."""
    if value is None:
        return "inconnu"
    if isinstance(value, bool):
        return "vrai" if value else "faux"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Decimal):
        return f"{value if value else abs(value):f}"
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Duration):
        seconds = value.seconds + Decimal(value.microseconds).scaleb(-6) if value.microseconds else value.seconds
        parts = ((value.months, "mois"), (value.days, "jours"), (seconds, "secondes"))
        return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 jours"
    if isinstance(value, Grid):
        return f"{{{', '.join(f'{_cell(cell)}: {literal(one, zone)}' for cell, one in value.cells)}}}"
    if isinstance(value, Scale):
        return f"[{', '.join(_slice(one, zone) for one in value.slices)}]"
    if isinstance(value, tuple):
        return f"[{', '.join(literal(one, zone) for one in value)}]"
    if isinstance(value, list):
        return f"[{len(value)} élément(s)]"
    if isinstance(value, dict):
        return "{…}"
    return str(value)
