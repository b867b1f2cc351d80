"""Letters, of which only the contents may be erased."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records import append_only


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Letters are only ever added; contents may be erased by a purge, never changed."""
    append_only.keep(schema_editor, "records_letter", ("id",), ("act_id", "kind"))
    append_only.keep(schema_editor, "records_lettercontent", ("letter_id",), erasable=True)


def _to(model: str, *, related: str = "+", null: bool = False) -> models.ForeignKey[models.Model, models.Model]:
    return models.ForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name=related, to=f"records.{model}"
    )


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0010_grant_once")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dossier", _to("dossier", related="letters")),
                ("act", _to("act", related="letters")),
                ("kind", models.CharField(max_length=40)),
                ("request", models.CharField(blank=True, max_length=60)),
                ("key", models.CharField(blank=True, max_length=60)),
                ("evaluation", _to("evaluation", null=True)),
                ("pack", _to("packversion")),
                ("on", models.DateField()),
                ("template", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("confirmed", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["act", "kind"], name="letter_once"),
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="letter_not_empty"),
                ]
            },
        ),
        migrations.CreateModel(
            name="LetterContent",
            fields=[
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="records.letter",
                    ),
                ),
                ("data", models.BinaryField()),
                ("pdf", models.BinaryField()),
            ],
        ),
        migrations.RunPython(keep),
    ]
