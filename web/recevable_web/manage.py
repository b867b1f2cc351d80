"""`recevable-web COMMANDE`: the commands of the server (Django's, and those of `management/commands`)."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a command with the settings of the guichet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recevable_web.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("recevable-web demande l'option d'installation : pip install 'recevable[web]'.")
    execute_from_command_line(["recevable-web", *sys.argv[1:]])
