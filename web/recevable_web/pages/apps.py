"""The Django application that holds the pages."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """See the package."""

    name = "recevable_web.pages"
    label = "pages"

    def ready(self) -> None:
        """Register what production refuses, and what follows signing in."""
        from recevable_web.pages import checks, signals  # noqa: F401
