"""Imports with their lines, and the entries that people type."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [
        ("records", "0004_jobs"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme", models.CharField(max_length=100)),
                ("format", models.CharField(max_length=60)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=300)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("recu", "Reçu"), ("deja_recu", "Déjà reçu"), ("refuse", "Refusé")], max_length=20
                    ),
                ),
                ("pieces", models.PositiveIntegerField(default=0)),
                ("faults", models.JSONField(default=list)),
                ("remarks", models.JSONField(default=list)),
                (
                    "dossier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="records.dossier",
                    ),
                ),
                (
                    "imported",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="records.import"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=120)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("courrier", "Courrier postal"),
                            ("courriel", "Courriel"),
                            ("depot", "Dépôt sur place"),
                            ("autre", "Autre"),
                        ],
                        max_length=20,
                    ),
                ),
                ("received_on", models.DateField()),
                ("values", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("saved_at", models.DateTimeField(auto_now=True)),
                ("abandoned", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dossier",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entry",
                        to="records.dossier",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "programme"], name="records_ent_account_7814b0_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("dossier__isnull", True), ("abandoned", False), _connector="OR"),
                        name="entry_one_end",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["programme", "-id"], name="records_imp_program_425a4e_idx"),
        ),
        migrations.AddConstraint(
            model_name="importline",
            constraint=models.UniqueConstraint(fields=("imported", "rank"), name="import_line_once"),
        ),
        migrations.AddConstraint(
            model_name="importline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dossier__isnull", True), ("outcome", "refuse")),
                    models.Q(models.Q(("outcome", "refuse"), _negated=True), ("dossier__isnull", False)),
                    _connector="OR",
                ),
                name="import_line_dossier",
            ),
        ),
    ]
