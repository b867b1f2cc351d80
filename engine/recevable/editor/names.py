"""Every name defined in a pack, its kind, and where it is defined.

The pack may be invalid: names are returned for its readable parts.  Independent of the editor protocol.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from msgspec import Struct

from recevable import files
from recevable.decision.wording import day as day_words
from recevable.decision.wording import words
from recevable.dossier.fields import fields
from recevable.dossier.positions import scan
from recevable.language.diagnostics import DiagnosticError, Span
from recevable.language.operations import OPERATIONS, Operation
from recevable.language.syntax import KEYWORDS
from recevable.language.tree import EACH, ELEMENT
from recevable.language.types import Type, walk
from recevable.language.unparse import path_text
from recevable.pack import requirements
from recevable.pack.compiled import CompiledPack
from recevable.pack.in_force import TEXT
from recevable.pack.loader import load_leniently
from recevable.pack.model import APPLICANT, RECOVERY, Pack, Parameter, Rule, Value
from recevable.pack.source import MAX_BYTES, PackSource

_CONSTANTS: Final = {"vrai": "Toujours vrai.", "faux": "Toujours faux."}
_WORDS: Final = {"alors": "si", "sinon": "si", "est": "present"}


class Sort(StrEnum):
    """What a name refers to; the values are displayed."""

    FIELD = "champ du dossier"
    PARAMETER = "paramètre"
    DEFINITION = "définition"
    FUNCTION = "fonction"
    WORD = "mot du langage"
    RULE = "règle"
    REQUIREMENT = "exigence"
    REQUEST = "demande"
    PARTY = "intervenant"


class Name(Struct, frozen=True):
    """A name, its kind, a short description, Markdown text, and where it is defined.

    `target` is a span in a file of the pack, or a pointer and a JSON Schema file; None when there is no place.
    """

    name: str
    sort: Sort
    detail: str
    markdown: str
    target: Span | tuple[Path, str] | None = None
    values: tuple[str, ...] = ()


class Names(Struct, frozen=True):
    """The names of a pack by kind, in the order of the pack."""

    by_sort: dict[Sort, dict[str, Name]]

    def of(self, *sorts: Sort) -> Iterator[Name]:
        """The names of the given kinds."""
        for sort in sorts:
            yield from self.by_sort.get(sort, {}).values()

    def find(self, name: str, *sorts: Sort) -> Name | None:
        """Find a name among the given kinds, in that order; None when absent."""
        return next((found[name] for sort in sorts if name in (found := self.by_sort.get(sort, {}))), None)


def names(source: PackSource, today: date) -> Names:
    """Every readable name of a pack; only those of the language when nothing is readable."""
    found: dict[Sort, dict[str, Name]] = {sort: {} for sort in Sort}
    for name in _language():
        found[name.sort][name.name] = name
    pack = load_leniently(source)
    if pack is None:
        return Names(found)
    for name in (*_fields(pack), *_parameters(pack, today), *_rules(pack), *_programme(pack)):
        found[name.sort].setdefault(name.name, name)
    for name in _requirements(source):
        found[name.sort].setdefault(name.name, name)
    return Names(found)


# --- the language -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _language() -> tuple[Name, ...]:
    rows = [
        Name(name, Sort.FUNCTION if row.function else Sort.WORD, row.usage, _operation(row))
        for name, row in OPERATIONS.items()
        if row.function or name in KEYWORDS
    ]
    constants = [Name(name, Sort.WORD, "booléen", text) for name, text in _CONSTANTS.items()]
    others = [Name(word, Sort.WORD, OPERATIONS[op].usage, _operation(OPERATIONS[op])) for word, op in _WORDS.items()]
    naming = Name(
        "soit", Sort.WORD, "soit x = a : b", "Donne un nom à `a` dans `b`.\n\n- `soit x = 2 : x * x` donne `4`"
    )
    return (*rows, *constants, *others, naming)


def _operation(row: Operation) -> str:
    examples = "\n".join(f"- `{written}` donne `{result}`" for written, result in row.examples)
    return f"`{row.usage}`\n\n{row.doc}" + (f"\n\n{examples}" if examples else "")


# --- the dossier ------------------------------------------------------------------------------------------------------


def _fields(pack: Pack) -> Iterator[Name]:
    known = {one.path: one for first in fields(pack.schema) for one in first.walk()}
    for path, type_ in walk(pack.facts):
        field = known.get(path.replace(EACH, ELEMENT))
        if EACH in path:
            # as each rule about an element of the list calls it
            loops = (rule.loop for rule in pack.rules.values() if rule.loop is not None)
            variables = {loop.variable: loop.root for loop in loops if f"{path}.".startswith(f"{loop.root}.")}
            for variable, root in variables.items():
                title = f"**{type_.title or path}** : {_type(type_)}"
                yield Name(path.replace(root, variable), Sort.FIELD, _type(type_), title)
            continue
        path = path_text(path)
        if field is None:
            # what is decided on the requests of the elements of a list is in no dossier
            yield Name(path, Sort.FIELD, _type(type_), f"**{type_.title or path}** : {_type(type_)}")
            continue
        suppliers = [_party(pack, name) for name in field.supplied_by]
        lines = [f"**{type_.title or path}** : {_type(type_)}", field.description]
        if suppliers:
            lines.append(f"Fourni par : {' ou '.join(suppliers)}.")
        if type_.values:
            lines.append(f"Valeurs : {', '.join(_called(value, type_) for value in type_.values)}.")
        text = "\n\n".join(line for line in lines if line)
        target = None if pack.schema_file is None else (pack.schema_file, field.pointer)
        yield Name(path, Sort.FIELD, _type(type_), text, target, tuple(map(str, type_.values)))


def _party(pack: Pack, name: str) -> str:
    return pack.manifest.parties[name].name if name in pack.manifest.parties else f"le {name}"


def _type(type_: Type) -> str:
    return f"{type_} de {type_.item}" if type_.item is not None else str(type_)


def schema_offset(file: Path, where: str) -> int:
    """The index of the key of a pointer in a JSON Schema file; 0 when it no longer exists."""
    try:
        text = files.read(file, MAX_BYTES).decode("utf-8")
        json.loads(text)
    except (OSError, ValueError):
        return 0
    return scan(text).keys.get(where, 0)


# --- parameters and rules ---------------------------------------------------------------------------------------------


def _parameters(pack: Pack, today: date) -> Iterator[Name]:
    for parameter in pack.parameters.values():
        now = _value(parameter.at(today), parameter, pack)
        yield Name(
            parameter.name,
            Sort.PARAMETER,
            f"{parameter.type} : {now}" + (" aujourd'hui" if len(parameter.values) > 1 else ""),
            _parameter(parameter, pack, now),
            parameter.span,
        )


def _parameter(parameter: Parameter, pack: Pack, now: str) -> str:
    read = "à la date de la décision" if parameter.by_decision else "au jour de la réception de la demande"
    case = "Pour une demande décidée" if parameter.by_decision else "Pour une demande reçue"
    if parameter.read_on:
        read, case = f"au jour de `{parameter.read_on}`", "Valeur en vigueur"
        if parameter.read_on == TEXT:
            read = "au jour du texte appliqué à la demande"
    lines = [
        f"**{parameter.title or parameter.name}** : {parameter.type}",
        f"{case} aujourd'hui : **{now}** (la valeur est lue {read})",
    ]
    if parameter.house_default:
        lines.append(f"Choix de gestion, là où le texte se tait. {parameter.note}".strip())
    steps = [
        f"- à partir du {day_words(value.start)} : {_value(value, parameter, pack)} ({value.source})"
        for value in parameter.values
    ]
    if parameter.until is not None:
        steps.append(f"- sans valeur après le {day_words(parameter.until)}")
    return "\n\n".join([*lines, "\n".join(steps)])


def _value(found: Value | None, parameter: Parameter, pack: Pack) -> str:
    if found is None:
        return "sans valeur"
    return "inconnue" if found.value is None else words(found.value, parameter.type, pack.manifest.zone)


def _rules(pack: Pack) -> Iterator[Name]:
    compiled = CompiledPack(pack)
    for rule in pack.rules.values():
        yield Name(rule.id, Sort.RULE, rule.title, _rule(rule), rule.span)
    for name, owners in compiled.definers.items():
        type_ = compiled.names[name][1]
        values = tuple(map(str, type_.values))
        listed = ", ".join(owner.id for owner in owners)
        text = "\n\n".join(_definition(owner, type_) for owner in owners)
        yield Name(name, Sort.DEFINITION, f"{type_} ({listed})", text, owners[-1].span, values)


def _rule(rule: Rule) -> str:
    about = ", ".join((rule.kind, *rule.requests))
    lines = [f"**{rule.title}**", f"`{rule.id}` : {about}", f"Source : {rule.source}" if rule.source else "", rule.note]
    if rule.house_default:
        lines.append(f"Choix de gestion, là où le texte se tait : {rule.house_default}")
    return "\n\n".join(line for line in lines if line)


def _definition(rule: Rule, type_: Type) -> str:
    text = rule.expressions.get(rule.defined.key) if rule.defined is not None else None
    written = f"\n\n```\n{text.text}\n```" if text is not None else ""
    when = f", quand `{rule.when.text}`" if rule.when is not None else ""
    return f"**{rule.title}** : {type_}\n\nDéfini par `{rule.id}`{when}.{written}"


def _programme(pack: Pack) -> Iterator[Name]:
    manifest = pack.manifest
    for request in manifest.requests.values():
        yield Name(request.name, Sort.REQUEST, request.title, f"**{request.title}**\n\nBloc `{request.root}`.")
    yield Name(RECOVERY, Sort.REQUEST, "le recouvrement", "Les sommes à récupérer.")
    yield Name(APPLICANT, Sort.PARTY, "qui dépose le dossier", "Qui dépose le dossier.")
    for name, party in manifest.parties.items():
        yield Name(name, Sort.PARTY, party.name, f"{party.name}, {party.addressed}")


def _requirements(source: PackSource) -> Iterator[Name]:
    try:
        inventory = requirements.read(source)
    except DiagnosticError:
        return
    for name, one in inventory.requirements.items():
        text = f"**{name}** ({one.section})\n\n{one.summary}"
        yield Name(name, Sort.REQUIREMENT, one.summary, text, one.id.span)


def _called(value: str, type_: Type) -> str:
    """A value as it is written, with its name."""
    label = type_.labels.get(value)
    return f"`{value}` ({label})" if label else f"`{value}`"
