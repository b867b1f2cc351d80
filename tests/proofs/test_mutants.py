"""Every change of a case of undue payment that shows in a decision is seen, and reasons for survivors hold.

The survivors of one pack by default; RECEVABLE_TEST_FAULTS=all proves those of both.
"""

from __future__ import annotations

import os

import pytest
from tests.proofs.conftest import Provers

from recevable.proofs.mutants import proved
from recevable.trials.mutation import accepted
from recevable.trials.mutation.mutants import mutants
from recevable.trials.proved import Status

PACKS = ["reconditionneurs", *(["af-ope-mss"] if os.environ.get("RECEVABLE_TEST_FAULTS") == "all" else [])]
CASE = "reconditionneurs", ("modalite", "assiette", "resultat:reverse", "resultat:ordonner")
RECOVERY = "af-ope-mss", ("REC-MANQUEMENT-NATURE/consequence/consequence:faux/1",)


@pytest.mark.parametrize(("pack", "words"), [CASE, RECOVERY])
def test_what_a_case_or_a_finding_of_recovery_says_is_compared(
    provers: Provers, pack: str, words: tuple[str, ...]
) -> None:
    prover = provers(pack)
    wanted = [one for one in mutants(prover.compiled) if one.id in words or one.change.key in words]
    assert len(wanted) >= len(words)
    report = proved(prover.programme, wanted, {}, prover.bases, seconds=10, elements=3)
    assert {line.id for line in report.lines if line.answer.status is not Status.REFUTED} == set()
    assert all(line.shown for line in report.lines)


@pytest.mark.parametrize("pack", PACKS)
def test_no_reason_of_a_surviving_mutant_is_refuted_by_a_dossier(provers: Provers, pack: str) -> None:
    prover = provers(pack)
    assert prover.programme.folder is not None
    listed = accepted.read(prover.programme.folder)
    assert listed
    reasons = {name: line.reason for name, line in listed.items()}
    wanted = [one for one in mutants(prover.compiled) if one.id in reasons]
    assert len(wanted) == len(reasons)
    report = proved(prover.programme, wanted, reasons, prover.bases, seconds=10, elements=3)
    assert {line.id: line.answer.reason for line in report.lines if line.answer.status is not Status.PROVED} == {}
