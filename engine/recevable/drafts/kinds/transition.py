"""`nouveau transition`: a rule for the requests received before a day, its copy for those received since."""

from __future__ import annotations

from datetime import date
from typing import Final

from recevable.decision.wording import day as in_words
from recevable.drafts.desk import FIRST, LAST, LEFT, Desk, following
from recevable.drafts.kinds import repeal
from recevable.drafts.model import Draft
from recevable.drafts.questions import RULE, Answers, InvalidAnswer, Question, day, new_identifier
from recevable.pack.edit import quoted, with_entry, with_item, with_value
from recevable.pack.in_force import DECISION, KEY
from recevable.pack.loader import RULES
from recevable.pack.model import InForce


def first_day(desk: Desk, answers: Answers, text: str) -> str:
    """The first day of the new text; for a rule that has days already, InvalidAnswer says what to write."""
    found = day(desk, answers, text)
    rule = desk.rule(answers["regle"])
    known = rule.in_force
    if known is None:
        return found
    if known.start is not None and found <= known.start.isoformat():
        raise InvalidAnswer(f"`{rule.id}` n'entre en vigueur que le {known.start}", "Donnez un jour après.")
    if known.end is not None and found > known.end.isoformat():
        raise InvalidAnswer(f"`{rule.id}` n'est plus en vigueur après le {known.end}", "Donnez un jour avant.")
    # its examples show the days of `en_vigueur`: which of them show the copy is for a person to say
    before = _written(known, None if known.start is None else known.start.isoformat(), following(found, -1))
    after = _written(known, found, None if known.end is None else known.end.isoformat())
    help = (
        f"Dans {rule.span.file}, ligne {known.span.line}, écrivez `{KEY}: {before}` ; sous `{rule.id}`, copiez la "
        f"règle avec `id: {rule.id}-{found[:4]}` et `{KEY}: {after}`, puis ce qui change, et datez les exemples "
        "des deux."
    )
    raise InvalidAnswer(f"`{rule.id}` a déjà `{KEY}`", help)


def _written(known: InForce, start: str | None, end: str | None) -> str:
    """The days of a rule as its file writes them, read on the same day as before."""
    parts = [f"{key}: {quoted(one)}" for key, one in (("du", start), ("jusqu_au", end)) if one]
    if known.on is not None:
        parts.append(f"selon: {known.on.text}")
    return f"{{{', '.join(parts)}}}"


def identifier(_desk: Desk, answers: Answers) -> str:
    """The identifier of the copy, after the year."""
    return f"{answers['regle']}-{answers['a-partir-du'][:4]}"


def succeed(desk: Desk, old: str, new: str, start: str, left: str = "") -> None:
    """Add a copy of a rule for the requests received since a day, and end the rule the day before.

    `left` is what remains to decide in the copy, as a comment.
    """
    rule = desk.rule(old)
    name, rank = desk.place(rule)
    on = f", selon: {DECISION}" if repeal.clock(desk, rule) == DECISION else ""
    lines = desk.written(rule).split("\n")
    if left:
        lines.insert(1, f"# {LEFT}{left}")
    content = with_item(desk.contents[name], (RULES,), "\n".join(lines), rank)
    content = with_value(content, (RULES, rank + 1, "id"), new)
    title = f"{rule.title}, depuis le {in_words(date.fromisoformat(start))}"
    content = with_value(content, (RULES, rank + 1, "titre"), title)
    content = with_entry(content, (RULES, rank + 1), KEY, f"{{du: {quoted(start)}{on}}}", repeal.before(rule))
    desk.put(name, content)
    repeal.end(desk, old, following(start, -1))
    repeal.date_examples(desk, new, start, FIRST)
    repeal.outside(desk, new, following(start, -1), LAST)
    desk.settle(new)
    repeal.keep_answers(desk, following(start, -1), LAST)


def write(desk: Desk, answers: Answers) -> None:
    """Add the copy, end the rule, and list what names it."""
    old, new, start = answers["regle"], answers["id"], answers["a-partir-du"]
    places = [place for place in desk.mentions(old) if not place.startswith(desk.rule(old).span.file)]
    succeed(
        desk,
        old,
        new,
        start,
        f"ce qui change pour les demandes reçues à partir du {in_words(date.fromisoformat(start))}",
    )
    repeal.show(desk, old, new, start)
    if places:
        desk.notes.append(f"`{old}` est aussi nommée là ; voyez si `{new}` doit l'être : {', '.join(places)}")


DRAFT: Final = Draft(
    "transition",
    "Garder une règle pour les demandes reçues avant un jour, en écrire une autre pour les suivantes.",
    (
        RULE,
        Question("a-partir-du", "Premier jour de réception des demandes qui suivent la nouvelle règle", first_day),
        Question("id", "L'identifiant de la nouvelle règle", new_identifier, identifier),
    ),
    write,
)
