"""`nouveau facultative`: a document that was required may be left out."""

from __future__ import annotations

from typing import Any, Final

from recevable.drafts import scenario
from recevable.drafts.desk import Desk
from recevable.drafts.kinds import transition
from recevable.drafts.model import Draft
from recevable.drafts.questions import Answers, InvalidAnswer, Question, new_identifier, one_of, optional, value
from recevable.pack.edit import with_entry, with_value, without_entry
from recevable.pack.kinds import kind_of
from recevable.pack.kinds.base import Place
from recevable.pack.loader import RULES
from recevable.pack.model import NOT_APPLICABLE, Rule
from recevable.pack.nodes import Mapping, Scalar

_ABSENT: Final = "non_satisfait:absente"


def _required(desk: Desk, _answers: Answers) -> list[str]:
    return [rule.id for rule in desk.pack.rules.values() if _asks(rule) and not rule.optional]


def _asks(rule: Rule) -> bool:
    return kind_of(rule).listed is Place.DOCUMENT


def _identifier(desk: Desk, answers: Answers, text: str) -> str:
    return new_identifier(desk, answers, text) if answers["a-partir-du"] else ""


def write(desk: Desk, answers: Answers) -> None:
    """Make the document optional, for every request or for those received since a day, and show one without it."""
    name, start = answers["regle"], answers["a-partir-du"]
    rule = desk.rule(name)
    changed = name
    if start:
        changed = answers["id"]
        transition.succeed(desk, name, changed, start)
    file, rank = desk.place(desk.rule(changed))
    key = next(key for key in rule.expressions)
    content = without_entry(desk.contents[file], (RULES, rank), "si_absente")
    content = with_entry(content, (RULES, rank), "facultative", "true", key)
    for number, example in enumerate(desk.rule(changed).examples):
        written = example.entries.get("resultat") if isinstance(example, Mapping) else None
        if isinstance(written, Scalar) and written.text == _ABSENT:
            place = (RULES, rank, "exemples", number, "resultat")
            content = with_value(content, place, str(NOT_APPLICABLE), quoted=False)
    desk.put(file, content)
    desk.settle(changed)
    if not start:
        _warn(desk, name)
    path = rule.expressions[key].text
    request = next((one for one in desk.pack.manifest.requests.values() if one.name in rule.requests), None)
    if request is None or request.each:
        return
    base = scenario.base(desk, request.name, holding=path)
    if base is None or not path.startswith(f"{request.root}."):
        return
    moved = scenario.moved(desk, base, request.name, start)
    steps = [scenario.Step(f"{rule.title} : pièce facultative, non jointe", {**moved, path: None}, start)]
    scenario.add(desk, f"facultative-{name.lower()}", base, request.name, steps)


def _warn(desk: Desk, name: str) -> None:
    """Note the trials that still expect the document to be asked for."""
    places = [place for place in desk.mentions(name) if not place.startswith(desk.rule(name).span.file)]
    known = [one.name for one in scenario.bases(desk) if _expects(one.expected, name)]
    if known:
        desk.notes.append(f"ces dossiers connus attendent encore que la pièce manque : {', '.join(known)}")
    if places:
        desk.notes.append(f"`{name}` est aussi nommée là, à relire : {', '.join(places)}")


def _expects(expected: Any, name: str) -> bool:
    bodies = expected.get("demandes", {}).values()
    return any(_ABSENT in str(body.get("constats", {}).get(name, "")) for body in bodies)


def _start(desk: Desk, answers: Answers, text: str) -> str:
    return transition.first_day(desk, answers, text)


def _known(desk: Desk, answers: Answers, text: str) -> str:
    known = desk.pack.rules.get(text)
    if known is not None and known.optional:
        raise InvalidAnswer(f"la pièce de `{text}` est déjà facultative")
    return one_of(_required, "une règle qui exige une pièce")(desk, answers, text)


DRAFT: Final = Draft(
    "facultative",
    "Rendre facultative une pièce exigée.",
    (
        Question("regle", "Quelle pièce ? L'identifiant de sa règle", _known, choices=_required),
        Question("a-partir-du", "Premier jour de réception des demandes qui peuvent s'en passer ; vide : toutes",
                 optional(_start), value("")),
        Question("id", "L'identifiant de la règle qui vaut depuis ce jour", _identifier,
                 lambda desk, a: transition.identifier(desk, a) if a["a-partir-du"] else ""),
    ),
    write,
)  # fmt: skip
