"""The files exchanged with the payer (docs/paiements.md): orders written, answers read; no database here."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils import timezone

import recevable
from recevable_web.tables import Column, CsvTable

CSV, JSON = "csv", "json"
FORMATS: Final = {CSV: ("CSV", "text/csv; charset=utf-8"), JSON: ("JSON", "application/json")}
ORDERS: Final = "recevable/paiements/1"
ANSWERS: Final = "recevable/reponses-paiements/1"
# Bytes and lines of a file of answers.
MOST_BYTES: Final = 10_000_000
MOST_LINES: Final = 1_000
# How many faults of a file are listed.
MOST_FAULTS: Final = 50
PAID, REFUSED, RETURNED = "paye", "refuse", "retourne"

COLUMNS: Final = (
    Column("ordre", "Ordre", "texte"),
    Column("beneficiaire", "Bénéficiaire", "texte"),
    Column("iban", "IBAN", "texte"),
    Column("bic", "BIC", "texte"),
    Column("montant", "Montant", "montant"),
    Column("devise", "Devise", "texte"),
    Column("libelle", "Libellé", "texte"),
    Column("acte", "Acte", "entier"),
)
_GIVEN: Final = ("ordre", "statut", "paye_le", "montant", "reference", "motif", "retourne_le")
_AMOUNT: Final = re.compile(r"[0-9]{1,12}([.,][0-9]{2})?", re.ASCII)
_ORDER: Final = re.compile(r"P[1-9][0-9]{0,17}", re.ASCII)


class Order(NamedTuple):
    """A payment as the payer reads it, `cents` as an integer; in the order of COLUMNS."""

    order: str
    name: str
    iban: str
    bic: str
    cents: int
    currency: str
    label: str
    act: int


class Answer(NamedTuple):
    """What a line says became of an order.

    PAID with its day, cents and bank reference; REFUSED with a reason; RETURNED, once paid, with the day on which the
    money came back, all its cents and a reason.
    """

    line: int
    order: str
    status: str
    paid_on: date | None
    cents: int | None
    reference: str
    reason: str
    returned_on: date | None = None

    def given(self) -> dict[str, Any]:
        """What the line says, without its place, to be kept and compared."""
        day = self.paid_on.isoformat() if self.paid_on is not None else None
        back = {"retourne_le": self.returned_on.isoformat()} if self.returned_on is not None else {}
        return {
            "ordre": self.order, "statut": self.status, "paye_le": day, "centimes": self.cents,
            "reference": self.reference, "motif": self.reason, **back,
        }  # fmt: skip


class Unreadable(Exception):
    """A file of answers that is none: `faults`, in French, each with its line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(faults[0])
        self.faults = list(faults)


def euros(cents: int) -> Decimal:
    """Cents as euros, with two decimals."""
    return Decimal(cents).scaleb(-2)


def written(format_: str, programme: str, at: datetime, orders: Sequence[Order]) -> bytes:
    """A file of orders."""
    file = io.BytesIO()
    if format_ == CSV:
        table = CsvTable(file, COLUMNS, timezone.get_current_timezone())
        table.add([[*one[:4], euros(one.cents), *one[5:]] for one in orders])
        table.close()
        return file.getvalue()
    head = {
        "format": ORDERS,
        "programme": programme,
        "emis_le": at.isoformat(timespec="seconds"),
        "nombre": len(orders),
        "total": f"{euros(sum(one.cents for one in orders)):f}",
    }
    listed = [
        {
            "ordre": one.order, "beneficiaire": one.name, "iban": one.iban, "bic": one.bic or None,
            "montant": f"{euros(one.cents):f}", "devise": one.currency, "libelle": one.label, "acte": one.act,
        }
        for one in orders
    ]  # fmt: skip
    return json.dumps({**head, "ordres": listed}, ensure_ascii=False, indent=1).encode() + b"\n"


def read(content: bytes) -> tuple[str, list[Answer]]:
    """The format of a file of answers, and its answers in order.  Raises Unreadable; nothing is guessed."""
    if len(content) > MOST_BYTES:
        raise Unreadable([f"Le fichier dépasse {recevable.wording.number(MOST_BYTES // 1_000_000)} Mo."])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable([f"Octet {error.start + 1} : le fichier n'est pas en UTF-8."]) from None
    if "\0" in text:
        raise Unreadable(["Le fichier contient un caractère nul."])
    format_ = JSON if text.lstrip()[:1] in ("{", "[") else CSV
    rows = list(_json(text) if format_ == JSON else _csv(text))
    if not rows:
        raise Unreadable(["Le fichier ne contient aucune réponse."])
    if len(rows) > MOST_LINES:
        raise Unreadable([f"Le fichier a plus de {recevable.wording.number(MOST_LINES)} réponses : coupez-le."])
    faults: list[str] = []
    answers = [answer for line, row in rows if (answer := _answer(line, row, faults)) is not None]
    if faults:
        raise Unreadable(faults[:MOST_FAULTS])
    return format_, answers


