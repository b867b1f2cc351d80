"""The questions of a kind of change, and how an answer is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct

from recevable.drafts.desk import LEFT, Desk
from recevable.language.calendar import parse_date
from recevable.language.types import lookup
from recevable.lint.citations import cited
from recevable.pack import hints
from recevable.pack.reader import identifier_help, is_identifier, is_name, name_help

# The answer of someone who does not know yet.
UNSURE: Final = "?"

Answers = Mapping[str, str]


class InvalidAnswer(Exception):
    """An answer that does not fit: one sentence, and what to answer instead."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


class Question(Struct, frozen=True):
    """A question: its option, what is asked, and how the answer is read.

    `read` returns the answer to keep or raises InvalidAnswer.  `default` is the answer of someone who gives none (None:
    an answer is needed).  `choices` are listed when the question is asked.  `left`: what remains to decide after `?`;
    empty when the answer cannot wait.  `many`: several answers, each read alone, joined by line feeds.
    """

    name: str
    text: str
    read: Callable[[Desk, Answers, str], str] = lambda _desk, _answers, text: text
    default: Callable[[Desk, Answers], str] | None = None
    choices: Callable[[Desk, Answers], Sequence[str]] = lambda _desk, _answers: ()
    left: str = ""
    many: bool = False


def answer(question: Question, desk: Desk, answers: Answers, text: str) -> str:
    """The answer to keep for a text; raises InvalidAnswer."""
    kept = []
    for one in text.split("\n") if question.many else (" ".join(text.split()),):
        if one.strip() == UNSURE:
            if not question.left:
                raise InvalidAnswer("cette réponse ne peut pas attendre")
            kept.append(f"{LEFT}{question.left}")
        else:
            kept.append(question.read(desk, answers, one.strip()))
    return "\n".join(kept)


def value(text: str) -> Callable[[Desk, Answers], str]:
    """A default that is always the same."""
    return lambda _desk, _answers: text


# --- readers --------------------------------------------------------------------------------------------------------


def one_of(known: Callable[[Desk, Answers], Collection[str]], what: str) -> Callable[[Desk, Answers, str], str]:
    """An answer among some words; `what` names one of them, in French, with its article."""

    def read(desk: Desk, answers: Answers, text: str) -> str:
        names = known(desk, answers)
        if text not in names:
            near = hints.did_you_mean(text, names) or f"Possibles : {', '.join(f'`{one}`' for one in names) or 'rien'}."
            raise InvalidAnswer(f"`{text}` n'est pas {what}", near)
        return text

    return read


def new_identifier(desk: Desk, _answers: Answers, text: str) -> str:
    """The identifier of a rule that does not exist yet."""
    if not is_identifier(text):
        raise InvalidAnswer(f"`{text}` n'est pas un identifiant", identifier_help(text))
    if text in desk.pack.rules:
        raise InvalidAnswer(f"la règle `{text}` existe déjà ({desk.pack.rules[text].span})", "Donnez un autre nom.")
    return text


def new_name(desk: Desk, _answers: Answers, text: str) -> str:
    """A name that means nothing in the pack yet."""
    if not is_name(text) or text != text.lower():
        raise InvalidAnswer(f"`{text}` n'est pas un nom", name_help(text))
    if text in desk.programme.compiled.names or lookup(desk.pack.facts, text) is not None:
        raise InvalidAnswer(f"`{text}` désigne déjà autre chose dans le paquet", "Donnez un autre nom.")
    return text


def sentence(_desk: Desk, _answers: Answers, text: str) -> str:
    """A text with at least one letter."""
    if not any(one.isalpha() for one in text):
        raise InvalidAnswer("écrivez quelques mots")
    return text


def day(_desk: Desk, _answers: Answers, text: str) -> str:
    """A day, as `2023-07-31`; other forms are understood when only one reading is possible."""
    meant = hints.day(text)
    if not meant:
        raise InvalidAnswer(f"`{text}` n'est pas une date", hints.about_day(text))
    if hints.certain(text, meant) != meant:
        raise InvalidAnswer(f"`{text}` peut se lire de deux façons", f"Écrivez l'année en tête : `{meant}` ?")
    parse_date(meant)
    return meant


def optional(read: Callable[[Desk, Answers, str], str]) -> Callable[[Desk, Answers, str], str]:
    """An answer that may be empty."""
    return lambda desk, answers, text: read(desk, answers, text) if text else ""


def source(desk: Desk, _answers: Answers, text: str) -> str:
    """A document of the programme and a section of it."""
    documents = desk.pack.manifest.documents
    if documents and not cited(text, documents):
        known = [f"{one.name.text} {section.text}" for one in documents for section in one.sections]
        near = hints.did_you_mean(text, known) or f"Écrivez par exemple `{known[0]}` ; `?` si vous ne savez pas encore."
        raise InvalidAnswer(f"`{text}` ne cite aucune section d'un document du programme", near)
    return sentence(desk, _answers, text)


# --- questions of several kinds ---------------------------------------------------------------------------------------

SOURCE: Final = Question(
    "source", "Où le texte le dit-il ? Document et section, par exemple « Arrêté, art. 3 »", source, left="la source"
)
SUMMARY: Final = Question(
    "resume", "Ce que le texte demande, en une phrase", sentence, left="ce que le texte demande, en une phrase"
)


def requests(desk: Desk, _answers: Answers) -> Sequence[str]:
    """The requests of the programme."""
    return [*desk.pack.manifest.requests]


REQUEST: Final = Question("demande", "Pour quelle demande ?", one_of(requests, "une demande"), choices=requests)


def rules(desk: Desk, _answers: Answers) -> Sequence[str]:
    """The rules of the pack."""
    return [*desk.pack.rules]


RULE: Final = Question("regle", "Quelle règle ? Son identifiant", one_of(rules, "une règle du paquet"))
