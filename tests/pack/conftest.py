"""A small pack with a rule of every kind, and a way to slip while editing it.

`▸` in an edited text marks where the diagnostic is expected; it is not written to the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load
from recevable.pack.nodes import File
from recevable.pack.yaml_strict import parse

MARK = "▸"
RULES = "regles/aide.yaml"

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "programme": {"const": "aide-velo"},
        "demandeur": {
            "type": "object",
            "properties": {
                "nom": {"type": "string"},
                "majeur": {"type": "boolean"},
                "profil": {"type": "string", "enum": ["particulier", "association"]},
                "revenu": {"type": "string", "format": "montant"},
                "ne_le": {"type": "string", "format": "date"},
            },
        },
        "aide": {
            "type": "object",
            "properties": {
                "recue_le": {"type": "string", "format": "instant"},
                "nombre": {"type": "integer"},
                "facture": {
                    "type": "object",
                    "properties": {
                        "prix": {"type": "string", "format": "montant"},
                        "lisible": {"type": "boolean"},
                        "acquittee_le": {"type": "string", "format": "date"},
                    },
                },
            },
        },
        "controle": {"type": "object", "properties": {"constate_le": {"type": "string", "format": "instant"}}},
    },
}

MANIFEST = """\
programme: aide-velo
titre: Aide au vélo
fuseau: Europe/Paris
schema: dossier.schema.json
profil: demandeur.profil
versions:
  - {version: "1", a_partir_du: "2023-01-01", source: Arrêté du 1er janvier 2023}
intervenants:
  asp: {nom: l'ASP, a: à l'ASP}
demandes:
  aide:
    titre: Demande d'aide
    racine: aide
    reception: aide.recue_le
    montant_propose: prime
preuve:
  registre: annuaire
  chiffres: aide.facture
  identifiant: demandeur.nom
  cloture: jour_du_compte
  reglages:
    seuil: croissance
    effectif_minimal: assez
"""

PARAMETERS = """\
parametres:
  prix_maximum:
    titre: Prix au-delà duquel rien n'est versé
    type: montant
    reference: decision
    valeurs:
      - {a_partir_du: "2023-01-01", valeur: "2000.00", source: "Arrêté, article 2"}
      - {a_partir_du: "2024-01-01", valeur: "2500.50", source: "Arrêté, article 2"}
    jusqu_au: ouvert
  part:
    type: taux
    reference: decision
    defaut_maison: true
    valeurs: [{a_partir_du: "2023-01-01", valeur: "0.20", source: "Arrêté, article 3"}]
    jusqu_au: "2030-12-31"
    note: À confirmer.
  cloture:
    type: instant
    valeurs: [{a_partir_du: "2023-01-01", valeur: "2023-07-26T14:00:00", source: "Arrêté, article 4"}]
    jusqu_au: ouvert
  jour_du_compte:
    type: date
    reference: decision
    valeurs: [{a_partir_du: "2023-01-01", valeur: "2023-06-30", source: "Arrêté, article 7"}]
    jusqu_au: ouvert
  croissance:
    type: nombre
    reference: decision
    valeurs: [{a_partir_du: "2023-01-01", valeur: "3.5", source: "Arrêté, article 7"}]
    jusqu_au: ouvert
  assez:
    type: entier
    reference: decision
    valeurs: [{a_partir_du: "2023-01-01", valeur: 10, source: "Arrêté, article 7"}]
    jusqu_au: ouvert
