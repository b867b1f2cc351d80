"""The vocabulary of packs: every word with its meaning, from the language, the kinds and the schemas."""

from __future__ import annotations

from typing import Final

from _pages.markdown import code, table
from recevable.lint.vocabulary import GROUPS, Term, used, vocabulary

PAGE: Final = "vocabulaire.md"
_PLACES: Final = dict(
    zip(
        GROUPS,
        ("nature", "resultat", "consequence", "verdict", "cle", "parametre", "type", "expression"),
        strict=True,
    )
)
_HEAD: Final = """\
# Le vocabulaire des paquets de règles

Chaque mot qu'un paquet emploie, et ce qu'il veut dire. `recevable lint --explain MOT` dit la même chose dans le
terminal, l'éditeur au survol, et le site d'un paquet dans sa page « Vocabulaire ». Les expressions sont décrites, avec
des exemples joués, dans [le langage](langage.md).
"""


def page() -> str:
    """The page."""
    parts = [_HEAD]
    for group in GROUPS:
        found = [term for term in vocabulary() if term.group == group]
        rows = [(f'<a id="{anchor(term)}"></a>{code(term.word)}', _meaning(term)) for term in found]
        parts.append(f"## {group}\n\n{table(('Mot', 'Ce que c’est'), rows)}\n")
    return "\n".join(parts)


def links(text: str, folder: str = "") -> str:
    """The words of the vocabulary that a page uses, as links; empty when it uses none."""
    first = {word: next(term for term in vocabulary() if term.word == word) for word in used(text)}
    found = ", ".join(f"[{code(word)}]({folder}{PAGE}#{anchor(term)})" for word, term in first.items())
    return f"\nVocabulaire : {found}.\n" if found else ""


def anchor(term: Term) -> str:
    """The anchor of a term; a word made of signs is spelt by their codes."""
    word = term.word if term.word.replace("_", "").isalnum() else "-".join(f"{ord(char):x}" for char in term.word)
    return f"{_PLACES[term.group]}-{word}"


def _meaning(term: Term) -> str:
    if not term.usage or term.usage == term.word:
        return term.meaning
    return f"{term.meaning} {term.usage if '`' in term.usage else code(term.usage)}"
