"""The index of the search: PostgreSQL keeps words as a `tsvector` under a GIN index, SQLite in an FTS5 table.

Triggers keep the latter up to date.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_POSTGRESQL: Final = (
    "ALTER TABLE records_searchtext ADD COLUMN vector tsvector GENERATED ALWAYS AS "
    "(array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX records_searchtext_vector ON records_searchtext USING gin (vector)",
)
_SQLITE: Final = (
    "CREATE VIRTUAL TABLE records_searchtext_words USING fts5("
    "words, content='records_searchtext', content_rowid='dossier_id', prefix='3 4 5', "
    "tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER records_searchtext_added AFTER INSERT ON records_searchtext BEGIN "
    "INSERT INTO records_searchtext_words(rowid, words) VALUES (NEW.dossier_id, NEW.words); END",
    "CREATE TRIGGER records_searchtext_removed AFTER DELETE ON records_searchtext BEGIN "
    "INSERT INTO records_searchtext_words(records_searchtext_words, rowid, words) "
    "VALUES ('delete', OLD.dossier_id, OLD.words); END",
    "CREATE TRIGGER records_searchtext_changed AFTER UPDATE ON records_searchtext BEGIN "
    "INSERT INTO records_searchtext_words(records_searchtext_words, rowid, words) "
    "VALUES ('delete', OLD.dossier_id, OLD.words); "
    "INSERT INTO records_searchtext_words(rowid, words) VALUES (NEW.dossier_id, NEW.words); END",
)


def index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The index of words, as each database has it."""
    for statement in _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0002_append_only")]
    operations: ClassVar = [migrations.RunPython(index)]
