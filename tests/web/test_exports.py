"""Exports: what is in the file, for whom, until when; cells that are no formulas; parts, digests and limits."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.web.conftest import DAY, PROGRAMME, People, fixture
from tests.web.test_spine import refused

import recevable
from recevable_web import tables
from recevable_web.actions import acts, dossiers, exports, leases
from recevable_web.actions.exports import CSV, NDJSON, PARQUET, XLSX
from recevable_web.jobs import exporting, worker
from recevable_web.records.models import (
    Access,
    Account,
    Dossier,
    Export,
    ExportPart,
    Grant,
    Role,
    State,
    Status,
    Verdict,
)
from recevable_web.tables import Column

pytestmark = pytest.mark.both_databases

COMPLETE = "avance-acheteur-complete"
DEFECTIVE = "solde-cinq-defauts"
PARIS = ZoneInfo("Europe/Paris")
HOSTILE = (
    '=HYPERLINK("https://mal.example";"clic")', "+33", "-1+1", "@SUM(A1)", "\tx", "\r=1", '"=1+1', "'=1", " =1", "«=1»",
    "＝1+1", "​=1", "\x00=1", "\n=cmd|' /C calc'!A0", '";=1;"', "a\r\nb;c",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _day(today: Callable[[date], None]) -> None:
    today(DAY)


def received(actor: Account, *names: str) -> list[Dossier]:
    return [dossiers.receive(actor, PROGRAMME, fixture(name), f"{name}.json") for name in names]


def made(actor: Account, format_: str, names: tuple[str, ...] = (), states: tuple[str, ...] = ()) -> Export:
    export = exports.ask(actor, PROGRAMME, format_, names, states)
    worker.until_idle()
    export.refresh_from_db()
    return export


def content(actor: Account, export: Export) -> bytes:
    found = b"".join(exports.content(actor, export))
    assert len(found) == export.size
    assert hashlib.sha256(found).hexdigest() == export.sha256
    return found


def lines(written: bytes) -> list[list[str]]:
    assert written.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))


# --- the files --------------------------------------------------------------------------------------------------------


def test_decisions_are_exported_as_check_prints_them(instructor: Account, tmp_path: Path) -> None:
    received(instructor, COMPLETE, DEFECTIVE)
    written = content(instructor, made(instructor, NDJSON))
    programme = recevable.open_programme(PROGRAMME)
    expected = b""
    for dossier in Dossier.objects.order_by("pk"):
        read = programme.read(bytes(dossiers.latest(dossier).composed), dossier.reference)
        expected += programme.to_json(programme.decide(read, DAY)) + b"\n"
    assert written == expected


def test_a_csv_names_its_columns_for_people_and_by_identifier(instructor: Account, validator: Account) -> None:
    complete, defective = received(instructor, COMPLETE, DEFECTIVE)
    acts.sign(validator, acts.prepare(instructor, complete, complete.version, "avance", Verdict.ACCEPT))
    head, *rows = lines(content(instructor, made(instructor, CSV)))
    assert head[:2] == ["Numéro interne du dossier (dossier_id)", "Référence du dossier (dossier_reference)"]
    assert len(head) == len(exports.USUAL)
    found = {(row[1], row[4]): dict(zip(exports.USUAL, row, strict=True)) for row in rows}
    assert len(found) == len(rows)
    row = found[complete.reference, "avance"]
    assert (row["etat"], row["verdict_propose"], row["provisoire"]) == ("Décidé", "accepter", "non")
    assert row["montant_a_payer"] == "8000,00"
    assert (row["verdict_signe"], row["acte_rang"]) == ("Accepter", "1")
    assert datetime.fromisoformat(row["signe_le"]).tzinfo is None
    assert found[defective.reference, "solde"]["montant_a_payer"] == ""
    assert found[defective.reference, "solde"]["evalue_au"] == "2023-09-04"


def test_fields_of_the_dossier_are_columns_of_their_type(instructor: Account) -> None:
    received(instructor, DEFECTIVE)
    names = (
        "dossier_reference", "dossier.operateur.raison_sociale", "dossier.operateur.siret", "dossier.solde.recue_le",
        "dossier.ans.annuaire.applicatives", "dossier.operateur.paiement.iban", "dossier.ans.espace_de_confiance",
    )  # fmt: skip
    data = json.loads(fixture(DEFECTIVE))
    table = pq.read_table(io.BytesIO(content(instructor, made(instructor, PARQUET, names))))
    assert set(table.column_names) == set(names)
    row = table.to_pylist()[0]
    assert row["dossier.operateur.raison_sociale"] == data["operateur"]["raison_sociale"]
    assert row["dossier.solde.recue_le"] == datetime.fromisoformat(data["solde"]["recue_le"])
    assert row["dossier.ans.annuaire.applicatives"] == data["ans"]["annuaire"]["applicatives"]
    assert row["dossier.ans.espace_de_confiance"] is True
    iban = data["operateur"]["paiement"]["iban"].replace(" ", "")
    assert row["dossier.operateur.paiement.iban"] == f"{iban[:4]}…{iban[-3:]}"
    assert table.schema.field("dossier.operateur.siret").metadata == {b"titre": "Opérateur MSSanté › SIRET".encode()}


def test_parquet_holds_exact_amounts_and_instants(instructor: Account) -> None:
    received(instructor, COMPLETE)
    table = pq.read_table(io.BytesIO(content(instructor, made(instructor, PARQUET))))
    types = {field.name: str(field.type) for field in table.schema}
    assert types["montant_a_payer"] == "decimal128(20, 2)"
    assert types["recu_le"] == "timestamp[us, tz=Europe/Paris]"
    assert types["evalue_au"] == "date32[day]"
    assert types["provisoire"] == "bool"
    assert {row["montant_a_payer"] for row in table.to_pylist()} == {None, Decimal("8000.00")}


def test_a_workbook_holds_typed_cells_and_says_what_its_columns_are(instructor: Account) -> None:
    received(instructor, COMPLETE)
    book = openpyxl.load_workbook(io.BytesIO(content(instructor, made(instructor, XLSX))))
    assert book.sheetnames == ["Dossiers", "Colonnes"]
    rows = list(book["Dossiers"].values)
    cells = [dict(zip(exports.USUAL, row, strict=True)) for row in rows[1:]]
    assert {row["montant_a_payer"] for row in cells} == {None, 8000}
    assert {row["evalue_au"] for row in cells} == {datetime(2023, 9, 4)}  # noqa: DTZ001  # a sheet knows no zone
    assert next(iter(book["Colonnes"].values)) == ("Identifiant", "Titre", "Type")
    assert len(list(book["Colonnes"].values)) == 1 + len(exports.USUAL)


def test_only_chosen_states_are_exported(instructor: Account, validator: Account) -> None:
    complete, _ = received(instructor, COMPLETE, DEFECTIVE)
    acts.sign(validator, acts.prepare(instructor, complete, complete.version, "avance", Verdict.ACCEPT))
    rows = lines(content(instructor, made(instructor, CSV, states=(State.DECIDED,))))[1:]
    assert {row[1] for row in rows} == {complete.reference}


def test_an_empty_export_has_its_header(instructor: Account) -> None:
    for format_ in (CSV, XLSX, PARQUET, NDJSON):
        export = made(instructor, format_)
        assert (export.status, export.rows) == (Status.DONE, 0)
        assert (content(instructor, export) == b"") == (format_ == NDJSON)
        exports.erase(instructor, export)


# --- formulas ---------------------------------------------------------------------------------------------------------


def table_of(kind: str, texts: list[Any], folder: Path) -> bytes:
    file = io.BytesIO()
    columns = [Column("a", "=Titre", "texte"), Column("b", "B", "texte")]
    table: Any = (
        tables.CsvTable(file, columns, PARIS) if kind == CSV else tables.XlsxTable(file, columns, PARIS, str(folder))
    )
    try:
        table.add([[text, "fin"] for text in texts])
    except tables.TooLong:
        table.give_up()
        raise
    table.close()
    return file.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_csv_is_a_formula(text: str, tmp_path: Path) -> None:
    head, row = lines(table_of(CSV, [text], tmp_path))
    assert head == ["'=Titre (a)", "B (b)"]
    assert row[1] == "fin"
    clean = text.replace("\0", "�")
    assert row[0] == ("'" if tables.is_formula(clean) else "") + clean
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n", '"', " "))


@pytest.mark.parametrize("text", [one for one in HOSTILE if "\0" not in one])
def test_no_cell_of_a_workbook_is_a_formula(text: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(table_of(XLSX, [text], tmp_path)))
    head, cell = book["Dossiers"]["A1"], book["Dossiers"]["A2"]
    assert (head.data_type, cell.data_type) == ("s", "s")
    assert cell.value.replace("_x000D_", "\r") == text
    assert cell.quotePrefix == tables.is_formula(text)


@given(st.text(min_size=1))
def test_a_text_is_read_back_from_a_csv_whatever_it_holds(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    _, row = lines(table_of(CSV, [text], Path()))
    assert row[1] == "fin"
    clean = text.replace("\0", "�")
    assert row[0] in (clean, f"'{clean}")
    # whatever stands at the start once a spreadsheet has dropped quotes and spaces is no sign
    assert row[0].startswith("'") or row[0].lstrip(" \t\r\n\"'")[:1] not in ("=", "+", "-", "@")


def test_a_number_is_no_text_and_no_number_is_rounded(tmp_path: Path) -> None:
    (_, row) = lines(table_of(CSV, [Decimal("-12.50")], tmp_path))
    assert row[0] == "-12,50"
    big = Decimal("123456789012345678.91")
    book = openpyxl.load_workbook(io.BytesIO(table_of(XLSX, [Decimal("-12.50"), big, 10**18 + 1], tmp_path)))
    values = [row[0] for row in book["Dossiers"].values][1:]
    assert values == [-12.5, str(big), str(10**18 + 1)]


def test_a_sheet_that_would_be_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SHEET_ROWS", 3)
    with pytest.raises(tables.TooLong):
        table_of(XLSX, ["a", "b", "c"], tmp_path)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(table_of(XLSX, ["x" * 40_000], tmp_path)))
    value = book["Dossiers"]["A2"].value
    assert len(value) <= 32_767
    assert value.endswith("(texte coupé : le tableur n'en accepte pas plus)")


def test_dates_before_1900_stay_what_they_are(tmp_path: Path) -> None:
    old = [date(1899, 12, 31), datetime(1871, 1, 18, tzinfo=UTC)]
    book = openpyxl.load_workbook(io.BytesIO(table_of(XLSX, old, tmp_path)))
    assert [row[0] for row in book["Dossiers"].values][1] == "1899-12-31"


# --- for whom ---------------------------------------------------------------------------------------------------------


def test_an_export_is_its_owners_alone(people: People, instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = made(instructor, CSV)
    other = people("ivan", Role.INSTRUCTOR)
    assert not exports.visible(other).exists()
    for act in (exports.cancel, exports.erase):
        with refused("DROIT"):
            act(other, export)
    with refused("DROIT"):
        exports.content(other, export)
    content(instructor, export)
    assert Access.objects.filter(account=instructor, what="export").count() == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DRAFTER, Role.PUBLISHER])
def test_who_reads_no_dossier_exports_none(people: People, role: Role) -> None:
    with refused("DROIT"):
        exports.ask(people("autre", role), PROGRAMME, CSV)
    with refused("DROIT"):
        exports.ask(people("ailleurs", Role.INSTRUCTOR, programme="prime-velo"), PROGRAMME, CSV)


def test_a_right_that_ends_before_the_run_gives_nothing(instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = exports.ask(instructor, PROGRAMME, CSV)
    Grant.objects.filter(account=instructor).update(ends=DAY - timedelta(days=1))
    worker.until_idle()
    export.refresh_from_db()
    assert (export.status, export.failure) == (
        Status.FAILED,
        "Vous n'avez plus le droit de lire les dossiers de ce programme.",
    )
    assert not ExportPart.objects.exists()


def test_a_right_that_ends_before_the_download_closes_the_file(instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = made(instructor, CSV)
    Grant.objects.filter(account=instructor).update(ends=DAY - timedelta(days=1))
    assert not exports.visible(instructor).exists()
    with refused("DROIT"):
        exports.content(instructor, export)


def test_a_right_that_ends_while_the_file_is_written_stops_it(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 1)
    received(instructor, COMPLETE, DEFECTIVE)
    rows = exporting._rows

    def ended(page: Any, columns: Any) -> Any:
        Grant.objects.filter(account=instructor).update(ends=DAY - timedelta(days=1))
        return rows(page, columns)

    monkeypatch.setattr(exporting, "_rows", ended)
    assert made(instructor, CSV).status == Status.FAILED


def test_what_is_asked_must_exist(instructor: Account) -> None:
    with refused("FORMAT"):
        exports.ask(instructor, PROGRAMME, "exe")
    with refused("ETAT"):
        exports.ask(instructor, PROGRAMME, CSV, states=["n'importe"])
    with refused("COLONNES"):
        exports.ask(instructor, PROGRAMME, CSV, ["account__password"])
    with refused("COLONNES"):
        exports.ask(instructor, PROGRAMME, CSV, [one.name for one in exports.columns(PROGRAMME)][:101])


def test_parquet_is_offered_only_where_it_can_be_written(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert PARQUET not in exports.formats()
    with refused("FORMAT"):
        exports.ask(instructor, PROGRAMME, PARQUET)


# --- limits, time, cancellation ---------------------------------------------------------------------------------------


def test_exports_that_wait_and_exports_of_a_day_are_limited(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(exports.MOST_WAITING):
        last = exports.ask(instructor, PROGRAMME, CSV)
    with refused("LIMITE"):
        exports.ask(instructor, PROGRAMME, CSV)
    exports.cancel(instructor, last)
    exports.ask(instructor, PROGRAMME, CSV)
    worker.until_idle()
    monkeypatch.setattr(exports, "MOST_A_DAY", 4)
    with refused("LIMITE"):
        exports.ask(instructor, PROGRAMME, CSV)
    Export.objects.update(asked_at=timezone.now() - timedelta(days=1, seconds=1))
    exports.ask(instructor, PROGRAMME, CSV)


def test_an_export_expires_and_its_file_is_erased(instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = made(instructor, CSV)
    assert export.finished_at is not None
    assert export.expires_at == export.finished_at + timedelta(days=7)
    Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())
    export.refresh_from_db()
    with refused("EXPIRE"):
        exports.content(instructor, export)
    assert exports.sweep() == 1
    assert not ExportPart.objects.exists()
    exports.erase(instructor, export)
    assert not Export.objects.exists()


def test_a_cancelled_export_is_not_written_and_leaves_nothing(instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = exports.ask(instructor, PROGRAMME, CSV)
    held = leases.take(Export)
    assert held is not None
    with refused("EN-COURS"):
        exports.erase(instructor, export)
    exports.cancel(instructor, export)
    with pytest.raises(leases.Lost):
        exporting.write(held)
    with refused("TERMINE"):
        exports.cancel(instructor, export)
    with refused("PAS-PRET"):
        exports.content(instructor, Export.objects.get())
    assert not ExportPart.objects.exists()


def test_an_export_that_another_worker_took_again_is_that_ones(
    instructor: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART", 100)
    received(instructor, COMPLETE)
    export = exports.ask(instructor, PROGRAMME, CSV)
    first = leases.take(Export)
    assert first is not None
    ExportPart.objects.create(export=export, taking=first.owner, rank=0, content=b"reste")
    Export.objects.filter(pk=export.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    second = leases.take(Export)
    assert second is not None
    exporting.write(second)
    with pytest.raises(leases.Lost):
        exporting.write(first)
    export.refresh_from_db()
    assert len(lines(content(instructor, export))) > 1
    assert set(ExportPart.objects.values_list("taking", flat=True)) <= {second.owner, first.owner}


def test_a_workbook_with_too_many_rows_says_to_choose_csv(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SHEET_ROWS", 1)
    received(instructor, COMPLETE)
    export = made(instructor, XLSX)
    assert export.status == Status.FAILED
    assert "choisissez le format CSV" in export.failure


def test_an_export_that_is_too_large_says_what_to_do(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_BYTES", 10)
    received(instructor, COMPLETE)
    export = made(instructor, NDJSON)
    assert export.status == Status.FAILED
    assert "choisissez moins de dossiers" in export.failure
    assert not ExportPart.objects.exists()


def test_an_export_that_always_fails_is_given_up(instructor: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    received(instructor, COMPLETE)
    export = exports.ask(instructor, PROGRAMME, CSV)
    monkeypatch.setattr(exporting, "_rows", lambda *_: 1 / 0)
    one = worker.Worker(idle=0)
    while one.turn():
        pass
    export.refresh_from_db()
    assert export.status == Status.FAILED
    assert export.attempts == worker.MOST_ATTEMPTS + 1


def test_a_worker_that_stops_leaves_the_export_to_another(instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = exports.ask(instructor, PROGRAMME, CSV)
    held = leases.take(Export)
    assert held is not None
    exporting.write(held, stopping=lambda: True)
    export.refresh_from_db()
    assert (export.status, export.attempts) == (Status.WAITING, 0)


def test_what_a_job_is_given_holds_no_personal_datum(instructor: Account) -> None:
    received(instructor, COMPLETE)
    export = made(instructor, CSV)
    kept = json.dumps([export.choices, export.failure, export.format, export.programme])
    assert "acheteur" not in kept.lower()
    assert set(export.choices) == {"colonnes", "etats"}
