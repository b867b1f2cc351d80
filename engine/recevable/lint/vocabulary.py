"""The vocabulary of packs, in French: kinds of rules, results, keys, types and words of expressions.

Keys are defined by the schemas of the files of a pack and expressions by their table of operations; only what neither
defines is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from msgspec import Struct

from recevable import data
from recevable.decision.model import Verdict
from recevable.language.operations import OPERATIONS
from recevable.language.types import Kind, referred
from recevable.pack.kinds import KINDS
from recevable.pack.model import Consequence, Result

# The groups of terms, in the order of the pages.
KIND: Final = "Natures de règles"
RESULT: Final = "Résultats d'une règle"
CONSEQUENCE: Final = "Conséquences d'une cause"
VERDICT: Final = "Verdicts d'une demande"
RULE_KEY: Final = "Clés d'une règle"
PARAMETER_KEY: Final = "Clés d'un paramètre"
TYPE: Final = "Types"
WORD: Final = "Mots des expressions"
GROUPS: Final = (KIND, RESULT, CONSEQUENCE, VERDICT, RULE_KEY, PARAMETER_KEY, TYPE, WORD)

TYPES: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.BOOLEAN: ("Vrai ou faux.", "`vrai`, `faux`"),
    Kind.TEXT: ("Un texte ; il peut être fermé, c'est-à-dire pris dans une liste de valeurs.", '`"acheteur"`'),
    Kind.INTEGER: ("Un nombre entier, sans unité.", "`12`"),
    Kind.NUMBER: ("Un nombre décimal, sans unité.", "`58.33`"),
    Kind.AMOUNT: ("Des euros.", "`250000.00` à côté d'un montant"),
    Kind.RATE: ("Une proportion, comme un taux de TVA.", "`0.20` à côté d'un taux"),
    Kind.DATE: ("Un jour du calendrier.", "`2023-06-30`"),
    Kind.INSTANT: ("Un moment, à la seconde, avec son fuseau.", "`2023-07-26T14:00:00`, `2023-07-26T12:00:00Z`"),
    Kind.DURATION: ("Un temps qui s'écoule.", "`15 jours`, `2 ans`, `48 heures`"),
    Kind.LIST: ("Plusieurs éléments de même forme ; se lit avec `somme`, `nombre`, `tous` ou `certains`.", ""),
    Kind.GRID: (
        "Un paramètre qui a une valeur par catégorie ; se lit en donnant la catégorie.",
        '`part_aidee("avance")`',
    ),
    Kind.SCALE: ("Un paramètre qui a une valeur par tranche ; se lit en donnant un nombre.", "`frais_admis(12000.00)`"),
    Kind.OBJECT: ("Un groupe de champs, comme une pièce ; on lit ses champs, ou sa présence.", ""),
}
RESULTS: Final[Mapping[Result, str]] = {
    Result.SATISFIED: "La règle s'applique et rien n'est reproché.",
    Result.FAILED: "La règle s'applique et l'une de ses causes est établie : sa conséquence s'ensuit.",
    Result.MISSING: "Une donnée que la règle doit lire n'est pas au dossier : elle ne conclut pas.",
    Result.NOT_APPLICABLE: "La règle ne s'applique pas à ce dossier : son `quand` est faux, ou une exception l'écarte.",
    Result.TO_APPRAISE: "La règle pose une question à un agent, qui n'y a pas encore répondu.",
}
CONSEQUENCES: Final[Mapping[Consequence, str]] = {
    Consequence.REJECT: "La demande est rejetée.",
    Consequence.COMPLETE: "Le demandeur est invité à compléter sa demande.",
    Consequence.SET_ASIDE: "L'élément de liste que la règle examine ne compte dans aucun montant.",
    Consequence.SIGNAL: "Le fait est dit dans la décision, sans changer le verdict.",
}
VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.REJECT: "Un constat au moins rejette la demande.",
    Verdict.UNDECIDABLE: "Une valeur que le texte ne donne pas est nécessaire : aucune décision n'est rendue.",
    Verdict.COMPLETE: "Rien ne rejette la demande, et il y manque une pièce, une donnée ou une correction.",
    Verdict.ACCEPT: "Rien ne rejette la demande et rien n'y manque, sauf ce qu'un agent doit encore apprécier.",
}
_CODE: Final = re.compile(r"`([^`\n]+)`")


class Term(Struct, frozen=True):
    """A word as it is written, the group that it belongs to, what it means, and how it is used when that differs."""

    word: str
    group: str
    meaning: str
    usage: str = ""


def vocabulary() -> tuple[Term, ...]:
    """Every term, group by group; a word may be in several groups."""
    return _of(tuple(KINDS))


@cache
def _of(kinds: tuple[str, ...]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for group in _terms(kinds) for term in group))


def meanings(word: str) -> tuple[Term, ...]:
    """The terms that a word may be, without regard to capitals; empty when it is none."""
    return tuple(term for term in vocabulary() if term.word.lower() == word.lower())


def used(text: str) -> tuple[str, ...]:
    """The words of the vocabulary between backquotes in a text, in order of appearance."""
    known = {term.word for term in vocabulary()}
    return tuple(dict.fromkeys(word for word in _CODE.findall(text) if word in known))


def _terms(kinds: tuple[str, ...]) -> Iterator[Iterator[Term]]:
    rules = data.read_schema("regles.schema.json")
    described = dict(_keys(rules, rules["$defs"]["regle"]))
    yield (Term(kind, KIND, described.get(kind, "")) for kind in kinds)
    for group, known in ((RESULT, RESULTS), (CONSEQUENCE, CONSEQUENCES), (VERDICT, VERDICTS)):
        yield (Term(str(word), group, text) for word, text in known.items())
    yield (Term(key, RULE_KEY, text) for key, text in _keys(rules, rules) if text and key not in kinds)
    parameters = data.read_schema("parametres.schema.json")
    yield (Term(key, PARAMETER_KEY, text) for key, text in _keys(parameters, parameters) if text)
    yield (Term(str(kind), TYPE, text, example) for kind, (text, example) in TYPES.items())
    yield (Term(row.name, WORD, row.doc, row.usage) for row in OPERATIONS.values())


def _keys(schema: Mapping[str, Any], node: Any) -> Iterator[tuple[str, str]]:
    """Each key that a schema describes, with its description; the first description of a key is that of the schema."""
    found: dict[str, str] = {}
    for key, child in _properties(schema, node):
        found[key] = found.get(key) or child
    yield from found.items()


def _properties(schema: Mapping[str, Any], node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for item in node:
            yield from _properties(schema, item)
    elif isinstance(node, dict):
        members = node.get("properties", {})
        for key, child in members.items():
            if isinstance(child, dict):
                own = child.get("description", "")
                target = referred(schema, child["$ref"]) if "$ref" in child else {}
                yield key, own or target.get("description", "")
        for key, child in node.items():
            yield from _properties(schema, [*members.values()] if key == "properties" else child)
