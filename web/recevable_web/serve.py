"""`recevable serve`: the demonstration of the guichet, in one command, on the loopback.

A folder holds a SQLite database, made at the first start with six invented accounts and the sample dossiers of the
shipped programme.  Real use is `gunicorn recevable_web.wsgi:application` with the settings of `settings.py`.
"""

from __future__ import annotations

import os
import secrets
from datetime import date
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Final
from wsgiref.simple_server import WSGIServer, make_server

import click

# Name, capacity, roles in the programme.
PEOPLE: Final = (
    ("Inès Instruction", "instructrice", ("instructeur",)),
    ("Ivan Instruction", "instructeur", ("instructeur", "redacteur")),
    ("Valérie Validation", "cheffe de service", ("valideur",)),
    ("Victor Validation", "adjoint à la cheffe de service", ("valideur", "controleur", "publieur")),
    ("Adam Administration", "administrateur", ("administrateur",)),
    ("Aude Audit", "auditrice", ("auditeur",)),
)
_BEGINNING: Final = date(2020, 1, 1)


@click.command("serve", short_help="Ouvrir la démonstration du guichet.")
@click.option(
    "--dossier",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("guichet-demo"),
    metavar="DIR",
    help="Où est la base de la démonstration (défaut : guichet-demo).",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, metavar="PORT", help="Port (défaut : 8000).")
@click.option("--vide", "empty", is_flag=True, help="Sans les dossiers d'exemple, si la base est à faire.")
def serve(folder: Path, port: int, empty: bool) -> int:
    """Ouvrir la démonstration du guichet d'instruction, sur cette machine seulement.

    Six comptes inventés, sans mot de passe, et les dossiers d'exemple. Rien n'est envoyé ailleurs. Ctrl-C l'arrête.
    """
    prepare(folder, samples=not empty)
    from django.core.wsgi import get_wsgi_application

    from recevable_web.jobs import worker

    with make_server("127.0.0.1", port, get_wsgi_application(), server_class=_Server) as server:
        click.echo(f"Guichet de démonstration : http://127.0.0.1:{server.server_port}/  (Ctrl-C pour arrêter)")
        worker.in_background()
        server.serve_forever()
    return 0


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each request: two persons at once, and a browser that keeps a connection open stops nobody."""

    daemon_threads = True
    request_queue_size = 64


def prepare(folder: Path, *, samples: bool = True) -> None:
    """Settings of the demonstration, its database migrated, and filled at the first start."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "cle"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(64))
    os.environ["DJANGO_SETTINGS_MODULE"] = "recevable_web.settings"
    os.environ["RECEVABLE_WEB_DEMO"] = "oui"
    os.environ["RECEVABLE_WEB_SECRET_KEY"] = key.read_text()
    os.environ["RECEVABLE_WEB_DATABASE_URL"] = f"sqlite:///{folder.resolve() / 'guichet.sqlite3'}"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("check")
    call_command("migrate", verbosity=0)
    _fill(samples)


def _fill(samples: bool) -> None:
    """Accounts, rules in force and known dossiers, once; a start that was cut goes on where it stopped."""
    import recevable
    from recevable_web import packs
    from recevable_web.actions import dossiers
    from recevable_web.actions.refused import Refused
    from recevable_web.records.models import Account, Grant, Publication

    name = recevable.shipped_programmes()[0]
    if not Publication.objects.filter(programme=name).exists():
        packs.publish(packs.store(recevable.open_programme(name), "livré"), _BEGINNING)
    for rank, (person, capacity, roles) in enumerate(PEOPLE):
        email = f"demo{rank}@guichet.example"
        account = Account.objects.filter(email=email).first()
        account = account or Account.objects.create_account(email, person, capacity=capacity)
        for role in roles:
            Grant.objects.get_or_create(
                account=account, role=role, programme=name, starts=_BEGINNING, defaults={"granted_by": None}
            )
    known = Account.objects.get(email="demo0@guichet.example")
    for path in recevable.sample_dossiers(name) if samples else ():
        try:
            dossiers.receive(known, name, path.read_bytes(), path.stem)
        except Refused as refused:
            if refused.code != "DOUBLON":
                raise
