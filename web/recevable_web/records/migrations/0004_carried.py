"""The day that a delay gives, when it is carried from it to a working day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="counted",
            field=models.DateField(null=True),
        ),
    ]
