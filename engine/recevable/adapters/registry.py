"""Import exports of other portals: the formats of a programme, their dossiers, and whether the mapping holds.

The list of adapters is here: a new one is a module with the interface of `contract.Adapter`, its line below, and its
block in `import.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from recevable.adapters import demarche_numerique, mapping
from recevable.adapters.contract import (
    Adapter,
    Cell,
    Export,
    ImportedDossier,
    ImportedPiece,
    ImportFormat,
    Question,
    Record,
)
from recevable.adapters.convert import ACCEPTED, CALLED, Refused, converted
from recevable.adapters.mapping import IMPORT, Entry, ImportMapping
from recevable.dossier.fields import APPLICANT, ELEMENT, Field
from recevable.dossier.fields import fields as dossier_fields
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, Span
from recevable.pack.kinds import documents
from recevable.pack.model import Pack
from recevable.pack.source import PackSource
from recevable.programme import InvalidDossier, InvalidPack, Programme

ADAPTERS: Final[Mapping[str, Adapter]] = {demarche_numerique.NAME: demarche_numerique}


def import_formats(programme: Programme) -> tuple[ImportFormat, ...]:
    """The formats of exports that a programme maps, in `import.yaml`; none without that file.  Raises InvalidPack."""
    return tuple(ImportFormat(name, ADAPTERS[name].TITLE) for name in _mappings(programme))


def import_export(programme: Programme, content: bytes, name: str, format_: str) -> Iterator[ImportedDossier]:
    """The dossiers of an export, in its order; each is valid against the schema, or has its faults.

    A fault of the whole export is the fault of a dossier of its name; so are its remarks.  Raises InvalidPack
    when `import.yaml` is wrong, ValueError for a format that the programme does not map.
    """
    found = _mapping(programme, format_)
    export = ADAPTERS[format_].read(content, name)
    if export.faults or export.remarks:
        yield ImportedDossier(name, faults=export.faults, remarks=export.remarks)
    if not export.records and not export.faults:
        fault = Diagnostic(
            "IMP-VIDE", "cet export ne contient aucun dossier", Span(name, 1, 1), "Vérifiez les filtres."
        )
        yield ImportedDossier(name, faults=(fault,))
    for record in export.records:
        yield _Dossier(programme, found, export, record, format_).imported()


def check_import(programme: Programme, content: bytes, name: str, format_: str) -> list[Diagnostic]:
    """What an export shows of a mapping, before anything is imported.

    Errors: questions that the export lacks, types that cannot convert, options without a meaning, questions that
    nothing takes.  Information: fields of the applicant that nothing fills.  Raises as `import_export`.
    """
    found = _mapping(programme, format_)
    export = ADAPTERS[format_].read(content, name)
    if export.faults:
        return list(export.faults)
    questions = export.questions or tuple(_seen(export.records))
    diagnostics = [
        *_checked(
            found.answers, [one for one in questions if not one.annotation and not one.within], questions, found, name
        ),
        *_checked(
            found.annotations, [one for one in questions if one.annotation and not one.within], questions, found, name
        ),
    ]
    filled = {one.path for one in found.targets()}
    above = {part for path in filled for part in _prefixes(path)}
    for first in programme.fields():
        for one in first.walk():
            leaf = not one.fields and one.element is None and one.kind != "objet"
            if leaf and APPLICANT in one.supplied_by and one.path not in filled and len(one.choices) != 1:
                where = "" if one.path.rpartition(".")[0] in above or "." not in one.path else " (ni rien autour)"
                message = f"rien ne remplit `{one.path}` ({one.title}){where}"
                diagnostics.append(Diagnostic("IMP-MANQUE", message, found.place, "", Severity.NOTE, subject=one.path))
    return diagnostics


def verify(source: PackSource, pack: Pack) -> list[Diagnostic]:
    """The faults of the `import.yaml` of a pack; the file is optional."""
    try:
        mapping.read(source, ADAPTERS, dossier_fields(pack.schema), frozenset(documents(pack.rules.values())))
    except DiagnosticError as error:
        return list(error.diagnostics)
    return []


def _mappings(programme: Programme) -> dict[str, ImportMapping]:
    asked = frozenset(one.path for one in programme.documents())
    try:
        return mapping.read(programme.source, ADAPTERS, programme.fields(), asked)
    except DiagnosticError as error:
        raise InvalidPack(error.diagnostics) from None


def _mapping(programme: Programme, format_: str) -> ImportMapping:
    found = _mappings(programme)
    if format_ not in found:
        raise ValueError(f"{programme.name} maps no export of {format_!r} in {IMPORT}")
    return found[format_]


# --- one dossier ------------------------------------------------------------------------------------------------------


class _Dossier:
    """A dossier being made of a record: what fills each field, and what goes wrong."""

    def __init__(
        self, programme: Programme, mapping_: ImportMapping, export: Export, record: Record, format_: str
    ) -> None:
        self.programme, self.mapping, self.export, self.record = programme, mapping_, export, record
        self.name = f"{format_}-{record.number}"
        self.faults: list[Diagnostic] = []
        self.remarks: list[Diagnostic] = []
        self.pieces: list[ImportedPiece] = []
        # what filled each field: the answer, for the message when the schema refuses it
        self.sources: dict[str, Cell] = {}

    def imported(self) -> ImportedDossier:
        self.allowed()
        data: dict[str, Any] = {}
        for first in self.programme.fields():
            if first.required and len(first.choices) == 1:
                data[first.path] = first.choices[0]
        for entry in self.mapping.data:
            cell = self.record.data.get(entry.label)
            if cell is not None:
                self.fill(data, entry, cell)
        self.answered(data, self.mapping.answers, self.record.answers)
        self.answered(data, self.mapping.annotations, self.record.annotations)
        for constant in self.mapping.constants:
            path = constant.field.path.split(".")
            # a constant says something of a request that was made, and makes none
            if isinstance(_found(data, path[:-1]), dict):
                self.put(data, path, constant.value, None)
        content = msgspec.json.encode(_ordered(data, self.programme.fields()))
        if not self.faults:
            self.validated(content)
        return ImportedDossier(
            self.name,
            b"" if self.faults else content,
            tuple(self.pieces),
            tuple(self.faults),
            tuple(self.remarks),
        )

    def fault(self, code: str, where: str, message: str, help: str) -> None:
        sentence = f"dossier n° {self.record.number}, {message}"
        self.faults.append(Diagnostic(code, sentence, self.export.span(where), help, subject=where))

    def allowed(self) -> None:
        """Refuse another form, and a state that the programme does not take."""
        record, known = self.record, self.mapping
        if known.forms and record.form is not None and record.form not in known.forms:
            listed = ", ".join(map(str, sorted(known.forms)))
            help = f"Il est fait pour : {listed}. Ajoutez ce numéro à `demarches` si les questions sont les mêmes."
            self.fault(
                "IMP-DEMARCHE", record.pointer, f"la démarche n° {record.form} n'est pas celle de import.yaml", help
            )
        if known.forms and record.form is None:
            message = f"dossier n° {record.number}, l'export ne dit pas de quelle démarche il vient"
            self.remarks.append(
                Diagnostic("IMP-DEMARCHE", message, self.export.span(record.pointer), severity=Severity.NOTE)
            )
        if record.state not in known.states:
            help = f"États repris : {', '.join(sorted(known.states))}. `etats`, dans import.yaml, en dit la liste."
            self.fault(
                "IMP-ETAT", record.pointer, f"il est dans l'état « {record.state} », que l'import ne reprend pas", help
            )

    def answered(self, data: dict[str, Any], entries: Sequence[Entry], cells: Sequence[Cell], row: str = "") -> None:
        """Put the answers of a form, or of a row, where they go; an answer that nothing takes is a fault."""
        taken: set[int] = set()
        for entry in entries:
            matching = [rank for rank, cell in enumerate(cells) if _is_of(entry, cell)]
            taken.update(matching)
            if len(matching) > 1:
                message = f"plusieurs questions s'appellent « {entry.name} »"
                self.fault(
                    "IMP-CHAMP", cells[matching[1]].pointer, message, "Désignez-la par son `id` dans import.yaml."
                )
            elif matching:
                self.fill(data, entry, cells[matching[0]], row)
        for rank, cell in enumerate(cells):
            if rank not in taken and cell.kind != "rien" and cell.label not in self.mapping.ignored:
                given = cell.value is not None and cell.value is not False
                if given or cell.unsure:
                    message = f"la question « {cell.label} » a une réponse, et import.yaml n'en dit rien"
                    help = "Ajoutez-la à `champs`, ou à `ignores` si elle ne sert pas à décider."
                    self.fault("IMP-CHAMP", cell.pointer, message, help)

    def fill(self, data: dict[str, Any], entry: Entry, cell: Cell, row: str = "") -> None:
        """Put one answer in its field."""
        path = entry.field.path.rpartition(ELEMENT + ".")[2].split(".")
        if entry.piece:
            self.join(data, entry, cell, path, row)
            return
        if entry.rows:
            if cell.kind != "lignes":
                self.fault(
                    "IMP-TYPE", cell.pointer, f"« {cell.label} » n'est pas un bloc répétable", "Corrigez import.yaml."
                )
                return
            rows = []
            for rank, cells in enumerate(cell.value or ()):
                item: dict[str, Any] = {}
                self.answered(item, entry.rows, cells, f"{row}{'/'.join(path)}/{rank}/")
                rows.append(item)
            if rows:
                self.put(data, path, rows, cell, row)
            return
        try:
            value = converted(entry, cell)
        except Refused as refused:
            self.fault("IMP-VALEUR", cell.pointer, f"« {cell.label} » : {refused.message}", refused.help)
            return
        if value is not None:
            self.put(data, path, value, cell, row)

    def join(self, data: dict[str, Any], entry: Entry, cell: Cell, path: list[str], row: str) -> None:
        """A piece is in the dossier when a file was sent for it."""
        if cell.kind != "fichiers":
            message = f"« {cell.label} » n'est pas une question où l'on joint un fichier"
            self.fault("IMP-TYPE", cell.pointer, message, "Corrigez import.yaml.")
            return
        for file, size, md5 in cell.value or ():
            self.pieces.append(ImportedPiece(entry.field.path, file, size, md5))
        if cell.value:
            self.put(data, path, {}, cell, row)

    def put(self, data: dict[str, Any], path: list[str], value: Any, cell: Cell | None, row: str = "") -> None:
        """Write a value; two answers that do not agree on one field are a fault."""
        for name in path[:-1]:
            data = data.setdefault(name, {})
        last = path[-1]
        known = data.get(last)
        if isinstance(known, dict) and value == {}:
            return
        if known is not None and known != value:
            if isinstance(known, dict) and isinstance(value, dict):
                return
            label = cell.label if cell is not None else "une constante"
            where = cell.pointer if cell is not None else self.record.pointer
            message = f"« {label} » contredit une autre réponse sur `{'.'.join(path)}`"
            self.fault("IMP-VALEUR", where, message, "Corrigez l'une des deux dans la démarche.")
            return
        data[last] = value
        if cell is not None:
            self.sources[row + "/".join(path)] = cell

    def validated(self, content: bytes) -> None:
        """Say what the schema refuses at the answers that it comes from."""
        try:
            self.programme.read(content, self.name)
        except InvalidDossier as error:
            for one in error.diagnostics:
                parts = one.subject.split("/")[1:]
                above = ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
                cell = next((self.sources[key] for key in above if key in self.sources), None)
                reason = one.message.removeprefix(f"{one.subject or 'racine'} : ")
                if cell is not None:
                    self.fault("IMP-VALEUR", cell.pointer, f"« {cell.label} » : {reason}", one.help)
                else:
                    self.fault("IMP-VALEUR", self.record.pointer, f"{one.subject or 'racine'} : {reason}", one.help)


def _is_of(entry: Entry, cell: Cell) -> bool:
    """Whether a cell answers the question of an entry: by identifier when the entry gives one, else by label."""
    return entry.id in cell.ids if entry.id else entry.label == cell.label


def _found(data: Any, path: Sequence[str]) -> Any:
    """The value at a path, None when there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _ordered(data: Any, fields: Sequence[Field]) -> Any:
    """The members of a dossier in the order of its schema."""
    if not isinstance(data, dict):
        return data
    found = {}
    for one in fields:
        name = one.path.rpartition(".")[2]
        if name not in data:
            continue
        value = data[name]
        if one.element is not None and isinstance(value, list):
            found[name] = [_ordered(item, one.element.fields) for item in value]
        else:
            found[name] = _ordered(value, one.fields)
    return found


