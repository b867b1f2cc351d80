"""The Django application that holds the tables."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """See the package."""

    name = "recevable_web.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Registre et dossiers"
