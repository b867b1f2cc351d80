"""`nouveau programme`: a pack that is ready to be filled: one request, its deadline, and what shows both."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from recevable.drafts.desk import MODELINE, Desk
from recevable.drafts.model import Draft
from recevable.drafts.questions import Answers, InvalidAnswer, Question, day, sentence, value
from recevable.language.diagnostics import Diagnostic
from recevable.lint.run import lint
from recevable.pack import hints
from recevable.pack.edit import plain, quoted
from recevable.pack.hints import plain as ascii_word
from recevable.pack.loader import PARAMETERS
from recevable.pack.model import MANIFEST
from recevable.pack.reader import is_name, name_help
from recevable.pack.source import MemorySource

_ZONE: Final = "Europe/Paris"
_RECEIVED: Final = "recue_le"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CONTROL: Final = {"pattern": "[\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029\\u202A-\\u202E\\u2066-\\u2069]"}
_TEXT: Final = {"type": "string", "minLength": 1, "pattern": "\\S", "not": _CONTROL}
_BY_US: Final = {"x-fourni-par": "service"}
_DEFS: Final[dict[str, Any]] = {
    "texte": {
        "title": "Texte court",
        "description": "Texte non vide d'au plus 500 caractères, sur une ligne, sans caractère de contrôle.",
        **_TEXT,
        "format": "lisible",
        "maxLength": 500,
    },
    "date": {
        "title": "Date",
        "description": "Jour du calendrier, écrit AAAA-MM-JJ.",
        "type": "string",
        "format": "date",
        "maxLength": 10,
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    },
    "instant": {
        "title": "Instant",
        "description": "Date et heure à la seconde, AAAA-MM-JJThh:mm:ss, avec un décalage (`Z`, `+02:00`) ou sans.",
        "type": "string",
        "format": "instant",
        "maxLength": 32,
    },
    "siret": {
        "title": "Numéro SIRET",
        "description": "Numéro SIRET de l'établissement (14 chiffres) ; les règles en vérifient la clé.",
        **_TEXT,
        "format": "siret",
        "maxLength": 20,
    },
    "appreciation": {
        "title": "Appréciation consignée",
        "description": "Réponse d'un agent à une question que la règle laisse à l'appréciation humaine.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"$ref": f"#/$defs/{type_}", "title": title, "description": text, **_BY_US}
            for name, type_, title, text in (
                ("reponse", "texte", "Réponse", "Réponse choisie parmi celles que la règle propose."),
                ("auteur", "texte", "Auteur", "Agent qui a porté l'appréciation."),
                ("motif", "texte", "Motif", "Raison de l'appréciation, en quelques mots."),
                ("le", "date", "Portée le", "Date de l'appréciation."),
                ("expire_le", "date", "Expire le", "Dernier jour où elle peut être opposée."),
            )
        },
    },
}


class NewPack(Desk):
    """A project in which a pack is to be made: the files of `rules`, `schemas` and `fixtures`, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.before, self.contents, self.notes = folder, {}, {}, []
        self.name = ""

    @property
    def pack_folder(self) -> Path:
        """See Desk."""
        return self.folder / "rules" / self.name

    def changed(self) -> dict[Path, tuple[bytes | None, bytes]]:
        """See Desk: every file is new."""
        return {self.folder / name: (None, content) for name, content in self.contents.items()}

    def findings(self) -> list[Diagnostic]:
        """See Desk."""
        root, schema = f"rules/{self.name}/", f"{self.name}/dossier.schema.json"
        files = {name.removeprefix(root): one for name, one in self.contents.items() if name.startswith(root)}
        return lint(MemorySource({**files, schema: self.contents[f"schemas/{schema}"]}, root))


def _name(desk: Desk, _answers: Answers, text: str) -> str:
    if not _NAME.fullmatch(text):
        meant = "-".join(re.findall(r"[a-z0-9]+", ascii_word(text)))
        help = f"Écrivez `{meant}` : minuscules sans accent, chiffres et tirets." if _NAME.fullmatch(meant) else ""
        raise InvalidAnswer(f"`{text}` n'est pas un nom de programme", help or "Choisissez un mot simple.")
    for folder in ("rules", "schemas", "fixtures"):
        if (desk.folder / folder / text).exists():
            raise InvalidAnswer(f"`{folder}/{text}` existe déjà", "Donnez un autre nom.")
    return text


