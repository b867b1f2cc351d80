"""`nouveau indu`: a case in which money may have to be paid back."""

from __future__ import annotations

from typing import Final

from recevable.drafts import facts as found
from recevable.drafts import scenario
from recevable.drafts.desk import LEFT, Desk
from recevable.drafts.model import Draft
from recevable.drafts.questions import (
    SOURCE,
    SUMMARY,
    Answers,
    InvalidAnswer,
    Question,
    new_identifier,
    one_of,
    sentence,
    value,
)
from recevable.language.types import Kind
from recevable.pack.edit import plain, quoted
from recevable.pack.model import BASES, MODALITIES, RECOVERY
from recevable.pack.nodes import to_data
from recevable.pack.reader import is_name, name_help
from recevable.pack.yaml_strict import cut

_FORM: Final = "Écrivez `mot : message`, ou `mot si condition : message` pour une étape qui n'est pas la dernière."


def _case(desk: Desk, _answers: Answers, text: str) -> str:
    found.compiled(desk, RECOVERY, text, Kind.BOOLEAN)
    return text


def _amount(desk: Desk, _answers: Answers, text: str) -> str:
    found.compiled(desk, RECOVERY, text, Kind.AMOUNT)
    return text


def _step(desk: Desk, _answers: Answers, text: str) -> str:
    head, _, message = (one.strip() for one in text.partition(" : "))
    word, _, condition = head.partition(" si ")
    if not is_name(word):
        raise InvalidAnswer(f"`{word}` ne peut pas nommer une étape", name_help(word))
    if not message:
        raise InvalidAnswer(f"l'étape `{word}` n'a pas de message", _FORM)
    if condition:
        found.compiled(desk, RECOVERY, condition, Kind.BOOLEAN)
    return f"{head} : {message}"


def _example(desk: Desk, _answers: Answers, text: str) -> str:
    if text:
        found.typed(desk, text)
    return text


def write(desk: Desk, answers: Answers) -> None:
    """Add the requirement, the rule, examples with and without the case, and a scenario of the case."""
    identifier = answers["id"]
    requirement = desk.add_requirement(answers["source"], answers["resume"])
    lines = [
        f"id: {identifier}",
        f"titre: {plain(answers['titre'])}",
        f"demandes: [{RECOVERY}]",
        f"indu: {plain(answers['cas'])}",
        f"modalite: {answers['modalite']}",
        f"montant: {plain(answers['montant'])}",
        f"assiette: {answers['assiette']}",
        "etapes:",
    ]
    for one in answers["etape"].split("\n"):
        head, _, message = one.partition(" : ")
        word, _, condition = head.partition(" si ")
        lines.append(f"  - etape: {word}")
        lines += [f"    si: {plain(condition)}"] if condition else []
        lines.append(f"    message: {quoted(message)}")
    lines += [f"exigences: [{requirement}]", f"source: {plain(answers['source'])}", "exemples:"]
    given = [found.typed(desk, one) for one in answers["exemple"].split("\n") if one]
    established = bool(given)
    if not given:
        for text in (answers["cas"], f"non ({answers['cas']})"):
            data = found.facts(desk, RECOVERY, text)
            established = established or (bool(data) and text == answers["cas"])
            if data:
                given.append(
                    {path: quoted(value) if isinstance(value, str) else _bare(value) for path, value in data.items()}
                )
    inline = [f"{{{', '.join(f'{path}: {value}' for path, value in one.items())}}}" for one in given]
    lines += [f"  - {{avec: {one}, resultat: manquant}}" for one in inline]
    lines.append("  - {avec: {}, resultat: manquant}")
    desk.add_rule("\n".join(lines), desk.home(identifier, "indu", RECOVERY), "indu", RECOVERY)
    desk.settle(identifier, new=True)
    if not established:
        desk.notes.append("aucune donnée n'a été trouvée qui établisse le cas : donnez-en avec `--exemple`")
        return
    changes = {path: to_data(cut("", f"a: {value}".encode())[1])["a"] for path, value in given[0].items()}
    data_only = {path: value for path, value in changes.items() if path not in desk.programme.compiled.names}
    base = scenario.base(desk, RECOVERY)
    scenario.add(desk, identifier.lower(), base, RECOVERY, [scenario.Step(answers["titre"], data_only)], identifier)


def _bare(value: object) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


DRAFT: Final = Draft(
    "indu",
    "Ajouter un cas d'indu.",
    (
        Question("id", "L'identifiant de la règle, comme `IND-DOUBLE`", new_identifier),
        Question("titre", "Le cas, en quelques mots", sentence),
        Question("cas", "La condition qui établit le cas, dans le langage des expressions", _case),
        Question("montant", "Le montant en jeu, dans le langage des expressions", _amount),
        Question("modalite", "Ce que dit le texte : " + ", ".join(MODALITIES),
                 one_of(lambda _desk, _a: [*MODALITIES], "une modalité"), choices=lambda _desk, _a: [*MODALITIES]),
        Question("assiette", "Le montant est-il : " + ", ".join(BASES),
                 one_of(lambda _desk, _a: [*BASES], "une assiette"), choices=lambda _desk, _a: [*BASES]),
        Question("etape", "Une étape : « mot si condition : texte », la dernière sans condition ; vide : fini",
                 _step, value(f"a_instruire : {LEFT}ce que l'agent doit faire"), many=True),
        Question("exemple", "Un exemple : « champ = valeur ; champ = valeur » ; vide : fini", _example, value(""),
                 many=True),
        SOURCE,
        SUMMARY,
    ),
    write,
)  # fmt: skip
