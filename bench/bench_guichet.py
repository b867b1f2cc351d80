"""`make bench-web`: the pages of the guichet on a real server and a real PostgreSQL, as ratios within one run.

Two servers (gunicorn, 2 workers each) read two databases, one of 1 000 dossiers and one of a million; 4 clients ask
every page in turn, so that whatever else the machine does weighs on all of them alike.  Rows of the volume are
generated in SQL; the dossiers whose page is asked for are real, received and decided by the application.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FEW: Final = 1_000
MANY: Final = 1_000_000
CLIENTS: Final = 4
WORKERS: Final = 2
# Dossiers whose page is asked for: real ones.
SHOWN: Final = 20
PROGRAMME: Final = "af-ope-mss"
HOST: Final = "guichet.example"
# A word of three dossiers, one of more than half of them; `mot17` is in about one dossier in fourteen.
RARE, FREQUENT, USUAL = "rarissime", "mot0", "mot17"

# What is measured, of what it is a ratio, and the most that it may be.
BARS: Final = (
    ("cadre", "réponse nue", 3.0),
    ("file", "cadre", 1.7),
    ("dossier", "cadre", 2.0),
)
# On the million, at most so many times what it is on a thousand.
VOLUME: Final = {
    "file": 1.2,
    "file filtrée": 1.2,
    "file, page suivante": 1.2,
    "dossier": 1.2,
    "mot rare": 2.0,
    "mot fréquent": 2.0,
    "mot courant": 2.0,
    "mot rare, filtré": 2.0,
    "mot fréquent, filtré": 2.0,
}


@dataclass(frozen=True)
class Page:
    """A page that is asked for: its name, the address, the cookie of whoever asks."""

    name: str
    address: str
    cookie: str


def main() -> int:
    """Fill, serve, ask, print; exit code 1 when a bar is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=MANY, help="dossiers of the large database")
    parser.add_argument("--rounds", type=int, default=100, help="times that each client asks each page")
    options = parser.parse_args()
    from tests.web.postgresql import server

    with ExitStack() as stack:
        url = stack.enter_context(server())
        made = [filled(url, name, count) for name, count in (("peu", FEW), ("beaucoup", options.dossiers))]
        ports = [stack.enter_context(served(address)) for address, _ in made]
        times = asked([(port, pages) for port, (_, pages) in zip(ports, made, strict=True)], options.rounds)
    return told(times, options.dossiers)


# --- the databases ----------------------------------------------------------------------------------------------------


