"""Guess what was meant by dates, instants, numbers and words written in common informal ways.

Each function takes the text as written and returns the suggested form, or an empty string; none raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from recevable.language.calendar import MONTHS, last_day
from recevable.language.characters import DASHES
from recevable.language.diagnostics import either, remark

_MONTHS: Final = (
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
)  # fmt: skip
_QUOTES: Final = "\"'“”„«»‹›’` \u00a0\u202f"
_DAY_FIRST: Final = re.compile(r"(\d{1,2})(?:er)?[ ./-]([a-z]+|\d{1,2})[ ./-](\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[ ./-](\d{1,2})[ ./-](\d{1,2})")
_CALENDAR_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
# A group of digits where a letter stands for the digit that it looks like: 2O23, 1O0.
_LETTERED: Final = re.compile(r"(?<![^\W\d_])[\dOolI]*\d[\dOolI]*(?![^\W\d_])")
_LOOK: Final = str.maketrans("OolI", "0011")
_DASHES: Final = str.maketrans(dict.fromkeys(DASHES, "-"))
_HOUR: Final = re.compile(r"(?:\s*(?:t|a|,|-))?\s*(\d{1,2})\s*(?:h|:)\s*(\d{2})?(?:\s*(?:mn|min|:)\s*(\d{2})?)?s?")
_TRUE: Final = frozenset({"oui", "yes", "y", "o", "on", "vrai", "vraie", "true", "1"})
_FALSE: Final = frozenset({"non", "no", "n", "off", "faux", "fausse", "false", "0"})


# The letters from which a word may be the beginning of another.
_BEGUN: Final = 4
# The letters by which two words are of one family.
_STEM: Final = 5


def plain(word: str) -> str:
    """A word without accents, capitals, quotes or unusual spaces; words joined by `_`."""
    decomposed = unicodedata.normalize("NFKD", word)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return re.sub(r"[\s\-_’']+", "_", letters.strip(_QUOTES)).strip("_:")


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates closest to a word, best first, ignoring accents, capitals and hyphens."""
    known = {plain(candidate): candidate for candidate in candidates}
    wanted = plain(word)
    if wanted in known:
        return [known[wanted]]
    import difflib

    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    # else the longer words of which it is the beginning: `liste` for `liste_de_textes`
    begun = [one for one in known if len(wanted) >= _BEGUN and one.startswith(wanted)]
    return [known[one] for one in close or begun[:3]]


