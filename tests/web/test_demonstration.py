"""The demonstration begins with the life of its programme, and goes on under the rules that are shipped."""

from __future__ import annotations

import contextlib
import json
import lzma
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from recevable_web import serve

ENV: Final = {name: value for name, value in os.environ.items() if not name.startswith(("RECEVABLE_WEB_", "DJANGO_"))}
# Starts the demonstration of a folder, with or without a comment more in its rules, and says what there is.
_STARTED: Final = """
import json, sys
from pathlib import Path
import recevable
if sys.argv[2] == "autres":
    real = recevable.open_programme
    def changed(name):
        if not isinstance(name, str):
            return real(name)
        files = real(name).files()
        files["programme.yaml"] += b"# une version suivante\\n"
        return real(recevable.MemorySource(files, name))
    recevable.open_programme = changed
from recevable_web.serve import prepare
# a second start changes nothing
for _ in range(2 if sys.argv[2] == "autres" else 1):
    prepare(Path(sys.argv[1]), samples=False)
from django.test import Client
from django.utils import timezone
from recevable_web import packs
from recevable_web.actions import dashboard, register, statistics
from recevable_web.records.models import Account, Act, Dossier, Letter, LetterContent, Payment, Procedure, Publication
found = recevable.ledger.verify(register.export())
programme = "af-ope-mss"
totals = statistics.totals(programme)
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(Account.objects.get(email="demo2@guichet.example"))
def read(path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()
one = Dossier.objects.order_by("pk").first()
pages = [read(path) for path in ("/tableau-de-bord", f"/dossiers/{one.pk}", f"/dossiers/{one.pk}/courriers")]
print(json.dumps({
    "faults": [one.message for one in found.faults], "acts": found.acts, "erased": found.erased,
    "kinds": sorted(set(Act.objects.values_list("kind", flat=True))),
    "recounted": totals == statistics.recounted(programme),
    "euros": dashboard.euros(programme, totals),
    "paid": sum(Payment.objects.filter(status="paye").values_list("paid_cents", flat=True)),
    "letters": Letter.objects.count() - LetterContent.objects.count(),
    "open": Procedure.objects.exclude(stage=Procedure.Stage.CLOSED).count(),
    "published": Publication.objects.count(),
    "shipped": packs.in_force(programme, timezone.localdate()).digest == recevable.open_programme(programme).digest,
    "shown": "Payés" in pages[0] and "VIE-" in pages[1] and "Acceptation" in pages[2],
}))
"""


def started(folder: Path, rules: str = "livrées") -> Any:
    command = [sys.executable, "-c", _STARTED, str(folder), rules]
    found = subprocess.run(command, env=ENV, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout.splitlines()[-1])


@pytest.mark.thorough
def test_it_begins_with_a_life_whose_register_verifies(tmp_path: Path) -> None:
    found = started(tmp_path / "demo")
    assert (found["faults"], found["erased"]) == ([], 0)
    assert found["acts"] > 100
    assert {"decision:accepter", "decision:rejeter", "paiement", "proposition_ordre", "retrait"} <= set(found["kinds"])
    assert found["recounted"]
    # paid, nothing left to claim, some paid back
    assert found["euros"][3] == found["paid"] > found["euros"][6] > 0
    assert (found["letters"], found["open"], found["shipped"], found["shown"]) == (0, 0, True, True)


@pytest.mark.thorough
def test_rules_that_changed_since_that_life_are_in_force_from_the_day_it_is_opened(tmp_path: Path) -> None:
    found = started(tmp_path / "demo", "autres")
    assert (found["shipped"], found["shown"], found["faults"]) == (True, True, [])
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(lzma.decompress(serve.archive().read_bytes()))
        lived = base.execute("SELECT count(*) FROM records_publication").fetchone()[0]
    # once, beside those of the life and, where they differ, those that are shipped
    assert found["published"] == lived + 1


def test_a_life_that_cannot_be_written_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import click

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    for name in ("DJANGO_SETTINGS_MODULE", "RECEVABLE_WEB_DEMO", "RECEVABLE_WEB_SECRET_KEY"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    for name in ("RECEVABLE_WEB_OUTBOX", "RECEVABLE_WEB_DATABASE_URL"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    with pytest.raises(click.UsageError, match="il n'y a plus de place"):
        serve.prepare(tmp_path / "demo")
    assert not (tmp_path / "demo" / "guichet.sqlite3").exists()
