"""`django-admin worker`: do the work of the database until SIGTERM."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recevable_web.jobs import worker


class Command(BaseCommand):
    """Réévaluations, exports, contrôles de règles et statistiques, jusqu'à SIGTERM."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """See Django."""
        parser.add_argument("--attente", type=float, default=worker.IDLE, help="secondes entre deux regards, à vide")
        parser.add_argument("--tout", action="store_true", help="faire ce qui est là, puis finir")

    def handle(self, *args: Any, **options: Any) -> None:
        """See Django."""
        if options["tout"]:
            worker.upkeep()
            done = worker.until_idle()
            self.stdout.write(f"{done} travaux faits.")
        else:
            worker.in_foreground(options["attente"])
