"""EXP-VIDE: a test that an empty list or an empty text passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from recevable.dossier.patterns import matcher
from recevable.language.diagnostics import Severity
from recevable.language.tree import DEDUCTION, FIELD, PRESENT, Expr, nodes
from recevable.language.types import Kind, lookup, referred
from recevable.lint.model import Fault, View
from recevable.lint.reading import WHEN, Part

CODE: Final = "EXP-VIDE"
SEVERITY: Final = Severity.WARNING
_EVERY: Final = "tous"
_COUNT: Final = "nombre"
# The format of a text that has a character to read.
_READABLE: Final = "lisible"


def check(view: View) -> Iterator[Fault]:
    """A list or a text whose emptiness the rule tests is what its author meant."""
    for rule in view.pack.rules.values():
        parts = view.reading.parts(rule)
        tested = {path for part in parts if part.key == WHEN for path in _tested(view, part.expr, set())}
        for part in parts:
            known = tested | set(_tested(view, part.expr, set()))
            for node in nodes(part.expr):
                yield from _fault(view, part, node, known)


def _fault(view: View, part: Part, node: Expr, known: set[str]) -> Iterator[Fault]:
    if node.op == _EVERY and node.args[0].op == FIELD:
        path = str(node.args[0].value)
        if path not in known and not _at_least_one(view.pack.schema, path, "minItems"):
            message = f"`tous` est vrai d'une liste vide, et `{path}` peut l'être"
            count = f"nombre(e dans {path}, vrai)"
            help = f'Que décider sans aucun élément ? Écrivez `{count} > 0`, ou `"minItems": 1` dans le schéma.'
            yield Fault(part.place(node), message, help, part.rule.id)
    elif node.op == PRESENT and isinstance(node.value, str):
        type_ = lookup(view.pack.facts, node.value)
        if type_ is None or type_.kind is not Kind.TEXT or type_.values or type_.format == _READABLE:
            return
        if node.value not in known and not _at_least_one(view.pack.schema, node.value, "minLength"):
            message = f"un texte vide est présent, et `{node.value}` peut l'être"
            help = f'Un texte sans caractère suffit-il ? Écrivez `"minLength": 1` au schéma, ou `{node.value} != ""`.'
            yield Fault(part.place(node), message, help, part.rule.id)


def _tested(view: View, expr: Expr, seen: set[str]) -> Iterator[str]:
    """The lists that an expression counts and the texts that it compares with something written."""
    for node in nodes(expr):
        if node.op == _COUNT and node.args and node.args[0].op == FIELD:
            yield str(node.args[0].value)
        elif node.op in ("=", "!=", "dans"):
            yield from (str(arg.value) for arg in node.args if arg.op == FIELD and arg.type.kind is Kind.TEXT)
        elif node.op == DEDUCTION and str(node.value) not in seen:
            seen.add(str(node.value))
            if str(node.value) in view.reading.deductions:
                yield from _tested(view, view.reading.deductions[str(node.value)], seen)


def _at_least_one(schema: Mapping[str, Any], path: str, keyword: str) -> bool:
    """Whether the schema of a field excludes what is empty."""
    node: Any = schema
    for name in path.split("."):
        node = _resolved(schema, node).get("properties", {}).get(name, {})
    seen = [node, _resolved(schema, node)]
    seen += [_resolved(schema, part) for one in seen[:] for part in one.get("allOf", ()) if isinstance(part, dict)]
    return any(_excludes(one, keyword) for one in seen)


def _excludes(node: Mapping[str, Any], keyword: str) -> bool:
    least = node.get(keyword, 0)
    if isinstance(least, int) and least > 0:
        return True
    # a pattern that wants a character, as `\\S` or `^[0-9]+$`, is looked for in a text without any
    return keyword == "minLength" and isinstance(node.get("pattern"), str) and not _matches_nothing(node["pattern"])


def _matches_nothing(pattern: str) -> bool:
    """Whether an empty text has a pattern."""
    try:
        return matcher(pattern)("")
    except ValueError:
        return True


def _resolved(schema: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    while isinstance(node, dict) and "$ref" in node:
        node = referred(schema, node["$ref"])
    return node if isinstance(node, dict) else {}
