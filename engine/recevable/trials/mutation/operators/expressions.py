"""Small changes of the expressions of any rule: a number, a comparison, a term, a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from msgspec.structs import replace

from recevable.language.calendar import Duration
from recevable.language.operations import BEGUN, COMPLETE
from recevable.language.tree import ABSENT, AND, LITERAL, NOT, OR, PRESENT, Expr, nodes
from recevable.language.types import BOOLEAN, DURATION, NUMERIC, Kind
from recevable.language.unparse import literal
from recevable.pack.kinds import kind_of
from recevable.pack.model import Rule
from recevable.trials.mutation.model import DROPPED, Change, Operator, View
from recevable.trials.mutation.sites import Variants, replaced, rewritten
from recevable.trials.mutation.units import HUNDREDTH, beside

_STEPS: Final = {Kind.INSTANT: Duration(seconds=1), Kind.DATE: Duration(days=1)}
# The adjacent comparison (strict or not), then the opposite one.
_NEIGHBOURS: Final = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "=": ("!=",),
    "!=": ("=",),
}
_CONNECTIVES: Final = {"et": "ou", "ou": "et", "tous": "certains", "certains": "tous"}
_PRESENCE: Final = {PRESENT: ABSENT, ABSENT: PRESENT}
_CALCULATIONS: Final = {"min": "max", "max": "min", "+": "-", "-": "+"}
_NEGATED: Final = {**_PRESENCE, "=": "!=", "!=": "="}


def _numbers(expr: Expr, wanted: Kind | None = None) -> Iterator[tuple[Expr, Expr]]:
    """Each numeric literal, increased and decreased: by one for a count, otherwise by one hundredth."""
    wanted = wanted or expr.type.kind
    if expr.op == LITERAL and expr.type.kind in NUMERIC:
        step = 1 if expr.type.kind is Kind.INTEGER and wanted in (Kind.INTEGER, Kind.DURATION) else HUNDREDTH
        for value in (expr.value + step, expr.value - step):
            yield expr, replace(expr, value=value)
        return
    kinds = {arg.type.kind for arg in expr.args}
    # `montant > 0`: the number has the unit of the other operand
    finer = next((k for k in (Kind.AMOUNT, Kind.RATE, Kind.NUMBER) if k in kinds), Kind.INTEGER)
    for arg in expr.args:
        yield from _numbers(arg, finer)


def _moments(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each literal date, instant or duration, one step (day, second or unit) later and earlier."""
    for node in nodes(expr):
        if node.op == LITERAL:
            for value in beside(node.value):
                yield node, replace(node, value=value)


def _latest(view: View) -> Iterator[Change]:
    """The last instant allowed, moved by the smallest step of its type, in one rule."""
    latest = kind_of(view.subject).latest if isinstance(view.subject, Rule) else ""
    for site in view.sites:
        step = _STEPS.get(site.expr.type.kind)
        if site.key != latest or step is None:
            continue
        for op in ("+", "-"):
            moved = Expr(op, (site.expr, Expr(LITERAL, (), DURATION, step)), site.expr.type)
            yield site.change(site.write(site.expr), site.write(moved))


