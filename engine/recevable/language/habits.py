"""What was meant by somebody who wrote what the language does not read: other notations, other words, typography.

Advice is built from what was typed, never from a constant, and none is given when the meaning is not certain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from recevable.language.calendar import MONTHS
from recevable.language.characters import DASHES, is_invisible, named

_HARD_SPACES: Final = "\u00a0\u2007\u2009\u202f"
_APOSTROPHES: Final = "'’‘ʼ`´"
_SPACE: Final = rf"[\s{_HARD_SPACES}]"
_PRESENCE: Final = {r"pr[eé]sente?s?\b": "present", r"absente?s?\b": "absent"}
_OPPOSITE: Final = {"present": "absent", "absent": "present"}

# Signs of other notations and of word processors, and the sign of the language.
_SIGNS: Final = {
    **dict.fromkeys(DASHES, "-"),
    **dict.fromkeys("×✕✖·∙⋅", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "<>": "!=",
    "=<": "<=",
    "=>": ">=",
    "==": "=",
    "&&": "et",
    "∧": "et",
    "||": "ou",
    "∨": "ou",
    "!": "non",
    "¬": "non",
    "∈": "dans",
}
_CLOSING: Final = {"«": "»", "“": "”", "„": "“”", "‹": "›", **dict.fromkeys(_APOSTROPHES, _APOSTROPHES)}
# Words of other languages, and the words of this one.
_WORDS: Final = {
    "and": "et",
    "or": "ou",
    "not": "non",
    "if": "si",
    "then": "alors",
    "else": "sinon",
    "in": "dans",
    "true": "vrai",
    "false": "faux",
    "oui": "vrai",
    "pas": "non",
}
# What follows a value, in the words of a text of law, and how it is written here.
_RELATIONS: Final = (
    (r"n(?: |\W)existe pas\b", "est absent"),
    (r"existe\b", "est present"),
    (r"(?:est )?(?:strictement )?(?:sup[eé]rieure?|post[eé]rieure?) ou [eé]gale? [aà]\b", ">="),
    (r"(?:est )?(?:strictement )?(?:inf[eé]rieure?|ant[eé]rieure?) ou [eé]gale? [aà]\b", "<="),
    (r"(?:est )?(?:strictement )?(?:sup[eé]rieure?|post[eé]rieure?) [aà]\b|(?:est )?apr[eè]s\b", ">"),
    (r"(?:est )?(?:strictement )?(?:inf[eé]rieure?|ant[eé]rieure?) [aà]\b|(?:est )?avant\b", "<"),
    (r"(?:est )?diff[eé]rente? de\b|n(?: |\W)est pas [eé]gale? [aà]\b", "!="),
    (r"(?:est )?[eé]gale? [aà]\b", "="),
    (r"n(?: |\W)?est (?:ni )?(?:vide|nulle?|null)\b", "est present"),
    (r"est (?:vide|nulle?|null|manquante?|inconnue?)\b", "est absent"),
    (r"(?:est |soit )?comprise?s? entre\b", "entre"),
    (r"vaut\b", "="),
    (r"fois\b|[xX]\b", "*"),
    (r"divis[eé]e? par\b", "/"),
    (r"plus\b", "+"),
    (r"moins\b", "-"),
)
# What joins an element to its list in a sentence.
_OF_LIST: Final = frozenset("de du des parmi sur en pour".split())
# Words of sentences that are no names of data.
_ARTICLES: Final = frozenset(
    "le la les un une des du de aux en par pour sur avec sans que qui dont été être sont doit ce cette son sa ses leur "
    "leurs".split()
)
# Those that a relation in words has too: `différent de`, `divisé par`.
_OF_RELATIONS: Final = frozenset({"de", "par"})
_YEAR_FIRST: Final = re.compile(rf"((?:19|20)\d\d)[-{DASHES}/.](\d\d)[-{DASHES}/.](\d\d)(?!\d)", re.ASCII)
_SHORT: Final = re.compile(r"(0[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2])/(\d\d)(?![\d.])", re.ASCII)
# `31/07/2023`, which would otherwise be two divisions, `31-07-2023`, `31.07.2023`, `31 juillet 2023`, `1er août 2023`.
_DAY_FIRST: Final = re.compile(
    rf"(0?[1-9]|[12]\d|3[01])(?:/(0?[1-9]|1[0-2])/|-(0[1-9]|1[0-2])-|\.(0[1-9]|1[0-2])\.|"
    rf"(?:er)?{_SPACE}+([a-zA-Zéûôè]+){_SPACE}+)((?:19|20)\d\d)(?![\d.])"
)
_UNITS: Final = {
    "année": "an",
    "années": "ans",
    "annee": "an",
    "annees": "ans",
    "year": "an",
    "years": "ans",
    "month": "mois",
    "months": "mois",
    "day": "jour",
    "days": "jours",
    "journée": "jour",
    "journées": "jours",
    "j": "jours",
    "h": "heures",
    "mn": "minutes",
    "min": "minutes",
}
_COUNTS: Final = "un deux trois quatre cinq six sept huit neuf dix onze douze".split()


class Slip(NamedTuple):
    """A fault in words: its sentence, its half-open range of characters, and what to write instead."""

    message: str
    start: int
    end: int
    help: str = ""


def meant(word: str, keywords: frozenset[str]) -> str:
    """The word of the language meant by a word of another language, or in capitals; an empty string if none."""
    lower = word.lower()
    return _WORDS.get(lower, lower if lower in keywords and lower != word else "")


def is_sentence(text: str, keywords: frozenset[str], *, explained: bool) -> bool:
    """Whether a text that is no expression is a sentence in French: words in a row, no sign and no dotted name.

    `explained`: its first fault has a help; then an article at least must say that it is a sentence.
    """
    if re.search(r"[=<>*/()\[\]\"«»+]|\w\.\w|\w_\w", text):
        return False
    words = re.findall(r"[^\W\d_]+", text.lower())
    plain = [word for word in words if word not in keywords]
    if len(words) < 3 or len(plain) < 2:
        return False
    elided = re.search(rf"\b[ld][{_APOSTROPHES}]\w", text, re.IGNORECASE) is not None
    found = _ARTICLES.intersection(words) - (_OF_RELATIONS if explained else frozenset())
    return elided or bool(found) or (not explained and len(plain) >= 4)


def first_of_list(word: str) -> bool:
    """Whether a word stands where `dans` is wanted, before a list: `somme(p de paiements, …)`."""
    return word in _OF_LIST


def written_day(text: str, at: int) -> Slip | None:
    """A date that is not written as the language has it: day first, month in letters, dashes of a word processor."""
    message = "une date s'écrit AAAA-MM-JJ"
    found = _YEAR_FIRST.match(text, at)
    if found is not None:
        written = f"{found[1]}-{found[2]}-{found[3]}"
        return None if found[0] == written else Slip(message, at, found.end(), f"Écrivez `{written}`.")
    found = _SHORT.match(text, at)
    if found is not None and (not at or not text[at - 1].isalnum()):
        help = f"Écrivez l'année en quatre chiffres, en tête : `20{found[3]}-{found[2]}-{found[1]}`."
        return Slip(message, at, found.end(), help)
    found = _DAY_FIRST.match(text, at)
    if found is None or (at and text[at - 1].isalnum()):
        return None
    day, *months, letters, year = found.groups()
    month = next((int(one) for one in months if one), 0)
    if letters:
        known = [_bare(one) for one in MONTHS]
        if _bare(letters.lower()) not in known:
            return None
        month = known.index(_bare(letters.lower())) + 1
    return Slip(message, at, found.end(), f"Écrivez `{year}-{month:02}-{day:0>2}`.")


def _bare(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.replace("œ", "oe").replace("æ", "ae"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def unreadable(text: str, at: int) -> Slip:
    """The fault at a character with which nothing of the language begins."""
    return (
        _today(text, at)
        or _negation(text, at)
        or _unit_with_accent(text, at)
        or _working_days(text, at)
        or _dot(text, at)
        or _relation(text, at)
        or _moment(text, at)
        or _number(text, at)
        or _quotes(text, at)
        or _sign(text, at)
        or _letter(text, at)
        or _unknown(text, at)
    )


def relation(text: str, at: int) -> Slip | None:
    """The fault where a value is followed by words of the law instead of signs: `supérieur à`, `existe`, `fois`."""
    for pattern, sign in _RELATIONS:
        found = re.compile(pattern, re.IGNORECASE).match(text, at)
        if found is not None:
            return Slip(f"`{found[0]}` n'est pas compris ici", at, found.end(), f"Écrivez `{sign}`.")
    return None


def presence(text: str, at: int) -> str:
    """What to write after `est` for what stands there (`pas present`, `présente`, `vrai`), or an empty string."""
    found = re.compile(rf"pas{_SPACE}+").match(text, at)
    for pattern, written in _PRESENCE.items():
        if re.compile(pattern).match(text, found.end() if found else at):
            return f"Écrivez `est {_OPPOSITE[written] if found else written}`."
    value = re.compile(r"(pas )?(?:(vrai|faux)e?\b|(\"[^\"\n]*\"|\d[\d.-]*))").match(text, at)
    if value is not None:
        return f"Écrivez `{'!=' if value[1] else '='} {value[2] or value[3]}`."
    member = re.compile(r"(pas )?dans\b").match(text, at)
    if member is not None:
        return "Écrivez `non`, la valeur, puis `dans […]`." if member[1] else "Écrivez `dans`, sans `est`."
    return ""


def counted(count: str, word: str, units: Sequence[str]) -> str:
    """What to write for a number in letters (`un mois`), or an empty string."""
    known = count in _COUNTS and (word in units or word in _UNITS)
    return f"Écrivez `{_COUNTS.index(count) + 1} {_UNITS.get(word, word)}`." if known else ""


def article(word: str) -> bool:
    """Whether a word of a sentence cannot be a name: an article, a preposition."""
    return word in _ARTICLES


def unit(count: str, word: str, units: Sequence[str]) -> str:
    """What to write for a number followed by a word that may be a unit of time; an empty string if it is none."""
    if re.fullmatch(r"semaines?|weeks?", word) and count.isdigit():
        return f"Écrivez `{int(count) * 7} jours`."
    if word in _UNITS:
        return f"Écrivez `{count} {_UNITS[word]}`."
    if re.fullmatch(r"(?i)euros?|eur", word):
        return f"Un montant s'écrit sans unité : `{count}`."
    import difflib

    close = difflib.get_close_matches(word, units, n=1, cutoff=0.6)
    return f"Vouliez-vous dire `{count} {close[0]}` ?" if close else ""


def grouped(text: str, end: int) -> str:
    """The number that ends there, its groups of digits put together (`10 000` gives `10000`); empty if none."""
    groups = rf"(?<![\w.,])(\d{{1,3}}(?:{_SPACE}\d{{3}})+|\d+)(?:[.,](\d+))?{_SPACE}*$"
    found = re.search(groups, text[:end])
    if found is None:
        return ""
    whole = re.sub(_SPACE, "", found[1])
    return f"{whole}.{found[2]}" if found[2] else whole


def _today(text: str, at: int) -> Slip | None:
    before = re.search(r"aujourd$", text[:at], re.IGNORECASE)
    after = re.compile(rf"[{_APOSTROPHES}]?hui\b", re.IGNORECASE).match(text, at)
    if before is None or after is None:
        return None
    written = text[before.start() : after.end()]
    return Slip(f"`{written}` n'est pas un nom", before.start(), after.end(), "Écrivez `aujourd_hui`.")


def _negation(text: str, at: int) -> Slip | None:
    """`n'est pas present`, `n'existe pas`."""
    before = re.search(r"\bn$", text[:at])
    if before is None or text[at] not in _APOSTROPHES:
        return None
    known = relation(text, before.start())
    if known is not None:
        return known
    after = re.compile(rf"est{_SPACE}+").match(text, at + 1)
    help = presence(text, after.end()) if after is not None else ""
    end = after.end() - 1 if after is not None else at + 1
    negated = re.compile(r"pas\b").match(text, end + 1)
    help = help or "La négation s'écrit `non` devant ce qui est nié, ou `!=` entre deux valeurs."
    end = negated.end() if negated is not None else end
    return Slip(f"`{text[before.start() : end]}` n'est pas compris ici", before.start(), end, help)


def _relation(text: str, at: int) -> Slip | None:
    """A word of the law that has an accent: the words before it on the line were read as names."""
    if not text[at].isalpha():
        return None
    for found in list(re.finditer(r"(?<!\S)\S", text[: at + 1]))[-3:]:
        known = relation(text, found.start())
        if known is not None and known.end > at:
            return known
    return None


def _unit_with_accent(text: str, at: int) -> Slip | None:
    word = _word(text, at)
    count = re.search(rf"(\d+){_SPACE}+$", text[: word.start]) if word is not None else None
    if word is None or count is None or word.text not in _UNITS:
        return None
    help = f"Écrivez `{count[1]} {_UNITS[word.text]}`."
    return Slip(f"`{word.text}` n'est pas une unité de temps", word.start, word.end, help)


def _working_days(text: str, at: int) -> Slip | None:
    """`30 jours ouvrés`."""
    word = _word(text, at)
    before = re.search(rf"\d+{_SPACE}+jours?{_SPACE}+$", text[: word.start]) if word is not None else None
    if word is None or before is None or word.text.rstrip("s") != "ouvré":
        return None
    help = "Ils se comptent par `ajoute_jours_ouvres(date, n, feries)` ou par `jours_ouvres(a, b, feries)`."
    return Slip("une durée n'est pas en jours ouvrés", before.start(), word.end, help)


def _dot(text: str, at: int) -> Slip | None:
    """A point that ends a sentence, or with a space after it inside a name."""
    if text[at] != ".":
        return None
    name = re.compile(rf"\.{_SPACE}+(?=[a-z_])").match(text, at)
    inside = name is not None and at > 0 and text[at - 1].isalnum()
    help = "Supprimez l'espace qui suit le point." if inside else "Supprimez ce point."
    return Slip("ce point n'est pas compris ici", at, at + 1, help)


def _moment(text: str, at: int) -> Slip | None:
    """`2023-07-26 14:00`, `2023-07-26T14:00`."""
    if text[at] != ":":
        return None
    before = re.search(rf"(?:(\d{{4}}-\d{{2}}-\d{{2}})(?:T|{_SPACE}+))?(\d{{1,2}})$", text[:at])
    after = re.compile(r":(\d{2})(?::(\d{2}))?").match(text, at)
    if before is None or after is None:
        return Slip("`:` n'est pas compris ici", at, at + 1)
    hour = f"{before[2]:0>2}:{after[1]}:{after[2] or '00'}"
    help = f"Écrivez `{before[1]}T{hour}`." if before[1] else f"Une heure suit un jour : `AAAA-MM-JJT{hour}`."
    return Slip("un instant s'écrit AAAA-MM-JJThh:mm:ss", before.start(), after.end(), help)


def _number(text: str, at: int) -> Slip | None:
    """A unit after a number (`20 %`, `10 000 €`), a hard space inside one."""
    number = grouped(text, at)
    if text[at] == "%":
        help = f"Écrivez `{Decimal(number).scaleb(-2):f}`." if number else "Un taux s'écrit en décimal."
        return Slip("un taux ne s'écrit pas avec `%`", at, at + 1, help)
    if text[at] == "€":
        help = f"Écrivez `{number}`." if number else "Supprimez `€`."
        return Slip("un montant s'écrit sans unité", at, at + 1, help)
    after = re.compile(r"\d{3}(?!\d)").match(text, at + 1)
    if text[at] in _HARD_SPACES and number and after is not None:
        end = after.end()
        while (after := re.compile(rf"{_SPACE}\d{{3}}(?!\d)").match(text, end)) is not None:
            end = after.end()
        return Slip("un nombre s'écrit sans espace", at, at + 1, f"Écrivez `{grouped(text, end)}`.")
    return None


def _quotes(text: str, at: int) -> Slip | None:
    if text[at] == '"':
        inside = text[at + 1 :].rstrip()
        simple = re.fullmatch(r"[\w.-]+", inside)
        help = f'Écrivez `"{inside}"`.' if simple else 'Ajoutez `"` à la fin du texte.'
        return Slip("le guillemet ouvert ici n'est pas fermé", at, at + 1, help)
    if text[at] not in _CLOSING:
        return None
    inside = text[at + 1 :]
    ends = [index for index, char in enumerate(inside) if char in _CLOSING[text[at]] + '"']
    message = f"`{text[at]}` n'ouvre pas un texte"
    if not ends or '"' in inside[: ends[0]]:
        return Slip(message, at, at + 1, 'Un texte se met entre guillemets droits : `"`.')
    word = inside[: ends[0]].strip(f" {_HARD_SPACES}")
    return Slip(message, at, at + 2 + ends[0], f'Écrivez `"{word}"`.')


def _sign(text: str, at: int) -> Slip | None:
    if text[at] == ";":
        inside = text.count("(", 0, at) + text.count("[", 0, at) > text.count(")", 0, at) + text.count("]", 0, at)
        help = "Écrivez `,`." if inside else "Reliez deux conditions par `et` ou par `ou`."
        help = help if text[at + 1 :].strip() else "Supprimez-le."
        return Slip("`;` n'est pas reconnu ici", at, at + 1, help)
    if text[at] in "{}":
        return Slip(f"`{text[at]}` n'est pas reconnu ici", at, at + 1, "Un nom s'écrit sans accolades.")
    for written in (text[at : at + 2], text[at]):
        if written in _SIGNS:
            end = at + len(written)
            return Slip(f"`{written}` n'est pas reconnu ici", at, end, f"Écrivez `{_SIGNS[written]}`.")
    return None


def joined(written: str) -> str:
    """What to write for two signs that the language reads one by one (`==`, `=>`), or an empty string."""
    return f"Écrivez `{_SIGNS[written]}`." if written in _SIGNS else ""


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def _word(text: str, at: int) -> _Word | None:
    """The word around a letter, accents and dots included."""
    if not text[at].isalpha():
        return None
    before = re.search(r"[\w.]*$", text[:at])
    after = re.compile(r"[\w.]*").match(text, at)
    start = before.start() if before else at
    end = after.end() if after else at + 1
    return _Word(text[start:end], start, end)


def _letter(text: str, at: int) -> Slip | None:
    word = _word(text, at)
    if word is None:
        return None
    message = f"la lettre `{text[at]}` n'est pas permise dans un nom"
    if not unicodedata.name(text[at], "").startswith("LATIN "):
        return Slip(message, at, at + 1, f"C'est {named(text[at])}, qui n'est pas celle du clavier : retapez le nom.")
    for pattern, written in _PRESENCE.items():
        if re.fullmatch(pattern, word.text):
            return Slip(message, at, at + 1, f"Écrivez `{written}`.")
    bare = _bare(word.text)
    help = f"Écrivez `{bare}`, sans accent." if bare.isascii() else "Un nom s'écrit sans accent."
    return Slip(message, at, at + 1, help)


def _unknown(text: str, at: int) -> Slip:
    char = text[at]
    if char in _HARD_SPACES:
        return Slip("une espace insécable n'est pas permise ici", at, at + 1, "Remplacez-la par une espace ordinaire.")
    if is_invisible(char) or unicodedata.combining(char):
        message = f"{named(char)} n'est pas permis ici"
        return Slip(message, at, at + 1, "Supprimez-le : retapez le mot au lieu de le coller.")
    return Slip(f"caractère `{char}` inattendu", at, at + 1)
