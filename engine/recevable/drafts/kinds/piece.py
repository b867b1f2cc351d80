"""`nouveau piece`: a document that a request must join."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from recevable.decision.wording import day as in_words
from recevable.drafts import scenario
from recevable.drafts.desk import FIRST, LAST, Desk, following, received, schema_place
from recevable.drafts.model import Draft
from recevable.drafts.questions import (
    REQUEST,
    SOURCE,
    Answers,
    InvalidAnswer,
    Question,
    day,
    new_identifier,
    optional,
    sentence,
    value,
)
from recevable.language.types import lookup
from recevable.pack.edit import plain, quoted
from recevable.pack.reader import is_name, name_help

_FOLDER: Final = "pieces"


def _name(desk: Desk, answers: Answers, text: str) -> str:
    if not is_name(text) or text != text.lower():
        raise InvalidAnswer(f"`{text}` n'est pas un nom de champ", name_help(text))
    path = f"{desk.pack.manifest.requests[answers['demande']].root}.{_FOLDER}.{text}"
    if lookup(desk.pack.facts, path) is not None:
        raise InvalidAnswer(f"le champ `{path}` existe déjà", "Donnez un autre nom, ou écrivez la règle qui le lit.")
    return text


def _identifier(desk: Desk, answers: Answers) -> str:
    return desk.identifier(answers["demande"], "piece", answers["nom"])


def _summary(_desk: Desk, answers: Answers) -> str:
    start = answers["a-partir-du"]
    since = f" reçue à partir du {in_words(date.fromisoformat(start))}" if start else ""
    return f"La pièce « {answers['titre']} » est jointe à la demande{since}."


def write(desk: Desk, answers: Answers) -> None:
    """Add the field, the requirement, the rule with its examples, and a scenario."""
    request = desk.pack.manifest.requests[answers["demande"]]
    title, source, start = answers["titre"], answers["source"], answers["a-partir-du"]
    _declare(desk, f"{request.root}.{_FOLDER}", answers["nom"], title, source)
    demand = answers["resume"]
    requirement = desk.add_requirement(source, demand)
    path = f"{'demande' if request.each else request.root}.{_FOLDER}.{answers['nom']}"
    when = f'"{desk.moment(start, FIRST)}"' if start else ""
    reception = received(request)
    dated = f"{reception}: {when}, " if start else ""
    examples = [f"{{avec: {{{dated}{path}: {{}}}}, resultat: satisfait}}"]
    examples.append(f'{{avec: {{{dated.removesuffix(", ")}}}, resultat: "non_satisfait:absente"}}')
    if start:
        eve = desk.moment(following(start, -1), LAST)
        examples.append(f'{{avec: {{{reception}: "{eve}"}}, resultat: sans_objet}}')
        examples.append("{avec: {}, resultat: manquant}")
    lines = [
        f"id: {answers['id']}",
        f"titre: {plain(title)}",
        f"demandes: [{request.name}]",
        *([f'en_vigueur: {{du: "{start}"}}'] if start else []),
        f"piece: {path}",
        "si_absente:",
        "  consequence: completer",
        f"  message: {quoted(answers['message'])}",
        f"  reparation: {quoted(answers['reparation'])}",
        f"exigences: [{requirement}]",
        f"source: {plain(source)}",
        "exemples:",
        *(f"  - {one}" for one in examples),
    ]
    desk.add_rule("\n".join(lines), desk.home(answers["id"], "piece", request.name), "piece", request.name)
    desk.settle(answers["id"], new=True)
    _scenarios(desk, answers, path)


def _declare(desk: Desk, folder: str, name: str, title: str, source: str) -> None:
    """Add the field, and the object that holds the documents of the request when there is none."""
    field: dict[str, Any] = {"title": title, "description": f"{title} ({source})."}
    schema = desk.pack.schema
    try:
        above: Any = schema
        for key in schema_place(schema, folder):
            above = above[key]
    except KeyError:
        title = "Pièces"
        kind = {"type": "object", "additionalProperties": False, "properties": {}}
        desk.add_field(folder, {"title": title, "description": "Les pièces jointes à la demande.", **kind})
        above = {}
    if "x-fourni-par" in above:
        field["x-fourni-par"] = above["x-fourni-par"]
    desk.add_field(f"{folder}.{name}", {**field, "type": "object", "additionalProperties": False, "properties": {}})


def _scenarios(desk: Desk, answers: Answers, path: str) -> None:
    request = desk.pack.manifest.requests[answers["demande"]]
    start, title = answers["a-partir-du"], answers["titre"]
    base = scenario.base(desk, request.name)
    if request.each:
        desk.notes.append("aucun scénario : chaque élément d'une liste a sa demande, écrivez-en un pour l'un d'eux")
        return
    moved = {} if base is None else scenario.moved(desk, base, request.name, start)
    steps = [scenario.Step(f"{title} : jointe", {**moved, path: {}}, start)]
    if moved:
        steps.insert(0, scenario.Step(f"{title} : absente", moved, start))
    scenario.add(desk, answers["nom"], base, request.name, steps)


DRAFT: Final = Draft(
    "piece",
    "Exiger une pièce de plus.",
    (
        REQUEST,
        Question("titre", "Le nom de la pièce, tel que le demandeur le lira", sentence),
        Question("nom", "Le nom du champ : lettres sans accent, chiffres et `_`", _name),
        SOURCE,
        Question("a-partir-du", "Premier jour de réception des demandes qui la joignent ; vide : depuis toujours",
                 optional(day), value("")),
        Question(
            "resume",
            "Ce que le texte demande, en une phrase",
            sentence,
            _summary,
        ),
        Question("message", "Ce que lit le demandeur quand elle manque", sentence,
                 lambda _desk, a: f"Il manque la pièce « {a['titre']} ».", left="ce que lit le demandeur"),
        Question("reparation", "Ce qu'il doit faire", sentence,
                 lambda _desk, a: f"Joindre la pièce « {a['titre']} »", left="ce que le demandeur doit faire"),
        Question("id", "L'identifiant de la règle", new_identifier, _identifier),
    ),
    write,
)  # fmt: skip
