"""`recevable serve`: the demonstration of the guichet, in one command, on the loopback.

A folder holds a SQLite database, made at the first start with six invented accounts, the life of the shipped programme
as they have led it (an archive, which `make demonstration` writes), and its sample dossiers.  Real use is `gunicorn`
with the settings of `settings.py` (docs/deploiement.md).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import lzma
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

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
# The key of the sessions, by which a folder is known to be ours; and what only one server holds.
_KEY: Final = "cle"
_HELD: Final = "verrou"
_DATABASE: Final = "guichet.sqlite3"
_OUTBOX: Final = "depart"
_KEY_LENGTH: Final = 64


@click.command("serve", short_help="Ouvrir la démonstration du guichet.")
@click.option(
    "--dossier",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("guichet-demo"),
    metavar="DIR",
    help="Où est la base de la démonstration (défaut : guichet-demo).",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, metavar="PORT",
              help="Port (défaut : 8000 ; 0 : le premier libre).")  # fmt: skip
@click.option("--ipv6", is_flag=True, help="À l'adresse ::1 de cette machine, au lieu de 127.0.0.1.")
@click.option("--vide", "empty", is_flag=True, help="Sans aucun dossier, si la base est à faire.")
def serve(folder: Path, port: int, ipv6: bool, empty: bool) -> int:
    """Ouvrir la démonstration du guichet d'instruction, sur cette machine seulement.

    Six comptes inventés, sans mot de passe, le programme tel qu'ils l'ont mené avec des opérateurs inventés, et les
    dossiers d'exemple. Rien n'est envoyé ailleurs. Ctrl-C l'arrête.

    Codes de sortie : 0 arrêtée par Ctrl-C ; 2 elle n'a pas pu commencer, et une phrase dit pourquoi.
    """
    try:
        for name in ("django", "dsfr", "whitenoise"):
            import_module(name)
    except ImportError:
        raise click.UsageError(
            "le verbe `serve` demande l'option d'installation : pip install 'recevable[web]'."
        ) from None
    with _listening(port, ipv6=ipv6) as server, _held(folder):
        prepare(folder, samples=False, life=not empty)
        _answer(server, samples=not empty)
    return 0


# --- the address ------------------------------------------------------------------------------------------------------


class _Quiet(WSGIRequestHandler):
    """Requests are not printed on the terminal: their addresses are nobody's business; faults are."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each request: two persons at once, and a browser that keeps a connection open stops nobody."""

    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        """Bind, without asking a resolver for the name of this machine."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has gone is no fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _ServerV6(_Server):
    """The same, on IPv6."""

    address_family = socket.AF_INET6


@contextmanager
def _listening(port: int, *, ipv6: bool = False) -> Iterator[_Server]:
    """A server that holds its port and does not answer yet."""
    try:
        server = _ServerV6(("::1", port), _Quiet) if ipv6 else _Server(("127.0.0.1", port), _Quiet)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            another = f"--port {port + 1}" if port < 65535 else "--port 8000"
            why = f"le port {port} est déjà pris. Donnez-en un autre ({another}), ou arrêtez ce qui l'occupe."
        elif error.errno == errno.EACCES:
            why = f"le port {port} est réservé à l'administrateur de la machine. Donnez-en un au-dessus de 1023."
        elif ipv6:
            why = "cette machine n'a pas d'adresse IPv6. Retirez --ipv6."
        else:
            why = f"l'adresse 127.0.0.1 ne peut pas être ouverte (erreur {error.errno} du système)."
        raise click.UsageError(why) from None
    with server:
        yield server


def _answer(server: _Server, *, samples: bool) -> None:
    """Answer until Ctrl-C or SIGTERM; the sample dossiers come meanwhile, and a worker does what takes time."""
    from django.core.wsgi import get_wsgi_application

    from recevable_web.jobs import worker

    server.set_app(get_wsgi_application())
    host = server.server_name if server.address_family == socket.AF_INET else "[::1]"
    click.echo(f"Guichet de démonstration : http://{host}:{server.server_port}/  (Ctrl-C pour arrêter)")
    click.echo("Comptes : " + ", ".join(f"{name} ({', '.join(roles)})" for name, _, roles in PEOPLE) + ".")
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()
        # `shutdown` waits for the loop to end, which cannot be while this handler holds its thread
        threading.Thread(target=server.shutdown).start()

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, stop)
    filling = threading.Thread(target=_samples, args=(stopped,), daemon=True)
    if samples:
        filling.start()
    working, thread = worker.in_background()
    server.serve_forever(poll_interval=0.1)
    working.stop()
    for ending in (thread, filling):
        if ending.is_alive():
            ending.join(10)
    click.echo("Guichet arrêté.")


# --- the folder -------------------------------------------------------------------------------------------------------


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder, made if it was not there, ours, and of this server alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _ours(folder)
        _key(folder)
        held = (folder / _HELD).open("w")
    except OSError as error:
        raise click.UsageError(_refused(folder, error)) from None
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.UsageError(
                f"`{folder}` sert déjà à un autre guichet. Arrêtez-le, ou donnez un autre répertoire (--dossier)."
            ) from None
        yield


def _refused(folder: Path, error: OSError) -> str:
    why = {
        errno.EACCES: "vous n'avez pas le droit d'y écrire",
        errno.EPERM: "vous n'avez pas le droit d'y écrire",
        errno.EROFS: "il est en lecture seule",
        errno.ENOSPC: "il n'y a plus de place",
        errno.EEXIST: "c'est un fichier",
        errno.ENOENT: "il ne peut pas être créé là",
        errno.ENOTDIR: "un fichier est à la place d'un de ses répertoires",
    }.get(error.errno or 0, f"erreur {error.errno} du système")
    return f"`{folder}` ne peut pas recevoir la démonstration : {why}. Donnez un autre répertoire (--dossier)."


def _ours(folder: Path) -> None:
    """Refuse a folder that holds something else: nothing of it is touched."""
    names = {one.name for one in folder.iterdir()}
    if names and not any(name.startswith(_KEY) for name in names):
        raise click.UsageError(
            f"`{folder}` contient autre chose qu'une démonstration : rien n'y est touché. "
            "Donnez un répertoire vide ou nouveau (--dossier)."
        )


def _key(folder: Path) -> str:
    """The key of the folder, written whole or not at all; one that a killed start left short is made again."""
    path = folder / _KEY
    with contextlib.suppress(FileNotFoundError):
        found = path.read_text("ascii")
        if len(found) >= _KEY_LENGTH:
            return found
    made = secrets.token_urlsafe(_KEY_LENGTH)
    written = folder / f"{_KEY}.{os.getpid()}"
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(made)
    written.replace(path)
    return made


def archive() -> Path:
    """The life of the shipped programme, as a compressed database."""
    return Path(__file__).parent / "vies" / f"{_programme()}.sqlite3.xz"


def _lived(folder: Path) -> None:
    """Begin a new database with the life of the programme, whole or not at all."""
    if (folder / _DATABASE).exists():
        return
    written = folder / f"{_KEY}.vie"
    written.write_bytes(lzma.decompress(archive().read_bytes()))
    written.replace(folder / _DATABASE)


def prepare(folder: Path, *, samples: bool = True, life: bool = True) -> None:
    """Settings of the demonstration, its database migrated, with accounts and rules, the life and the samples if asked.

    A start that was killed goes on where it stopped.  Raises click.UsageError for a database that is not one of ours.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "recevable_web.settings"
    os.environ["RECEVABLE_WEB_DEMO"] = "oui"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["RECEVABLE_WEB_SECRET_KEY"] = _key(folder)
    os.environ["RECEVABLE_WEB_OUTBOX"] = str(folder.resolve() / _OUTBOX)
    os.environ["RECEVABLE_WEB_DATABASE_URL"] = f"sqlite:///{folder.resolve() / _DATABASE}"
    if life:
        try:
            _lived(folder)
        except OSError as error:
            raise click.UsageError(_refused(folder, error)) from None
    import django
    from django.core.management import call_command
    from django.db import DatabaseError

    django.setup()
    call_command("check", stdout=io.StringIO())
    again = f"Effacez `{folder}` pour recommencer, ou donnez un autre répertoire (--dossier)."
    try:
        if _from_elsewhere():
            raise click.UsageError(f"la base de `{folder}` vient d'une autre version de recevable. {again}")
        call_command("migrate", verbosity=0)
        _accounts()
    except DatabaseError as error:
        raise click.UsageError(f"la base de `{folder}` ne peut pas servir ({error}). {again}") from None
    if samples:
        _samples(threading.Event())


