"""The files of a pack against their schemas: all that is right passes, and what the loader refuses does not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import recevable
from recevable.adapters.registry import verify as imports
from recevable.language.diagnostics import DiagnosticError
from recevable.pack import applicants, letters, properties, removals
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load
from recevable.pack.nodes import File, to_data
from recevable.pack.requirements import verify
from recevable.pack.source import FolderSource
from recevable.pack.yaml_strict import parse, read_alone

if TYPE_CHECKING:
    from tests.schemas.conftest import Faults

ROOT = Path(recevable.__file__).parents[2]
PACKS = (ROOT / "rules" / "af-ope-mss", ROOT / "tests" / "second_programme" / "prime-velo")
FILES = {f"{pack.name}/{path.relative_to(pack)}": path for pack in PACKS for path in sorted(pack.rglob("*.yaml"))}

MANIFEST = """\
programme: essai
titre: Essai
fuseau: Europe/Paris
schema: essai.schema.json
profil: demandeur.profil
versions:
  - {version: "1", a_partir_du: "2023-01-01", source: Arrêté}
documents:
  - {nom: Arrêté, titre: Arrêté du 3 mai, sections: [art. 1, art. 2]}
verification: {parametres: 18 mois}
annees: {de: 2000, a: "2050"}
demandeur: {nom: demandeur.profil, siret: demandeur.profil, identifiants: [demandeur.profil]}
intervenants:
  asp: {nom: l'ASP, a: à l'ASP}
demandes:
  aide: {titre: Aide, racine: aide, reception: aide.recue_le, montant_propose: prime, decision_implicite:
    {sens: rejet, delai: duree_max, complement: suspend, reponse: {champ: demandeur.profil, valeurs: [a]}}}
"""
PARAMETERS = """\
parametres:
  plafond:
    titre: Plafond
    type: montant
    reference: decision
    valeurs: [{a_partir_du: "2023-01-01", valeur: "2000.00", source: Arrêté}]
    jusqu_au: ouvert
    note: Une note
    defaut_maison: true
    verifie_le: "2023-02-01"
  part: {type: grille, selon: texte, donne: taux, reference: aide.jour, valeurs: [{a_partir_du: "2023-01-01", valeur:
    {petite: "0.40"}, source: x}], jusqu_au: "2030-12-31"}
  frais: {type: bareme, selon: montant, donne: taux, marginal: true, valeurs: [{a_partir_du: "2023-01-01", valeur:
    [{jusqu_a: "10.00", valeur: "0.4"}, {moins_de: "20.00", valeur: "0.4"}, {valeur: "0.1"}], source: x}],
    jusqu_au: "2030-12-31"}
  codes: {type: liste_de_textes, valeurs: [{a_partir_du: "2023-01-01", valeur: [a, "75"], source: x}],
    jusqu_au: "2030-12-31"}
  jours: {type: liste_de_dates, valeurs: [{a_partir_du: "2023-01-01", valeur: ["2023-05-01"], source: x}],
    jusqu_au: "2030-12-31"}
  permis: {type: booleen, valeurs: [{a_partir_du: "2023-01-01", valeur: vrai, source: x}], jusqu_au: "2030-12-31"}
  debut: {type: date, valeurs: [{a_partir_du: "2023-01-01", valeur: "2023-02-01", source: x}], jusqu_au: "2030-12-31"}
  fin: {type: date, valeurs: [{a_partir_du: "2023-01-01", valeur: "2023-12-31", source: x}], jusqu_au: "2030-12-31"}
  duree_max: {type: duree, valeurs: [{a_partir_du: "2023-01-01", valeur: 15 jours, source: x}], jusqu_au: "2030-12-31"}