def _comparisons(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each comparison replaced by related ones; each bound of `entre` removed."""
    for node in nodes(expr):
        for op in _NEIGHBOURS.get(node.op, ()):
            yield node, replace(node, op=op)
        if node.op == "entre":
            value, low, high = node.args
            for above, below in ((">", "<="), (">=", "<")):
                bounds = (Expr(above, (value, low), node.type), Expr(below, (value, high), node.type))
                yield node, Expr(AND, bounds, node.type, None, node.start, node.end)


def _connectives(view: View) -> Iterator[Change]:
    """Each connective replaced by the other; only the word is displayed."""
    for site in view.sites:
        for node in nodes(site.expr):
            if node.op in _CONNECTIVES:
                other = _CONNECTIVES[node.op]
                text = site.write(replaced(site.expr, node, replace(node, op=other)))
                start = _word(site.scalar.text, node)
                yield site.change(node.op, text, other, site.scalar.place(start, len(node.op)))


def _word(text: str, node: Expr) -> int:
    """The index of the word of a connective: between the first two terms, or before the list."""
    if node.op not in (AND, OR):
        return node.start
    found = re.search(rf"\b{node.op}\b", text[node.args[0].end : node.args[1].start])
    return node.args[0].end + found.start() if found else node.start


def _terms(view: View) -> Iterator[Change]:
    """Each term of `et` and `ou`, and each value of `dans`, removed."""
    for site in view.sites:
        for node, term, shorter in _shorter(site.expr):
            text = site.write(replaced(site.expr, node, shorter))
            yield site.change(site.write(term), text, DROPPED, site.scalar.place(term.start, term.end - term.start))


def _shorter(expr: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
    for node in nodes(expr):
        if node.op in (AND, OR):
            for rank, term in enumerate(node.args):
                rest = (*node.args[:rank], *node.args[rank + 1 :])
                yield node, term, rest[0] if len(rest) == 1 else replace(node, args=rest)
        elif node.op == "dans" and len(node.args) > 2:
            for rank, term in enumerate(node.args[1:], start=1):
                yield node, term, replace(node, args=(*node.args[:rank], *node.args[rank + 1 :]))


def _negations(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each whole condition, and that of each `si … alors`, negated."""
    for node in nodes(expr):
        if node.op == "si":
            yield node.args[0], _negated(node.args[0])
    if expr.type.kind is Kind.BOOLEAN:
        yield expr, _negated(expr)


def _negated(expr: Expr) -> Expr:
    if expr.op == NOT:
        return expr.args[0]
    if expr.op in _NEGATED:
        return replace(expr, op=_NEGATED[expr.op])
    return Expr(NOT, (expr,), BOOLEAN, None, expr.start, expr.end)


def _turned(opposites: Mapping[str, str], expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each of some operations, replaced by its opposite."""
    for node in nodes(expr):
        if node.op in opposites:
            yield node, replace(node, op=opposites[node.op])


def _months(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each count of months, with or without the one that has begun."""
    for node in nodes(expr):
        if node.op == "nombre_de_mois":
            which = node.args[2]
            yield which, replace(which, value=BEGUN if which.value == COMPLETE else COMPLETE)


def _fixed(view: View) -> Iterator[Change]:
    """A deduction fixed to each truth value."""
    defined = view.subject.defined if isinstance(view.subject, Rule) else None
    for site in view.sites:
        if defined is not None and defined.truth and site.key == defined.key:
            for text in (literal(True), literal(False)):
                yield site.change(site.scalar.text, text)


def _rewriting(name: str, title: str, noticed_by: str, variants: Variants) -> Operator:
    """An operator that replaces one node of an expression."""
    return Operator(name, title, noticed_by, lambda view: rewritten(view, variants))


EXPRESSIONS: Final = (
    _rewriting(
        "nombre", "Nombre écrit ± 1 ou ± 0,01", "un exemple exactement à ce nombre, et un juste à côté", _numbers
    ),
    _rewriting(
        "moment",
        "Date, instant ou durée écrits ± 1 jour ou ± 1 seconde",
        "un exemple au dernier instant admis, et un à l'instant suivant",
        _moments,
    ),
    Operator(
        "echeance",
        "Échéance d'un délai ± 1 seconde ou ± 1 jour",
        "un exemple à l'échéance exacte, et un à la seconde qui suit",
        _latest,
    ),
    _rewriting(
        "comparaison",
        "Comparaison voisine (`<`, `<=`, `>`, `>=`, `=`, `!=`)",
        "un exemple à l'égalité, et un de chaque côté",
        _comparisons,
    ),
    Operator(
        "et-ou",
        "`et` ↔ `ou`, `tous` ↔ `certains`",
        "un exemple où une seule des conditions est vraie",
        _connectives,
    ),
    Operator(
        "terme-retire",
        "Terme d'un `et`, d'un `ou` ou d'une liste retiré",
        "un exemple où ce seul terme change la réponse",
        _terms,
    ),
    _rewriting("negation", "Condition niée", "un exemple qui la remplit, ou un qui ne la remplit pas", _negations),
    _rewriting(
        "presence",
        "`est present` ↔ `est absent`",
        "un exemple où la donnée est là, et un où elle manque",
        partial(_turned, _PRESENCE),
    ),
    _rewriting(
        "calcul",
        "`min` ↔ `max`, `+` ↔ `-`",
        "un exemple chiffré où les deux opérations ne donnent pas le même résultat",
        partial(_turned, _CALCULATIONS),
    ),
    _rewriting(
        "mois-entame",
        "Mois complets ↔ mois commencés",
        "un exemple dont le dernier mois est entamé",
        _months,
    ),
    Operator(
        "deduction-figee",
        "Déduction toujours vraie, ou toujours fausse",
        "un exemple où la déduction est vraie, et un où elle est fausse",
        _fixed,
    ),
)
