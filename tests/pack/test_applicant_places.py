"""Who applies, what silence means, which delays are counted: keys of the manifest, each slip told once at its place."""

from __future__ import annotations

import pytest
from tests.pack.conftest import MANIFEST, PARAMETERS, PackFolder

from recevable.pack.loader import load
from recevable.pack.model import ApplicantPlaces

WHO = "demandeur: {nom: demandeur.nom, siret: demandeur.nom, identifiants: [demandeur.profil]}\n"
SILENCE = """\
    decision_implicite:
      sens: rejet
      delai: silence
      complement: suspend
      reponse: {champ: demandeur.profil, valeurs: [association]}
"""
DELAYS = "delais: {recours: silence, controle: [silence, limite], proroges: [recours], jours_feries: feries}\n"
DELAY = """\
  silence:
    titre: Délai de réponse
    type: duree
    reference: decision
    valeurs: [{a_partir_du: "2023-01-01", valeur: "2 mois", source: "Arrêté, article 8"}]
    jusqu_au: ouvert
  limite:
    titre: Fin des contrôles
    type: date
    reference: decision
    valeurs: [{a_partir_du: "2023-01-01", valeur: "2025-06-30", source: "Arrêté, article 8"}]
    jusqu_au: ouvert
  feries:
    titre: Jours fériés
    type: jours_feries
    valeurs: [{a_partir_du: "2023-01-01", valeur: ["2023-05-01"], source: "Arrêté, article 8"}]
    jusqu_au: "2023-12-31"
"""


@pytest.fixture
def spoken(pack: PackFolder) -> PackFolder:
    manifest = MANIFEST.replace("intervenants:", WHO + DELAYS + "intervenants:")
    pack.write(
        "programme.yaml", manifest.replace("    montant_propose: prime\n", f"    montant_propose: prime\n{SILENCE}")
    )
    pack.write("parametres.yaml", PARAMETERS + DELAY)
    return pack


def test_the_manifest_says_who_applies_and_what_silence_means(spoken: PackFolder) -> None:
    manifest = load(spoken.root).manifest
    assert manifest.applicant == ApplicantPlaces("demandeur.nom", "demandeur.nom", ("demandeur.profil",))
    silence = manifest.requests["aide"].silence
    assert silence is not None
    assert (silence.direction, silence.delay.text, silence.completion) == ("rejet", "silence", "suspend")
    assert (silence.answered, silence.answers) == ("demandeur.profil", ("association",))
    delays = {kind: [name.text for name in names] for kind, names in manifest.delays.named.items()}
    assert delays == {"recours": ["silence"], "controle": ["silence", "limite"]}
    assert manifest.delays.holidays is not None
    assert (manifest.delays.holidays.text, manifest.delays.carried) == ("feries", ("recours",))


@pytest.mark.parametrize(
    ("old", "new", "code", "help"),
    [
        ("{nom: demandeur.nom,", "{nom: ▸demandeur.non,", "PAQ-CHAMP", "`demandeur.nom`"),
        ("{nom: demandeur.nom,", "{nom: ▸demandeur.majeur,", "PAQ-CHAMP", "`demandeur.nom`"),
        ("siret: demandeur.nom", "siret: ▸aide.nombre", "PAQ-CHAMP", "un texte"),
        ("[demandeur.profil]}", "[▸demandeur.profill]}", "PAQ-CHAMP", "`demandeur.profil`"),
        ("siret: demandeur.nom", "▸siren: demandeur.nom", "PAQ-CLE-INCONNUE", "`siret`"),
        (WHO, "demandeur: ▸{siret: demandeur.nom}\n", "PAQ-CLE-MANQUANTE", "`nom: …`"),
        ("sens: rejet", "sens: ▸rejets", "PAQ-VALEUR", "`rejet`"),
        ("complement: suspend", "complement: ▸suspens", "PAQ-VALEUR", "`suspend`"),
        ("delai: silence", "delai: ▸silences", "PAQ-CHAMP", "`silence`"),
        ("delai: silence", "delai: ▸part", "PAQ-CHAMP", "`duree`"),
        ("champ: demandeur.profil", "champ: ▸demandeur.nom", "PAQ-CHAMP", "`demandeur.profil`"),
        ("valeurs: [association]", "valeurs: [▸associations]", "PAQ-VALEUR", "`association`"),
        ("      complement: suspend\n", "", "PAQ-CLE-MANQUANTE", "`complement: …`"),
        ("{recours: silence", "{▸recour: silence", "PAQ-CLE-INCONNUE", "`recours`"),
        ("{recours: silence", "{recours: ▸silense", "PAQ-CHAMP", "`silence`"),
        ("{recours: silence", "{recours: ▸limite", "PAQ-CHAMP", "`duree`"),
        ("{recours: silence", "{recours: ▸[silence, limite]", "PAQ-TEXTE", "`recours: …`"),
        ("[silence, limite]", "[silence, ▸part]", "PAQ-CHAMP", "`duree ou date ou instant`"),
        ("proroges: [recours]", "proroges: [▸recour]", "PAQ-VALEUR", "`recours`"),
        ("proroges: [recours]", "proroges: [▸decision]", "PAQ-VALEUR", "`recours`"),
        ("proroges: [recours]", "proroges: [▸retrait]", "PAQ-VALEUR", "`retrait: …`"),
        ("feries: feries", "feries: ▸ferie", "PAQ-CHAMP", "`feries`"),
        ("feries: feries", "feries: ▸limite", "PAQ-CHAMP", "`jours_feries`"),
        (" proroges: [recours], jours_feries: feries", " jours_feries: ▸feries", "PAQ-CHAMP", "`proroges: [recours]`"),
        (", jours_feries: feries", "", "PAQ-CLE-MANQUANTE", "`jours_feries: …`"),
    ],
)
def test_a_slip_gives_one_diagnostic_at_its_place(spoken: PackFolder, old: str, new: str, code: str, help: str) -> None:
    fault = spoken.slip(old, new, "programme.yaml")
    assert fault.code == code, fault
    assert help in fault.help, fault


def test_a_delay_counts_whole_days(spoken: PackFolder) -> None:
    spoken.edit('valeur: "2 mois"', 'valeur: "36 heures"', "parametres.yaml")
    spoken.edit(DELAYS, "", "programme.yaml")
    fault = spoken.fault()
    assert fault.code == "PAQ-CHAMP"
    assert "jours entiers" in fault.message