# --- whether a mapping holds ------------------------------------------------------------------------------------------


def _seen(records: Sequence[Record]) -> Iterator[Question]:
    """The questions that the dossiers of an export show, when it does not describe its form."""
    known: set[tuple[object, ...]] = set()
    for record in records:
        for cells, annotation in ((record.answers, False), (record.annotations, True)):
            for question in _questions(cells, annotation, ""):
                key = (question.label, question.ids, question.annotation, question.within)
                if key not in known:
                    known.add(key)
                    yield question


def _questions(cells: Sequence[Cell], annotation: bool, within: str) -> Iterator[Question]:
    for cell in cells:
        yield Question(cell.label, cell.ids, cell.kind, (), annotation, within)
        if cell.kind == "lignes":
            for row in cell.value or ():
                yield from _questions(row, annotation, cell.label)


def _checked(
    entries: Sequence[Entry], asked: Sequence[Question], questions: Sequence[Question], known: ImportMapping, name: str
) -> Iterator[Diagnostic]:
    """What is wrong between the questions of a form, or of a repeated block, and the entries that take them."""
    taken: set[int] = set()
    for entry in entries:
        matching = [one for one in asked if _is_asked(entry, one)]
        taken.update(id(one) for one in matching)
        if not matching:
            message = f"aucune question ne s'appelle « {entry.name} » dans l'export"
            yield Diagnostic(
                "IMP-CHAMP", message, entry.place, "Corrigez le libellé, ou retirez cette ligne.", subject=entry.name
            )
        elif len(matching) > 1:
            message = f"plusieurs questions s'appellent « {entry.name} »"
            yield Diagnostic("IMP-CHAMP", message, entry.place, "Désignez-la par son `id`.", subject=entry.name)
        for question in matching[:1]:
            yield from _types(entry, question)
            if entry.rows:
                inside = [
                    one for one in questions if one.within == question.label and one.annotation == question.annotation
                ]
                yield from _checked(entry.rows, inside, questions, known, name)
    for question in asked:
        if id(question) not in taken and question.kind != "rien" and question.label not in known.ignored:
            message = f"la question « {question.label} » n'est reprise par rien"
            help = "Ajoutez-la à `champs`, ou à `ignores`."
            yield Diagnostic("IMP-CHAMP", message, known.place, help, subject=question.label)


