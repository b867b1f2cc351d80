"""The export of *démarche numérique* (demarche.numerique.gouv.fr): the answer of its GraphQL API, in JSON.

Read from its schema: `dossier`, or `demarche` and `groupeInstructeur` with their pages of `dossiers`.  What matters is
what the export does not say: a question « oui / non » that nobody answered has `"false"` as its text, and only its
typed value (`selected`) is null; a box has no third state.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from recevable.adapters import export_json
from recevable.adapters.contract import Cell, Export, Question, Record
from recevable.dossier.limits import pointer
from recevable.language.diagnostics import Diagnostic, DiagnosticError

NAME: Final = "demarche-numerique"
TITLE: Final = "Démarche numérique (réponse de l'API GraphQL)"
STATES: Final = ("en_construction", "en_instruction", "accepte", "refuse", "sans_suite")
DATA: Final[Mapping[str, str]] = {
    "numero": "texte",
    "depose_le": "instant",
    "passe_en_construction_le": "instant",
    "passe_en_instruction_le": "instant",
    "traite_le": "instant",
    "usager.courriel": "texte",
    "demandeur.siret": "texte",
    "demandeur.raison_sociale": "texte",
    "demandeur.forme_juridique": "texte",
    "demandeur.civilite": "texte",
    "demandeur.nom": "texte",
    "demandeur.prenom": "texte",
    "demandeur.courriel": "texte",
    "mandataire.nom": "texte",
    "mandataire.prenom": "texte",
}
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "numero": ("number",),
    "depose_le": ("dateDepot",),
    "passe_en_construction_le": ("datePassageEnConstruction",),
    "passe_en_instruction_le": ("datePassageEnInstruction",),
    "traite_le": ("dateTraitement",),
    "usager.courriel": ("usager", "email"),
    "demandeur.siret": ("demandeur", "siret"),
    "demandeur.raison_sociale": ("demandeur", "entreprise", "raisonSociale"),
    "demandeur.forme_juridique": ("demandeur", "entreprise", "formeJuridique"),
    "demandeur.civilite": ("demandeur", "civilite"),
    "demandeur.nom": ("demandeur", "nom"),
    "demandeur.prenom": ("demandeur", "prenom"),
    "demandeur.courriel": ("demandeur", "email"),
    "mandataire.nom": ("nomMandataire",),
    "mandataire.prenom": ("prenomMandataire",),
}
_KINDS: Final[Mapping[str, str]] = {
    "CheckboxChamp": "case",
    "YesNoChamp": "booleen",
    "DateChamp": "date",
    "DatetimeChamp": "instant",
    "IntegerNumberChamp": "entier",
    "DecimalNumberChamp": "decimal",
    "MultipleDropDownListChamp": "valeurs",
    "PieceJustificativeChamp": "fichiers",
    "TitreIdentiteChamp": "fichiers",
    "RepetitionChamp": "lignes",
    "HeaderSectionChamp": "rien",
    "ExplicationChamp": "rien",
}
_HOW: Final = "Redemandez l'export avec la requête enregistrée `ds-query-v2` de l'API."
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}([.,][0-9]{1,18})?")
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read(content: bytes, name: str) -> Export:
    """See Adapter."""
    try:
        value, positions = export_json.read(content, name)
    except DiagnosticError as error:
        return Export(name, (), (), error.diagnostics, (), None)
    found = Export(name, (), (), (), (), positions)
    try:
        faults: list[Diagnostic] = []
        remarks: list[Diagnostic] = []
        questions: list[Question] = []
        records = list(_records(value, found, faults, remarks, questions))
    except _Shape as shape:
        return Export(name, (), (), (shape.diagnostic(found),), (), positions)
    return Export(name, tuple(records), tuple(questions), tuple(faults), tuple(remarks), positions)


class _Shape(Exception):
    """A part of the export that does not have the form of one: its pointer, and what it should be."""

    def __init__(self, where: str, message: str, help: str = _HOW) -> None:
        super().__init__(message)
        self.where, self.message, self.help = where, message, help

    def diagnostic(self, export: Export) -> Diagnostic:
        """The fault, at its place."""
        message = f"{self.where or 'racine'} : {self.message}"
        return Diagnostic("IMP-FORME", message, export.span(self.where), self.help, subject=self.where)


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Shape(where, "il faut un objet `{…}`")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Shape(where, "il faut une liste `[…]`")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _Shape(where, "il faut un texte")
    return value


def _records(
    value: Any, export: Export, faults: list[Diagnostic], remarks: list[Diagnostic], questions: list[Question]
) -> Iterator[Record]:
    root, where = _object(value, ""), ""
    if root.get("errors"):
        message = "/errors : l'API a signalé une erreur, cet export peut être incomplet"
        faults.append(Diagnostic("IMP-FORME", message, export.span("/errors"), "Refaites l'export.", subject="/errors"))
    if "data" in root:
        root, where = _object(root["data"], "/data"), "/data"
    if "dossier" in root:
        yield from _record(root["dossier"], f"{where}/dossier", None, export, faults, questions)
        return
    for holder in ("demarche", "groupeInstructeur"):
        if holder in root:
            above = _object(root[holder], f"{where}/{holder}")
            form = above.get("number") if holder == "demarche" else None
            _descriptors(above.get("activeRevision"), f"{where}/{holder}/activeRevision", questions)
            page = _object(above.get("dossiers"), f"{where}/{holder}/dossiers")
            following = page.get("pageInfo")
            if isinstance(following, dict) and following.get("hasNextPage"):
                message = "l'export s'arrête à une page : il reste d'autres dossiers à demander"
                help = "Exportez la page suivante (`after: endCursor`), et importez-la aussi."
                remarks.append(Diagnostic("IMP-SUITE", message, export.span(f"{where}/{holder}/dossiers"), help))
            below = f"{where}/{holder}/dossiers/nodes"
            for rank, one in enumerate(_list(page.get("nodes"), below)):
                yield from _record(one, f"{below}/{rank}", form, export, faults, questions)
            return
    raise _Shape(where, "ni `dossier`, ni `demarche`, ni `groupeInstructeur` : ce n'est pas un export de dossiers")


def _record(
    value: Any, where: str, form: Any, export: Export, faults: list[Diagnostic], questions: list[Question]
) -> Iterator[Record]:
    """The record of a dossier; one that has not the form of a dossier is a fault and the others are read."""
    try:
        data = _object(value, where)
        number = data.get("number")
        if not isinstance(number, int) or isinstance(number, bool):
            raise _Shape(f"{where}/number", "il faut le numéro du dossier")
        procedure = data.get("demarche")
        if isinstance(procedure, dict):
            form = procedure.get("number", form)
            _descriptors(procedure.get("revision"), f"{where}/demarche/revision", questions)
        cells = {name: cell for name in DATA if (cell := _datum(data, where, name)) is not None}
        yield Record(
            where,
            str(number),
            _text(data.get("state"), f"{where}/state"),
            form if isinstance(form, int) and not isinstance(form, bool) else None,
            cells,
            tuple(_cells(data.get("champs"), f"{where}/champs")),
            tuple(_cells(data.get("annotations", []), f"{where}/annotations")),
        )
    except _Shape as shape:
        faults.append(shape.diagnostic(export))


def _datum(data: dict[str, Any], where: str, name: str) -> Cell | None:
    """A datum of the portal itself; None when the export does not hold it."""
    found: Any = data
    for part in _PLACES[name]:
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    here = where + pointer(*_PLACES[name])
    if found is not None and name == "numero":
        found = str(found)
    if found is not None:
        found = _text(found, here)
    return Cell(here, name, (), DATA[name], found or None)


def _cells(value: Any, where: str) -> Iterator[Cell]:
    for rank, one in enumerate(_list(value, where)):
        yield _cell(_object(one, f"{where}/{rank}"), f"{where}/{rank}")


def _cell(champ: dict[str, Any], where: str) -> Cell:
    label = _text(champ.get("label"), f"{where}/label").strip()
    ids = tuple(
        dict.fromkeys(
            one.partition("|")[0] for key in ("champDescriptorId", "id") if isinstance(one := champ.get(key), str)
        )
    )
    type_ = champ.get("__typename", "")
    kind = _KINDS.get(_text(type_, f"{where}/__typename"), "texte")
    if not type_:
        # without the type of a question, its fields tell it
        kind = next((one for key, one in _BY_FIELD if key in champ), "texte")
    value, unsure = _value(champ, kind, where)
    return Cell(where, label, ids, kind, value, unsure)


_BY_FIELD: Final = (
    ("rows", "lignes"), ("files", "fichiers"), ("checked", "case"), ("selected", "booleen"), ("datetime", "instant"),
    ("date", "date"), ("integerNumber", "entier"), ("decimalNumber", "decimal"), ("values", "valeurs"),
)  # fmt: skip


def _value(champ: dict[str, Any], kind: str, where: str) -> tuple[Any, str]:
    """The answer, None when there is none; and why one cannot tell."""
    written = champ.get("stringValue")
    text = _text(written, f"{where}/stringValue").strip() if written is not None else ""
    if kind == "rien":
        return None, ""
    if kind == "lignes":
        if "rows" not in champ:
            raise _Shape(where, "les lignes de ce bloc répétable manquent (`rows`)")
        rows = []
        for rank, row in enumerate(_list(champ["rows"], f"{where}/rows")):
            here = f"{where}/rows/{rank}"
            rows.append(tuple(_cells(_object(row, here).get("champs"), f"{here}/champs")))
        return tuple(rows) or None, ""
    if kind == "fichiers":
        return tuple(_files(champ, where)) or None, ""
    if kind in ("booleen", "case"):
        return _truth(champ, kind, text, where)
    if kind == "valeurs":
        values = champ.get("values")
        if values is None:
            return (text,) if text else None, ""
        return tuple(
            _text(one, f"{where}/values/{rank}") for rank, one in enumerate(_list(values, f"{where}/values"))
        ) or None, ""
    if kind in ("date", "instant"):
        return _time(champ, kind, text, where)
    if kind in ("entier", "decimal"):
        return _number(champ, kind, text, where), ""
    return text or None, ""


def _truth(champ: dict[str, Any], kind: str, text: str, where: str) -> tuple[Any, str]:
    """A yes or a no by its typed value alone: the text of a question that nobody answered is `false`."""
    key = next((one for one in ("selected", "checked", "value") if one in champ), None)
    if key is None:
        if text == "true":
            return True, ""
        return (
            None,
            "l'export donne le texte « false » sans valeur typée : un « non » et une absence de réponse s'y confondent",
        )
    value = champ[key]
    if value is not None and not isinstance(value, bool):
        raise _Shape(f"{where}/{key}", "il faut `true`, `false` ou `null`")
    return value, ""


def _time(champ: dict[str, Any], kind: str, text: str, where: str) -> tuple[Any, str]:
    key = "date" if kind == "date" else "datetime"
    if key in champ or "value" in champ:
        key = key if key in champ else "value"
        value = champ[key]
        return (_text(value, f"{where}/{key}") or None) if value is not None else None, ""
    if not text or (kind == "date" and _ISO_DAY.fullmatch(text)):
        return text or None, ""
    return None, f"l'export écrit « {text[:40]} » sans la valeur typée (`{key}`)"


def _number(champ: dict[str, Any], kind: str, text: str, where: str) -> Any:
    """An exact number: the text that the applicant typed, rather than a binary number made from it."""
    key = next((one for one in ("integerNumber", "decimalNumber", "value") if one in champ), None)
    typed = champ[key] if key is not None else None
    written = text.replace(" ", "").replace("\N{NARROW NO-BREAK SPACE}", "").replace("\N{NO-BREAK SPACE}", "")
    if not written and typed is not None:
        written = str(typed)
    if not written:
        return None
    if not _NUMBER.fullmatch(written):
        raise _Shape(where, f"« {written[:40]} » n'est pas un nombre")
    value = Decimal(written.replace(",", "."))
    if typed is not None:
        if isinstance(typed, bool) or not isinstance(typed, (int, str, Decimal)) or not _NUMBER.fullmatch(str(typed)):
            raise _Shape(f"{where}/{key}", "il faut un nombre")
        if Decimal(str(typed)) != value:
            raise _Shape(
                where, f"le texte « {written[:40]} » et le nombre `{str(typed)[:40]}` ne disent pas la même chose"
            )
    return value


def _files(champ: dict[str, Any], where: str) -> Iterator[tuple[str, int | None, str]]:
    """Name, size and MD5 in hexadecimal of each file; the address, which opens the file to anyone, is left out."""
    if "files" not in champ:
        raise _Shape(where, "les fichiers de cette pièce manquent (`files`)")
    for rank, one in enumerate(_list(champ["files"], f"{where}/files")):
        here = f"{where}/files/{rank}"
        file = _object(one, here)
        size = file.get("byteSize", file.get("byteSizeBigInt"))
        number = int(size) if isinstance(size, (int, str)) and re.fullmatch(r"[0-9]{1,15}", str(size)) else None
        yield _text(file.get("filename"), f"{here}/filename"), number, _md5(file.get("checksum"))


def _md5(checksum: Any) -> str:
    if not isinstance(checksum, str):
        return ""
    try:
        return base64.b64decode(checksum, validate=True).hex()
    except (binascii.Error, ValueError):
        return ""


def _descriptors(revision: Any, where: str, questions: list[Question]) -> None:
    """The questions of a form, when the export was asked for with them; read once."""
    if questions or not isinstance(revision, dict):
        return
    for key in ("champDescriptors", "annotationDescriptors"):
        if isinstance(revision.get(key), list):
            _questions(revision[key], f"{where}/{key}", key == "annotationDescriptors", "", questions)


def _questions(value: list[Any], where: str, annotation: bool, within: str, questions: list[Question]) -> None:
    for rank, item in enumerate(value):
        here = f"{where}/{rank}"
        one = _object(item, here)
        label = _text(one.get("label"), f"{here}/label").strip()
        type_ = _text(one.get("__typename", ""), f"{here}/__typename").removesuffix("Descriptor")
        options = one.get("options")
        choices = tuple(str(option) for option in options) if isinstance(options, list) else ()
        ids = (one["id"],) if isinstance(one.get("id"), str) else ()
        questions.append(Question(label, ids, _KINDS.get(type_, "texte"), choices, annotation, within))
        if isinstance(one.get("champDescriptors"), list):
            _questions(one["champDescriptors"], f"{here}/champDescriptors", annotation, label, questions)