"""
RULES = """\
regles:
  - id: PIE-FACTURE
    titre: Facture
    demandes: [aide]
    quand: vrai
    piece: aide.facture
    si_absente: {consequence: completer, message: Absente., reparation: La joindre}
    si_invalide:
      - {cause: illisible, si: aide.lisible = faux, consequence: completer, message: Illisible.}
    si_perimee: {si: aide.jour < 2020-01-01, consequence: rejeter, message: Périmée.}
    source: Arrêté
    exigences: [REQ-1]
    aupres_de: asp
    note: Une note
    defaut_maison: Le texte se tait.
    exemples:
      - {avec: {aide.lisible: true}, au: "2023-06-01", demande: aide, resultat: satisfait}
      - {avec: {}, resultat: ["non_satisfait:absente", manquant]}
  - {id: PIE-LIBRE, titre: Facture, demandes: [aide], piece: aide.facture, facultative: true, source: x,
     en_vigueur: {du: "2023-01-01", selon: reception}}
  - {id: CAL-FIN, titre: Fin, demandes: [aide], calcul: aide.jour, nom: limite, type: date, source: x}
  - {id: CON-MAJEUR, titre: Majeur, demandes: aide, condition: demandeur.majeur, source: x,
     si_faux: {consequence: rejeter, message: Mineur.}}
  - {id: DEL-FIN, titre: Fin, demandes: [aide], delai: {recu: aide.recue_le, au_plus_tard: fin}, source: x,
     si_depasse: {consequence: rejeter, message: Trop tard.}, exception_a: CON-MAJEUR}
  - {id: MON-PRIME, titre: Prime, demandes: [aide], montant: 12, nom: prime, type: montant, source: x,
     arrondi: {pas: "0.01", sens: demi_superieur}, sous_reserve_de: [APP-RETARD],
     exemples: [{avec: {}, valeur: "12.00"}]}
  - {id: DED-MAJEUR, titre: Majeur, deduction: majeur, vaut: demandeur.majeur, source: x}
  - {id: APP-RETARD, titre: Retard, demandes: [aide], appreciation: "Excusable ?", source: x,
     reponses: {oui: {resultat: satisfait}, non: {consequence: rejeter, message: Non.}}}
  - id: IND-CONTROLE
    titre: Contrôle
    demandes: [recouvrement]
    indu: vrai
    modalite: obligatoire
    montant: prime
    assiette: exact
    etapes:
      - {etape: constat, si: faux, message: Constater., resultat: satisfait}
      - {etape: ordre, message: Ordonner.}
    source: x
"""
REQUIREMENTS = """\
exigences:
  - {id: REQ-1, section: §1, resume: Une facture., traitement: regle}
  - {id: REQ-2, section: §2, resume: Un vélo., traitement: definition, motif: Une définition.}
"""
TRAPS = """\
pieges:
  - {id: TRAP-1, resume: Obscur., choix: Clair., regles: [PIE-FACTURE], fixture: null}
"""
TOLERANCES = """\
tolerances:
  - {controle: PAR-TITRE, sujet: plafond, motif: Le nom suffit., expire_le: "2030-12-31"}
"""
REMOVALS = """\
facultatives:
  - {donnee: aide.jour, demandes: [aide], regles: [PIE-FACTURE], raison: Un jour suffit.}
opposables:
  - {donnee: aide.jour, demandes: aide, regles: PIE-FACTURE, raison: Le jour peut être faux.}
"""
APPLICANTS = """\
titre: Un titre
profils:
  a:
    titre: Profil A
    resume: Pour qui.
    beneficiaires: Qui.
    cout: Rien, dans la limite de {plafond}.
    exemples:
      - {titre: Un exemple, demande: aide, dossier: {demandeur.majeur: true, aide.facture: present}}
etapes:
  - {titre: Demander, texte: Déposer., ouvre: debut, ferme: fin, demande: aide, profils: [a, b], source: art. 1}
montant: Au plus {plafond}.
retard: Trop tard.
incomplet: À compléter.
recouvrement: Repris.
ecarts:
  - {sujet: Qui, profils: a, page: {dit: L'un., source: Une page}, texte: {dit: L'autre., source: art. 1},
     retenu: Le texte.}