def _types(entry: Entry, question: Question) -> Iterator[Diagnostic]:
    """A type that cannot convert, an option without a meaning, what a box or a rate must declare and does not."""

    def diagnostic(code: str, message: str, help: str) -> Diagnostic:
        return Diagnostic(code, f"« {entry.name} » : {message}", entry.place, help, subject=entry.name)

    wanted = "fichiers" if entry.piece else "lignes" if entry.rows else ""
    if wanted and question.kind != wanted:
        yield diagnostic("IMP-TYPE", f"{CALLED[question.kind]} n'est pas {CALLED[wanted]}", "Corrigez import.yaml.")
        return
    if wanted:
        return
    leaf = entry.field.element or entry.field
    if question.kind in ("fichiers", "lignes", "rien") or (question.kind == "valeurs" and entry.field.element is None):
        called = CALLED.get(question.kind, "un titre")
        yield diagnostic(
            "IMP-TYPE", f"{called} ne se convertit pas en {CALLED.get(leaf.kind, leaf.kind)}", "Corrigez import.yaml."
        )
        return
    listed = bool(entry.values or leaf.choices)
    if not listed and question.kind != "valeurs" and question.kind not in ACCEPTED.get(leaf.kind, ()):
        message = f"{CALLED[question.kind]} ne se convertit pas en {CALLED.get(leaf.kind, leaf.kind)}"
        yield diagnostic("IMP-TYPE", message, "Corrigez import.yaml.")
    if leaf.kind == "taux" and not entry.unit:
        yield diagnostic("IMP-TYPE", "un taux sans unité", "Ajoutez `unite: pourcent` ou `unite: fraction`.")
    if question.kind == "case" and leaf.kind == "booleen" and not entry.unticked:
        yield diagnostic(
            "IMP-TYPE", "une case décochée n'a pas de sens", "Ajoutez `decochee: non` ou `decochee: absent`."
        )
    if listed and leaf.kind != "booleen" and question.options:
        meanings = set(entry.values) or set(map(str, leaf.choices))
        for option in question.options:
            if option not in meanings:
                yield diagnostic("IMP-VALEUR", f"l'option « {option} » n'a pas de sens", "Ajoutez-la à `valeurs`.")
    never = [str(choice) for choice in leaf.choices if entry.values and str(choice) not in entry.values.values()]
    if never:
        message = f"aucune réponse ne donne {', '.join(f'`{one}`' for one in never)}"
        yield Diagnostic(
            "IMP-VALEUR", f"« {entry.name} » : {message}", entry.place, "", Severity.NOTE, subject=entry.name
        )


def _is_asked(entry: Entry, question: Question) -> bool:
    return entry.id in question.ids if entry.id else entry.label == question.label


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split(".")
    for count in range(1, len(parts)):
        yield ".".join(parts[:count])
