"""What the queue shows of a dossier, reservations, saved filters, and the words of the search.

PostgreSQL keeps words as a `tsvector` under a GIN index, SQLite in an FTS5 table that triggers keep up to date.
"""

from __future__ import annotations

import datetime
from typing import ClassVar, Final

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
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

    dependencies: ClassVar = [("records", "0007_purge")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="QueuePreference",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="queue_preference",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("columns", models.JSONField(default=list)),
                ("filters", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="QueueRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("key", models.CharField(blank=True, max_length=60)),
                ("title", models.CharField(max_length=300)),
                ("verdict", models.CharField(max_length=20)),
                ("provisional", models.BooleanField()),
                ("settled", models.BooleanField()),
                ("open", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "dossier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reservation",
                        serialize=False,
                        to="records.dossier",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "dossier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_text",
                        serialize=False,
                        to="records.dossier",
                    ),
                ),
                ("programme", models.CharField(max_length=100)),
                ("version", models.PositiveIntegerField()),
                ("words", models.TextField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="dossier",
            name="records_dos_program_fb1829_idx",
        ),
        migrations.AddField(
            model_name="dossier",
            name="applicant",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="dossier",
            name="clock",
            field=models.CharField(
                choices=[
                    ("court", "Court"),
                    ("suspendu", "Suspendu"),
                    ("inconnu", "Réception non consignée"),
                    ("aucun", "Aucun"),
                ],
                default="aucun",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="dossier",
            name="deadline",
            field=models.DateField(default=datetime.date(9999, 12, 31)),
        ),
        migrations.AddField(
            model_name="dossier",
            name="instructor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dossier",
            name="recovery",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="dossier",
            name="siret",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(fields=["programme", "state", "deadline", "id"], name="dossier_queue"),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(fields=["programme", "instructor", "state", "deadline", "id"], name="dossier_mine"),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                condition=models.Q(("recovery", True)), fields=["programme", "deadline", "id"], name="dossier_recovery"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["account", "id"], name="event_by_account"),
        ),
        migrations.AddField(
            model_name="queuerequest",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="queue_requests", to="records.dossier"
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="queuerequest",
            index=models.Index(fields=["name", "verdict", "provisional", "dossier"], name="queue_request_by_name"),
        ),
        migrations.AddIndex(
            model_name="queuerequest",
            index=models.Index(fields=["verdict", "provisional", "dossier"], name="queue_request_by_verdict"),
        ),
        migrations.AddConstraint(
            model_name="queuerequest",
            constraint=models.UniqueConstraint(fields=("dossier", "name", "key"), name="queue_request_once"),
        ),
        migrations.RunPython(index),
    ]