def _json(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    def once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise Unreadable([f"Le membre « {name[:40]} » est écrit deux fois dans un même objet."])
            found[name] = value
        return found

    try:
        data = json.loads(text, object_pairs_hook=once, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise Unreadable([f"Ligne {error.lineno}, colonne {error.colno} : ce n'est pas du JSON."]) from None
    except RecursionError:
        raise Unreadable(["Le JSON est trop profond."]) from None
    if not isinstance(data, dict) or data.get("format") != ANSWERS:
        raise Unreadable([f"Le fichier n'annonce pas « format » : « {ANSWERS} »."])
    unknown = [name for name in data if name not in ("format", "reponses")]
    if unknown:
        raise Unreadable([f"Le membre « {unknown[0][:40]} » n'est pas attendu."])
    answers = data.get("reponses")
    if not isinstance(answers, list):
        raise Unreadable(["« reponses » n'est pas une liste."])
    for rank, one in enumerate(answers, start=1):
        if not isinstance(one, dict):
            raise Unreadable([f"Réponse {rank} : ce n'est pas un objet."])
        yield rank, one


def _csv(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        head = next(reader, [])
        names = [_column(one) for one in head]
        if "ordre" not in names or "statut" not in names:
            raise Unreadable([f"Ligne 1 : les titres des colonnes attendus sont {', '.join(_GIVEN)}."])
        if len(set(names)) < len(names):
            raise Unreadable(["Ligne 1 : une colonne est écrite deux fois."])
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(names):
                raise Unreadable([f"Ligne {reader.line_num} : {len(row)} cellules, pour {len(names)} colonnes."])
            yield reader.line_num, dict(zip(names, row, strict=True))
    except csv.Error:
        raise Unreadable([f"Ligne {reader.line_num} : ce n'est pas du CSV à points-virgules."]) from None


def _column(title: str) -> str:
    """The identifier of a column, from its title: `ordre` or `Ordre (ordre)`."""
    title = title.strip()
    return title[title.rindex("(") + 1 : -1].strip() if title.endswith(")") and "(" in title else title.lower()


def _answer(line: int, row: Mapping[str, Any], faults: list[str]) -> Answer | None:
    before = len(faults)

    def wrong(message: str) -> None:
        faults.append(f"Réponse à la ligne {line} : {message}.")

    unknown = [name for name in row if name not in _GIVEN]
    if unknown:
        wrong(f"« {unknown[0][:40]} » n'est pas attendu")
    values: dict[str, str] = {}
    for name in _GIVEN:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            wrong(f"« {name} » n'est pas un texte")
            value = None
        values[name] = (value or "").strip()
        if not values[name].isprintable() or len(values[name]) > 200:
            wrong(f"« {name} » contient des caractères qui ne se lisent pas, ou plus de 200")
    order, status = values["ordre"], values["statut"]
    if not order or not order.isascii():
        wrong("le numéro de l'ordre manque ou n'en est pas un")
    if status not in (PAID, REFUSED, RETURNED):
        wrong(f"le statut est « {PAID} », « {REFUSED} » ou « {RETURNED} », pas « {status[:40]} »")
    paid_on, cents, returned_on = None, None, None
    if status == PAID:
        paid_on = _day(values["paye_le"])
        if paid_on is None:
            wrong("« paye_le » est une date, écrite AAAA-MM-JJ")
        if not values["reference"]:
            wrong("un paiement a une « reference » bancaire")
    if status == RETURNED:
        returned_on = _day(values["retourne_le"])
        if returned_on is None:
            wrong("« retourne_le » est une date, écrite AAAA-MM-JJ")
    if status in (PAID, RETURNED):
        cents = parsed_cents(values["montant"])
        if cents is None:
            wrong("« montant » est une somme en euros, comme 8000.00")
    if status in (REFUSED, RETURNED) and not values["motif"]:
        wrong(f"un {'refus' if status == REFUSED else 'retour'} a un « motif »")
    if status == REFUSED and (values["paye_le"] or values["montant"]):
        wrong("un refus n'a ni « paye_le » ni « montant »")
    if status == RETURNED and values["paye_le"]:
        wrong("un retour n'a pas de « paye_le »")
    if status in (PAID, REFUSED) and values["retourne_le"]:
        wrong("seul un retour a « retourne_le »")
    if len(faults) > before:
        return None
    return Answer(line, order, status, paid_on, cents, values["reference"], values["motif"], returned_on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        return None


def parsed_cents(text: str) -> int | None:
    """The cents of a sum in euros, more than nothing (`8000`, `8000.00`, `8000,00`); None for anything else."""
    if not _AMOUNT.fullmatch(text):
        return None
    return int(Decimal(text.replace(",", ".")) * 100) or None


def named(payment: int) -> str:
    """How files call a payment."""
    return f"P{payment}"


def number(order: str) -> int | None:
    """The payment that an order names; None when it names none."""
    return int(order[1:]) if _ORDER.fullmatch(order) else None
