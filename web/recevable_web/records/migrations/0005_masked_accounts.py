"""A purge of the files exchanged with the payer leaves the ends of the accounts that they paid; nothing else changes.

The account of a payment may be replaced by its ends once the file that ordered it has no content any more, or once the
payment was cancelled; then so may that of the draft from which it was signed.  The act keeps its digest.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import freeze

# What still never changes.
_PAYMENT: Final = ("dossier_id", "programme", "request", "key", "rank", "act_id", "decision_id", "cents", "name", "bic")
_DRAFT: Final = (
    "kind", "dossier_id", "request", "key", "about", "evaluation_id", "verdict", "follows", "reason", "source",
    "prepared_by_id", "prepared_at",
)  # fmt: skip


def _ends(account: str) -> str:
    """The expression of the ends of an account, as `tables.masked` writes them."""
    return f"substr({account}, 1, 4) || '…' || substr({account}, length({account}) - 2)"


_OVER: Final = (
    "OLD.status IN ('paye', 'refuse', 'annule') "
    "AND NOT EXISTS (SELECT 1 FROM records_paymentfilecontent WHERE file_id = OLD.file_id) "
    "AND EXISTS (SELECT 1 FROM records_purge WHERE what = 'paiements')"
)
_MASKED: Final = (
    "OLD.kind = 'paiement' AND EXISTS (SELECT 1 FROM records_payment "
    "JOIN records_act ON records_act.rank = records_payment.act_id WHERE draft_id = OLD.id AND iban LIKE '%…%')"
)
# What is refused of a payment, and of a draft by the words that each database has for JSON.
_OF_PAYMENT: Final = f"NEW.iban <> OLD.iban AND NOT (NEW.iban = {_ends('OLD.iban')} AND {_OVER})"


def _of_draft(rest: str, iban: str) -> str:
    """`rest` and `iban` are expressions on `{row}.content`: everything but the account, and the account."""
    old, new = (f"COALESCE({iban.format(row=row)}, '')" for row in ("OLD", "NEW"))
    same = f"{rest.format(row='NEW')} = {rest.format(row='OLD')} AND {new} = {_ends(old)}"
    return f"NEW.content <> OLD.content AND NOT ({same} AND {_MASKED})"


_SQLITE: Final = _of_draft("json_remove({row}.content, '$.iban')", "json_extract({row}.content, '$.iban')")
_POSTGRESQL: Final = _of_draft("({row}.content - 'iban')", "({row}.content ->> 'iban')")


def _masking(schema_editor: BaseDatabaseSchemaEditor, table: str, column: str, refused: str) -> None:
    """Refuse that a column change but to the ends of the account."""
    on = f"{table}_masked BEFORE UPDATE OF {column} ON {table}"
    if schema_editor.connection.vendor == "postgresql":
        # a function of its own: `records_refuse` says which columns may never change (records/privileges.py)
        statements = [
            f"CREATE FUNCTION {table}_mask() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN "
            f"RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {on} FOR EACH ROW EXECUTE FUNCTION {table}_mask()",
        ]
    else:
        statements = [
            f"CREATE TRIGGER {on} WHEN {refused} BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END",
        ]
    for statement in statements:
        # no parameters: a percent sign stands for itself
        schema_editor.execute(statement, params=None)


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give both tables their triggers again, with one of its own for the account."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table, columns in (("records_payment", _PAYMENT), ("records_draft", _DRAFT)):
        names = ("append_only", "no_truncate") if postgresql else ("no_update", "no_delete", "no_replace")
        for name in names:
            schema_editor.execute(f"DROP TRIGGER {table}_{name}{f' ON {table}' if postgresql else ''}", params=None)
        freeze(schema_editor, table, *columns)
    _masking(schema_editor, "records_payment", "iban", _OF_PAYMENT)
    _masking(schema_editor, "records_draft", "content", _POSTGRESQL if postgresql else _SQLITE)


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0004_carried")]
    operations: ClassVar = [migrations.RunPython(apply)]