def _request(_desk: Desk, _answers: Answers, text: str) -> str:
    if not is_name(text) or text != text.lower():
        raise InvalidAnswer(f"`{text}` n'est pas un nom de demande", name_help(text))
    if text in ("programme", "reference", "demandeur", "appreciations", "recouvrement"):
        raise InvalidAnswer(f"`{text}` désigne déjà autre chose dans un dossier", "Donnez un autre nom.")
    return text


def _limit(_desk: Desk, answers: Answers, text: str) -> str:
    meant = hints.instant(text)
    if not meant or hints.certain(text, meant) != meant:
        raise InvalidAnswer(f"`{text}` n'est pas un instant", hints.about_instant(text))
    if meant[:10] <= answers["ouverture"]:
        raise InvalidAnswer(f"la fin de dépôt, {meant[:10]}, ne suit pas l'ouverture", "Donnez une date d'après.")
    return meant


def write(desk: Desk, answers: Answers) -> None:
    """Write manifest, schema, parameters, inventory, one rule, one known dossier and one scenario."""
    assert isinstance(desk, NewPack)
    name, request = answers["nom"], answers["demande"]
    desk.name = name
    zone = ZoneInfo(_ZONE)
    limit = datetime.fromisoformat(answers["fin-de-depot"]).replace(tzinfo=zone)
    opening = date.fromisoformat(answers["ouverture"])
    on_time = datetime.combine(opening, time(12), zone)
    source = f"{answers['document']} {answers['section']}"
    changes = {
        **answers,
        "title": plain(answers["titre"]),
        "request_title": plain(answers["demande-titre"]),
        "document": plain(answers["document"]),
        "document_title": quoted(answers["document-titre"]),
        "section": quoted(answers["section"]),
        "source": quoted(source),
        "limit": answers["fin-de-depot"],
        "opening": answers["ouverture"],
        "last": limit.isoformat(),
        "late": (limit + timedelta(seconds=1)).isoformat(),
        "on_time": on_time.isoformat(),
        "day": opening.isoformat(),
        "late_day": (limit + timedelta(days=1)).date().isoformat(),
        "today": datetime.now(zone).date().isoformat(),
        "received": f"{request}.{_RECEIVED}",
    }
    pack = f"rules/{name}"
    for file, template in _TEMPLATES.items():
        text = template.format(**changes)
        kind = MODELINE.match(text)
        known = kind is not None and (desk.folder / "schemas" / kind["schema"]).is_file()
        desk.contents[f"{pack}/{file}"] = (text if known else MODELINE.sub("", text)).encode()
    desk.contents[f"schemas/{name}/dossier.schema.json"] = _json(_schema(answers))
    dossier = {
        "programme": name,
        "demandeur": {"nom": "Demandeur Exemple", "siret": "73282932000074"},
        request: {_RECEIVED: on_time.isoformat()},
    }
    desk.contents[f"fixtures/{name}/complete.json"] = _json(dossier)
    desk.contents[f"fixtures/{name}/complete.attendu.yaml"] = _EXPECTED.format(**changes).encode()


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _schema(answers: Answers) -> dict[str, Any]:
    def block(title: str, description: str, **properties: Any) -> dict[str, Any]:
        kind = {"type": "object", "additionalProperties": False, "properties": properties}
        return {"title": title, "description": description, **kind}

    def field(type_: str, title: str, description: str, **more: Any) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{type_}", "title": title, "description": description, **more}

    questions = {"$ref": "#/$defs/appreciation"}
    about = "Réponses des agents aux questions que les règles posent, sous l'identifiant de la règle."
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://recevable.example/schemas/{answers['nom']}/dossier.schema.json",
        "title": f"Dossier de « {answers['titre']} »",
        "description": "Un renseignement ou une pièce qui manque s'omet : c'est un constat, non une erreur de lecture.",
        "type": "object",
        "additionalProperties": False,
        "required": ["programme", "demandeur", answers["demande"]],
        "properties": {
            "programme": {
                "title": "Programme",
                "description": "Le programme dont les règles s'appliquent.",
                **_BY_US,
                "type": "string",
                "const": answers["nom"],
            },
            "reference": field("texte", "Référence du dossier", "Référence libre ; sans effet sur la décision."),
            "demandeur": block(
                "Demandeur",
                "Qui demande.",
                nom=field("texte", "Nom", "Son nom, ou sa raison sociale."),
                siret=field("siret", "SIRET", "Son numéro SIRET."),
            ),
            answers["demande"]: block(
                answers["demande-titre"],
                "La demande.",
                **{_RECEIVED: field("instant", "Reçue le", "Le moment où la demande est arrivée.", **_BY_US)},
            ),
            "appreciations": {
                "title": "Appréciations consignées",
                "description": about,
                **_BY_US,
                "type": "object",
                "additionalProperties": False,
                "maxProperties": 200,
                "patternProperties": {"^[A-Z][A-Z0-9-]*$": questions},
            },
        },
        "$defs": _DEFS,
    }


