"""Every parameter counts: another value of it, in a copy of the pack, gives another decision where it should."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pytest

from recevable.decision.decide import Decider
from recevable.pack.model import Pack
from recevable.programme import open_programme

if TYPE_CHECKING:
    from tests.packs.conftest import World

PARIS: Final = ZoneInfo("Europe/Paris")
Altered = Callable[[str, str, str], Decider]

# For each parameter: what is written in its value, what to write instead, and a dossier that shows the difference.
SHOWN: Final = {
    "publication_contrat_v2": ("2022-04-22", "2022-06-30", "enrolement-developpeur-complet"),
    "ouverture_signature_v2": ("2022-05-02", "2022-06-30", "enrolement-developpeur-complet"),
    "ouverture_referencement": ("2022-09-12", "2023-02-12", "enrolement-developpeur-complet"),
    "ouverture_services_asp": ("2022-10-01", "2022-10-31", "enrolement-octobre-2022"),
    "fin_candidature_referencement": ("11-23T14", "11-23T15", "enrolement-developpeur-referencement-en-cours"),
    "fin_preuves_referencement": ("2022-12-22", "2022-11-14", "enrolement-developpeur-referencement-en-cours"),
    "date_cloture": ("2023-06-30", "2023-06-29", "solde-test-le-jour-de-la-cloture"),
    "cloture_financement": ("2023-06-30", "2023-06-29", "solde-cas-b"),
    "ouverture_solde": ("2023-07-04", "2023-07-19", "solde-cas-b"),
    "fin_depot_avance": ("07-26T14:00:00", "07-26T13:59:59", "avance-recue-140000-paris"),
    "date_fermeture": ("2023-07-26", "2022-06-20", "avance-developpeur-complete"),
    "fin_depot_solde": ("09-28T14:00:00", "09-28T13:59:59", "solde-recu-140000-paris"),
    "cloture_appel": ("09-28T14:00:00", "09-28T15:00:00", "recouvrement-periode-1er-juillet-2025"),
    "fin_controle_lecture_stricte": ("2025-06-30", "2025-07-01", "recouvrement-periode-1er-juillet-2025"),
    "fin_controle_lecture_large": ("28T14:00:00", "28T13:59:59", "recouvrement-periode-28-septembre-2025-14h"),
    "bareme_app": ("58.33", "58.34", "solde-cas-b"),
    "bareme_org": ("20.83", "20.84", "solde-cas-b"),
    "bareme_per": ("5.00", "5.01", "solde-cas-b"),
    "forfait": ("6666.67", "6666.68", "solde-cas-b"),
    "plafond": ("250000.00", "250000.01", "solde-cas-a-plafonne"),
    "taux_metropole": ("0.20", "0.19", "avance-metropole-sans-taux"),
    "taux_antilles_reunion": ("0.085", "0.086", "avance-martinique-sans-taux"),
    "taux_guyane_mayotte": ('"0"', '"0.01"', "avance-guyane"),
    "intitule_ligne_commande": ("Achat et déploiement", "Achat", "enrolement-acheteur-complet"),
    "delai_completude_propose": ("30", "31", "solde-complete-apres-le-delai-laisse"),
    "delai_mise_en_demeure": ("60", "61", "recouvrement-declaration-erronee"),
    "delai_mise_en_demeure_bref": ("15", "61", "recouvrement-deploiement-delai-en-cours"),
    "autorite_decision": ("l'Agence de services et de paiement", "l'ANS", "recouvrement-deploiement-delai-expire"),
}
# These weigh the growth of the boxes counted in the directory (`recevable annuaire`): no rule of a dossier reads them.
FOR_THE_COUNTS: Final = {"seuil_croissance", "effectif_minimal_croissance"}
# Delays that are only counted change no decision (`decision_implicite`, `delais` of the manifest).
FOR_THE_DEADLINES: Final = {
    "delai_contradictoire",
    "delai_decision_implicite",
    "delai_prescription",
    "delai_recours",
    "delai_retrait",
    "feries_87",
}
# What the guichet reads: no decision depends on it.
FOR_THE_AGENCY: Final = {"seuil_ordre_recouvrer"}


@pytest.fixture
def altered(rules_folder: Path, tmp_path: Path) -> Altered:
    """A copy of the pack in which something is replaced in the value of one parameter."""

    def copy(parameter: str, old: str, new: str) -> Decider:
        folder = tmp_path / "af-ope-mss"
        shutil.copytree(rules_folder, folder)
        file = folder / "parametres.yaml"
        before, name, after = file.read_text("utf-8").partition(f"  {parameter}:\n")
        block, gap, rest = after.partition("\n\n")
        block, count = re.subn(rf"(valeur: .*?){re.escape(old)}", rf"\g<1>{new}", block)
        assert count == 1
        file.write_text(before + name + block + gap + rest, "utf-8")
        return open_programme(folder, prepared=False).decider

    return copy


def test_every_parameter_is_among_those_shown_to_count(pack: Pack) -> None:
    assert set(SHOWN) == set(pack.parameters) - FOR_THE_COUNTS - FOR_THE_DEADLINES - FOR_THE_AGENCY


@pytest.mark.thorough
@pytest.mark.parametrize("parameter", SHOWN)
def test_another_value_of_the_parameter_gives_another_decision(world: World, altered: Altered, parameter: str) -> None:
    old, new, name = SHOWN[parameter]
    content, day = world.data(name), world.days[name]
    before = world.whole(world.decide(content, day))
    after = world.whole(world.decide(content, day, altered(parameter, old, new)))
    for decision in (before, after):
        del decision["recu"]
    assert before != after


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=PARIS)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("parameter", "request_name", "old", "new"),
    [
        ("fin_depot_avance", "avance", "2023-07-26T14:00:00", "2023-07-27T14:00:00"),
        ("fin_depot_avance", "avance", "2023-07-26T14:00:00", "2023-07-25T14:00:00"),
        ("fin_depot_solde", "solde", "2023-09-28T14:00:00", "2023-09-29T14:00:00"),
        ("fin_depot_solde", "solde", "2023-09-28T14:00:00", "2023-09-27T14:00:00"),
    ],
)
def test_a_deadline_moved_by_a_day_flips_exactly_what_was_received_in_between(
    world: World, names: list[str], altered: Altered, parameter: str, request_name: str, old: str, new: str
) -> None:
    decider = altered(parameter, old, new)
    first, last = sorted((_instant(old), _instant(new)))
    between, flipped = set(), set()
    for name in names:
        content = world.data(name)
        received = content.get(request_name, {}).get("recue_le")
        if received is not None and first < _instant(received) <= last:
            between.add(name)
        if request_name in content:
            moved = world.answer(world.decide(content, world.days[name], decider), request_name)
            if moved.result(_rule(request_name)) != world.request(request_name, name).result(_rule(request_name)):
                flipped.add(name)
    assert between
    assert flipped == between
    assert last - first == timedelta(days=1)


def _rule(request: str) -> str:
    return {"avance": "AVA-DELAI", "solde": "SOL-DELAI"}[request]
