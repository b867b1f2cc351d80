"""The Django application that brings the command `worker`."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """See the package."""

    name = "recevable_web.jobs"
    label = "jobs"