_TEMPLATES: Final = {
    MANIFEST: """\
# yaml-language-server: $schema=../../schemas/programme.schema.json
programme: {nom}
titre: {title}
fuseau: Europe/Paris
schema: {nom}/dossier.schema.json
versions:
  - {{version: "1", a_partir_du: "{opening}", source: {source}}}
# Les textes que citent les sources, avec leurs sections : un renvoi à une autre section est une erreur.
# Où lire un texte se dit par `adresse` et `consultee_le`, le jour où la page a été lue.
documents:
  - {{nom: {document}, titre: {document_title}, sections: [{section}]}}
verification: {{parametres: 18 mois}}
demandeur: {{nom: demandeur.nom, siret: demandeur.siret}}
# Qui, avec le demandeur, détient une donnée (`aupres_de` des règles).
intervenants:
  service: {{nom: le service instructeur, a: au service instructeur}}
demandes:
  {demande}:
    titre: {request_title}
    racine: {demande}
    reception: {received}
""",
    PARAMETERS: """\
# yaml-language-server: $schema=../../schemas/parametres.schema.json
# Les dates, les montants, les taux : une valeur ne s'écrit que là.
parametres:

  limite_de_depot:
    titre: Fin de dépôt des demandes
    type: instant
    reference: decision
    valeurs:
      - {{a_partir_du: "{opening}", valeur: "{limit}", source: {source}}}
    jusqu_au: ouvert
    verifie_le: "{today}"
""",
    "exigences.yaml": """\
# yaml-language-server: $schema=../../schemas/exigences.schema.json
# Ce que le texte exige, et ce qu'en font les règles.
exigences:

  - id: REQ-DEL-01
    section: {section}
    resume: "La demande est reçue au plus tard à la fin de dépôt."
    traitement: regle
""",
    "regles/depot.yaml": """\
# yaml-language-server: $schema=../../../schemas/regles.schema.json
# Quand une demande peut être reçue.
regles:

  - id: DEL-DEPOT
    titre: Demande reçue avant la fin de dépôt
    demandes: [{demande}]
    delai: {{recu: {received}, au_plus_tard: limite_de_depot}}
    si_depasse:
      consequence: rejeter
      message: "Demande reçue le {{{received}}}, après la fin de dépôt du {{limite_de_depot}}."
    exigences: [REQ-DEL-01]
    source: {source}
    exemples:
      - {{avec: {{{received}: "{last}"}}, resultat: satisfait}}
      - {{avec: {{{received}: "{late}"}}, resultat: "non_satisfait:depasse"}}
      - {{avec: {{}}, resultat: manquant}}
""",
    "scenarios/depot.yaml": """\
# yaml-language-server: $schema=../../../schemas/scenarios.schema.json
# Un dossier connu, changé en un point, et la décision attendue.
scenarios:

  - titre: Demande reçue une seconde trop tard
    base: complete
    au: "{late_day}"
    changements:
      {received}: "{late}"
    attendu:
      {demande}: {{verdict: rejeter, regles: ["DEL-DEPOT:depasse"]}}
""",
}
_EXPECTED: Final = """\
titre: Demande complète, reçue à temps
au: "{day}"
demandes:
  {demande}:
    verdict: accepter
    provisoire: false
a_apprecier: []
recouvrement: []
"""

DRAFT: Final = Draft(
    "programme",
    "Ouvrir un programme : un paquet prêt à remplir.",
    (
        Question("nom", "Le nom du dossier de règles : minuscules sans accent, chiffres et tirets", _name),
        Question("titre", "Le nom du programme, en toutes lettres", sentence),
        Question("document", "Le nom court du texte, tel que les sources le citeront, comme « Décret »", sentence),
        Question("document-titre", "Son titre complet", sentence),
        Question("section", "La section qui fixe la fin de dépôt, comme « art. 3 »", sentence),
        Question("demande", "Le nom de la demande dans les dossiers", _request, value("aide")),
        Question("demande-titre", "Son titre", sentence, value("Demande d'aide")),
        Question("ouverture", "Premier jour d'application du texte", day),
        Question("fin-de-depot", "Fin de dépôt des demandes, par exemple « 31/12/2026 23:59:59 »", _limit),
    ),
    write,
    NewPack,
)