def apart(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that a text names one after the other (`avance et solde`, `A ; B`); empty for a single word."""
    parts = re.split(r"[\s,;/|+]+(?:(?:et|ou)\s+)?", word.strip("() "))
    known = set(candidates)
    return parts if len(parts) > 1 and known.issuperset(parts) else []


def sure(word: str, candidates: Iterable[str]) -> str:
    """The only candidate equal to the word up to accents, capitals, hyphens and spaces; else an empty string."""
    same = [candidate for candidate in candidates if plain(candidate) == plain(word)]
    return same[0] if len(same) == 1 and same[0] != word else ""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A French help sentence naming the candidates closest to a word, or an empty string."""
    known = list(candidates)
    several = apart(word, known)
    if several:
        return f"Séparez-les par des virgules, entre crochets : `[{', '.join(several)}]`."
    close = nearest(word, known)
    odd = remark(word, close or known)
    if not close:
        return odd
    if len(close) == 1 and plain(word) == plain(close[0]):
        accents = plain(word) != word.strip(_QUOTES).casefold().replace("-", "_")
        return f"Écrivez `{close[0]}`, sans accent ni espace." if accents else f"Écrivez `{close[0]}`. {odd}".rstrip()
    return f"Vouliez-vous dire {either(close)} ? {odd}".rstrip()


def recalled(sentence: str, names: Iterable[str]) -> str:
    """The names that words of a sentence recall, in a sentence; empty when none does."""
    words = {word for word in plain(sentence).split("_") if len(word) >= 3}
    begun = {word[:_STEM] for word in words if len(word) >= _STEM}
    found = []
    for name in dict.fromkeys(names):
        parts = set(re.split(r"[._]", name))
        shared = len(words & parts) + len(begun & {part[:_STEM] for part in parts - words})
        if shared:
            found.append((-shared, len(name), name))
    return f" Noms proches : {', '.join(f'`{name}`' for *_, name in sorted(found)[:3])}." if found else ""


# Everyday words for the closed words of rules and parameters.
_SYNONYMS: Final = {
    "refuser": "rejeter",
    "refus": "rejeter",
    "rejet": "rejeter",
    "exclure": "ecarter",
    "retirer": "ecarter",
    "demander": "completer",
    "complement": "completer",
    "avertir": "signaler",
    "informer": "signaler",
    "alerter": "signaler",
    "euro": "montant",
    "euros": "montant",
    "somme": "montant",
    "prix": "montant",
    "pourcentage": "taux",
    "decimal": "nombre",
    "chaine": "texte",
    "jour": "date",
    "horodatage": "instant",
    "date_heure": "instant",
    "delai": "duree",
}


def synonym(word: str, choices: Iterable[str]) -> str:
    """A French help sentence for an everyday word that means one of the choices, or an empty string."""
    meant = _SYNONYMS.get(plain(word), "")
    return f"Écrivez `{meant}`." if meant in set(choices) else ""


def boolean(text: str) -> str:
    """`true` or `false` for any common form of yes or no."""
    word = plain(text)
    return "true" if word in _TRUE else "false" if word in _FALSE else ""


def day(text: str) -> str:
    """`2023-07-31` for `31/07/2023`, `31 juillet 2023`, `2023/07/31`."""
    found, rest = _day(text)
    return found if not rest.strip() else ""


def instant(text: str) -> str:
    """`2023-07-26T14:00:00` for `26/07/2023 à 14 h`, `2023-07-26 14:00`."""
    found, rest = _day(text)
    if not found:
        return ""
    hour = _HOUR.fullmatch(rest.rstrip())
    if hour is None:
        return ""
    hours, minutes, seconds = (int(part or 0) for part in hour.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        return ""
    return f"{found}T{hours:02}:{minutes:02}:{seconds:02}"


def about_day(text: str) -> str:
    """What to write instead of a text that is no date, in a sentence."""
    if re.fullmatch(rf"\D*{_CALENDAR_DAY.pattern}\D*", text, re.ASCII):
        return _no_such_day(text, "le jour")
    found, rest = _day(text)
    if found and rest.strip():
        return f"Écrivez `\"{found}\"` : une date n'a pas d'heure."
    short = re.fullmatch(r"(\d{2})[ ./-](\d{2})[ ./-](\d{2})", text.strip(_QUOTES), re.ASCII)
    if short is not None:
        first, second = (f"20{short[1]}-{short[2]}-{short[3]}", f"20{short[3]}-{short[2]}-{short[1]}")
        return f"Écrivez l'année en quatre chiffres, en tête : `{first}` ou `{second}`."
    return "Une date s'écrit AAAA-MM-JJ : l'année, le mois puis le jour, entre guillemets."


def _no_such_day(text: str, what: str) -> str:
    """What to write instead of a text whose day, `2023-02-29`, the calendar does not have."""
    found = _CALENDAR_DAY.search(text)
    assert found is not None
    year, month, day_ = (int(part) for part in found.groups())
    if 1 <= month <= 12 and year:
        last = last_day(year, month)
        return f"{MONTHS[month - 1].capitalize()} {year} a {last} jours : corrigez {what}."
    if day_ <= 12 and 1 <= month <= 31:
        meant = f"{year}-{day_:02}-{month:02}{text[found.end() :].strip(_QUOTES)}"
        return f'Écrivez `"{meant}"` si le mois et le jour sont échangés.'
    return "Les mois vont de 01 à 12 : corrigez le mois."


def about_instant(text: str) -> str:
    """What to write instead of a text that is no instant, in a sentence."""
    found, rest = _day(text)
    if not found:
        written = _CALENDAR_DAY.match(text) is not None
        return _no_such_day(text, "la date") if written else "Un instant s'écrit AAAA-MM-JJThh:mm:ss, entre guillemets."
    if not rest.strip():
        return f'Ajoutez l\'heure : `"{found}Thh:mm:ss"`.'
    hour = _HOUR.fullmatch(rest.rstrip())
    if hour is None:
        return f'Écrivez `"{found}T`, l\'heure sous la forme hh:mm:ss, puis `"`.'
    hours, minutes, seconds = (int(part or 0) for part in hour.groups())
    if (hours, minutes, seconds) == (24, 0, 0):
        following = date.fromisoformat(found) + timedelta(days=1)
        return f'Minuit commence le jour suivant : écrivez `"{following}T00:00:00"`.'
    return "Les heures vont de 00 à 23, les minutes et les secondes de 00 à 59."


def number(text: str) -> str:
    """`6666.67` for `6 666,67 €`, `0.085` for `8,5 %`."""
    written = text.strip(_QUOTES)
    percent = written.endswith("%")
    written = _with_digits(written, whole=True)
    digits = re.sub(r"(?i)[\s\u00a0\u202f_’']|€|%|euros?$|eur$", "", written)
    if "," in digits and "." in digits:
        # the last of the two is the decimal mark, the other separates thousands
        thousands = "." if digits.rindex(",") > digits.rindex(".") else ","
        digits = digits.replace(thousands, "")
    digits = digits.replace(",", ".", 1)
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,9})?", digits, re.ASCII):
        return ""
    return f"{(Decimal(digits) / 100).normalize():f}" if percent else digits


def _with_digits(text: str, *, whole: bool = False) -> str:
    """A text where O, o, l and I among digits are the digits that they look like; `whole`: wherever they are."""
    if whole and re.fullmatch(r"[\dOolI.,\s%€-]*\d[\dOolI.,\s%€-]*", text):
        return text.translate(_LOOK)
    return _LETTERED.sub(lambda found: found[0].translate(_LOOK), text)


def certain(written: str, meant: str) -> str:
    """`meant` when no other reading is possible, else an empty string: 05/06/2023, 2,500 and 2O23 are ambiguous."""
    if _with_digits(written, whole=True) != written:
        return ""
    days = re.search(r"(?<!\d)(\d{1,2})[ ./-](\d{1,2})[ ./-]\d{4}", written)
    if days is not None and max(int(days[1]), int(days[2])) <= 12 and int(days[1]) != int(days[2]):
        return ""
    return "" if re.search(r"\d[,.]\d{3}\D*$", written) and "-" not in meant else meant


def _day(text: str) -> tuple[str, str]:
    """The day at the start of a text, and the rest of the text."""
    text = _with_digits(text).translate(_DASHES)
    written = "".join(c for c in unicodedata.normalize("NFKD", text.strip(_QUOTES)) if not unicodedata.combining(c))
    written = written.casefold()
    match = _YEAR_FIRST.match(written)
    if match is not None:
        year, month, day_ = match.groups()
    else:
        match = _DAY_FIRST.match(written)
        if match is None:
            return "", text
        day_, month, year = match.groups()
    if month in _MONTHS:
        month = str(_MONTHS.index(month) + 1)
    try:
        return date(int(year), int(month), int(day_)).isoformat(), written[match.end() :]
    except ValueError:
        return "", text
