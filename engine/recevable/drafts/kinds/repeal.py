"""`nouveau abrogation`: a rule is no longer in force after a day."""

from __future__ import annotations

import copy
from contextlib import suppress
from datetime import date, time, timedelta
from typing import Any, Final

from msgspec.structs import replace

from recevable.decision.wording import day as in_words
from recevable.drafts import scenario
from recevable.drafts.desk import FIRST, LAST, Desk, following, received
from recevable.drafts.model import Draft
from recevable.drafts.questions import RULE, Answers, InvalidAnswer, Question, day
from recevable.inference.definitions import Contradiction
from recevable.language.calendar import parse_date, parse_instant
from recevable.language.diagnostics import Diagnostic
from recevable.pack.edit import item_text, quoted, with_entry
from recevable.pack.examples import Example, put, read_examples
from recevable.pack.in_force import DECISION, KEY
from recevable.pack.loader import PARAMETERS, RULES
from recevable.pack.model import RECOVERY, Request, Rule
from recevable.pack.nodes import Mapping
from recevable.trials.examples import run_example
from recevable.trials.moved import Move, twin


def _last_day(desk: Desk, answers: Answers, text: str) -> str:
    found = day(desk, answers, text)
    known = desk.rule(answers["regle"]).in_force
    if known is not None and known.end is not None:
        help = "Corrigez cette date dans la règle."
        raise InvalidAnswer(f"`{answers['regle']}` n'est déjà plus en vigueur après le {known.end}", help)
    if known is not None and known.start is not None and found < known.start.isoformat():
        raise InvalidAnswer(f"`{answers['regle']}` n'entre en vigueur que le {known.start}", "Donnez un jour après.")
    return found


def end(desk: Desk, identifier: str, last: str) -> None:
    """Give a rule its last day, date its examples, and show what follows."""
    rule = desk.rule(identifier)
    reads = clock(desk, rule)
    name, rank = desk.place(rule)
    if rule.in_force is None:
        on = f", selon: {DECISION}" if reads == DECISION else ""
        desk.set(rule, KEY, f"{{jusqu_au: {quoted(last)}{on}}}", before(rule))
    else:
        desk.put(name, with_entry(desk.contents[name], (RULES, rank, KEY), "jusqu_au", quoted(last)))
    date_examples(desk, identifier, last, LAST)
    outside(desk, identifier, following(last), FIRST)
    desk.settle(identifier)


def begin(desk: Desk, identifier: str, start: str) -> None:
    """Give a rule its first day, date its examples, and show the day before."""
    rule = desk.rule(identifier)
    on = f", selon: {DECISION}" if clock(desk, rule) == DECISION else ""
    desk.set(rule, KEY, f"{{du: {quoted(start)}{on}}}", before(rule))
    date_examples(desk, identifier, start, FIRST)
    outside(desk, identifier, following(start, -1), LAST)


def outside(desk: Desk, identifier: str, on: str, at: time) -> None:
    """Add examples of a rule on a day on which it is not in force, and of a day that is not known."""
    rule = desk.rule(identifier)
    name, rank = desk.place(rule)
    reads = clock(desk, rule)
    if reads == DECISION:
        texts = [f"{{avec: {{}}, au: {quoted(on)}, resultat: sans_objet}}"]
    else:
        key = "valeur" if rule.defined is not None else "resultat"
        texts = [f"{{avec: {{{reads}: {quoted(desk.moment(on, at))}}}, resultat: sans_objet}}"]
        texts.append(f"{{avec: {{}}, {key}: manquant}}")
    desk.add_examples(name, rank, texts)


def before(rule: Rule) -> str:
    """The key of a rule after which its days are written."""
    return next(key for key in ("quand", "demandes", "titre") if rule.node is not None and key in rule.node.entries)


def clock(desk: Desk, rule: Rule) -> str:
    """The datum whose day says whether a rule is in force, as its examples write it; `decision` for that day."""
    if rule.in_force is not None and rule.in_force.on is not None and rule.in_force.on.text not in ("reception",):
        return rule.in_force.on.text
    request = _request(desk, rule)
    return DECISION if request is None else received(request)


def _request(desk: Desk, rule: Rule) -> Request | None:
    requests = desk.pack.manifest.requests
    named = [requests[name] for name in desk.programme.compiled.contexts_of(rule) if name != RECOVERY]
    return named[0] if named else None


def date_examples(desk: Desk, identifier: str, at: str, time_of_day: time) -> None:
    """Give each example that says nothing of the day that counts a day on which the rule is in force."""
    rule = desk.rule(identifier)
    name, rank = desk.place(rule)
    reads = clock(desk, rule)
    requests = desk.pack.manifest.requests
    outside_it: list[str] = []
    for number, example in enumerate(rule.examples):
        if not isinstance(example, Mapping):
            continue
        place = (RULES, rank, "exemples", number)
        content = desk.contents[name]
        if reads == DECISION:
            if "au" in example.entries:
                outside_it += _moved(desk, identifier, number, DECISION, at, time_of_day)
            else:
                desk.put(name, with_entry(content, place, "au", quoted(at)))
            continue
        given = example.entries.get("avec")
        asked = getattr(example.entries.get("demande"), "text", "")
        path = received(requests[asked]) if asked in requests and rule.in_force is None else reads
        if isinstance(given, Mapping) and path in given.entries:
            outside_it += _moved(desk, identifier, number, path, at, time_of_day)
            continue
        if not isinstance(given, Mapping) or any(f"{path}.".startswith(f"{one}.") for one in given.entries):
            continue
        desk.put(name, with_entry(content, (*place, "avec"), path, quoted(desk.moment(at, time_of_day))))
    desk.add_examples(name, rank, list(dict.fromkeys(outside_it)))


