"""What the values of parameters are called: the names that the schema of dossiers gives to the same values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from recevable.language.tables import Grid
from recevable.language.types import Kind, Type
from recevable.pack.model import Parameter


def labelled(parameters: Mapping[str, Parameter], facts: Type) -> dict[str, Parameter]:
    """The parameters; the texts of lists and the categories of grids have the names that the schema gives them.

    Those are the names given by the closed fields that have all the values, when they agree.
    """
    fields = [type_ for type_ in _closed(facts) if type_.labels]
    return {name: _labelled(one, fields) for name, one in parameters.items()} if fields else dict(parameters)


def _closed(type_: Type) -> Iterator[Type]:
    """Every closed text below a type, in the elements of lists too."""
    if type_.values:
        yield type_
    for child in (*type_.fields.values(), *(() if type_.item is None else (type_.item,))):
        yield from _closed(child)


def _labelled(parameter: Parameter, fields: Iterable[Type]) -> Parameter:
    type_, values = parameter.type, [value.value for value in parameter.values if value.value is not None]
    if type_.kind is Kind.LIST and type_.item is not None and type_.item.kind is Kind.TEXT:
        labels = _names({one for value in values for one in value}, fields)
        return replace(parameter, type=replace(type_, item=replace(type_.item, labels=labels)))
    if type_.kind is Kind.GRID:
        keys = {
            name: replace(key, labels=_names({cell[rank] for table in values for cell, _ in table.cells}, fields))
            if key.kind is Kind.TEXT
            else key
            for rank, (name, key) in enumerate(type_.fields.items())
        }
        assert all(isinstance(value, Grid) for value in values)
        return replace(parameter, type=replace(type_, fields=keys))
    return parameter


def _names(values: set[str], fields: Iterable[Type]) -> Mapping[str, str]:
    known = [
        {value: field.labels.get(value, "") for value in sorted(values)}
        for field in fields
        if values <= set(field.values)
    ]
    agreed = bool(known) and all(names == known[0] for names in known)
    return {value: name for value, name in known[0].items() if name} if agreed else {}
