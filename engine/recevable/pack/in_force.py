"""Rules in time: the days on which a rule or a defect is in force, and the day whose text applies to a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recevable.language.check import compile_text
from recevable.language.syntax import ExpressionError
from recevable.language.tree import AND, FIELD, LITERAL, PRESENT, TODAY, Expr
from recevable.language.types import BOOLEAN, DATE, INSTANT, Kind, lookup
from recevable.pack.model import AppliedText, InForce, Request
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.language.check import Scope
    from recevable.pack.reader import Reader

RECEPTION: Final = "reception"
DECISION: Final = "decision"
# For a parameter: the day of the text that applies to the request.
TEXT: Final = "texte"
KEY: Final = "en_vigueur"


class NoReception(Exception):
    """The text asks for the reception of a request where there is none."""


def read_in_force(reader: Reader) -> InForce | None:
    """`en_vigueur: {du, jusqu_au, selon}`; None when absent."""
    block = reader.mapping(KEY, required=False)
    if block is None:
        return None
    start, end = block.day("du", required=False), block.day("jusqu_au", required=False)
    on = block.scalar("selon", required=False)
    block.finish()
    if not {"du", "jusqu_au"} & block.node.keys.keys():
        block.fault(
            "PAQ-CLE-MANQUANTE", f"`{KEY}` n'a ni `du` ni `jusqu_au`", block.node.span, "Donnez l'un ou l'autre."
        )
    if start is not None and end is not None and end < start:
        help = "Corrigez l'une des deux dates."
        block.fault("PAQ-DATES", f"le {end} précède le {start}", block.node.keys["jusqu_au"].span, help)
    return InForce(start, end, on, reader.node.keys[KEY].span)


def read_text(reader: Reader) -> AppliedText | None:
    """`texte_applicable: {selon, sauf_renvoi}` of a request, or its `selon` alone; None when absent."""
    node = reader.node_at("texte_applicable", required=False)
    if isinstance(node, Scalar):
        return AppliedText(node)
    block = reader.mapping("texte_applicable", required=False)
    if block is None:
        return None
    on, returned = block.scalar("selon"), block.scalar("sauf_renvoi", required=False)
    block.finish()
    return AppliedText(on, returned) if on is not None else None


def day_on(on: Scalar | None, request: Request | None, scope: Scope) -> Expr:
    """The day that `selon` names; without it, that of the text applied to the request.

    Raises ExpressionError on what is not a date of the dossier, NoReception where no request is received.
    """
    if on is None:
        if request is not None and request.text is not None:
            return text_day(request.text, request, scope)
        return _reception(request, scope)
    if on.text == RECEPTION:
        return _reception(request, scope)
    if on.text == DECISION:
        return Expr(TODAY, (), DATE, TODAY)
    return _day(on, scope)


def text_day(text: AppliedText, request: Request, scope: Scope) -> Expr:
    """The day whose text applies to a request.

    With `sauf_renvoi`, a request that was sent back to be completed follows the text of that day, when it is later.
    """
    day = day_on(text.on, request, scope)
    if text.returned is None:
        return day
    returned = _day(text.returned, scope)
    path = returned if returned.op == FIELD else returned.args[0]
    later = Expr("max", (day, returned), DATE)
    return Expr("si", (Expr(PRESENT, (), BOOLEAN, path.value), later, day), DATE)


def within(in_force: InForce, day: Expr) -> Expr:
    """Whether a day is one on which a text is in force."""
    bounds = ((">=", in_force.start), ("<=", in_force.end))
    parts = [Expr(op, (day, Expr(LITERAL, (), DATE, bound)), BOOLEAN) for op, bound in bounds if bound is not None]
    return parts[0] if len(parts) == 1 else Expr(AND, tuple(parts), BOOLEAN)


def _reception(request: Request | None, scope: Scope) -> Expr:
    if request is None:
        raise NoReception
    received = lookup(scope.facts, request.reception)
    if received is not None and received.kind is Kind.DATE:
        return Expr(FIELD, (), DATE, request.reception)
    return Expr("date_de", (Expr(FIELD, (), INSTANT, request.reception),), DATE)


def _day(path: Scalar, scope: Scope) -> Expr:
    expr = compile_text(path.text, scope)
    if expr.op == FIELD and expr.type.kind is Kind.INSTANT:
        return Expr("date_de", (expr,), DATE, None, expr.start, expr.end)
    if expr.op != FIELD or expr.type.kind is not Kind.DATE:
        help = f"Écrivez `{RECEPTION}`, `{DECISION}`, ou le chemin d'une date du dossier."
        raise ExpressionError(f"`{path.text}` n'est pas une date du dossier", 0, len(path.text), help)
    return expr
