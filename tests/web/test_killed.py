"""Processes that sign acts and are killed at any moment: nothing lost, nothing double, the chain whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from tests.web.conftest import PROGRAMME, People, fixture, use

import recevable
from recevable_web.actions import dossiers, register
from recevable_web.records.models import Act, ActContent, Dossier, Draft, Role, State

# As many as a test run can afford, on SQLite; `.ci/run` asks for fifty, on both databases.
KILLS = int(os.environ.get("RECEVABLE_TEST_KILLS", "2"))
SIGNERS = 2
SIGNER = Path(__file__).parent / "signer.py"
DOSSIERS = ("solde-cinq-defauts", "solde-formulaire-incomplet", "avance-acheteur-complete", "appreciation-consignee")


@pytest.mark.thorough
@pytest.mark.usefixtures("_environment")
def test_signers_killed_at_any_moment_lose_and_double_nothing(url: str) -> None:
    use(url)
    people = People()
    instructor = people("ines", Role.INSTRUCTOR)
    people("victor", Role.VALIDATOR)
    for name in DOSSIERS:
        dossiers.receive(instructor, PROGRAMME, fixture(name), f"{name}.json", on=timezone.localdate())
    connections["default"].close()
    told: list[str] = []
    chance = random.Random(20261129)
    running: list[subprocess.Popen[str]] = []
    for _ in range(KILLS):
        while len(running) < SIGNERS:
            running.append(subprocess.Popen([sys.executable, SIGNER, url], stdout=subprocess.PIPE, text=True))
        if len(told) == 0:
            # the first of each pair has to have started
            assert running[0].stdout is not None
            told.append(running[0].stdout.readline())
        time.sleep(chance.uniform(0, 0.25))
        victim = running.pop(chance.randrange(len(running)))
        victim.kill()
        told += victim.communicate()[0].splitlines(keepends=True)
    for one in running:
        one.kill()
        told += one.communicate()[0].splitlines(keepends=True)
    _whole(told)
    connections["default"].close()


def _whole(told: list[str]) -> None:
    """The chain verifies; every act that was told is there once; signed drafts, and no others, have an act."""
    rank, head = register.head()
    found = recevable.ledger.verify(register.export(), head)
    assert found.faults == ()
    assert found.acts == rank == Act.objects.count() == ActContent.objects.count()
    known = {str(act.rank): act.digest for act in Act.objects.all()}
    announced = Counter(line.strip() for line in told if line.endswith("\n") and line.strip())
    assert announced, "no act was ever signed"
    assert max(announced.values()) == 1
    for line in announced:
        number, _, digest = line.partition(" ")
        assert known[number] == digest
    signed = Draft.objects.filter(status=Draft.Status.SIGNED)
    assert set(signed.values_list("pk", flat=True)) == set(Act.objects.values_list("draft_id", flat=True))
    for dossier in Dossier.objects.all():
        waiting = dossier.drafts.filter(status=Draft.Status.PREPARED).count()
        assert waiting <= 1
        assert (dossier.state == State.TO_VALIDATE) == (waiting == 1)
