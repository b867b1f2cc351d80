"""A folder swept by commands that are killed at any moment: each dossier is received once, and each file put aside."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connections
from tests.web import files
from tests.web.conftest import PROGRAMME, People, fixture, use
from tests.web.test_archives import zipped

from recevable_web.records.models import Dossier, DossierVersion, Piece, Role

# One in a test run, more in `.ci/run`.
KILLS = min(int(os.environ.get("RECEVABLE_TEST_KILLS", "1")), 20)
LINES = 12


@pytest.mark.thorough
@pytest.mark.usefixtures("_environment")
def test_a_sweep_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tue.sqlite3'}"
    use(url)
    People()("ines", Role.INSTRUCTOR)
    connections["default"].close()
    folder = tmp_path / "depot"
    folder.mkdir()
    data = json.loads(fixture("solde-cinq-defauts"))
    lines = [json.dumps({**data, "reference": f"L-{rank}"}) for rank in range(LINES)]
    (folder / "lot.ndjson").write_text("\n".join(lines))
    (folder / "seul.json").write_bytes(fixture("avance-developpeur-complete"))
    (folder / "faux.json").write_bytes(b"{")
    (folder / "pieces.zip").write_bytes(
        zipped(("Z.json", fixture("solde-formulaire-incomplet")), ("Z/rib.pdf", files.plain(1)))
    )
    command = [sys.executable, "-m", "django", "import_folder", str(folder), "--programme", PROGRAMME]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "recevable_web.settings",
        "RECEVABLE_WEB_DATABASE_URL": url,
    }
    chance = random.Random(20261129)
    killed = 0
    for _ in range(KILLS):
        with subprocess.Popen(
            [*command, "--compte", "ines@essai.example"], env=environment, stdout=subprocess.PIPE
        ) as one:
            # it has begun: the lock is there, or the first file is told
            while one.poll() is None and not (folder / ".import").exists():
                time.sleep(0.05)
            time.sleep(chance.uniform(0, 0.5))
            killed += one.poll() is None
            one.kill()
        (folder / ".import").unlink(missing_ok=True)
    subprocess.run([*command, "--compte", "ines@essai.example"], env=environment, check=True, stdout=subprocess.DEVNULL)
    assert killed, "no command was ever killed while it worked"
    assert sorted(one.name for one in (folder / "recus").iterdir()) == ["lot.ndjson", "pieces.zip", "seul.json"]
    assert sorted(one.name for one in (folder / "refuses").iterdir()) == ["faux.json", "faux.json.txt"]
    assert [one.name for one in folder.iterdir() if one.is_file()] == [".import"]
    assert set(Dossier.objects.values_list("reference", flat=True)) == {
        *(f"L-{rank}" for rank in range(LINES)), "seul.json", "Z",
    }  # fmt: skip
    assert DossierVersion.objects.count() == Dossier.objects.count() == LINES + 2
    assert Piece.objects.count() == 1
    connections["default"].close()
