"""What a filter on requests asks of each dossier that it walks over, read from an index alone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0006_erased_dossiers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="queuerequest",
            name="dossier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="queue_requests",
                to="records.dossier",
            ),
        ),
        migrations.AddIndex(
            model_name="queuerequest",
            index=models.Index(
                condition=models.Q(("open", True)),
                fields=["dossier", "name", "verdict", "provisional"],
                name="queue_request_open",
            ),
        ),
    ]