def _moved(desk: Desk, identifier: str, number: int, path: str, at: str, time_of_day: time) -> list[str]:
    """An example of a day on which its rule is not in force, moved to one on which it is and answers the same."""
    every = [one for one in read_examples(desk.programme.compiled, []) if one.rule == identifier]
    example = next((one for one in every if one.rank == number + 1), None)
    if example is None or not _differs(desk, example, identifier):
        return []
    stated = example.day.isoformat() if path == DECISION else scenario.value_at(example.data, path)
    if not isinstance(stated, str):
        return []
    zone = desk.pack.manifest.zone
    before = parse_instant(stated, zone) if "T" in stated else parse_date(stated)
    after = parse_instant(desk.moment(at, time_of_day), zone) if "T" in stated else parse_date(at)
    name, rank = desk.place(desk.rule(identifier))
    try:
        text = item_text(desk.contents[name], (RULES, rank, "exemples"), number)
    except ValueError:
        return []
    alone = desk.moment(at, time_of_day) if "T" in stated else at
    if path != DECISION and text.count(stated) == 1 and _answers_alike(desk, example, path, alone):
        return [text.replace(stated, alone)]
    # what is near the day moves with it, else all that the example says of time
    moves = (Move(before, after, zone), Move(before, after, zone, timedelta.max))
    found = next((one for move in moves if (one := twin(example, text, move, desk.programme.decider))), "")
    return [found] if found else []


def keep_answers(desk: Desk, at: str, time_of_day: time) -> None:
    """Date the examples of other rules that answer otherwise only because nothing says when the request came.

    A rule that computes from one that has days now needs the day too.  An example is dated when the rule then answers
    what it did before the change; the others are for a person to read.
    """
    requests = desk.pack.manifest.requests
    faults: list[Diagnostic] = []
    for example in [*read_examples(desk.programme.compiled, faults)]:
        request = requests.get(example.request)
        if request is None or request.each or example.rule not in desk.opened.pack.rules:
            continue
        path = received(request)
        if scenario.value_at(example.data, path) is not None or not _differs(desk, example):
            continue
        if not _answers_alike(desk, example, path, desk.moment(at, time_of_day)):
            continue
        name, rank = desk.place(desk.rule(example.rule))
        place = (RULES, rank, "exemples", example.rank - 1, "avec")
        held = desk.contents[name]
        with suppress(KeyError, ValueError):
            desk.contents[name] = with_entry(held, place, path, quoted(desk.moment(at, time_of_day)))
    desk.put(PARAMETERS, desk.contents[PARAMETERS])


def _answers_alike(desk: Desk, example: Example, path: str, moment: str) -> bool:
    """Whether a rule answers an example as it expects with another moment at a path."""
    data = copy.deepcopy(example.data)
    put(data, path.split("."), moment)
    try:
        return run_example(replace(example, data=data), desk.programme.decider).passed
    except Contradiction:
        return False


def _differs(desk: Desk, example: Example, known_as: str = "") -> bool:
    """Whether a rule answered an example, and answers it otherwise now; `known_as` is new and answered nothing."""
    try:
        before = known_as not in ("", *desk.opened.pack.rules) or run_example(example, desk.opened.decider).passed
        return before and not run_example(example, desk.programme.decider).passed
    except Contradiction:
        return False


def show(desk: Desk, identifier: str, name: str, start: str) -> None:
    """A scenario of a request received since a day, from a dossier in which a rule fails if there is one."""
    rule = desk.rule(identifier)
    request = _request(desk, rule)
    if request is None or request.each or clock(desk, rule) != received(request):
        return
    base = scenario.base(desk, request.name, failing=identifier)
    moved: dict[str, Any] = {received(request): desk.moment(start)}
    step = scenario.Step(f"{rule.title} : demande reçue depuis le {in_words(date.fromisoformat(start))}", moved, start)
    scenario.add(desk, name.lower(), base, request.name, [step])


def write(desk: Desk, answers: Answers) -> None:
    """Give the rule its end; a scenario shows a request received the day after."""
    identifier, last = answers["regle"], answers["jusqu-au"]
    rule = desk.rule(identifier)
    places = [place for place in desk.mentions(identifier) if not place.startswith(rule.span.file)]
    end(desk, identifier, last)
    keep_answers(desk, last, LAST)
    show(desk, identifier, f"abrogation-{identifier}", following(last))
    if places:
        desk.notes.append(f"`{identifier}` est aussi nommée là, à relire : {', '.join(places)}")


DRAFT: Final = Draft(
    "abrogation",
    "Retirer une règle à partir d'un jour ; les demandes d'avant la suivent encore.",
    (RULE, Question("jusqu-au", "Le dernier jour où elle est en vigueur", _last_day)),
    write,
)
