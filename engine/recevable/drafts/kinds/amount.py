"""`nouveau montant`: a named number that the rules compute."""

from __future__ import annotations

from typing import Any, Final

from recevable.drafts import facts as found
from recevable.drafts.desk import Desk
from recevable.drafts.model import Draft
from recevable.drafts.questions import (
    REQUEST,
    SOURCE,
    SUMMARY,
    Answers,
    InvalidAnswer,
    Question,
    new_identifier,
    new_name,
    one_of,
    optional,
    sentence,
    value,
)
from recevable.language.check import parse_decimal
from recevable.language.operations import ROUNDINGS
from recevable.language.types import Kind
from recevable.pack.edit import plain, quoted

_TYPES: Final = ("montant", "taux", "entier", "nombre")


def _condition(desk: Desk, answers: Answers, text: str) -> str:
    found.compiled(desk, answers["demande"], text, Kind.BOOLEAN)
    return text


def _expression(desk: Desk, answers: Answers, text: str) -> str:
    found.compiled(desk, answers["demande"], text)
    return text


def _step(_desk: Desk, _answers: Answers, text: str) -> str:
    try:
        valid = parse_decimal(text) > 0
    except ValueError:
        valid = False
    if not valid:
        raise InvalidAnswer(f"`{text}` n'est pas un pas d'arrondi", "Écrivez `0.01` pour le centime.")
    return text


def _example(desk: Desk, _answers: Answers, text: str) -> str:
    found.typed(desk, text)
    return text


def write(desk: Desk, answers: Answers) -> None:
    """Add the requirement and the rule; its examples give the data, the engine the amounts."""
    requirement = desk.add_requirement(answers["source"], answers["resume"])
    request = answers["demande"]
    step = answers["arrondi"]
    lines = [
        f"id: {answers['id']}",
        f"titre: {plain(answers['titre'])}",
        f"demandes: [{request}]",
        *([f"quand: {plain(answers['quand'])}"] if answers["quand"] else []),
        f"montant: {plain(answers['calcul'])}",
        f"nom: {answers['nom']}",
        *([f"type: {answers['type']}"] if answers["type"] != "montant" else []),
        *([f"arrondi: {{pas: {quoted(step)}, sens: {answers['sens']}}}"] if step else []),
        f"exigences: [{requirement}]",
        f"source: {plain(answers['source'])}",
        "exemples:",
    ]
    given = [found.typed(desk, one) for one in answers["exemple"].split("\n") if one]
    examples = [f"{{{', '.join(f'{path}: {value}' for path, value in one.items())}}}" for one in given if one]
    applies, otherwise = _condition_data(desk, request, answers["quand"])
    if not examples:
        texts = (f"({answers['calcul']}) > 0", f"({answers['calcul']}) >= 0")
        data = next((one for one in (found.facts(desk, request, text) for text in texts) if one), None)
        # what other rules compute is given as such
        data = data or found.given(desk, request, answers["calcul"])
        examples = [found.inline(applies | data)] if data else []
    lines += [f"  - {{avec: {one}, valeur: manquant}}" for one in examples]
    lines.append("  - {avec: {}, valeur: manquant}")
    lines += [f"  - {{avec: {found.inline(applies)}, valeur: manquant}}"] if applies else []
    lines += [f"  - {{avec: {found.inline(otherwise)}, resultat: sans_objet}}"] if otherwise else []
    desk.add_rule("\n".join(lines), desk.home(answers["id"], "montant", request), "montant", request)
    desk.settle(answers["id"], new=True)
    desk.notes.append(
        f"`{answers['nom']}` ne sert encore à rien : employez-le dans une règle, ou dans `programme.yaml`"
    )


def _condition_data(desk: Desk, request: str, condition: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data for which a condition is true, then false; a name is given as such, as an example may."""
    if not condition:
        return {}, {}
    if condition in desk.programme.compiled.names:
        return {condition: True}, {condition: False}
    return found.facts(desk, request, condition) or {}, found.facts(desk, request, f"non ({condition})") or {}


DRAFT: Final = Draft(
    "montant",
    "Calculer un montant, un taux ou un nombre.",
    (
        REQUEST,
        Question("id", "L'identifiant de la règle, comme `MON-PRIME`", new_identifier),
        Question("nom", "Le nom du montant : lettres sans accent, chiffres et `_`", new_name),
        Question("titre", "Ce qu'il est, en quelques mots", sentence),
        Question("calcul", "Comment il se calcule, dans le langage des expressions", _expression),
        Question("quand", "La condition pour qu'il existe, dans le langage des expressions ; vide : toujours",
                 optional(_condition), value("")),
        Question("type", "montant, taux, entier ou nombre", one_of(lambda _desk, _a: _TYPES, "un type"),
                 value("montant")),
        Question("arrondi", "Le pas de l'arrondi, `0.01` pour le centime ; vide : sans arrondi", optional(_step),
                 lambda _desk, a: "0.01" if a["type"] == "montant" else ""),
        Question("sens", "Le sens de l'arrondi", one_of(lambda _desk, _a: [*ROUNDINGS], "un sens d'arrondi"),
                 value("demi_superieur")),
        Question("exemple", "Un exemple : « champ = valeur ; champ = valeur » ; vide : fini", optional(_example),
                 value(""), many=True),
        SOURCE,
        SUMMARY,
    ),
    write,
)  # fmt: skip