simulateur:
  suppose:
    - {dit: Rien n'est décidé., donne: {aide.lisible: true}, demandes: [aide]}
  questions:
    - {champ: aide.jour, question: Quel jour ?, aide: Un jour.}
    - question: Avez-vous la facture ?
      saisie: {dit: Quel jour, type: date}
      choix:
        - {dit: Oui, donne: {aide.facture: present}}
        - {dit: Non, donne: {aide.facture: absent}}
"""
IMPORTS = """\
demarche-numerique:
  demarches: [98765]
  etats: [en_construction, en_instruction]
  champs:
    - {champ: Majeur, vers: demandeur.majeur, valeurs: {Certes: oui}, decochee: non}
    - {champ: Profil, id: Q2hhbXAtMQ==, vers: demandeur.profil, valeurs: {Le premier: a, Le second: b}}
    - {champ: Facture, piece: aide.facture}
  annotations:
    - {champ: Jour, vers: aide.jour}
  dossier:
    - {donnee: depose_le, vers: aide.recue_le}
  constantes:
    - {vers: aide.lisible, valeur: oui}
  ignores: [Notice]
"""
LETTER = """\
objet: {valeurs: [{a_partir_du: "2023-01-01", texte: mise en demeure, source: Loi, etat: valide}]}
blocs:
  - role: constats
    titre: Constats
    valeurs: [{a_partir_du: "2023-01-01", texte: "Voici :", source: Loi, etat: a_confirmer}]
  - {role: somme, valeurs: [{a_partir_du: "2023-01-01", texte: "Au plus {montant}.", source: Loi, etat: valide}]}
  - {commun: reponse, demandes: [aide]}
"""
COMMON = """\
emetteur:
  - {a_partir_du: "2023-01-01", nom: Service, adresse: [1 rue, Ville], telephone: "0", courriel: a@b.example,
     lieu: Ville, source: Loi, etat: valide}
appel: Madame, Monsieur,
formule: Veuillez agréer.
mentions:
  tribunal: {valeurs: [{a_partir_du: "2023-01-01", texte: tribunal, source: Loi, etat: valide}]}
blocs:
  reponse:
    role: observations
    titre: Répondre
    valeurs: [{a_partir_du: "2023-01-01", texte: "Avant le {repondre_avant_le}.", source: Loi, etat: valide}]
"""
PROPERTIES = """
proprietes:
  - {id: PRO-TARDIVE, titre: Jamais en retard, source: Loi, demande: aide, jamais: verdict(aide) = "accepter"}
  - id: PRO-DEUX
    titre: Un jour de plus ne change rien
    source: Loi
    demande: aide
    deux_dossiers: {different: [aide.jour]}
    toujours: verdict(premier.aide) = verdict(second.aide)
"""
TEXTS = {
    "programme": MANIFEST,
    "parametres": PARAMETERS,
    "regles": RULES,
    "exigences": REQUIREMENTS,
    "pieges": TRAPS,
    "retraits": REMOVALS,
    "proprietes": PROPERTIES,
    "demandeurs": APPLICANTS,
    "import": IMPORTS,
    "tolerances": TOLERANCES,
    "courriers": LETTER,
    "courriers-communs": COMMON,
}
PLACES = {
    "regles": "regles/essai.yaml",
    "courriers": "courriers/mise_en_demeure.yaml",
    "courriers-communs": "courriers/communs.yaml",
}
SCHEMA = """{"type": "object", "properties": {
  "demandeur": {"type": "object", "properties": {"majeur": {"type": "boolean"},
                                                 "profil": {"type": "string", "enum": ["a", "b"]}}},
  "aide": {"type": "object", "properties": {"recue_le": {"type": "string", "format": "instant"},
    "facture": {"type": "object"}, "lisible": {"type": "boolean"}, "jour": {"type": "string", "format": "date"}}}
}}"""


def schema_of(name: str) -> str:
    folder = Path(name).parent.name
    if folder == "courriers":
        return "courriers-communs" if Path(name).stem == "communs" else folder
    return folder if folder in ("regles", "scenarios") else Path(name).stem


def refusals(folder: Path, name: str, text: str) -> list[str]:
    """The codes of what reading a pack with this file in it says."""
    for key, own in TEXTS.items():
        path = folder / PLACES.get(key, f"{key}.yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text if key == name else own, "utf-8")
    (folder / "essai.schema.json").write_text(SCHEMA, "utf-8")
    try:
        pack = load(folder)
        CompiledPack(pack)
        found = [*verify(folder, pack), *removals.verify(folder, pack), *applicants.verify(folder, pack)]
        found += letters.verify(folder, pack)
        properties.read(folder)
        return [d.code for d in (*found, *imports(FolderSource(folder), pack))]
    except DiagnosticError as error:
        return [d.code for d in error.diagnostics]


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_packs_fits_its_schema(faults: Faults, name: str) -> None:
    assert faults(schema_of(name), to_data(read_alone(FILES[name], name)[1])) == []


@pytest.mark.parametrize("name", TEXTS)
def test_the_samples_below_fit_their_schema(faults: Faults, name: str) -> None:
    assert faults(name, to_data(parse(File(name, TEXTS[name]))[1])) == []


def test_the_samples_below_are_read(tmp_path: Path) -> None:
    assert refusals(tmp_path, "", "") == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        # programme
        ("programme", "nom: l'ASP, ", ""),
        ("programme", "  asp: {nom", "  demandeur: {nom"),
        ("programme", "titre: Essai\n", ""),
        ("programme", "titre: Essai\n", "titel: Essai\n"),
        ("programme", "titre: Essai\n", "titre:\n"),
        ("programme", "titre: Essai\n", "titre: [Essai]\n"),
        ("programme", "schema: essai", "schema: /essai"),
        ("programme", "schema: essai", "schema: ../essai"),
        ("programme", 'a_partir_du: "2023-01-01"', "a_partir_du: 01/01/2023"),
        ("programme", ", source: Arrêté}", "}"),
        ("programme", "  aide: {", "  recouvrement: {"),
        ("programme", "  aide: {", "  aide-vélo: {"),
        ("programme", "racine: aide, ", ""),
        ("programme", "racine: aide, ", "racine: aide.facture, "),
        ("programme", "montant_propose: prime", "montant: prime"),
        ("programme", "de: 2000, ", ""),
        ("programme", "de: 2000, ", "de: 99, "),
        ("programme", "de: 2000, ", "de: deux mille, "),
        ("programme", "de: 2000, ", "de: 2000, par: 1, "),
        # parametres
        ("parametres", "    type: montant\n", ""),
        ("parametres", "    type: montant\n", "    type: euros\n"),
        ("parametres", "reference: decision", "reference: paiement"),
        ("parametres", 'valeur: "2000.00"', 'valeur: "2 000,00"'),
        ("parametres", 'valeur: "2000.00"', "valeur: 2000"),
        ("parametres", "valeur: 15 jours", "valeur: bientôt"),
        ("parametres", ", source: Arrêté}", "}"),
        ("parametres", ", source: Arrêté}", ", source: Arrêté, page: 2}"),
        ("parametres", 'a_partir_du: "2023-01-01", valeur: "2000', 'a_partir_du: 2023, valeur: "2000'),
        ("parametres", 'valeurs: [{a_partir_du: "2023-01-01", valeur: "2000.00", source: Arrêté}]', "valeurs: []"),
        ("parametres", "    jusqu_au: ouvert\n", ""),
        ("parametres", "jusqu_au: ouvert", "jusqu_au: toujours"),
        ("parametres", "defaut_maison: true", "defaut_maison: oui"),
        ("parametres", "  plafond:\n", "  plafond-haut:\n"),
        ("parametres", "    note:", "    notes:"),
        # regles: any rule
        ("regles", "  - id: PIE-FACTURE\n    titre", "  - titre"),
        ("regles", "id: PIE-FACTURE", "id: pie_facture"),
        ("regles", "    titre: Facture\n", ""),
        ("regles", "    titre: Facture\n", "    titre:\n"),
        ("regles", "    source: Arrêté\n", ""),
        ("regles", "    demandes: [aide]\n", ""),
        ("regles", "    demandes: [aide]\n", "    demandes: []\n"),
        ("regles", "    demandes: [aide]\n", "    demandes: [aide, aide]\n"),
        ("regles", "    demandes: [aide]\n", "    demande: [aide]\n"),
        ("regles", "aupres_de: asp", "aupres_de: L'ASP"),
        ("regles", "    note: Une note\n", "    remarque: Une note\n"),
        ("regles", "defaut_maison: Le texte se tait.", "defaut_maison: true"),
        ("regles", "defaut_maison: Le texte se tait.", "defaut_maison:"),
        ("regles", "exigences: [REQ-1]", "exigences: [{id: REQ-1}]"),
        ("regles", "    piece: aide.facture\n", ""),
        ("regles", "    piece: aide.facture\n", "    piece: aide.facture\n    condition: vrai\n"),
        ("regles", "    piece: aide.facture\n", "    pieces: aide.facture\n"),
        # documents
        ("regles", "si_absente: {consequence: completer, ", "si_absente: {"),
        ("regles", "si_absente: {consequence: completer, ", "si_absente: {consequence: compléter, "),
        ("regles", "message: Absente., ", ""),
        ("regles", "message: Absente., ", "message: Absente., delai: 3, "),
        ("regles", "cause: illisible, ", ""),
        ("regles", "cause: illisible, ", "cause: absente, "),
        ("regles", "cause: illisible, ", "cause: pas lisible, "),
        ("regles", "si: aide.lisible = faux, ", ""),
        ("regles", "si_perimee: {si: aide.jour < 2020-01-01, ", "si_perimee: {"),
        ("regles", "    si_perimee:", "    si_faux: {consequence: rejeter, message: x}\n    si_perimee:"),
        # regles: condition, delai
        (
            "regles",
            "source: x,\n     si_faux: {consequence: rejeter, message: Mineur.}}",
            "source: x}",
        ),
        ("regles", "si_faux: {consequence: rejeter, message: Mineur.}", "si_faux: rejeter"),
        ("regles", "delai: {recu: aide.recue_le, au_plus_tard: fin}", "delai: {recu: aide.recue_le}"),
        ("regles", "au_plus_tard: fin}", "au_plus_tard: fin, avant: x}"),
        # regles: montant, deduction
        ("regles", "nom: prime, ", ""),
        ("regles", "nom: prime, ", "nom: prime-due, "),
        ("regles", "type: montant, ", "type: euros, "),
        ("regles", 'pas: "0.01", ', ""),
        ("regles", 'pas: "0.01", ', 'pas: "0,01", '),
        ("regles", "sens: demi_superieur", "sens: au_dessus"),
        ("regles", "deduction: majeur, ", "deduction: est-majeur, "),
        ("regles", "deduction: majeur, vaut: demandeur.majeur,", "deduction: majeur,"),
        ("regles", "deduction: majeur, ", "deduction: majeur, demandes: [aide], "),
        ("regles", "deduction: majeur, ", "deduction: majeur, quand: vrai, "),
        # regles: appreciation, indu
        ("regles", "oui: {resultat: satisfait}, ", ""),
        ("regles", "oui: {resultat: satisfait}, ", "oui: {resultat: accepte}, "),
        ("regles", "oui: {resultat: satisfait}, ", "peut-être: {resultat: satisfait}, "),
        ("regles", "oui: {resultat: satisfait}, ", "oui: satisfait, "),
        ("regles", "    modalite: obligatoire\n", ""),
        ("regles", "modalite: obligatoire", "modalite: certaine"),
        ("regles", "assiette: exact", "assiette: environ"),
        ("regles", "    montant: prime\n", ""),
        ("regles", "{etape: ordre, message: Ordonner.}", "{etape: ordre}"),
        ("regles", "{etape: ordre, message: Ordonner.}", "{etape: 1er ordre, message: Ordonner.}"),
        ("regles", "message: Constater., resultat: satisfait", "message: Constater., resultat: rejeter"),
        # documents et vérification
        ("programme", "nom: Arrêté, titre", "noms: Arrêté, titre"),
        ("programme", ", sections: [art. 1, art. 2]", ""),
        ("programme", "parametres: 18 mois", "parametres: 18 lunes"),
        ("parametres", 'verifie_le: "2023-02-01"', "verifie_le: 1er février"),
        # courriers
        ("courriers", "objet: {valeurs", "objets: {valeurs"),
        ("courriers", ", source: Loi, etat: valide}]}\nblocs", ", etat: valide}]}\nblocs"),
        ("courriers", "etat: a_confirmer", "etat: à confirmer"),
        ("courriers", "role: constats", "role: constat"),
        ("courriers", "  - {commun: reponse, ", "  - {commun: reponse, titre: x, "),
        ("courriers", "  - {commun: reponse, ", "  - {"),
        ("courriers", '[{a_partir_du: "2023-01-01", texte: "Voici :", source: Loi, etat: a_confirmer}]', "[]"),
        ("courriers-communs", "appel: Madame, Monsieur,\n", ""),
        ("courriers-communs", "nom: Service, ", ""),
        ("courriers-communs", "nom: Service, ", "nom: Service, fax: 1, "),
        ("courriers-communs", "  tribunal: {valeurs", "  tribunal-local: {valeurs"),
        ("courriers-communs", "role: observations", "role: réponse"),
        # demandeurs
        ("demandeurs", "profils:\n  a:", "profils:\n  a-b:"),
        ("demandeurs", "    titre: Profil A\n", ""),
        ("demandeurs", "    resume: Pour qui.", "    resumé: Pour qui."),
        ("demandeurs", "demande: aide, dossier", "dossier"),
        ("demandeurs", ", ouvre: debut", ", ouvrir: debut"),
        ("demandeurs", "sujet: Qui, ", ""),
        ("demandeurs", "page: {dit: L'un., source: Une page}", "page: L'un."),
        ("demandeurs", ",\n     retenu: Le texte.", ""),
        ("demandeurs", "donne: {aide.lisible: true}, ", ""),
        ("demandeurs", "{champ: aide.jour, question: Quel jour ?,", "{question: Quel jour ?,"),
        ("demandeurs", "question: Quel jour ?, ", ""),
        ("demandeurs", "type: date}", "type: duree}"),
        ("demandeurs", "{dit: Oui, donne", "{donne"),
        # retraits
        ("retraits", "opposables:", "opposable:"),
        ("retraits", "donnee: aide.jour, demandes: [aide]", "demandes: [aide]"),
        ("retraits", "donnee: aide.jour, demandes: [aide]", "donnee: aide jour, demandes: [aide]"),
        ("retraits", ", demandes: [aide]", ""),
        ("retraits", ", regles: [PIE-FACTURE]", ""),
        ("retraits", ", raison: Un jour suffit.", ""),
        ("retraits", "raison: Un jour suffit.", "raison: Un jour suffit., motif: x"),
        # proprietes
        ("proprietes", "proprietes:", "propriete:"),
        ("proprietes", "id: PRO-TARDIVE, ", ""),
        ("proprietes", "id: PRO-TARDIVE", "id: pro tardive"),
        ("proprietes", "titre: Jamais en retard, ", ""),
        ("proprietes", "source: Loi, ", ""),
        ("proprietes", "demande: aide, ", ""),
        ("proprietes", 'jamais: verdict(aide) = "accepter"', 'jammais: verdict(aide) = "accepter"'),
        ("proprietes", 'jamais: verdict(aide) = "accepter"', 'jamais: vrai, toujours: vrai'),
        ("proprietes", "{different: [aide.jour]}", "{differents: [aide.jour]}"),
        ("proprietes", "{different: [aide.jour]}", "{different: [aide.jour], donnees_otees: true}"),
        ("proprietes", "{different: [aide.jour]}", "{}"),
        # import
        ("import", "  etats: [en_construction, en_instruction]\n", ""),
        ("import", "en_construction", "construction"),
        ("import", "98765", "n° 98765"),
        ("import", "champ: Facture, piece", "piece"),
        ("import", "piece: aide.facture", "piece: aide.facture, vers: aide.jour"),
        ("import", ", decochee: non", ", decochee: faux"),
        ("import", "donnee: depose_le", "donnee: deposee_le"),
        ("import", "vers: aide.lisible, valeur: oui", "vers: aide.lisible"),
        ("import", "ignores:", "ignore:"),
        ("import", "demarche-numerique:", "demarches-simplifiees:"),
        ("parametres", "valeur: vrai", "valeur: oui"),
        ("parametres", 'valeur: ["2023-05-01"]', 'valeur: ["1er mai"]'),
        ("parametres", "selon: texte, donne: taux", "selon: texte, donne: liste"),
        ("parametres", "selon: montant, donne: taux, marginal: true", "donne: taux, marginal: true"),
        ("parametres", '{jusqu_a: "10.00", valeur', '{jusqu_a: "10.00", moins_de: "10.00", valeur'),
        # exigences, pieges
        ("exigences", "traitement: definition", "traitement: défini"),
        ("exigences", ", motif: Une définition.", ""),
        ("exigences", "section: §1, ", ""),
        ("exigences", "id: REQ-1", "id: req 1"),
        ("exigences", "resume: Une facture.", "résumé: Une facture."),
        ("pieges", "choix: Clair., ", ""),
        ("pieges", "regles: [PIE-FACTURE]", "regles: []"),
        ("pieges", "fixture: null", "fixtures: null"),
    ],
)  # fmt: skip
def test_what_the_loader_refuses_for_its_structure_the_schema_refuses_too(
    faults: Faults, tmp_path: Path, name: str, old: str, new: str
) -> None:
    assert TEXTS[name].count(old) == 1, TEXTS[name].count(old)
    text = TEXTS[name].replace(old, new)
    assert refusals(tmp_path, name, text)
    assert faults(name, to_data(parse(File(name, text))[1]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resultat": "accepte"}, "not a result"),
        ({"valeur": "1"}, "both a result and a value"),
        ({"resultat": None}, "neither"),
        ({"au": "01/06/2023"}, "not a date"),
        ({"attendu": "satisfait"}, "unknown key"),
    ],
)
def test_an_example_that_cannot_be_run_does_not_fit(faults: Faults, change: dict[str, Any], reason: str) -> None:
    data = copy.deepcopy(to_data(parse(File("regles", RULES))[1]))
    example = {**data["regles"][0]["exemples"][0], **change}
    data["regles"][0]["exemples"] = [{key: value for key, value in example.items() if value is not None}]
    assert faults("regles", data), reason


def test_what_an_editor_reads_of_a_null_fixture_fits(faults: Faults) -> None:
    """The reader of packs resolves nothing; an editor makes a real null of `null`."""
    data = to_data(parse(File("pieges", TRAPS))[1])
    data["pieges"][0]["fixture"] = None
    assert faults("pieges", data) == []


SCENARIO = """\
scenarios:
  - titre: Demande reçue après la fin
    base: aide-complete
    au: "2023-06-01"
    note: Le lendemain.
    changements: {aide.recue_le: "2023-07-26T14:00:01+02:00", paiements.0.montant: "1.00", demandeur.majeur: absent}
    attendu:
      aide: {verdict: rejeter, provisoire: false, regles: ["DEL-FIN:depasse", CON-MAJEUR], montants: {prime: "12.00"}}
      recouvrement:
        - {regle: IND-CONTROLE, etape: ordre, modalite: obligatoire, assiette: exact, montant: inconnu, clos: false}
        - {regle: CON-AUTRE, resultat: ["non_satisfait:faux", manquant]}
"""


def test_a_scenario_with_every_key_fits_its_schema(faults: Faults) -> None:
    assert faults("scenarios", to_data(parse(File("s.yaml", SCENARIO))[1])) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("titre:", "tire:"),
        ("    base: aide-complete\n", ""),
        ('"2023-06-01"', '"01/06/2023"'),
        ("verdict: rejeter", "verdict: refuser"),
        ("provisoire: false", "provisoire: non"),
        ("DEL-FIN:depasse", "del-fin"),
        ('{prime: "12.00"}', '{prime: "12,00"}'),
        ("modalite: obligatoire", "modalite: souhaitable"),
        ("{verdict: rejeter, ", "{"),
    ],
)
def test_a_scenario_that_the_reader_refuses_does_not_fit(faults: Faults, old: str, new: str) -> None:
    assert SCENARIO.count(old) == 1
    assert faults("scenarios", to_data(parse(File("s.yaml", SCENARIO.replace(old, new)))[1])) != []
