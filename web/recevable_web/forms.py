"""The entry form of a programme, made from the fields of its dossiers: what is asked, what was typed, what it means.

What a person types is kept as text, by path (`operateur.siret`, `paiements.0.montant`), and means nothing until it is
read: an empty text is a datum that nobody gave, never a no or a zero.  Amounts and rates are exact decimals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

import recevable

Texts = Mapping[str, str]
# What is typed for an object that is there though nothing of it is filled in: a piece that was joined, a row.
THERE: Final = "oui"
YES: Final = "oui"
NO: Final = "non"
# Rows of a list, and characters of a text that has no bound.
MOST_ROWS: Final = 200
MOST_TEXT: Final = 2_000
_SPACES: Final = str.maketrans("", "", " \u00a0\u2007\u2009\u202f")
_AMOUNT: Final = re.compile(r"(-?)([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")
_RATE: Final = re.compile(r"([01])(?:[.,]([0-9]{1,4}))?")
_PERCENT: Final = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?%")
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_GROUPED: Final = re.compile(r"-?[0-9]{1,3}([  \u00a0\u2007\u2009\u202f][0-9]{3})*|-?[0-9]+")
_DAY: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LONG_DAY: Final = re.compile(r"([0-9]{1,2})(?:er)? ([a-zéûô]+) ([0-9]{4})")
_HOUR: Final = re.compile(
    r"(.+?)(?:\s+à\s+|\s+|T)([0-9]{1,2})\s*[:h]\s*([0-9]{2})\s*(?:[:m]\s*([0-9]{2})\s*s?)?\s*(Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class Input:
    """A field to fill in: where, what it is called, how it is typed, what was typed and what is wrong with it."""

    path: str
    kind: str
    label: str
    help: str
    hint: str
    supplied_by: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    most: int = MOST_TEXT
    fault: str = ""
    advice: str = ""
    remark: str = ""

    @property
    def id(self) -> str:
        """The identifier of the field in the page."""
        return identifier(self.path)


@dataclass(frozen=True, slots=True)
class Block:
    """Fields that go together: those of an object, or of a row of a list.

    `there`: for an object whose presence says something (a piece), whether it was typed as there; None for the
    others.  `row`: whether it is a row, that can be taken out; `grows`: the list, when a row can be added after it.
    """

    path: str
    level: int
    title: str
    help: str
    supplied_by: str
    inputs: tuple[Input, ...]
    there: bool | None = None
    fault: str = ""
    row: bool = False
    grows: str = ""

    @property
    def id(self) -> str:
        """The identifier of the block in the page."""
        return identifier(self.path)


@dataclass(slots=True)
class Form:
    """What a form asks: the fields, the pieces, how parties are called, and which fields may be filled in.

    `editable` says of a path, with its field, whether it is asked; by default everything is.
    """

    fields: tuple[recevable.Field, ...]
    documents: frozenset[str]
    parties: Mapping[str, str]
    zone: tzinfo
    editable: Callable[[str, recevable.Field], bool] = field(default=lambda path, one: True)

    def sections(self) -> list[recevable.Field]:
        """The parts of the form: the top-level fields in which something is asked; lone fields come first."""
        return [one for one in self.fields if one.fields or one.element is not None if self._asks(one, one.path)]

    def loose(self) -> list[recevable.Field]:
        """The top-level fields that are no section, such as a reference."""
        return [one for one in self.fields if _is_leaf(one) and not is_constant(one) and self.editable(one.path, one)]

    def blocks(self, section: recevable.Field, texts: Texts, faults: Texts | None = None) -> list[Block]:
        """The blocks of a section, in the order of the schema, filled with what was typed."""
        return list(self._blocks(section, section.path, 2, texts, faults or {}))

    def inputs(self, fields_: Iterable[recevable.Field], texts: Texts, faults: Texts | None = None) -> list[Input]:
        """Some leaves as they are asked."""
        return [self._input(one, one.path, texts, faults or {}) for one in fields_]

    def _asks(self, one: recevable.Field, path: str) -> bool:
        if _is_leaf(one):
            return not is_constant(one) and self.editable(path, one)
        if one.element is not None:
            return self.editable(path, one)
        return any(self._asks(below, f"{path}.{_name(below)}") for below in one.fields)

    def _blocks(
        self,
        one: recevable.Field,
        path: str,
        level: int,
        texts: Texts,
        faults: Texts,
        title: str = "",
        row: bool = False,
    ) -> Iterator[Block]:
        if one.element is not None:
            yield from self._rows(one, path, level, texts, faults)
            return
        leaves = [below for below in one.fields if _is_leaf(below) and self._asks(below, f"{path}.{_name(below)}")]
        piece = one.path in self.documents and self.editable(path, one)
        inputs = tuple(self._input(below, f"{path}.{_name(below)}", texts, faults) for below in leaves)
        yield Block(
            path,
            min(level, 5),
            title or one.title or _name(one),
            one.description,
            self._parties(one.supplied_by),
            inputs,
            (texts.get(path) == THERE) if piece else None,
            faults.get(path, ""),
            row,
        )
        for below in one.fields:
            if not _is_leaf(below) and (self._asks(below, f"{path}.{_name(below)}") or self._is_piece(below, path)):
                yield from self._blocks(below, f"{path}.{_name(below)}", level + 1, texts, faults)

    def _is_piece(self, one: recevable.Field, above: str) -> bool:
        return one.path in self.documents and self.editable(f"{above}.{_name(one)}", one)

    def _rows(self, one: recevable.Field, path: str, level: int, texts: Texts, faults: Texts) -> Iterator[Block]:
        assert one.element is not None
        if not self.editable(path, one):
            return
        parties = self._parties(one.supplied_by)
        yield Block(path, level, one.title or _name(one), one.description, parties, (), fault=faults.get(path, ""))
        for rank, index in enumerate(rows(texts, path), start=1):
            title = f"{one.element.title or one.title} n° {rank}"
            here = f"{path}.{index}"
            if _is_leaf(one.element):
                inputs = (self._input(one.element, here, texts, faults, title),)
                yield Block(here, level + 1, title, "", parties, inputs, row=True)
            else:
                yield from self._blocks(one.element, here, level + 1, texts, faults, title, row=True)
        yield Block(path, level, "", "", "", (), grows=path)

    def _input(self, one: recevable.Field, path: str, texts: Texts, faults: Texts, label: str = "") -> Input:
        value = texts.get(path, "")
        kind = "choix" if one.choices and one.kind != "booleen" else one.kind
        choices = tuple((str(choice), one.labels.get(choice, str(choice))) for choice in one.choices)
        fault, _, advice = faults.get(path, "").partition("\n")
        return Input(
            path,
            kind,
            label or one.title or _name(one),
            one.description,
            HINTS.get(one.kind, "") if kind != "choix" else "",
            self._parties(one.supplied_by),
            value,
            choices,
            # spaces between groups, and the longest form of a date
            min(one.bounds.get("maxLength", MOST_TEXT) + 30, MOST_TEXT),
            fault,
            advice,
            "" if fault else remark(one, value),
        )

    def _parties(self, names: Iterable[str]) -> str:
        return " ou ".join(self.parties.get(name, name) for name in names)


# How each type is typed, in a sentence.
HINTS: Final = {
    "date": "Par exemple 30/06/2023 ou 30 juin 2023.",
    "instant": "Le jour et l'heure à la seconde, heure de Paris : par exemple 26/07/2023 14:00:00.",
    "montant": "En euros, par exemple 8 000,00.",
    "taux": "Par exemple 20 % ou 0,20.",
    "entier": "Un nombre entier, par exemple 13 500.",
}
_KEYS: Final = {"siret": "ce numéro SIRET", "siren": "ce numéro SIREN", "iban": "cet IBAN", "bic": "ce BIC"}


def identifier(path: str) -> str:
    """The identifier in a page of a path."""
    return "f-" + path.replace(".", "-")


def is_constant(one: recevable.Field) -> bool:
    """Whether a field has one possible value, which nobody types."""
    return one.required and len(one.choices) == 1


def remark(one: recevable.Field, text: str) -> str:
    """What may be a slip of the keyboard and is no fault: a check digit that does not fit."""
    if not text.strip() or recevable.check_digits(one.format, text.strip()):
        return ""
    return (
        f"La clé de {_KEYS.get(one.format, 'cet identifiant')} ne se vérifie pas : relisez-le. S'il est écrit ainsi "
        "sur la demande, laissez-le : les règles le diront."
    )


def rows(texts: Texts, path: str) -> list[int]:
    """The indexes of the rows of a list that were typed, in order."""
    found = set()
    for key in texts:
        if key.startswith(f"{path}."):
            index = key[len(path) + 1 :].partition(".")[0]
            if index.isascii() and index.isdigit() and len(index) <= 6:
                found.add(int(index))
    return sorted(found)


def below(path: str, section: str) -> bool:
    """Whether a path is that of a section or of something in it."""
    return path == section or path.startswith(f"{section}.")


# --- from texts to data -----------------------------------------------------------------------------------------------


def read(form: Form, texts: Texts) -> tuple[dict[str, Any], dict[str, str]]:
    """The dossier that some texts mean, in the order of the schema, and the faults by path.

    A piece about which something is typed must be ticked as joined.
    """
    faults: dict[str, str] = {}
    data: dict[str, Any] = {}
    for one in form.fields:
        _read(form, one, one.path, texts, data, _name(one), faults)
    return data, faults


_ABSENT: Final = object()


def _read(
    form: Form, one: recevable.Field, path: str, texts: Texts, data: Any, name: str, faults: dict[str, str]
) -> None:
    value = _value(form, one, path, texts, faults)
    if value is not _ABSENT:
        data[name] = value


def _value(form: Form, one: recevable.Field, path: str, texts: Texts, faults: dict[str, str]) -> Any:
    if one.element is not None:
        indexes = rows(texts, path)
        if len(indexes) > MOST_ROWS:
            faults[path] = f"plus de {MOST_ROWS} lignes\nImportez plutôt ce dossier."
            return _ABSENT
        found = [_value(form, one.element, f"{path}.{index}", texts, faults) for index in indexes]
        kept = [({} if one.element.fields else _ABSENT) if value is _ABSENT else value for value in found]
        return [value for value in kept if value is not _ABSENT] or _ABSENT
    if one.fields:
        members: dict[str, Any] = {}
        for below_ in one.fields:
            _read(form, below_, f"{path}.{_name(below_)}", texts, members, _name(below_), faults)
        there = texts.get(path) == THERE
        if members and not there and one.path in form.documents:
            faults[path] = (
                "des renseignements en sont donnés, et la case « est au dossier » n'est pas cochée\n"
                "Cochez-la si c'est le cas ; sinon, effacez ces renseignements."
            )
        return members if members or there else _ABSENT
    if is_constant(one):
        return one.choices[0]
    text = texts.get(path, "").strip()
    if not text:
        return _ABSENT
    try:
        return typed(one, text, form.zone)
    except ValueError as error:
        faults[path] = str(error)
        return _ABSENT


def typed(one: recevable.Field, text: str, zone: tzinfo) -> Any:
    """The value of a field, as a dossier writes it, out of what was typed; raises ValueError in French.

    A sentence, then on its own line what to write instead.
    """
    text = unicodedata.normalize("NFC", text).strip()
    if one.choices and one.kind != "booleen":
        for choice in one.choices:
            if str(choice) == text:
                return choice
        raise ValueError("cette valeur n'est pas dans la liste\nChoisissez-en une, ou laissez « non renseigné ».")
    reading = _READ.get(one.kind)
    return text if reading is None else reading(text, zone)


def _boolean(text: str, zone: tzinfo) -> bool:
    if text not in (YES, NO):
        raise ValueError("ce n'est ni oui ni non\nChoisissez oui, non, ou laissez « non renseigné ».")
    return text == YES


def _integer(text: str, zone: tzinfo) -> int:
    whole = text.translate(_SPACES)
    if not _GROUPED.fullmatch(text) or not _INTEGER.fullmatch(whole):
        raise ValueError(f"« {_cut(text)} » n'est pas un nombre entier\n{HINTS['entier']}")
    return int(whole)


def _amount(text: str, zone: tzinfo) -> str:
    found = _AMOUNT.fullmatch(text.removesuffix("€").translate(_SPACES).replace("\N{MINUS SIGN}", "-"))
    groups = re.split(r"[.,]", text.removesuffix("€").strip().replace("\N{MINUS SIGN}", "-"))[0].strip()
    if found is None or not _GROUPED.fullmatch(groups):
        raise ValueError(
            f"« {_cut(text)} » n'est pas un montant au centime\n{HINTS['montant']} Deux décimales au plus, et aucun "
            "point entre les milliers."
        )
    return f"{found[1]}{int(found[2])}.{(found[3] or ''):0<2}"


def _rate(text: str, zone: tzinfo) -> str:
    joined = text.translate(_SPACES)
    percent = _PERCENT.fullmatch(joined)
    if percent is not None:
        value = Decimal(f"{percent[1]}.{percent[2] or '0'}") / 100
        if value <= 1:
            return "1" if value == 1 else "0" if value == 0 else f"0.{f'{value.normalize():f}'[2:]:0<2}"
    found = _RATE.fullmatch(joined)
    if found is None or (found[1] == "1" and (found[2] or "").strip("0")):
        raise ValueError(f"« {_cut(text)} » n'est pas un taux\n{HINTS['taux']}")
    return "1" if found[1] == "1" else f"0.{found[2]}" if found[2] else "0"


def _day(text: str, zone: tzinfo) -> str:
    simple = " ".join(text.lower().split())
    try:
        if match := _ISO_DAY.fullmatch(simple):
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        if match := _DAY.fullmatch(simple):
            return date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        if (match := _LONG_DAY.fullmatch(simple)) and match[2] in _MONTHS:
            return date(int(match[3]), _MONTHS[match[2]], int(match[1])).isoformat()
    except ValueError:
        raise ValueError(f"le jour « {_cut(text)} » n'existe pas au calendrier\nCorrigez le jour ou le mois.") from None
    raise ValueError(f"« {_cut(text)} » n'est pas une date\n{HINTS['date']}")


def date_of(text: str) -> str:
    """A day as it is typed (`30/06/2023`, `30 juin 2023`, `2023-06-30`) in the form AAAA-MM-JJ; raises ValueError."""
    return _day(unicodedata.normalize("NFC", text).strip(), UTC)


def _instant(text: str, zone: tzinfo) -> str:
    match = _HOUR.fullmatch(" ".join(text.split()))
    if match is None:
        raise ValueError(f"« {_cut(text)} » n'est pas un jour et une heure\n{HINTS['instant']}")
    day = _day(match[1], zone)
    if match[4] is None:
        raise ValueError(
            "il manque les secondes\nUne heure limite se compare à la seconde : écrivez par exemple 14:00:00. Si "
            "seule la minute est connue, laissez ce champ vide."
        )
    clock = f"{int(match[2]):02d}:{match[3]}:{match[4]}"
    try:
        local = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        raise ValueError(f"l'heure {clock} n'existe pas\n{HINTS['instant']}") from None
    if match[5]:
        return f"{local.isoformat()}{match[5]}"
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        # before time zones an offset has seconds, which no dossier writes: the schema says what it thinks of the year
        return first.isoformat() if len(first.isoformat()) == len(f"{local.isoformat()}+00:00") else local.isoformat()
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError("cette heure n'existe pas : les horloges ont été avancées ce jour-là\nRelisez l'heure.")
    offsets = " ou ".join(f"{one.isoformat()[-6:]}" for one in (first, second))
    raise ValueError(
        f"cette heure a existé deux fois : les horloges ont été retardées ce jour-là\nAjoutez le décalage, {offsets}, "
        f"par exemple {match[1]} {clock} {first.isoformat()[-6:]}."
    )


# The names of the months as the engine writes them, and without their accents.
_MONTHS: Final = {recevable.wording.day(date(2001, month, 2)).split()[1]: month for month in range(1, 13)} | {
    "fevrier": 2, "aout": 8, "decembre": 12,
}  # fmt: skip
_READ: Final[Mapping[str, Callable[[str, tzinfo], Any]]] = {
    "booleen": _boolean,
    "entier": _integer,
    "montant": _amount,
    "taux": _rate,
    "date": _day,
    "instant": _instant,
}


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


# --- from data to texts -----------------------------------------------------------------------------------------------


def texts_of(form: Form, data: Mapping[str, Any]) -> dict[str, str]:
    """The texts that would be typed for a dossier; read again they give the same data."""
    found: dict[str, str] = {}
    for one in form.fields:
        if _name(one) in data:
            _write(one, one.path, data[_name(one)], form.zone, found)
    return found


def _write(one: recevable.Field, path: str, value: Any, zone: tzinfo, found: dict[str, str]) -> None:
    if one.element is not None:
        for rank, item in enumerate(value):
            found[f"{path}.{rank}"] = THERE
            _write(one.element, f"{path}.{rank}", item, zone, found)
    elif one.fields:
        found[path] = THERE
        for below_ in one.fields:
            if _name(below_) in value:
                _write(below_, f"{path}.{_name(below_)}", value[_name(below_)], zone, found)
    elif not is_constant(one) and not isinstance(value, (dict, list)):
        found[path] = shown(one, value, zone)


def shown(one: recevable.Field, value: Any, zone: tzinfo) -> str:
    """A value as it is typed in a form: `26/07/2023 14:00:00`, `8000,00`, `20 %`, `oui`."""
    if isinstance(value, bool):
        return YES if value else NO
    text = str(value)
    if one.choices:
        return text
    if one.kind == "montant":
        return text.replace(".", ",")
    if one.kind == "date":
        return f"{text[8:10]}/{text[5:7]}/{text[:4]}"
    if one.kind == "instant":
        return _typed_instant(text, zone)
    if one.kind == "taux":
        return text.replace(".", ",")
    return text


def _typed_instant(text: str, zone: tzinfo) -> str:
    """The French form of an instant that reads again as the same text; else the text as it is."""
    moment = datetime.fromisoformat(text)
    local = moment.replace(tzinfo=None)
    plain = f"{local:%d/%m/%Y %H:%M:%S}"
    if local.microsecond or moment.tzinfo is None:
        return text
    try:
        if _instant(plain, zone) == text:
            return plain
    except ValueError:
        pass
    return f"{plain} {text[-6:] if text[-1] != 'Z' else 'Z'}"


def words(one: recevable.Field, value: Any, zone: tzinfo) -> str:
    """A value as a page shows it, in full French."""
    if value is None:
        return recevable.wording.NOT_GIVEN
    if isinstance(value, bool):
        return YES if value else NO
    if one.choices:
        return one.labels.get(value, str(value))
    if one.kind == "montant":
        return recevable.wording.amount(Decimal(value))
    if one.kind == "taux":
        return recevable.wording.rate(Decimal(value))
    if one.kind == "entier":
        return recevable.wording.number(value)
    if one.kind == "date":
        return recevable.wording.day(date.fromisoformat(value))
    if one.kind == "instant":
        moment = datetime.fromisoformat(value)
        return recevable.wording.moment(moment if moment.tzinfo else moment.replace(tzinfo=zone), zone)
    return str(value)


def leaves(form: Form, data: Mapping[str, Any]) -> Iterator[tuple[str, recevable.Field, Any]]:
    """Every datum of a dossier that has a field, with its path; objects and rows that hold nothing too."""
    for one in form.fields:
        if _name(one) in data:
            yield from _leaves(one, one.path, data[_name(one)])


def _leaves(one: recevable.Field, path: str, value: Any) -> Iterator[tuple[str, recevable.Field, Any]]:
    if one.element is not None:
        for rank, item in enumerate(value):
            yield from _leaves(one.element, f"{path}.{rank}", item)
    elif one.fields:
        if not value:
            yield path, one, True
        for below_ in one.fields:
            if _name(below_) in value:
                yield from _leaves(below_, f"{path}.{_name(below_)}", value[_name(below_)])
    elif not isinstance(value, (dict, list)):
        yield path, one, value


def at(fields_: Collection[recevable.Field], path: str) -> recevable.Field | None:
    """The field at a path with the indexes of rows, or None."""
    first, *rest = path.split(".")
    found = next((one for one in fields_ if _name(one) == first), None)
    for part in rest:
        if found is None:
            return None
        if found.element is not None:
            found = found.element if part.isascii() and part.isdigit() else None
        else:
            found = next((one for one in found.fields if _name(one) == part), None)
    return found


def titles(fields_: Collection[recevable.Field], path: str) -> str:
    """What a path is called, from the section down: « Demande d'avance › Pièces › RIB › IBAN »."""
    parts = path.split(".")
    steps = []
    for count in range(1, len(parts) + 1):
        one = at(fields_, ".".join(parts[:count]))
        if one is not None:
            row = f" n° {int(parts[count - 1]) + 1}" if parts[count - 1].isdigit() else ""
            steps.append((one.title or _name(one)) + row)
    return " › ".join(steps) or path


def _is_leaf(one: recevable.Field) -> bool:
    """Whether a field is a value to type; an object of free keys is none, and is filled in elsewhere."""
    return one.element is None and not one.fields and one.kind != "objet"


def _name(one: recevable.Field) -> str:
    return one.path.rpartition(".")[2].removesuffix("[]")