def _from_elsewhere() -> bool:
    """Whether the database has migrations that this version does not know."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    return any(key[0] == "records" and key not in loader.disk_migrations for key in loader.applied_migrations)


def _programme() -> str:
    import recevable

    return recevable.shipped_programmes()[0]


def _accounts() -> None:
    """Accounts and rules in force, once; the shipped rules follow, from today, those that a life was led under."""
    from django.utils import timezone

    import recevable
    from recevable_web import packs
    from recevable_web.records.models import Account, Grant, Publication

    name = _programme()
    published = list(Publication.objects.filter(programme=name))
    if all(one.published_by_id is None for one in published):
        shipped = packs.store(recevable.open_programme(name), "livré")
        if shipped.pk not in {one.pack_id for one in published}:
            packs.publish(shipped, timezone.localdate() if published else _BEGINNING)
    for rank, (person, capacity, roles) in enumerate(PEOPLE):
        email = f"demo{rank}@guichet.example"
        account = Account.objects.filter(email=email).first()
        account = account or Account.objects.create_account(email, person, capacity=capacity)
        for role in roles:
            Grant.objects.get_or_create(
                account=account, role=role, programme=name, starts=_BEGINNING, defaults={"granted_by": None}
            )


def _samples(stopped: threading.Event) -> None:
    """The sample dossiers, each once, until it is asked to stop."""
    from django.db import connection

    import recevable
    from recevable_web.actions import dossiers
    from recevable_web.actions.refused import Refused
    from recevable_web.records.models import Account, Dossier

    name = _programme()
    known = Account.objects.get(email="demo0@guichet.example")
    there = set(Dossier.objects.filter(programme=name).values_list("reference", flat=True))
    paths = [path for path in recevable.sample_dossiers(name) if path.stem not in there]
    if paths:
        click.echo(f"{len(paths)} dossiers d'exemple arrivent…")
    for path in paths:
        if stopped.is_set():
            break
        try:
            dossiers.receive(known, name, path.read_bytes(), path.stem)
        except Refused as refused:
            if refused.code != "DOUBLON":
                raise
    else:
        click.echo("Les dossiers d'exemple sont là.")
    connection.close()