"""

AID = """\
# Les règles de l'aide
regles:

  - id: AID-FACTURE
    titre: Facture du vélo
    demandes: [aide]
    piece: aide.facture
    si_absente:
      consequence: completer
      message: "La facture n'est pas jointe."
      reparation: "Joindre la facture"
    si_invalide:
      - cause: illisible
        si: aide.facture.lisible = faux
        consequence: completer
        message: "La facture de {demandeur.nom} n'est pas lisible."
      - cause: trop_chere
        si: aide.facture.prix > prix_maximum
        consequence: rejeter
        message: "Le prix de {aide.facture.prix} dépasse {prix_maximum}."
    si_perimee:
      si: aide.facture.acquittee_le < 2022-01-01
      consequence: rejeter
      message: "La facture est trop ancienne."
    exigences: [REQ-1, REQ-2]
    source: "Arrêté, article 2"
    note: La facture peut être numérique.
    exemples:
      - avec:
          aide.recue_le: "2023-06-01T12:00:00"
          aide.facture: {lisible: true, prix: "10.00", acquittee_le: "2023-06-30"}
        resultat: satisfait
      - {avec: {}, resultat: "non_satisfait:absente"}

  - id: AID-MAJEUR
    titre: Demandeur majeur
    demandes: [aide]
    quand: est_particulier
    condition: demandeur.majeur = vrai
    si_faux: {consequence: rejeter, message: "Le demandeur est mineur."}
    exigences: [REQ-1]
    source: "Arrêté, article 1"

  - id: AID-DELAI
    titre: Demande reçue à temps
    demandes: [aide]
    delai: {recu: aide.recue_le, au_plus_tard: cloture}
    si_depasse: {consequence: rejeter, message: "Reçue le {demande.recue_le}, après le {cloture}."}
    source: "Arrêté, article 4"

  - id: AID-RETARD-EXCUSE
    titre: Retard excusé
    demandes: [aide]
    exception_a: AID-DELAI
    quand: aide.nombre > 10
    appreciation: "Le retard du {aide.recue_le} est-il excusable ?"
    reponses:
      oui: {resultat: satisfait}
      non: {consequence: rejeter, message: "Le retard n'est pas excusé."}
    aupres_de: asp
    source: "Arrêté, article 5"

  - id: AID-PRIME
    titre: Prime
    demandes: [aide]
    montant: >-
      min(aide.facture.prix, prix_maximum)
      * part
    nom: prime
    arrondi: {pas: "0.01", sens: demi_superieur}
    sous_reserve_de: [AID-RETARD-EXCUSE]
    source: "Arrêté, article 3"

  - id: DED-PARTICULIER
    titre: Le demandeur est un particulier
    deduction: est_particulier
    vaut: demandeur.profil = "particulier"
    source: "Arrêté, article 1"

  - id: REC-CONTROLE
    titre: Prime à rendre après contrôle
    demandes: [recouvrement]
    indu: controle est present
    modalite: obligatoire
    assiette: exact
    montant: prime
    etapes:
      - {etape: constat, si: controle.constate_le est absent, message: "À constater.", resultat: a_apprecier}
      - {etape: ordre, message: "Ordonner le reversement de {prime}."}
    source: "Arrêté, article 6"
"""


def marked(text: str) -> tuple[str, tuple[int, int] | None]:
    """A text without its mark, and the 1-based line and column of the mark."""
    before, mark, after = text.partition(MARK)
    if not mark:
        return text, None
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))


class PackFolder:
    """A pack on disk, edited as a person would."""

    def __init__(self, root: Path) -> None:
        self.root = root / "rules" / "aide-velo"
        self.expected: Span | None = None
        self.write("programme.yaml", MANIFEST)
        self.write("parametres.yaml", PARAMETERS)
        self.write(RULES, AID)
        self.write("dossier.schema.json", json.dumps(SCHEMA))

    def write(self, name: str, text: str) -> None:
        """Write a file; a mark says where its diagnostic will be."""
        clean, place = marked(text)
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(clean.encode())
        if place is not None:
            self.expected = Span(name, *place)

    def edit(self, old: str, new: str, name: str = RULES) -> None:
        """Replace the only occurrence of a text in a file."""
        text = (self.root / name).read_text("utf-8")
        assert text.count(old) == 1, f"{text.count(old)} × {old!r} in {name}"
        self.write(name, text.replace(old, new))

    def faults(self) -> list[Diagnostic]:
        """What loading and verifying the pack says."""
        try:
            CompiledPack(load(self.root)).verify()
        except DiagnosticError as error:
            return list(error.diagnostics)
        return []

    def slip(self, old: str, new: str, name: str = RULES) -> Diagnostic:
        """The one diagnostic of an edit, at the mark, in French, with a help that says what to do."""
        self.edit(old, new, name)
        return self.fault()

    def fault(self) -> Diagnostic:
        """The one diagnostic of the pack, at the mark if there is one."""
        found = self.faults()
        assert len(found) == 1, [f"{d.span} {d.code} {d.message}" for d in found]
        only = found[0]
        assert only.help.endswith((".", "?", "…")), only
        if self.expected is not None:
            assert only.span is not None
            assert str(only.span) == str(self.expected), only
        return only


@pytest.fixture
def pack(tmp_path: Path) -> PackFolder:
    return PackFolder(tmp_path)


@pytest.fixture
def compiled(pack: PackFolder) -> CompiledPack:
    """The small pack as it is, compiled."""
    return CompiledPack(load(pack.root))


class Refusals:
    """What is said of texts that are not strict YAML."""

    def of(self, text: str) -> Iterator[Diagnostic]:
        """Every diagnostic of a text."""
        try:
            parse(File("essai.yaml", text))
        except DiagnosticError as error:
            yield from error.diagnostics

    def only(self, text: str) -> Diagnostic:
        """The one diagnostic of a text, at its mark."""
        clean, place = marked(text)
        found = list(self.of(clean))
        assert len(found) == 1, [f"{d.span} {d.code} {d.message}" for d in found]
        span = found[0].span
        assert span is not None
        assert place is None or (span.line, span.column) == place, found[0]
        assert re.search(r"[.?…]$", found[0].help), found[0]
        return found[0]


@pytest.fixture
def refusals() -> Refusals:
    return Refusals()
