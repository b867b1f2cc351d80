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


def first_day(desk: Desk, answers: Answers, text: str) -> str:
    """The first day of the new text, for a rule that has always been in force."""
    found = day(desk, answers, text)
    if desk.rule(answers["regle"]).in_force is not None:
        help = "Écrivez la transition à la main, d'après ce début ou cette fin."
        raise InvalidAnswer(f"`{answers['regle']}` a déjà `{KEY}`", help)
    return found


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
