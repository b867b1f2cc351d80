"""Tables written row by row, in constant memory: CSV, XLSX, Parquet.

A cell of text is never a formula: what a spreadsheet would compute is written as text.  Values are `None`, `str`,
`bool`, `int`, `Decimal`, `date` or an aware `datetime`, by the type of their column.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import IO, Any, Final, NamedTuple, Protocol

Row = Sequence[Any]


class Column(NamedTuple):
    """A column: its identifier, its title for people, and its type (`texte`, `montant`, `date`…).

    `path` is the field of the dossier that it shows; empty for what the service knows itself.  `masked`: only the ends
    of the value are shown.
    """

    name: str
    title: str
    kind: str
    path: str = ""
    masked: bool = False


# What makes a spreadsheet compute a cell, in ASCII; their wide forms are folded first.
_STARTS: Final = ("=", "+", "-", "@")
# Characters that a spreadsheet, a person or another reader of CSV drops before it reads a cell.
_DROPPED: Final = "'\"`´‘’“”«»;,|"
# The most rows of a sheet, and characters of its cells.
SHEET_ROWS: Final = 1_048_576
_CELL: Final = 32_767
_CUT: Final = " […] (texte coupé : le tableur n'en accepte pas plus)"


class TooLong(Exception):
    """The table has more rows than its format holds."""


class Table(Protocol):
    """A table being written."""

    def add(self, rows: Sequence[Row]) -> None:
        """Write some rows.  Raises TooLong."""

    def close(self) -> None:
        """Write what is left; the file stays open."""

    def give_up(self) -> None:
        """Let go of everything: what was written is no table."""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might compute a text, also after the quotes, spaces and controls at its start."""
    if text[:1] in ("\t", "\r", "\n"):
        return True
    for char in unicodedata.normalize("NFKC", text):
        if char in _DROPPED or char.isspace() or unicodedata.category(char) in ("Cc", "Cf"):
            continue
        return char in _STARTS
    return False


# Replaces the middle of a masked account.
HIDDEN: Final = "…"


def masked(text: str) -> str:
    """The ends of a bank account, with which nobody can pay; an account that was masked already stays as it is."""
    if HIDDEN in text:
        return text
    return f"{text[:4]}{HIDDEN}{text[-3:]}" if len(text) > 10 else HIDDEN


def header(column: Column) -> str:
    """The title of a column, with its identifier."""
    return f"{column.title} ({column.name})"


class CsvTable:
    """CSV as French spreadsheets open it: UTF-8 with its mark, semicolons, decimal commas; every text in quotes.

    A text that a spreadsheet might compute has an apostrophe before it.
    """

    def __init__(self, file: IO[bytes], columns: Sequence[Column], zone: tzinfo) -> None:
        self.zone = zone
        self.text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        self.writer = csv.writer(self.text, delimiter=";", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        self.writer.writerow([_harmless(header(one)) for one in columns])

    def add(self, rows: Sequence[Row]) -> None:
        """See Table."""
        self.writer.writerows([[self._cell(value) for value in row] for row in rows])

    def close(self) -> None:
        """See Table."""
        self.text.flush()
        self.text.detach()

    def give_up(self) -> None:
        """See Table."""
        self.close()

    def _cell(self, value: Any) -> Any:
        if value is None:
            return ""
        if isinstance(value, str):
            return _harmless(value)
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, Decimal):
            return f"{value:f}".replace(".", ",")
        if isinstance(value, datetime):
            return value.astimezone(self.zone).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
        return value.isoformat() if isinstance(value, date) else value


def _harmless(text: str) -> str:
    """A text for a CSV cell: it starts with an apostrophe when it might be computed; no NUL."""
    clean = text.replace("\0", "�")
    return f"'{clean}" if is_formula(clean) else clean