def filled(server_url: str, name: str, count: int) -> tuple[str, list[Page]]:
    """The address of a database of so many dossiers, and the pages to ask for; made by a process of its own."""
    import psycopg

    began = time.perf_counter()
    base, _, _ = server_url.rpartition("/")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    address = f"{base}/{name}"
    folders = os.pathsep.join(str(one) for one in (ROOT / "web", ROOT / "bench", ROOT))
    done = subprocess.run(
        [sys.executable, "-c", _FILLING],
        env={**environment(address), "BENCH_COUNT": str(count), "PYTHONPATH": folders},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    pages = [Page(*line.split("\t")) for line in done.stdout.splitlines()]
    print(f"Base de {count} dossiers remplie en {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return address, pages


_FILLING: Final = "import bench_guichet, os; bench_guichet.fill(int(os.environ['BENCH_COUNT']))"


# What a service does not start without; the key is the same for the process that signs and the one that serves.
_SERVICE: Final = {
    "RECEVABLE_WEB_SECRET_KEY": secrets.token_urlsafe(64),
    "RECEVABLE_WEB_OIDC_URL": "https://identite.example",
    "RECEVABLE_WEB_OIDC_CLIENT_ID": "guichet",
    "RECEVABLE_WEB_OIDC_CLIENT_SECRET": secrets.token_urlsafe(64),
}


def environment(address: str) -> dict[str, str]:
    """What a process of the service is given: that which the checks of production accept."""
    return {
        **os.environ,
        **_SERVICE,
        "DJANGO_SETTINGS_MODULE": "recevable_web.settings",
        "RECEVABLE_WEB_HOSTS": HOST,
        "RECEVABLE_WEB_DATABASE_URL": address,
        "RECEVABLE_WEB_DEMO": "",
    }


def fill(count: int) -> None:
    """In the process of a database: migrate, receive the real dossiers, generate the others, print the pages."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    account, real = _real()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DROP INDEX records_searchtext_vector")
        for statement in _VOLUME:
            cursor.execute(statement, {"programme": PROGRAMME, "first": 10_000, "count": count - len(real)})
        cursor.execute("CREATE INDEX records_searchtext_vector ON records_searchtext USING gin (vector)")
        cursor.execute("VACUUM ANALYZE")
    for page in _pages(account, real):
        print(page.name, page.address, page.cookie, sep="\t")


def _real() -> tuple[Any, list[Any]]:
    import recevable
    from recevable_web import packs
    from recevable_web.actions import dossiers
    from recevable_web.actions.refused import Refused
    from recevable_web.records.models import Account, Grant

    packs.publish(packs.store(recevable.open_programme(PROGRAMME), "livré"), date(2020, 1, 1))
    account = Account.objects.create_account("mesure@agence.example", "Mesure", capacity="agent")
    for role in ("instructeur", "valideur"):
        Grant.objects.create(account=account, role=role, programme=PROGRAMME, starts=date(2020, 1, 1))
    found: list[Any] = []
    for path in recevable.sample_dossiers(PROGRAMME):
        if len(found) == SHOWN:
            break
        try:
            found.append(dossiers.receive(account, PROGRAMME, path.read_bytes(), path.stem))
        except (Refused, recevable.InvalidDossier):
            continue
    return account, found


# Rows as they would be after years of use, from `first` on; what is not shown holds no more than an index needs.
_VOLUME: Final = (
    """
    INSERT INTO records_dossier (id, programme, reference, state, version, created_at, applicant, siret, deadline,
                                 clock, recovery)
    SELECT %(first)s + i, %(programme)s, 'REF-' || i,
           (ARRAY['decide','decide','decide','decide','decide','decide','a_instruire','a_instruire','a_valider',
                  'a_completer'])[1 + floor(random() * 10)::int],
           1, now() - i * interval '1 minute', 'Opérateur ' || i, lpad(i::text, 14, '0'),
           date '2024-01-01' + floor(random() * 1500)::int, 'court', random() < 0.01
    FROM generate_series(1, %(count)s) i
    """,
    """
    INSERT INTO records_queuerequest (dossier_id, name, key, title, verdict, provisional, settled, open)
    SELECT %(first)s + i, (ARRAY['enrolement','avance','solde'])[1 + i %% 3], '', 'Demande de solde',
           (ARRAY['accepter','completer','rejeter'])[1 + floor(random() * 3)::int], random() < 0.2, false, true
    FROM generate_series(1, %(count)s) i
    """,
    """
    INSERT INTO records_searchtext (dossier_id, programme, version, words)
    SELECT %(first)s + i, %(programme)s, 1,
           'ref ' || i || ' ' || lpad(i::text, 14, '0') || CASE WHEN i <= 3 THEN ' rarissime ' ELSE ' ' END
           || text.words
    FROM generate_series(1, %(count)s) i
    CROSS JOIN LATERAL (
        SELECT string_agg(DISTINCT 'mot' || floor(50000 * power(random(), 3)), ' ') AS words
        FROM generate_series(1, 30 + 0 * i)
    ) text
    """,
    """
    INSERT INTO records_dossierversion (dossier_id, rank, payload, overlay, composed, sha256, origin, at)
    SELECT %(first)s + i, 1, '{}', '{}', '{}', md5(i::text), 'import', now() FROM generate_series(1, %(count)s) i
    """,
    """
    INSERT INTO records_event (dossier_id, at, kind, text)
    SELECT %(first)s + i, now(), 'reception', 'Dossier reçu.' FROM generate_series(1, %(count)s) i
    """,
)


def _pages(account: Any, real: Sequence[Any]) -> Iterator[Page]:
    queue = {"onglet": "a-instruire"}
    filters = {"demande": "solde", "verdict": "completer"}
    cookie = _session(account)
    yield Page("réponse nue", "/sante", "")
    yield Page("cadre", "/file/lot/resultats", cookie)
    yield Page("file", "/?" + urlencode(queue), cookie)
    yield Page("file filtrée", "/?" + urlencode({**queue, **filters}), cookie)
    yield Page("file, page suivante", "/?" + urlencode({**queue, "apres": "2026-01-01.10"}), cookie)
    for dossier in real:
        yield Page("dossier", f"/dossiers/{dossier.pk}", cookie)
    for name, asked in (
        ("mot rare", {"mots": RARE}),
        ("mot fréquent", {"mots": FREQUENT}),
        ("mot courant", {"mots": USUAL}),
        ("mot rare, filtré", {"mots": RARE, "verdict": "completer"}),
        ("mot fréquent, filtré", {"mots": FREQUENT, "etat": "a_instruire", "demande": "solde"}),
    ):
        yield Page(name, "/recherche", _session(account, asked))


def _session(account: Any, searched: dict[str, str] | None = None) -> str:
    """The cookie of a session of its own, in which something was searched."""
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME=HOST, headers={"X-Forwarded-Proto": "https"})
    client.force_login(account)
    if searched is not None:
        client.post("/recherche", searched, secure=True)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


# --- the servers and the clients --------------------------------------------------------------------------------------


@contextmanager
def served(address: str) -> Iterator[int]:
    """The port of a server of the application, on a database."""
    folder = Path(tempfile.mkdtemp(prefix="recevable-mesure-"))
    port = _free()
    command = [
        sys.executable, "-m", "gunicorn", "--config", "python:recevable_web.gunicorn", "--keep-alive", "600",
        "recevable_web.wsgi:application",
    ]  # fmt: skip
    env = {
        **environment(address),
        "RECEVABLE_WEB_BIND": f"127.0.0.1:{port}",
        "RECEVABLE_WEB_WORKERS": str(WORKERS),
    }
    log = folder / "journal"
    with log.open("wb") as said, subprocess.Popen(command, env=env, cwd=folder, stdout=said, stderr=said) as running:
        try:
            _wait(port, log)
            yield port
        finally:
            running.terminate()
            running.wait()


def _free() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int, log: Path) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/sante", headers=_headers(""))
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"le serveur ne répond pas :\n{log.read_text('utf-8')}")


def _headers(cookie: str) -> dict[str, str]:
    return {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": cookie}


Times = dict[tuple[int, str], list[float]]


class _WrongAnswer(Exception):
    """A page that is not the one asked for."""


def asked(servers: Sequence[tuple[int, list[Page]]], rounds: int) -> Times:
    """Seconds of each answer, by rank of the server and name of the page; the first round is not counted."""
    found: Times = defaultdict(list)
    lock = threading.Lock()
    faults: list[str] = []

    def client(seed: int) -> None:
        try:
            turns(seed)
        except (OSError, http.client.HTTPException, _WrongAnswer) as error:
            faults.append(f"{type(error).__name__} : {error}")

    def turns(seed: int) -> None:
        order = random.Random(seed)
        connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=120) for port, _ in servers]
        for turn in range(rounds + 1):
            names = [(rank, name) for rank, (_, pages) in enumerate(servers) for name in {one.name for one in pages}]
            names.sort()
            order.shuffle(names)
            for rank, name in names:
                page = order.choice([one for one in servers[rank][1] if one.name == name])
                began = time.perf_counter()
                connections[rank].request("GET", page.address, headers=_headers(page.cookie))
                response = connections[rank].getresponse()
                body = response.read()
                taken = time.perf_counter() - began
                if response.status != 200 or (name != "réponse nue" and b"<h1>" not in body):
                    raise _WrongAnswer(f"{name} : {response.status}")
                if faults:
                    return
                if turn:
                    with lock:
                        found[rank, name].append(taken)

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if faults:
        # what is left of the others would be measured on fewer clients
        raise SystemExit("\n".join(faults))
    return found


# --- what is told -----------------------------------------------------------------------------------------------------


def p95(times: Sequence[float]) -> float:
    """The time that 95 % of the answers do not pass."""
    return statistics.quantiles(times, n=20)[-1]


def told(times: Times, count: int) -> int:
    """Print every figure and its bar; exit code 1 when one is passed."""
    failures: list[str] = []
    print(f"{'page':24}{'médiane':>10}{'p95':>10}   sur {FEW} dossiers, en millisecondes")
    for (rank, name), found in times.items():
        if rank == 0:
            print(f"{name:24}{statistics.median(found) * 1000:10.1f}{p95(found) * 1000:10.1f}")
    print(f"\n{'rapport des p95':44}{'mesuré':>8}{'barre':>8}")

    def line(what: str, ratio: float, bar: float) -> None:
        print(f"{what:44}{ratio:8.2f}{bar:8.1f}{'' if ratio <= bar else '   DÉPASSÉE'}")
        if ratio > bar:
            failures.append(what)

    for name, of, bar in BARS:
        line(f"{name} / {of}", p95(times[0, name]) / p95(times[0, of]), bar)
    for name, bar in VOLUME.items():
        line(f"{name}, {count} / {FEW} dossiers", p95(times[1, name]) / p95(times[0, name]), bar)
    print("\nBarres : " + ("toutes tenues" if not failures else "dépassées : " + " ; ".join(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
