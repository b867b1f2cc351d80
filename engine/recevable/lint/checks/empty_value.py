"""EXP-VIDE: a test that an empty list or an empty text passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from recevable.language.diagnostics import Severity
from recevable.language.operations import OPERATIONS
from recevable.language.patterns import matcher
from recevable.language.tree import FIELD, PRESENT, VARIABLE, Expr, list_path, source_of
from recevable.language.types import Kind, Type, lookup
from recevable.language.unparse import path_text
from recevable.lint.analysis import Part
from recevable.lint.limits import declared
from recevable.lint.model import Fault, View
from recevable.pack.model import WHEN

CODE: Final = "EXP-VIDE"
SEVERITY: Final = Severity.WARNING
_EVERY: Final = "tous"
_COUNT: Final = "nombre"
# The schema format of a text with at least one visible character.
_READABLE: Final = "lisible"

# A datum: its path, or the path of a list and that of a part of its elements.
Place = tuple[str, ...]
# The list that each loop variable iterates over.
Lists = Mapping[str, str]


def check(view: View) -> Iterator[Fault]:
    """Report the tests, unless the rule also tests that the list or text is not empty."""
    for rule in view.pack.rules.values():
        parts = view.analysis.parts(rule)
        tested = {place for part in parts if part.key == WHEN for place in _tested(view, part.expr)}
        for part in parts:
            known = tested | set(_tested(view, part.expr))
            for node, lists in _nodes(part.expr, {}):
                yield from _fault(view, part, node, lists, known)


def _fault(view: View, part: Part, node: Expr, lists: Lists, known: set[Place]) -> Iterator[Fault]:
    if node.op == _EVERY and node.args[0].op == FIELD:
        path = str(node.args[0].value)
        if (path,) not in known and not _at_least_one(view.pack.schema, (path,), "minItems"):
            written = path_text(path)
            message = f"`tous` est vrai d'une liste vide, et `{written}` peut l'être"
            count = f"nombre(e dans {written}, vrai)"
            help = f'Que décider sans aucun élément ? Écrivez `{count} > 0`, ou `"minItems": 1` dans le schéma.'
            yield Fault(part.place(node), message, help, part.rule.id)
    elif node.op == PRESENT and (place := _place(node.args[0] if node.args else node, lists)) is not None:
        type_ = _type(view.pack.facts, place)
        if type_ is None or type_.kind is not Kind.TEXT or type_.values or type_.format == _READABLE:
            return
        if place not in known and not _at_least_one(view.pack.schema, place, "minLength"):
            name = ".".join(node.value).rstrip(".") if node.args else path_text(str(node.value))
            message = f"un texte vide est présent, et `{name}` peut l'être"
            help = f'Un texte sans caractère suffit-il ? Écrivez `"minLength": 1` au schéma, ou `{name} != ""`.'
            yield Fault(part.place(node), message, help, part.rule.id)


def _nodes(expr: Expr, lists: Lists) -> Iterator[tuple[Expr, Lists]]:
    """Every node of a tree, with the lists being iterated over around it."""
    row = OPERATIONS.get(expr.op)
    inside = {**lists, expr.value: list_path(source_of(expr), lists)} if row is not None and row.over_list else lists
    for arg in expr.args:
        yield from _nodes(arg, inside)
    yield expr, lists


def _place(node: Expr, lists: Lists) -> Place | None:
    """The datum that a node reads, or None."""
    if node.op == VARIABLE and node.value[0] in lists:
        return lists[node.value[0]], node.value[1]
    return (str(node.value),) if node.op == FIELD or (node.op == PRESENT and isinstance(node.value, str)) else None


def _type(facts: Type, place: Place) -> Type | None:
    type_ = lookup(facts, place[0])
    if len(place) == 1 or type_ is None or type_.item is None:
        return type_
    return lookup(type_.item, place[1]) if place[1] else type_.item


def _tested(view: View, expr: Expr) -> Iterator[Place]:
    """The lists that an expression counts, and the texts that it compares with a literal."""
    reached = view.analysis.graph.reached(expr)
    for node, lists in (found for one in reached for found in _nodes(one, {})):
        if node.op == _COUNT and node.args and node.args[0].op == FIELD:
            yield (str(node.args[0].value),)
        elif node.op in ("=", "!=", "dans"):
            texts = [_place(arg, lists) for arg in node.args if arg.type.kind is Kind.TEXT]
            yield from (place for place in texts if place is not None)


def _at_least_one(schema: Mapping[str, Any], place: Sequence[str], keyword: str) -> bool:
    """Whether the schema of a datum excludes empty values."""
    return any(_excludes(one, keyword) for one in declared(schema, *place))


def _excludes(node: Mapping[str, Any], keyword: str) -> bool:
    least = node.get(keyword, 0)
    if isinstance(least, int) and least > 0:
        return True
    # a pattern that requires a character, such as `\\S` or `^[0-9]+$`, does not match an empty text
    return keyword == "minLength" and isinstance(node.get("pattern"), str) and not _matches_nothing(node["pattern"])


def _matches_nothing(pattern: str) -> bool:
    """Whether a pattern matches an empty text."""
    try:
        return matcher(pattern)("")
    except ValueError:
        return True