class XlsxTable:
    """A workbook: the table, and a sheet that says what each column is.  A text is never a formula."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], zone: tzinfo, folder: str) -> None:
        import xlsxwriter

        self.zone, self.rank = zone, 1
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        self.book = xlsxwriter.Workbook(file, options)
        self.formats = {
            "date": self.book.add_format({"num_format": "dd/mm/yyyy"}),
            "instant": self.book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
            "montant": self.book.add_format({"num_format": "#,##0.00"}),
            "titre": self.book.add_format({"bold": True}),
            # text stays text when somebody edits the cell or saves it elsewhere
            "texte": self.book.add_format({"quote_prefix": True, "num_format": "@"}),
        }
        self.sheet = self.book.add_worksheet("Dossiers")
        self.sheet.freeze_panes(1, 0)
        for place, one in enumerate(columns):
            self.sheet.write_string(0, place, header(one)[:_CELL], self.formats["titre"])
        about = self.book.add_worksheet("Colonnes")
        for rank, line in enumerate([("Identifiant", "Titre", "Type"), *((c.name, c.title, c.kind) for c in columns)]):
            for place, text in enumerate(line):
                about.write_string(rank, place, text, self.formats["titre"] if rank == 0 else None)

    def add(self, rows: Sequence[Row]) -> None:
        """See Table."""
        if self.rank + len(rows) > SHEET_ROWS:
            raise TooLong
        for row in rows:
            for place, value in enumerate(row):
                self._cell(place, value)
            self.rank += 1

    def close(self) -> None:
        """See Table."""
        self.book.close()

    def give_up(self) -> None:
        """See Table."""
        # the library would write the workbook when it is collected
        self.book.fileclosed = True
        for sheet in self.book.worksheets():
            sheet.row_data_fh.close()

    def _cell(self, place: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, datetime):
            there = value.astimezone(self.zone).replace(tzinfo=None)
            if there.year >= 1900:
                self.sheet.write_datetime(self.rank, place, there, self.formats["instant"])
            else:
                self._text(place, there.isoformat(sep=" "))
        elif isinstance(value, date):
            if value.year >= 1900:
                self.sheet.write_datetime(self.rank, place, value, self.formats["date"])
            else:
                self._text(place, value.isoformat())
        elif isinstance(value, bool):
            self._text(place, "oui" if value else "non")
        elif isinstance(value, Decimal):
            self._number(place, value, self.formats["montant"])
        elif isinstance(value, int):
            self._number(place, value, None)
        else:
            self._text(place, value)

    def _number(self, place: int, value: Any, form: Any) -> None:
        """A number, or its text when the sheet, which counts in 15 digits, would round it."""
        digits = len(Decimal(value).as_tuple().digits)
        if digits > 15:
            self._text(place, f"{value:f}" if isinstance(value, Decimal) else str(value))
        else:
            self.sheet.write_number(self.rank, place, value, form)

    def _text(self, place: int, text: str) -> None:
        if len(text) > _CELL:
            text = text[: _CELL - len(_CUT)] + _CUT
        self.sheet.write_string(self.rank, place, text, self.formats["texte"] if is_formula(text) else None)


class ParquetTable:
    """Parquet with typed columns: exact decimals, dates, instants with their zone; titles are in the metadata."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], zone: tzinfo) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {
            "booleen": pa.bool_(),
            "entier": pa.int64(),
            "montant": pa.decimal128(20, 2),
            "taux": pa.decimal128(38, 12),
            "date": pa.date32(),
            "instant": pa.timestamp("us", tz=str(zone)),
        }
        self.batch = pa.record_batch
        self.schema = pa.schema(
            [pa.field(one.name, kinds.get(one.kind, pa.string()), metadata={"titre": one.title}) for one in columns]
        )
        self.writer = pq.ParquetWriter(file, self.schema, compression="zstd")

    def add(self, rows: Sequence[Row]) -> None:
        """See Table."""
        if rows:
            values = [list(column) for column in zip(*rows, strict=True)]
            self.writer.write_batch(self.batch(values, schema=self.schema))

    def close(self) -> None:
        """See Table."""
        self.writer.close()

    def give_up(self) -> None:
        """See Table."""
        self.close()
