"""The page on the expression language: its table of operations, its grammar, its limits, and results computed here."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Final

from _pages import sample
from _pages.markdown import code, fill, table
from recevable.language import syntax
from recevable.language.check import compile_text
from recevable.language.evaluate import EXACT
from recevable.language.operations import OPERATIONS, ROUNDINGS, Operation
from recevable.language.syntax import (
    KEYWORDS,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_LEVELS,
    ExpressionError,
)
from recevable.language.tree import FIELD, IN_GRID, IN_SCALE
from recevable.language.types import Kind, Type
from recevable.language.unparse import literal
from recevable.lint.vocabulary import TYPES

# The sections of the table of operations; `page` makes sure that every row is in one of them.
_GROUPS: Final[dict[str, Sequence[str]]] = {
    "Logique": ("et", "ou", "non", "si", "present", "absent"),
    "Comparaison": ("=", "!=", "<", "<=", ">", ">=", "entre", "dans", "parmi"),
    "Calcul": ("+", "-", "*", "/", "oppose", "min", "max", "arrondi"),
    "Listes": ("somme", "nombre", "tous", "certains", "filtre", "minimum", "maximum", "moyenne", "premier", "liste"),
    "Paramètres dans le temps, grilles et barèmes": ("au", "grille", "bareme"),
    "Calendrier": ("date_de", "debut_de_jour", "fin_de_jour", "jours", "decale"),
    "Temps compté": ("nombre_de_jours", "nombre_de_mois", "age", "annee", "mois", "jour"),
    "Jours ouvrés": (
        "est_ferie",
        "jours_ouvres",
        "jours_ouvrables",
        "ajoute_jours_ouvres",
        "ajoute_jours_ouvrables",
        "proroge",
        "delai_franc",
    ),
    "Textes, identifiants, appréciations, résultats": (
        "normalise",
        "longueur",
        "commence_par",
        "contient",
        "motif",
        "siret_valide",
        "siret_compact",
        "siren_de",
        "iban_valide",
        "iban_compact",
        "bic_valide",
        "bic_complet",
        "reponse",
        "resultat",
    ),
}

_HALVES: Final = ("0.004", "0.005", "0.015", "0.025", "-0.004", "-0.005")
_UNKNOWN: Final = "manque = 1"


def page() -> str:
    """The text of `langage.md`; raises ValueError when an example no longer gives what the table says."""
    parts = {
        "types": _types(),
        "dossier": _facts(),
        "logique": _logic(),
        "operations": _operations(),
        "arrondis": _roundings(),
        "grammaire": _grammar(),
        "limites": _limits(),
    }
    return fill("langage.md", parts, {"exemples": _examples, "refus": _refusals})


def _types() -> str:
    return table(
        ("Type", "Ce que c'est", "Comment l'écrire"),
        ((code(kind), *TYPES[kind]) for kind in Kind),
    )


def _facts() -> str:
    rows = [
        (code(name), _shape(type_), code(_fact(name)) if (FIELD, name) in sample.FACTS else "absent")
        for name, type_ in sample.SCOPE.facts.fields.items()
    ]
    return table(("Champ", "Type", "Valeur"), rows)


def _shape(type_: Type) -> str:
    if type_.item is not None:
        members = " et ".join(f"{code(name)} ({_shape(member)})" for name, member in type_.item.fields.items())
        return f"{code(type_.kind)} ; chaque élément a {members}"
    values = " ou ".join(code(literal(value)) for value in type_.values)
    return f"{code(type_.kind)} : {values}" if values else code(type_.kind)


def _fact(name: str) -> str:
    value = sample.FACTS[FIELD, name]
    if isinstance(value, list):
        return " ; ".join(", ".join(literal(member) for member in item.values()) for item in value)
    return literal(value)


def _logic() -> str:
    shown = {"vrai": "vrai", "faux": "faux", "inconnu": f"({_UNKNOWN})"}
    pairs = [
        (one, other, *(sample.result(f"{shown[one]} {word} {shown[other]}") for word in ("et", "ou")))
        for one in shown
        for other in shown
    ]
    opposites = [(one, sample.result(f"non {text}")) for one, text in shown.items()]
    return "\n\n".join(
        (table(("a", "b", "`a et b`", "`a ou b`"), pairs), table(("a", "`non a`"), opposites)),
    )


def _operations() -> str:
    listed = [name for names in _GROUPS.values() for name in names]
    if sorted(listed) != sorted(OPERATIONS):
        raise ValueError(f"in one list only: {sorted(set(listed) ^ set(OPERATIONS))}")
    return "\n\n".join(_group(title, [OPERATIONS[name] for name in names]) for title, names in _GROUPS.items())


def _group(title: str, rows: Sequence[Operation]) -> str:
    meanings = table(("Écriture", "Sens", "En mots"), ((code(row.usage), row.doc, _words(row)) for row in rows))
    examples = [(text, expected) for row in rows for text, expected in row.examples]
    for text, expected in examples:
        if sample.result(text) != expected:
            raise ValueError(f"{text} gives {sample.result(text)}, not {expected}")
    return f"### {title}\n\n{meanings}\n\n{_examples([text for text, _ in examples])}"


def _words(row: Operation) -> str:
    """The French words of an operation, on the operands that its usage shows."""
    usage = row.usage.replace(", ...", "")
    parsed = syntax.parse(usage)
    operands = [f"*{usage[arg.start : arg.end]}*" for arg in parsed.args]
    if row.name in (IN_GRID, IN_SCALE):
        operands.insert(0, f"*{parsed.value[0]}*")
    if row.name == "dans":
        operands[1:] = [" ou ".join(operands[1:])]
    return row.words.replace("{*}", " et ".join(operands)).format(*operands)


def _examples(lines: Sequence[str]) -> str:
    """Expressions and what they give; a title of its own for each would only be noise."""
    return table(("Expression", "Résultat"), ((code(line), code(sample.result(line))) for line in lines))


def _refusals(lines: Sequence[str]) -> str:
    """Expressions that do not load, with what is said of them."""
    return "\n\n".join(f"```text\n{_refusal(line)}\n```" for line in lines)


def _refusal(text: str) -> str:
    try:
        compile_text(text, sample.SCOPE)
    except ExpressionError as error:
        marks = " " * error.start + "^" * (error.end - error.start)
        return "\n".join(filter(None, (text, marks, error.message, error.help)))
    raise ValueError(f"{text} is not refused")


def _roundings() -> str:
    rows = [
        (code(number), *(code(sample.result(f'arrondi({number}, "0.01", "{way}")')) for way in ROUNDINGS))
        for number in _HALVES
    ]
    return table(("Nombre", *(code(way) for way in ROUNDINGS)), rows)


def _grammar() -> str:
    """The grammar that the parser itself describes."""
    found = re.search(r"::\n\n(.*)\Z", inspect.cleandoc(syntax.__doc__ or ""), re.DOTALL)
    if found is None:
        raise ValueError("the grammar is no longer in the docstring of the parser")
    words = ", ".join(code(word) for word in sorted(KEYWORDS))
    return f"```text\n{inspect.cleandoc(found[1])}\n```\n\nMots réservés : {words}."


def _limits() -> str:
    limits = (
        (f"{MAX_LENGTH} caractères", "la longueur d'une expression"),
        (f"{MAX_DEPTH} niveaux", "les parenthèses, fonctions et `si` les uns dans les autres"),
        (
            f"{MAX_LEVELS} niveaux",
            "les opérations les unes dans les autres, valeurs comprises : `a + b + c` en compte trois",
        ),
        (f"{MAX_DIGITS} chiffres", "un nombre écrit dans une règle"),
        (f"{EXACT.prec} chiffres", "la précision d'un calcul ; au-delà, arrondi au plus proche, au pair à mi-chemin"),
        ("an 1 à an 9999", "le calendrier ; un calcul qui en sort donne inconnu"),
    )
    return table(("Limite", "Sur quoi"), limits)
