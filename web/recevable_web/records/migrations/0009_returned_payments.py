"""Payments whose money came back, beside the payments themselves, which never change once they are paid."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import final, freeze, unreplaced

_KEPT = ("payment_id", "account_id", "at", "returned_on", "reference", "reason")


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Rows are added and never change, but for the version of the dossier, written once."""
    freeze(schema_editor, "records_paymentreturn", *_KEPT)
    unreplaced(schema_editor, "records_paymentreturn", "payment_id")
    final(schema_editor, "records_paymentreturn", "OLD.version_id IS NOT NULL", "version_id")


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [
        ("records", "0008_access_programme"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="PaymentReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("returned_on", models.DateField()),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="back", to="records.payment"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.dossierversion",
                    ),
                ),
            ],
        ),
        migrations.RunPython(apply),
    ]
