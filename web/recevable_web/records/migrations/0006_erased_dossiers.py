"""A purge erases what dossiers held: their versions and evaluations stay as rows, without contents.

Contents are only ever emptied, all those of a row at once, and only once the dossier names the purge of dossiers that
erased it, which it then names for ever.  The account of a payment that nobody signed may be replaced by its ends then.
"""

from __future__ import annotations

from typing import ClassVar, Final

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import final, loosen, refuse_when

# What still never changes, and what may be emptied.
_TABLES: Final = {
    "dossierversion": (
        ("id", "dossier_id", "rank", "sha256", "origin", "author_id", "at"),
        ("payload", "overlay", "composed"),
    ),
    "evaluation": (("id", "version_id", "pack_id", '"on"', "sha256", "at"), ("decision_gz",)),
}
_ERASED: Final = {
    "dossierversion": "SELECT 1 FROM records_dossier WHERE id = OLD.dossier_id AND erased_id IS NOT NULL",
    "evaluation": "SELECT 1 FROM records_dossier d JOIN records_dossierversion v ON v.dossier_id = d.id "
    "WHERE v.id = OLD.version_id AND d.erased_id IS NOT NULL",
}
_PURGED: Final = "SELECT 1 FROM records_purge WHERE act_id = NEW.erased_id AND what = 'dossiers'"

# As in 0005, with one more reason.
_ENDS: Final = "substr({old}, 1, 4) || '…' || substr({old}, length({old}) - 2)"
_SIGNED: Final = "SELECT 1 FROM records_act WHERE draft_id = OLD.id"
_MASKED: Final = (
    "OLD.kind = 'paiement' AND (EXISTS (SELECT 1 FROM records_payment "
    "JOIN records_act ON records_act.rank = records_payment.act_id WHERE draft_id = OLD.id AND iban LIKE '%…%') "
    f"OR NOT EXISTS ({_SIGNED}) AND EXISTS ({_ERASED['dossierversion']}))"
)


def _of_draft(rest: str, iban: str) -> str:
    old, new = (f"COALESCE({iban.format(row=row)}, '')" for row in ("OLD", "NEW"))
    same = f"{rest.format(row='NEW')} = {rest.format(row='OLD')} AND {new} = {_ENDS.format(old=old)}"
    return f"NEW.content <> OLD.content AND NOT ({same} AND {_MASKED})"


_SQLITE: Final = _of_draft("json_remove({row}.content, '$.iban')", "json_extract({row}.content, '$.iban')")
_POSTGRESQL: Final = _of_draft("({row}.content - 'iban')", "({row}.content ->> 'iban')")


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let contents be emptied, under these conditions."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for name, (kept, emptied) in _TABLES.items():
        table = f"records_{name}"
        loosen(schema_editor, table, *kept)
        empty = " AND ".join(f"length(NEW.{one}) = 0" for one in emptied)
        refuse_when(schema_editor, table, "erased", ", ".join(emptied), f"NOT ({empty} AND EXISTS ({_ERASED[name]}))")
    final(schema_editor, "records_dossier", "OLD.erased_id IS NOT NULL", "erased_id")
    refuse_when(schema_editor, "records_dossier", "purged", "erased_id", f"NOT EXISTS ({_PURGED})")
    schema_editor.execute(f"DROP TRIGGER records_draft_masked{' ON records_draft' if postgresql else ''}", params=None)
    if postgresql:
        schema_editor.execute("DROP FUNCTION records_draft_mask()", params=None)
    refuse_when(schema_editor, "records_draft", "masked", "content", _POSTGRESQL if postgresql else _SQLITE)


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0005_masked_accounts")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="dossier",
            name="erased",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.purge",
            ),
        ),
        migrations.AddField(model_name="statisticrow", name="erased", field=models.BooleanField(default=False)),
        migrations.RunPython(apply),
    ]
