"""A pack of one rule that passes every check, for the tests of what is done with packs: it opens in no time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PROGRAMME: Final = "prime-velo"
SCHEMA: Final = (
    Path(__file__).parents[1] / "second_programme" / "prime-velo" / "dossier.schema.json"
).read_bytes()  # fmt: skip

_MANIFEST: Final = """
programme: prime-velo
titre: Prime communale à l'achat d'un vélo
fuseau: Europe/Paris
schema: dossier.schema.json
profil: beneficiaire.statut
versions:
  - {version: "2024", a_partir_du: "2024-01-01", source: "Délibération du 12 décembre 2023"}
documents:
  - {nom: Délibération, titre: Délibération du 12 décembre 2023, sections: [art. 1, art. 2]}
verification: {parametres: 30 ans}
demandes:
  prime: {titre: Demande de prime, racine: prime, reception: prime.deposee_le}
"""
_PARAMETERS: Final = """
parametres:
  age_du_velo:
    titre: Âge du vélo au plus
    type: duree
    valeurs: [{a_partir_du: "2024-01-01", valeur: "6 mois", source: "Délibération, art. 2"}]
    jusqu_au: ouvert
    verifie_le: "2026-11-26"
"""
_RULES: Final = """
regles:

  - id: FACTURE
    titre: Facture du vélo
    demandes: [prime]
    piece: prime.pieces.facture
    si_absente: {consequence: completer, message: "La facture manque.", reparation: "Joindre la facture du vélo"}
    exigences: [REQ-1]
    source: Délibération, art. 1
    exemples:
      - {avec: {prime.pieces.facture: {lisible: true}}, resultat: satisfait}
      - {avec: {}, resultat: "non_satisfait:absente"}

  - id: AGE
    titre: Vélo acheté depuis peu
    demandes: [prime]
    condition: decale(velo.achete_le, age_du_velo, "fin_de_mois") >= date_de(prime.deposee_le)
    si_faux: {consequence: rejeter, message: "Le vélo est trop vieux."}
    exigences: [REQ-2]
    source: Délibération, art. 2
    exemples:
      - {avec: {velo.achete_le: "2024-03-15", prime.deposee_le: "2024-05-06T10:00:00+02:00"}, resultat: satisfait}
      - {avec: {velo.achete_le: "2023-03-15", prime.deposee_le: "2024-05-06T10:00:00+02:00"}, resultat: non_satisfait}
"""
_REQUIREMENTS: Final = """
exigences:
  - {id: REQ-1, section: "Délibération, art. 1", resume: "La facture est jointe.", traitement: regle}
  - {id: REQ-2, section: "Délibération, art. 2", resume: "Le vélo a six mois au plus.", traitement: regle}
"""


def files() -> dict[str, bytes]:
    """The files of the pack, its schema among them."""
    texts = {
        "programme.yaml": _MANIFEST, "parametres.yaml": _PARAMETERS, "exigences.yaml": _REQUIREMENTS,
        "regles/prime.yaml": _RULES,
    }  # fmt: skip
    return {**{name: text.encode() for name, text in texts.items()}, "dossier.schema.json": SCHEMA}


def replaced(old: str, new: str, name: str = "regles/prime.yaml") -> dict[str, bytes]:
    """The same with some text of a file replaced."""
    found = files()
    assert old.encode() in found[name]
    return {**found, name: found[name].replace(old.encode(), new.encode(), 1)}


def archive(contents: Mapping[str, bytes], folder: str = "") -> bytes:
    """A ZIP archive of files, in a folder."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in contents.items():
            written.writestr(f"{folder}{name}", content)
    return found.getvalue()
