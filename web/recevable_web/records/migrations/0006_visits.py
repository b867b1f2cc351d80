"""What somebody had seen of a dossier is read from the accesses: a table of last visits says nothing more."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0005_imports")]
    operations: ClassVar = [
        migrations.DeleteModel(name="LastVisit"),
        migrations.AddIndex(
            model_name="access", index=models.Index(fields=["account", "dossier", "at"], name="access_visits")
        ),
    ]
