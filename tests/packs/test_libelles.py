"""No sentence of a shipped pack shows the raw word of a value that its schema names."""

from __future__ import annotations

import re

import pytest

from recevable.language.types import Kind, Type, walk
from recevable.pack.source import shipped_programmes
from recevable.programme import open_programme


def _named(type_: Type) -> dict[str, str]:
    found = dict(type_.labels)
    for one in (*type_.fields.values(), *([type_.item] if type_.item is not None else [])):
        found |= _named(one)
    return found


@pytest.mark.parametrize("shipped", shipped_programmes())
def test_conditions_and_lists_say_values_by_their_names(shipped: str) -> None:
    programme = open_programme(shipped)
    # a value with an underscore cannot be a French word
    raw = sorted(value for value in _named(programme.pack.facts) if "_" in value)
    assert raw
    sought = re.compile(rf"\b(?:{'|'.join(map(re.escape, raw))})\b")
    said = [
        sentence
        for context in programme.compiled.context_names
        for check in programme.compiled.context(context).checks
        for sentence in programme.conditions(context, check.rule, check.cause)
    ]
    said += [
        text
        for request in programme.manifest.requests
        for profile in programme.profiles()
        for section in programme.checklist(profile, request, programme.manifest.versions[-1].start)
        for text in (section.condition, *(item.title for item in section.items))
    ]
    assert len(said) > 50
    assert [text for text in said if sought.search(text)] == []


@pytest.mark.parametrize("shipped", shipped_programmes())
def test_every_closed_text_of_a_shipped_schema_is_named(shipped: str) -> None:
    for path, type_ in walk(open_programme(shipped).pack.facts):
        if type_.kind is Kind.TEXT and len(type_.values) > 1:
            assert [*type_.labels] == [*type_.values], path
