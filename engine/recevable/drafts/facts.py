"""Data of a dossier for the examples of a rule: found for a condition, or typed as `champ = valeur`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from recevable.dossier.facts import Extractor
from recevable.drafts import scenario
from recevable.drafts.desk import Desk
from recevable.drafts.questions import InvalidAnswer
from recevable.language.check import compile_text
from recevable.language.evaluate import Layout, build
from recevable.language.syntax import ExpressionError
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    DEDUCTION,
    FIELD,
    PARAMETER,
    PRESENT,
    REFERENCES,
    Expr,
    nodes,
)
from recevable.language.types import Kind, Type, lookup, walk
from recevable.lint.analysis import Analysis
from recevable.lint.witness import witness
from recevable.pack.compiler import Compiler
from recevable.pack.hints import did_you_mean

# A value of each kind, to show a calculation with.
_PLAIN: Final = {
    Kind.AMOUNT: "1000.00",
    Kind.NUMBER: "10",
    Kind.RATE: "0.20",
    Kind.INTEGER: 10,
    Kind.BOOLEAN: True,
}


def compiled(desk: Desk, request: str, text: str, expected: Kind | None = None) -> Expr:
    """An expression of a request, checked; raises InvalidAnswer."""
    scope = Compiler(desk.programme.compiled, request).scope
    try:
        return compile_text(text, scope, expected)
    except ExpressionError as error:
        raise InvalidAnswer(f"`{text}` : {error.message}", error.help) from None


def facts(desk: Desk, request: str, text: str) -> dict[str, Any] | None:
    """Data that make a condition of a request true, as a dossier holds them; None when none were found.

    Parameters have their last value.
    """
    expr = compiled(desk, request, text, Kind.BOOLEAN)
    pack = desk.pack
    analysis = Analysis(desk.programme.compiled)
    values = {name: one.values[-1].value for name, one in pack.parameters.items()}
    found = witness([expr], values, analysis.deductions, pack)
    if found is None:
        return next((one for one in _known(desk, request, expr, values) if one is not None), None)
    zone = pack.manifest.zone
    return {
        str(leaf.value): _example_value(leaf.type, value, zone)
        for leaf, value in found.items()
        if leaf.op == FIELD and value is not None
    }


def _known(desk: Desk, request: str, expr: Expr, values: Mapping[str, Any]) -> Iterator[dict[str, Any] | None]:
    """What each known dossier holds of the data that a condition reads, where the condition is true."""
    every = [*nodes(expr)]
    paths = {str(one.value) for one in every if one.op == FIELD or (one.op in (PRESENT, ABSENT) and not one.args)}
    if any(one.op in REFERENCES and one.op not in (FIELD, PARAMETER) for one in every):
        return
    layout = Layout(desk.pack.manifest.zone)
    test = build(expr, layout)
    types = {path: type_ for path in paths if (type_ := lookup(desk.pack.facts, path)) is not None}
    fill = Extractor(types, layout)
    for base in scenario.bases(desk):
        slots = layout.empty()
        fill(base.data, slots)
        for one in every:
            if one.op == PARAMETER:
                slots[layout.slot(PARAMETER, one.value)] = values[one.value]
        if test(slots) is True:
            data = {path: scenario.value_at(base.data, path) for path in sorted(paths)}
            yield {path: value for path, value in data.items() if value is not None}


def _example_value(type_: Type, value: Any, zone: Any) -> Any:
    """A value as a dossier holds it."""
    if type_.kind is Kind.INTEGER:
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def given(desk: Desk, request: str, text: str) -> dict[str, Any]:
    """A plain value for each number, truth and field that an expression of a request reads, as an example gives it.

    Nothing when it reads a value that has no plain one, such as a list.
    """
    reads = [one for one in nodes(compiled(desk, request, text)) if one.op in (FIELD, AMOUNT_NAME, DEDUCTION)]
    values = {str(one.value): _PLAIN.get(one.type.kind) for one in reads}
    return {} if None in values.values() else values


def inline(values: Mapping[str, Any]) -> str:
    """Data as an example writes them, on one line."""
    return f"{{{', '.join(f'{path}: {_yaml(value)}' for path, value in values.items())}}}"


def _yaml(value: Any) -> str:
    return inline(value) if isinstance(value, dict) else json.dumps(value, ensure_ascii=False)


def typed(desk: Desk, text: str) -> dict[str, str]:
    """`champ = valeur ; champ = valeur` as YAML by path, each with the quotes that its type wants.

    Raises InvalidAnswer.
    """
    found = {}
    names = desk.programme.compiled.names
    for part in filter(None, (one.strip() for one in text.split(";"))):
        path, equals, value = (one.strip() for one in part.partition("="))
        type_: Type | None = names[path][1] if path in names else lookup(desk.pack.facts, path)
        if not equals or not value:
            raise InvalidAnswer(f"`{part}` n'est pas une donnée", "Écrivez `champ = valeur`, séparés par `;`.")
        if type_ is None:
            near = did_you_mean(path, [*names, *(known for known, _ in walk(desk.pack.facts))])
            raise InvalidAnswer(f"champ inconnu : `{path}`", near or "Donnez le chemin d'un champ du dossier.")
        found[path] = _written(type_, value)
    return found


def _written(type_: Type, text: str) -> str:
    bare = text.strip('"')
    if type_.kind in (Kind.BOOLEAN, Kind.INTEGER, Kind.OBJECT, Kind.LIST):
        return {"vrai": "true", "faux": "false"}.get(bare, text)
    return json.dumps(bare, ensure_ascii=False)
