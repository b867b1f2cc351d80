"""`nouveau appreciation`: a question that only a person may answer."""

from __future__ import annotations

from typing import Final

from recevable.drafts import scenario
from recevable.drafts.desk import LEFT, Desk, following
from recevable.drafts.facts import compiled, facts, inline
from recevable.drafts.kinds import repeal
from recevable.drafts.model import Draft
from recevable.drafts.questions import (
    REQUEST,
    SOURCE,
    SUMMARY,
    UNSURE,
    Answers,
    InvalidAnswer,
    Question,
    day,
    new_identifier,
    one_of,
    optional,
    sentence,
    value,
)
from recevable.language.types import Kind
from recevable.pack.edit import plain, quoted
from recevable.pack.loader import RULES
from recevable.pack.model import Consequence
from recevable.pack.reader import is_name, name_help

_KIND: Final = "appreciation"
_SATISFIED: Final = "satisfait"
_EFFECTS: Final = (_SATISFIED, *map(str, Consequence))
_FORM: Final = "Écrivez `mot : satisfait`, ou `mot : rejeter : ce que lit le demandeur`."


def _reply(_desk: Desk, _answers: Answers, text: str) -> str:
    word, effect, message, *_ = [*(part.strip() for part in text.split(":", 2)), "", ""]
    if not is_name(word):
        raise InvalidAnswer(f"`{word}` ne peut pas nommer une réponse", name_help(word))
    if effect not in _EFFECTS:
        raise InvalidAnswer(f"la réponse `{word}` n'a pas d'effet connu", f"{_FORM} Effets : {', '.join(_EFFECTS)}.")
    if effect != _SATISFIED and not message:
        raise InvalidAnswer(f"la réponse `{word}` n'a pas de message", _FORM)
    return f"{word} : {effect}" if effect == _SATISFIED else f"{word} : {effect} : {message}"


def _condition(desk: Desk, answers: Answers, text: str) -> str:
    compiled(desk, answers["demande"], text, Kind.BOOLEAN)
    return text


def _files(desk: Desk, _answers: Answers) -> list[str]:
    return [*dict.fromkeys(rule.span.file.removeprefix(f"{RULES}/") for rule in desk.pack.rules.values())]


def write(desk: Desk, answers: Answers) -> None:
    """Add the requirement, the rule with an example for each answer, and a scenario for each."""
    identifier, request = answers["id"], answers["demande"]
    requirement = desk.add_requirement(answers["source"], answers["resume"])
    replies = [tuple(one.split(" : ", 2)) for one in answers["reponse"].split("\n")]
    if len({one[0] for one in replies}) < max(2, len(replies)):
        raise InvalidAnswer("une appréciation propose au moins deux réponses différentes", _FORM)
    lines = [
        f"id: {identifier}",
        f"titre: {plain(answers['titre'])}",
        f"demandes: [{request}]",
        *([f"quand: {plain(answers['quand'])}"] if answers["quand"] else []),
        f"appreciation: {quoted(answers['question'])}",
        "reponses:",
    ]
    for word, effect, *message in replies:
        if effect == _SATISFIED:
            lines.append(f"  {word}: {{resultat: {_SATISFIED}}}")
            continue
        text = message[0] if message[0] != UNSURE else f"{LEFT}ce que lit le demandeur"
        lines += [f"  {word}:", f"    consequence: {effect}", f"    message: {quoted(text)}"]
        if effect == Consequence.COMPLETE:
            lines.append(f"    reparation: {quoted(f'{LEFT}ce que le demandeur doit faire')}")
    lines += [f"exigences: [{requirement}]", f"source: {plain(answers['source'])}", "exemples:"]
    bare = "\n".join([*lines, "  - {avec: {}, resultat: a_apprecier}"])
    desk.add_rule(bare, f"{RULES}/{answers['fichier']}", _KIND, request)
    when = facts(desk, request, answers["quand"]) if answers["quand"] else {}
    otherwise = facts(desk, request, f"non ({answers['quand']})") if answers["quand"] else {}
    day = "2024-01-15"
    record = {
        "reponse": "",
        "auteur": "Agent instructeur",
        "motif": "Examiné",
        "le": day,
        "expire_le": following(day, 365),
    }
    name, rank = desk.place(desk.rule(identifier))
    texts = []
    for word, effect, *_ in replies:
        changes = {**(when or {}), f"appreciations.{identifier}": {**record, "reponse": word}}
        result = _SATISFIED if effect == _SATISFIED else f'"non_satisfait:{word}"'
        texts.append(f'{{avec: {inline(changes)}, au: "{following(day)}", resultat: {result}}}')
    if when is None:
        desk.notes.append("aucune donnée n'a été trouvée pour laquelle la question est posée : complétez les exemples")
    # without any data, the first example shows it
    if when:
        texts.append(f"{{avec: {inline(when)}, resultat: a_apprecier}}")
    if otherwise:
        texts.append(f"{{avec: {inline(otherwise)}, resultat: sans_objet}}")
    desk.add_examples(name, rank, texts)
    start = answers["a-partir-du"]
    if start:
        repeal.begin(desk, identifier, start)
    desk.settle(identifier, new=True)
    base = scenario.base(desk, request)
    moved = {} if base is None else scenario.moved(desk, base, request, start)
    given = moved | {
        path: one for path, one in (when or {}).items() if base and scenario.value_at(base.data, path) != one
    }
    steps = []
    for word, *_ in replies:
        if base is None:
            break
        record = {**record, "reponse": word, "le": base.day, "expire_le": following(base.day, 365)}
        changes = {**given, f"appreciations.{identifier}": record}
        steps.append(scenario.Step(f"{answers['titre']} : {word}", changes, start))
    if given:
        steps.insert(0, scenario.Step(f"{answers['titre']} : question ouverte", given, start))
    scenario.add(desk, identifier.lower(), base, request, steps)


DRAFT: Final = Draft(
    "appreciation",
    "Poser une question à laquelle un humain répond.",
    (
        REQUEST,
        Question("id", "L'identifiant de la règle, comme `APP-QUALITE`", new_identifier),
        Question("titre", "Ce qui est apprécié, en quelques mots", sentence),
        Question("question", "La question, telle que l'instructeur la lira", sentence),
        Question(
            "reponse",
            "Une réponse et son effet : « favorable : satisfait » ou « defavorable : rejeter : motif » ; vide : fini",
            _reply,
            many=True,
        ),
        Question("quand", "La condition pour la poser, dans le langage des expressions ; vide : toujours",
                 optional(_condition), value("")),
        Question("a-partir-du", "Premier jour de réception des demandes où elle se pose ; vide : toutes",
                 optional(day), value("")),
        Question("fichier", "Dans quel fichier de règles ?", one_of(_files, "un fichier de règles du paquet"),
                 lambda desk, a: desk.home(a["id"], _KIND, a["demande"]).removeprefix(f"{RULES}/"), _files),
        SOURCE,
        SUMMARY,
    ),
    write,
)  # fmt: skip
