"""Pieces joined to dossiers, notes, and what each account had seen of a dossier."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records import append_only


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Pieces and notes are only ever added; contents may be erased by a purge, never changed."""
    append_only.keep(schema_editor, "records_blob", ("id",), ("sha256",))
    append_only.keep(schema_editor, "records_blobcontent", ("blob_id",), erasable=True)
    append_only.keep(schema_editor, "records_piece", ("id",), ("dossier_id", "place", "blob_id"))
    append_only.keep(schema_editor, "records_note", ("id",))


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [
        ("records", "0002_append_only"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("application/pdf", "PDF"),
                            ("image/png", "image PNG"),
                            ("image/jpeg", "image JPEG"),
                            ("image/tiff", "image TIFF"),
                        ],
                        max_length=40,
                    ),
                ),
                ("pages", models.PositiveIntegerField()),
                ("remarks", models.TextField(blank=True)),
                ("quarantine", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="LastVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("event", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("text", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(blank=True, max_length=200)),
                ("name", models.CharField(max_length=150)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="BlobContent",
            fields=[
                (
                    "blob",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="records.blob",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="blob",
            constraint=models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="blob_not_empty"),
        ),
        migrations.AddField(
            model_name="lastvisit",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="lastvisit",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.dossier"
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="records.dossier"
            ),
        ),
        migrations.AddField(
            model_name="piece",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="piece",
            name="blob",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pieces", to="records.blob"
            ),
        ),
        migrations.AddField(
            model_name="piece",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pieces", to="records.dossier"
            ),
        ),
        migrations.AddConstraint(
            model_name="lastvisit",
            constraint=models.UniqueConstraint(fields=("account", "dossier"), name="last_visit_once"),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.UniqueConstraint(fields=("dossier", "place", "blob"), name="piece_once"),
        ),
        migrations.RunPython(keep),
    ]
