"""`nouveau valeur` and `nouveau report-de-date`: a parameter has another value from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from recevable.drafts import scenario
from recevable.drafts.desk import FIRST, LAST, Desk, received
from recevable.drafts.model import Draft
from recevable.drafts.questions import SOURCE, Answers, InvalidAnswer, Question, day, one_of, sentence, source
from recevable.language.types import Kind, lookup
from recevable.language.unparse import literal
from recevable.pack import hints
from recevable.pack.edit import quoted, with_entry, with_item
from recevable.pack.kinds import kind_of
from recevable.pack.loader import PARAMETERS
from recevable.pack.model import Parameter
from recevable.pack.nodes import Sequence as YamlSequence

_MOMENTS: Final = (Kind.DATE, Kind.INSTANT)
_TABLES: Final = (Kind.LIST, Kind.GRID, Kind.SCALE)
# Ways to write a value that is not the one a pack wants.
_MEANT: Final = {Kind.DATE: hints.day, Kind.INSTANT: hints.instant}
_NUMBERS: Final = (Kind.AMOUNT, Kind.RATE, Kind.NUMBER)
_CENT: Final = Decimal("0.01")
_READ: Final = ("reception", "decision", "texte")


def _plain(desk: Desk, _answers: Answers) -> Sequence[str]:
    return [name for name, one in desk.pack.parameters.items() if one.type.kind not in _TABLES]


def _moments(desk: Desk, _answers: Answers) -> Sequence[str]:
    return [name for name, one in desk.pack.parameters.items() if one.type.kind in _MOMENTS]


def _start(desk: Desk, answers: Answers, text: str) -> str:
    found = day(desk, answers, text)
    parameter = desk.pack.parameters[answers["parametre"]]
    if any(one.start.isoformat() == found for one in parameter.values):
        help = "Corrigez cette valeur, ou donnez un autre jour."
        raise InvalidAnswer(f"`{parameter.name}` a déjà une valeur à partir du {found}", help)
    if parameter.until is not None and found > parameter.until.isoformat():
        help = "Repoussez d'abord `jusqu_au`."
        raise InvalidAnswer(f"`{parameter.name}` n'a plus de valeur après le {parameter.until}", help)
    if found < parameter.values[0].start.isoformat():
        help = "Donnez un jour qui vient après."
        raise InvalidAnswer(f"`{parameter.name}` commence le {parameter.values[0].start}", help)
    return found


def _value(desk: Desk, answers: Answers, text: str) -> str:
    kind = desk.pack.parameters[answers["parametre"]].type.kind
    convert = _MEANT.get(kind) or (hints.number if kind in _NUMBERS else None)
    if convert is None:
        return text
    meant = convert(text)
    if meant and kind in _MOMENTS and hints.certain(text, meant) != meant:
        raise InvalidAnswer(f"`{text}` peut se lire de deux façons", f"Écrivez l'année en tête : `{meant}` ?")
    if not meant:
        help = {Kind.DATE: hints.about_day, Kind.INSTANT: hints.about_instant}.get(kind, _number)(text)
        raise InvalidAnswer(f"`{text}` n'est pas une valeur de type `{kind}`", help)
    whole = kind is Kind.AMOUNT and Decimal(meant) == Decimal(meant).quantize(_CENT)
    return f"{Decimal(meant):.2f}" if whole else meant


def _number(_text: str) -> str:
    return "Écrivez un nombre, comme `6666.67` ; un taux aussi, `0.20` ou `20 %`."


def _reference(desk: Desk, answers: Answers) -> str:
    parameter = desk.pack.parameters[answers["parametre"]]
    if parameter.stated:
        return parameter.read_on or ("decision" if parameter.by_decision else "reception")
    raise KeyError("reference")


def _known_reference(desk: Desk, answers: Answers, text: str) -> str:
    parameter = desk.pack.parameters[answers["parametre"]]
    if parameter.stated:
        stated = _reference(desk, answers)
        if text != stated:
            message = f"le paquet dit déjà à quelle date se lit `{parameter.name}` : `{stated}`"
            help = "Ne donnez pas cette date ; pour une autre, changez d'abord `reference` dans `parametres.yaml`."
            raise InvalidAnswer(message, help)
        return text
    type_ = lookup(desk.pack.facts, text)
    if text not in _READ and (type_ is None or type_.kind not in _MOMENTS):
        help = f"Écrivez {', '.join(f'`{one}`' for one in _READ)}, ou le chemin d'une date du dossier."
        raise InvalidAnswer(f"`{text}` n'est pas une date de lecture", help)
    return text


def _source(desk: Desk, answers: Answers, text: str) -> str:
    """A choice of the pack, where the text is silent, cites what it likes."""
    chosen = desk.pack.parameters[answers["parametre"]].house_default
    return sentence(desk, answers, text) if chosen else source(desk, answers, text)


def write(desk: Desk, answers: Answers) -> None:
    """Add the value, say who else has the old one, and show both sides of a deadline that moves."""
    parameter = desk.pack.parameters[answers["parametre"]]
    start = answers["a-partir-du"]
    old = parameter.at(date.fromisoformat(start))
    node = parameter.node
    listed = node.entries.get("valeurs") if node is not None else None
    assert isinstance(listed, YamlSequence)
    rank = max(rank for rank, one in enumerate(parameter.values) if one.start.isoformat() < start)
    text = quoted(answers["valeur"]) if parameter.type.kind not in (Kind.INTEGER, Kind.BOOLEAN) else answers["valeur"]
    item = f'{{a_partir_du: "{start}", valeur: {text}, source: {quoted(answers["source"])}}}'
    name = PARAMETERS
    content = with_item(desk.contents[name], (PARAMETERS.removesuffix(".yaml"), parameter.name, "valeurs"), item, rank)
    if not parameter.stated and node is not None:
        place = (PARAMETERS.removesuffix(".yaml"), parameter.name)
        content = with_entry(content, place, "reference", answers["reference"], "type")
    desk.put(name, content)
    read = answers["reference"]
    desk.notes.append(f"`{parameter.name}` se lit à cette date : {_WORDS.get(read, f'`{read}`')}")
    if old is not None and old.value is not None:
        _siblings(desk, parameter, old.value)
        later = next((one for one in parameter.values if one.start.isoformat() > start), None)
        if later is not None:
            desk.notes.append(f"cette valeur vaut jusqu'à la suivante, du {later.start}")
    _deadlines(desk, parameter)


_WORDS: Final = {
    "reception": "la réception de la demande",
    "decision": "le jour de la décision",
    "texte": "le jour dont le texte s'applique à la demande",
}


def _siblings(desk: Desk, parameter: Parameter, old: Any) -> None:
    """Note the parameters that have the same value: the text may move them too."""
    for other in desk.pack.parameters.values():
        if other.name != parameter.name and other.type.kind == parameter.type.kind and other.values[-1].value == old:
            shown = literal(old, desk.pack.manifest.zone)
            desk.notes.append(f"à relire : `{other.name}` ({other.title}) vaut aussi {shown}")


def _deadlines(desk: Desk, parameter: Parameter) -> None:
    """Scenarios at the new deadline and one second, or one day, after it."""
    value = desk.pack.parameters[parameter.name].at(date.max) or desk.pack.parameters[parameter.name].values[-1]
    if parameter.type.kind not in _MOMENTS or value.value is None:
        return
    for request in desk.pack.manifest.requests.values():
        compared = _compared(desk, request.name, parameter)
        base = scenario.base(desk, request.name) if compared and not request.each else None
        if base is None:
            continue
        on_time, late = _around(desk, value.value, lookup(desk.pack.facts, next(iter(compared))))
        steps = []
        for title, moment in (("à la dernière limite", on_time), ("juste après la limite", late)):
            changes = {path: moment for path in compared if scenario.value_at(base.data, path) is not None}
            day_after = scenario.day_in(desk, late)
            steps.append(scenario.Step(f"{request.title}, {parameter.title} : {title}", changes, day_after))
        scenario.add(desk, f"{parameter.name}", base, request.name, steps)


def _compared(desk: Desk, request: str, parameter: Parameter) -> list[str]:
    """The data that the deadlines of a request compare with a parameter, the reception first."""
    found = []
    for rule in desk.pack.rules.values():
        latest = kind_of(rule).latest
        limits = (parameter.name, f"fin_de_jour({parameter.name})")
        if request in rule.requests and latest and rule.expressions[latest].text in limits:
            texts = [one.text for key, one in rule.expressions.items() if key != latest]
            found += [text for text in texts if lookup(desk.pack.facts, text) is not None]
    first = received(desk.pack.manifest.requests[request])
    return sorted(dict.fromkeys(found), key=lambda path: path != first)


def _around(desk: Desk, limit: Any, type_: Any) -> tuple[str, str]:
    """The last moment that is in time, and the first that is not, as a dossier writes them."""
    zone = desk.pack.manifest.zone
    by_day = type_ is not None and type_.kind is Kind.DATE
    if isinstance(limit, datetime) and not by_day:
        return limit.astimezone(zone).isoformat(), (limit + timedelta(seconds=1)).astimezone(zone).isoformat()
    day = limit.astimezone(zone).date() if isinstance(limit, datetime) else limit
    following = day + timedelta(days=1)
    if by_day:
        return day.isoformat(), following.isoformat()
    return desk.moment(day, LAST), desk.moment(following, FIRST)


def _questions(parameter: Question) -> tuple[Question, ...]:
    return (
        parameter,
        Question("a-partir-du", "À partir de quel jour vaut-elle ?", _start),
        Question("valeur", "La nouvelle valeur", _value),
        Question(SOURCE.name, SOURCE.text, _source, left=SOURCE.left),
        Question(
            "reference", "À quelle date se lit ce paramètre ? reception, decision, texte ou une date du dossier",
            _known_reference, _reference,
        ),
    )  # fmt: skip


DRAFT: Final = Draft(
    "valeur",
    "Donner une autre valeur à un paramètre, à partir d'un jour.",
    _questions(Question("parametre", "Quel paramètre ?", one_of(_plain, "un paramètre d'une seule valeur"))),
    write,
)
POSTPONED: Final = Draft(
    "report-de-date",
    "Reporter une date.",
    _questions(
        Question("parametre", "Quelle date ? Le nom du paramètre", one_of(_moments, "une date"), choices=_moments)
    ),
    write,
)
