"""Faults that no trial of a pack notices: each is found between the two versions, by a dossier that shows it.

Four of them by default; RECEVABLE_TEST_FAULTS=all plays every one.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

import pytest

from recevable import data
from recevable.decision.decide import Decider
from recevable.programme import Programme, open_programme
from recevable.proofs.prover import bases_of
from recevable.proofs.versions import Versions
from recevable.trials.proved import Status
from recevable.trials.suite import Origin, Trial, collect, run

PACK = "reconditionneurs"
PERIOD = '{{a_partir_du: "{}", valeur: {}, source: "{}"}}'
EIGHT, OTHER = '"8.00"', '"80.00"'
# A file, what is written there, and the fault in its place.
FAULTS = {
    "deadline, a day more on one day": (
        "regles/depot.yaml",
        "fin_de_jour(fin_depot)",
        "fin_de_jour(si aujourd_hui = 2031-05-05 alors fin_depot + 1 jours sinon fin_depot)",
    ),
    "reception after the decision, allowed on some days": (
        "regles/depot.yaml",
        "condition: date_de(aide.recue_le) <= aujourd_hui",
        "condition: date_de(aide.recue_le) <= aujourd_hui ou aide.recue_le > debut_de_jour(2035-01-01)",
    ),
    "channel, exception too wide": (
        "regles/depot.yaml",
        'condition: aide.voie = "service_en_ligne"',
        'condition: aide.voie = "service_en_ligne"'
        " ou aide.recue_le est present et aide.recue_le < debut_de_jour(2021-07-02)",
    ),
    "check digits, one number let through": (
        "regles/depot.yaml",
        "condition: siret_valide(reconditionneur.siret)",
        'condition: siret_valide(reconditionneur.siret) ou reconditionneur.siret = "11111111111111"',
    ),
    "equality made a range": (
        "regles/de_minimis.yaml",
        "aide.de_minimis.exercice_precedent.debut = aide.de_minimis.exercice_anterieur.fin + 1 jours",
        "(aide.de_minimis.exercice_precedent.debut = aide.de_minimis.exercice_anterieur.fin + 1 jours"
        " ou aide.de_minimis.exercice_precedent.debut = aide.de_minimis.exercice_anterieur.fin + 3 jours)",
    ),
    "day of the decision, one side dropped": (
        "regles/de_minimis.yaml",
        "condition: aujourd_hui entre aide.de_minimis.exercice_en_cours.debut et aide.de_minimis.exercice_en_cours.fin",
        "condition: aujourd_hui > 2036-06-01 ou aujourd_hui entre aide.de_minimis.exercice_en_cours.debut"
        " et aide.de_minimis.exercice_en_cours.fin",
    ),
    "ceiling, lifted far above it": (
        "regles/de_minimis.yaml",
        "condition: reste_de_minimis > 0",
        "condition: reste_de_minimis > 0 ou aide.de_minimis.aides est present et aides_de_minimis > 777777",
    ),
    "list, one element let through": (
        "regles/de_minimis.yaml",
        "condition: tous(a dans aide.de_minimis.aides, a.accordee_le <= aujourd_hui)",
        "condition: tous(a dans aide.de_minimis.aides, a.accordee_le <= aujourd_hui"
        " ou a.montant est present et a.montant = 123.45)",
    ),
    "question, not asked of long lists": (
        "regles/de_minimis.yaml",
        "siret_compact(e.siren)))\n    appreciation",
        "siret_compact(e.siren)))\n      et nombre(r dans instruction.siren_rapproches, vrai) < 3\n    appreciation",
    ),
    "document unsigned, for early requests": (
        "regles/pieces.yaml",
        "si: aide.pieces.declaration_de_minimis.signee = faux",
        "si: aide.pieces.declaration_de_minimis.signee = faux"
        " et (aide.recue_le est absent ou aide.recue_le > debut_de_jour(2021-09-01))",
    ),
    "document of another year, one let through": (
        "regles/pieces.yaml",
        "si: aide.pieces.vigilance_urssaf.annee != annee_attestations",
        "si: aide.pieces.vigilance_urssaf.annee != annee_attestations et aide.pieces.vigilance_urssaf.annee != 2019",
    ),
    "document of another company, cause removed for some": (
        "regles/pieces.yaml",
        "si: siret_compact(aide.pieces.regularite_fiscale.siren) != siren_de(reconditionneur.siret)",
        "si: siret_compact(aide.pieces.regularite_fiscale.siren) != siren_de(reconditionneur.siret)"
        " et aide.pieces.regularite_fiscale.annee != 2019",
    ),
    "document out of date, long ago": (
        "regles/pieces.yaml",
        "si: aide.pieces.piece_identite.expire_le < date_de(aide.recue_le)",
        "si: aide.pieces.piece_identite.expire_le < date_de(aide.recue_le)"
        " et aide.pieces.piece_identite.expire_le > 2021-01-05",
    ),
    "amount, capped": (
        "regles/montant.yaml",
        "montant: montant_par_unite * max(0, unites_retenues)",
        "montant: montant_par_unite * max(0, min(unites_retenues, 9999))",
    ),
    "amount, one unit more": (
        "regles/montant.yaml",
        "montant: montant_par_unite * max(0, unites_retenues)",
        "montant: montant_par_unite * (si unites_retenues = 777 alors 778 sinon max(0, unites_retenues))",
    ),
    "correction, floored": (
        "regles/montant.yaml",
        "min(v.declarees, v.attestees + v.correction))",
        "min(v.declarees, v.attestees + max(v.correction, -500)))",
    ),
    "sum, large amounts left out": (
        "regles/montant.yaml",
        "si a.accordee_le >= aide.de_minimis.exercice_anterieur.debut, a.montant)",
        "si a.accordee_le >= aide.de_minimis.exercice_anterieur.debut et a.montant != 199000.00, a.montant)",
    ),
    "what is left, forgotten for one amount": (
        "regles/montant.yaml",
        "montant: max(0, enveloppe - instruction.engage_avant)",
        "montant: si instruction.engage_avant = 31.41 alors enveloppe + 1.00"
        " sinon max(0, enveloppe - instruction.engage_avant)",
    ),
    "payment already made, a cent forgotten": (
        "regles/montant.yaml",
        "p.montant > 0)",
        "p.montant > 0 et p.montant != 0.02)",
    ),
    "time to answer, endless from a day on": (
        "regles/controle.yaml",
        "vaut: aujourd_hui > decale(",
        "vaut: aujourd_hui < 2040-01-01 et aujourd_hui > decale(",
    ),
    "recovery, closed too early": (
        "regles/controle.yaml",
        "si: deja_reverse >= total_verse",
        "si: deja_reverse >= total_verse ou deja_reverse > 500000.00",
    ),
    "recovery, part of what was paid back ignored": (
        "regles/controle.yaml",
        "montant: total_verse - deja_reverse",
        "montant: total_verse - min(deja_reverse, 400000.00)",
    ),
    "parameter, another value at first": (
        "parametres.yaml",
        PERIOD.format("2021-07-01", EIGHT, "Décret, Montant"),
        f"{PERIOD.format('2021-07-01', OTHER, 'Décret')}, {PERIOD.format('2021-07-08', EIGHT, 'Décret, Montant')}",
    ),
    "parameter, wrong year at first": (
        "parametres.yaml",
        PERIOD.format("2021-07-01", "2021", "Décret, Pièces"),
        f"{PERIOD.format('2021-07-01', '2020', 'Décret')}, {PERIOD.format('2021-07-08', '2021', 'Décret, Pièces')}",
    ),
}
FEW = (
    "channel, exception too wide",
    "amount, one unit more",
    "recovery, closed too early",
    "parameter, wrong year at first",
)
PLAYED = [*FAULTS] if os.environ.get("RECEVABLE_TEST_FAULTS") == "all" else FEW


@cache
def shipped() -> tuple[Programme, tuple[Trial, ...]]:
    programme = open_programme(PACK, prepared=False)
    return programme, tuple(collect(programme, []))


@pytest.mark.thorough
@pytest.mark.parametrize("name", PLAYED)
def test_a_fault_that_no_trial_notices_is_found_with_a_dossier(tmp_path: Path, name: str) -> None:
    file, right, wrong = FAULTS[name]
    for kind in ("rules", "schemas"):
        shutil.copytree(data.shipped(kind) / PACK, tmp_path / kind / PACK)
    folder = tmp_path / "rules" / PACK
    text = (folder / file).read_text("utf-8")
    assert text.count(right) == 1
    (folder / file).write_text(text.replace(right, wrong), "utf-8")
    old, known = shipped()
    new = open_programme(folder, prepared=False)
    # the fixtures are not copied: those of the shipped pack are decided by the faulty rules
    trials = [*collect(new, []), *(trial for trial in known if trial.origin is Origin.DOSSIER)]
    decider = Decider(new.compiled, new.pack.schema, reference_only=True)
    assert all(run(trial, decider).passed for trial in trials)
    versions = Versions(old, new, bases_of(known), seconds=10)
    answer, said = versions.any_difference(versions.contexts)
    assert answer.status is Status.REFUTED, answer.reason
    assert answer.example is not None
    (content,) = answer.example.contents
    before, after = (one.decide(one.read(content), answer.example.day) for one in (old, new))
    assert (before.requests, before.recovery) != (after.requests, after.recovery)
    assert said
