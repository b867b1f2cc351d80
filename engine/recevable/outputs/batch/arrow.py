"""An Arrow batch of dossiers in, an Arrow batch of their decisions out, for any engine of tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from recevable.decision.model import Decision
from recevable.inference.agreement import ALWAYS, Agreement
from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import Diagnostic, Span
from recevable.outputs.batch.table import DETAIL, details, whole
from recevable.programme import InvalidDossier, Programme, absent, asked, decided
from recevable.report import json_format
from recevable.report.refusal import refusal
from recevable.report.resume import resume_line

_COLUMNS: Final[dict[str, Any]] = {
    "dossier": "text",
    "reference": "text",
    "programme": "text",
    "acceptee": "boolean",
    "lignes": DETAIL,
    "sha256": "text",
    "resume": "text",
    "decision": "text",
}


def decide_batch(
    programme: Programme,
    batch: Any,
    on: date,
    requests: Iterable[str] = (),
    *,
    agreement: Agreement = ALWAYS,
    column: str = "dossier",
    name: str = "table",
    first: int = 1,
    whole_decisions: bool = True,
) -> Any:
    """Decide a `pyarrow.RecordBatch` of dossiers, the JSON of each in `column`; returns one of as many rows, in order.

    The other columns of the batch are kept, before those of the answer.  `name` and `first`, the rank of the first row,
    say where a dossier was read (`table:1`).  `decision` has the lines of `decide_many`, and is left out unless
    `whole_decisions`.  Rows share nothing, and an empty batch gives the schema.  `agreement`: see `Programme.decide`.

    Raises ValueError when the columns are not as described, EngineDisagreement, ImportError without the extra
    `parquet`; ValueError and TypeError for what `decide` refuses, whatever the rows are.
    """
    # imported late: an extra of the installation
    from recevable import tables

    requests = asked(programme, on, requests, agreement)
    columns = {key: type_ for key, type_ in _COLUMNS.items() if whole_decisions or key != "decision"}
    kept = [one for one in batch.schema.names if one != column]
    clash = [one for one in kept if one in columns]
    if clash:
        raise ValueError(f"the batch has a column {clash[0]!r}, which the answer has too")
    rows = (
        _row(_answer(programme, cell, on, requests, place, agreement), f"{name}:{place.line}", whole_decisions)
        for place, cell in ((Span(name, n, 1), cell) for n, cell in enumerate(tables.texts(batch, column), first))
    )
    return tables.answered(batch.select(kept), columns, rows)


def _row(answer: Decision | Sequence[Diagnostic], name: str, whole_decisions: bool) -> dict[str, Any]:
    if isinstance(answer, Decision):
        short = resume_line(answer, name)
        line = json_format.decision_line(answer, name) if whole_decisions else b""
    else:
        short = line = json_format.line(json_format.fault_data(name, answer))
    read = msgspec.json.decode(short)
    return {**whole(read), "lignes": list(details(read)), "resume": short.decode(), "decision": line.decode()}


def _answer(
    programme: Programme, cell: bytes | None, on: date, requests: Sequence[str], place: Span, agreement: Agreement
) -> Decision | Sequence[Diagnostic]:
    """The decision, or why there is none."""
    if cell is None:
        return [empty_cell(place)]
    try:
        decision = programme.decide(programme.read(cell, place.file, place.line), on, requests, agreement=agreement)
    except InvalidDossier as error:
        return error.diagnostics
    except Contradiction as error:
        return [refusal(error, place, going_on=True)]
    if decided(decision, requests):
        return decision
    return [programme.without_request(f"{place.file}:{place.line}", absent(decision, requests))]


def empty_cell(place: Span) -> Diagnostic:
    """The diagnostic for a row of a table that holds no dossier."""
    message = "la ligne de la table ne contient aucun dossier"
    return Diagnostic("ENTREE-VIDE", message, place, "Écrivez-y un dossier, ou retirez-la.")
