"""The life that the demonstration holds: played by the people of the demonstration, then kept as an archive.

    python -m tests.web.demonstration              writes the archive (`make demonstration`)
    python -m tests.web.demonstration --verifier   says whether the archive still tells what the life gives

An archive is a database.  It stays true when words change: its acts hold what was written then, its pack is stored in
it.  It has drifted when the same life gives other decisions, other sums or other days.
"""

from __future__ import annotations

import difflib
import lzma
import sys
import tempfile
from pathlib import Path
from typing import Final

from recevable_web import serve

# As many as the archive tells in some three megabytes: each has its letters, as PDF.
OPERATORS: Final = 24


def play(folder: Path) -> None:
    """Live in the demonstration of a folder, new and empty."""
    serve.prepare(folder, samples=False, life=False)
    # Django has its settings now
    from tests.web.life import Clock, Life, Staff

    from recevable_web.records.models import Account

    people = [Account.objects.get(email=f"demo{rank}@guichet.example") for rank in range(len(serve.PEOPLE))]
    ines, ivan, valerie, victor = people[:4]
    life = Life(Staff((ines, ivan), valerie, victor, victor), Clock(), OPERATORS)
    life.run()
    missing = [what for what in ("paiement fait", "recouvrement ordonné", "décision retirée") if not life.events[what]]
    assert not missing, missing


def told() -> list[str]:
    """What the database tells of the life, a fact a line, in no word of a letter or of a message.

    Without the controls: who is drawn depends on the digest of an act, hence on each word before.
    """
    from recevable_web.actions import register
    from recevable_web.records.models import Act, Letter, Payment, Procedure

    drawn = "controle:"
    lines = [
        f"{register.day_of(act)} acte {act.kind} {act.dossier.reference if act.dossier else '-'} "
        f"{act.author_name} {act.validator_name} {act.draft.request if act.draft else '-'}"
        for act in Act.objects.exclude(kind__startswith=drawn).select_related("dossier", "draft")
    ]
    lines += [
        f"{one.on} courrier {one.kind} {one.dossier.reference} {one.request}"
        for one in Letter.objects.exclude(act__kind__startswith=drawn).select_related("dossier")
    ]
    lines += [
        f"{one.paid_on} paiement {one.dossier.reference} {one.request} {one.rank} {one.cents} {one.status}"
        for one in Payment.objects.select_related("dossier")
    ]
    lines += [
        f"{one.found_on} procedure {one.kind} {one.dossier.reference} {one.stage} {one.claimed_cents}"
        for one in Procedure.objects.select_related("dossier")
    ]
    return sorted(lines)


def archived(folder: Path) -> list[str]:
    """What the archive tells, opened in a folder as `recevable serve` does, by a process of its own."""
    import os
    import subprocess

    code = (
        "import sys; from pathlib import Path; from recevable_web import serve;"
        "serve.prepare(Path(sys.argv[1]), samples=False);"
        "from tests.web.demonstration import told; sys.stdout.write('\\n'.join(told()))"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RECEVABLE_WEB_", "DJANGO_"))}
    found = subprocess.run([sys.executable, "-c", code, folder], env=env, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()


def write(folder: Path) -> int:
    """Write the archive from the database of a folder; returns how many bytes it has."""
    from django.db import connection

    copy = folder / "copie.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    content = lzma.compress(copy.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    return serve.archive().write_bytes(content)


def main() -> int:
    """0: written, or as it was; 1: it has drifted."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        play(folder / "vie")
        if sys.argv[1:] != ["--verifier"]:
            sys.stdout.write(f"{serve.archive().name} : {write(folder / 'vie')} octets\n")
            return 0
        changes = list(difflib.unified_diff(archived(folder / "archive"), told(), "archive", "vie", lineterm="", n=0))
        sys.stdout.write("".join(f"{line}\n" for line in changes))
        return bool(changes)


if __name__ == "__main__":
    sys.exit(main())
