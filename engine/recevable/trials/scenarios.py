"""Read the scenarios of policy staff: an initial dossier, some changes, and the expected result.

They are in `scenarios/*.yaml` of a pack; initial dossiers are in `scenarios/dossiers` or among the known dossiers.  A
scenario that tests nothing new (no change, a change without effect, a verdict without its rules) is an error.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable import files
from recevable.dossier.dossier import Dossier, load
from recevable.dossier.limits import MAX_BYTES
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.language.types import Kind, Type, walk
from recevable.pack.facts import read_fact
from recevable.pack.hints import did_you_mean
from recevable.pack.model import APPRAISALS
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence, to_data
from recevable.pack.reader import Reader
from recevable.pack.yaml_strict import read_alone
from recevable.programme import Programme
from recevable.trials.expectations import Expectation, ExpectationReader

FOLDER: Final = "scenarios"
DOSSIERS: Final = "dossiers"
# `changements: {demande.pieces.rib: absent}` removes a datum.
ABSENT: Final = "absent"
# What people write instead.
_ABSENTS: Final = ("absente", "absents", "absentes", "abscent", "abscente", "aucun", "aucune", "rien", "null", "~")


class Scenario(Struct, frozen=True):
    """A scenario ready to run; `place` is that of its title, with the file name relative to the pack."""

    title: str
    place: Span
    dossier: Dossier
    day: date
    expectation: Expectation


class ScenarioReader:
    """Reads the scenarios of a programme; faults go to `diagnostics`.  `used` are the initial dossiers.

    `before`: an earlier version, whose answers may be expected.
    """

    def __init__(
        self,
        programme: Programme,
        dossiers: Path | None,
        diagnostics: list[Diagnostic],
        before: Programme | None = None,
    ) -> None:
        self.programme, self.diagnostics = programme, diagnostics
        self.reading = ExpectationReader(programme.compiled, before.compiled if before is not None else None)
        self.folder = programme.folder
        self.facts, self.manifest = programme.pack.facts, programme.manifest
        self.appraisals = list(programme.compiled.answers)
        own = [] if self.folder is None else sorted((self.folder / FOLDER / DOSSIERS).glob("*.json"))
        known = [] if dossiers is None else sorted(dossiers.glob("*.json"))
        self.own = {path.stem: path for path in own}
        # those of the pack come first
        self.bases = {path.stem: path for path in known} | self.own
        self.used: set[str] = set()
        self._data: dict[str, dict[str, Any] | None] = {}
        self._titles: dict[str, Span] = {}

    def read(self) -> Iterator[Scenario]:
        """Every scenario, by file and in order."""
        before = len(self.diagnostics)
        for path in () if self.folder is None else sorted((self.folder / FOLDER).glob("*.yaml")):
            yield from self._file(path)
        # an unreadable scenario may be the one that uses it
        for base in sorted(self.own.keys() - self.used) if len(self.diagnostics) == before else ():
            message = f"aucun scénario ne part du dossier `{base}`"
            place = Span(self._name(self.own[base]), 1, 1)
            self.diagnostics.append(Diagnostic("SCE-BASE", message, place, "Écrivez-en un, ou supprimez ce dossier."))

    def _name(self, path: Path) -> str:
        """The displayed name of a file: relative to the pack, or absolute."""
        inside = self.folder is not None and path.is_relative_to(self.folder)
        return path.relative_to(self.folder).as_posix() if self.folder is not None and inside else str(path)

    def _file(self, path: Path) -> Iterator[Scenario]:
        name = self._name(path)
        try:
            _, node = read_alone(path, name)
        except DiagnosticError as error:
            self.diagnostics += error.diagnostics
            return
        if not isinstance(node, Mapping):
            help = "Écrivez `scenarios:` en tête du fichier, puis un scénario par tiret."
            self.diagnostics.append(Diagnostic("PAQ-BLOC", f"`{name}` doit contenir des clés", node.span, help))
            return
        reader = Reader(node, self.diagnostics, f"`{name}`")
        for item in reader.mappings("scenarios", "un scénario"):
            scenario = self._scenario(item)
            if scenario is not None:
                yield scenario
        reader.finish()
        items = node.entries.get("scenarios")
        if isinstance(items, Sequence) and not items.items:
            help = "Écrivez au moins un scénario, ou supprimez le fichier."
            reader.fault("PAQ-VIDE", f"`{name}` n'a aucun scénario", items.span, help)

    def _scenario(self, reader: Reader) -> Scenario | None:
        before = len(reader.diagnostics)
        title = reader.scalar("titre")
        if title is not None:
            reader.what = f"le scénario « {title.text} »"
            self._new(title, reader)
        base, day = reader.scalar("base"), reader.day("au")
        reader.text("note", required=False)
        data = self._base(base, reader) if base is not None else None
        changes = reader.mapping("changements")
        block = reader.mapping("attendu")
        expectation = self.reading.scenario(block) if block is not None else None
        if block is not None and not block.node.keys:
            help = "Dites le verdict d'une demande, ses `regles` et ses `montants`."
            reader.fault("SCE-ATTENDU", "ce scénario n'attend rien", reader.node.keys["attendu"].span, help)
        if changes is not None and not changes.node.keys:
            help = "Changez au moins une donnée : une base sans changement est déjà connue."
            reader.fault("SCE-INCHANGE", "ce scénario ne change rien", reader.node.keys["changements"].span, help)
        changed = self._changed(data, changes) if data is not None and changes is not None else None
        reader.finish()
        if title is None or day is None or changed is None or changes is None or expectation is None:
            return None
        if len(reader.diagnostics) > before:
            return None
        dossier = self._valid(changed, title, changes)
        return None if dossier is None else Scenario(title.text, title.span, dossier, day, expectation)

    def _new(self, title: Scalar, reader: Reader) -> None:
        first = self._titles.setdefault(title.text, title.span)
        if first != title.span:
            message = f"un autre scénario a déjà ce titre ({first})"
            reader.fault("PAQ-DOUBLON", message, title.span, "Dites ce que celui-ci montre de plus.")

    # --- the dossier ------------------------------------------------------------------------------------------------

    def _base(self, base: Scalar, reader: Reader) -> dict[str, Any] | None:
        self.used.add(base.text)
        if base.text not in self.bases:
            help = did_you_mean(base.text, self.bases)
            help = help or f"Mettez-le dans `{FOLDER}/{DOSSIERS}/`, ou parmi les dossiers connus (--dossiers)."
            message = f"le dossier `{base.text}` n'existe pas"
            reader.diagnostics.append(Diagnostic("SCE-BASE", message, base.span, help, subject=base.text))
            return None
        if base.text not in self._data:
            self._data[base.text] = self._read_base(self.bases[base.text])
        if self._data[base.text] is None:
            message = f"le dossier `{base.text}` ne peut pas servir de base"
            reader.fault("SCE-BASE", message, base.span, "Corrigez d'abord ce dossier.")
        return self._data[base.text]

    def _read_base(self, path: Path) -> dict[str, Any] | None:
        try:
            return load(files.read(path, MAX_BYTES, path.parent), self._name(path), self.programme.validator).data
        except DiagnosticError as error:
            self.diagnostics += error.diagnostics
        except OSError as error:
            place = Span(self._name(path), 1, 1)
            self.diagnostics.append(Diagnostic("ENTREE-LECTURE", f"`{path.name}` {files.reason(error)}", place))
        return None

    def _changed(self, data: dict[str, Any], changes: Reader) -> dict[str, Any]:
        """The data with every change made, in order; each must have an effect."""
        changed = copy.deepcopy(data)
        for path, key in changes.node.keys.items():
            changes.has(path)
            before, faults = copy.deepcopy(changed), len(changes.diagnostics)
            self._change(changed, path, changes.node.entries[path], key, changes)
            if len(changes.diagnostics) == faults and changed == before:
                absent = _is_absent(changes.node.entries[path])
                message = f"`{path}` {'est déjà absent du' if absent else 'a déjà cette valeur dans le'} dossier"
                help = "Retirez cette ligne, ou donnez une autre valeur."
                changes.fault("SCE-INCHANGE", message, changes.node.entries[path].span, help)
        return changed

    def _change(self, data: dict[str, Any], path: str, node: Node, key: Scalar, changes: Reader) -> None:
        """Make one change, or report why it cannot be made."""
        parts = path.split(".")
        type_: Type | None = self.facts
        # at each part, the object or list that contains it
        holder: Any = data
        for rank, part in enumerate(parts):
            assert type_ is not None
            step: Any = part
            if type_.kind is Kind.LIST:
                step, type_ = int(part) if part.isdecimal() else -1, type_.item
                if not isinstance(holder, list) or not 0 <= step < len(holder):
                    message = f"`{'.'.join(parts[:rank])}` n'a pas d'élément `{part}` dans ce dossier"
                    changes.fault("SCE-CHAMP", message, key.span, "Le premier élément d'une liste est `0`.")
                    return
            elif parts[0] == APPRAISALS and rank == 1:
                if self._unknown_question(part, key, changes):
                    return
                _put(holder, parts[rank:], None if _is_absent(node) else to_data(node))
                return
            else:
                type_ = type_.fields.get(part)
            if type_ is None:
                help = did_you_mean(path, [known for known, _ in walk(self.facts)])
                help = help or "Donnez le chemin d'un champ du dossier."
                changes.fault("SCE-CHAMP", f"champ inconnu : `{path}`", key.span, help)
                return
            if rank < len(parts) - 1:
                if not isinstance(holder, dict):
                    holder = holder[step]
                elif _is_absent(node):
                    # do not create something only to empty it
                    holder = holder.get(step, {})
                else:
                    holder = holder.setdefault(step, {})
            elif isinstance(node, Scalar) and not node.quoted and node.text in _ABSENTS:
                help = f"Écrivez `{ABSENT}` : la donnée est alors ôtée du dossier."
                changes.fault("EXE-FAIT", f"`{node.text}` n'ôte pas la donnée `{path}`", node.span, help)
            elif not _is_absent(node):
                holder[step] = read_fact(node, type_, path, changes, self.manifest)
            elif isinstance(holder, list) or step in holder:
                del holder[step]

    def _unknown_question(self, name: str, key: Scalar, changes: Reader) -> bool:
        if name in self.appraisals:
            return False
        help = did_you_mean(name, self.appraisals) or f"Questions du paquet : {', '.join(self.appraisals) or 'aucune'}."
        changes.fault("SCE-CHAMP", f"aucune règle ne pose la question `{name}`", key.span, help)
        return True

    def _valid(self, data: dict[str, Any], title: Scalar, changes: Reader) -> Dossier | None:
        """The changed dossier, validated against the schema; faults are reported at the change."""
        try:
            return load(msgspec.json.encode(data), title.text, self.programme.validator)
        except DiagnosticError as error:
            for fault in error.diagnostics:
                pointer, _, reason = fault.message.partition(" : ")
                pointer = pointer if pointer.startswith("/") else ""
                place = _responsible(pointer, reason, changes) or title.span
                where = f"`{pointer[1:].replace('/', '.')}` : " if pointer.startswith("/") else ""
                message = f"le dossier changé n'a plus la forme d'un dossier : {where}{reason}"
                self.diagnostics.append(Diagnostic("SCE-SCHEMA", message, place, fault.help))
        return None


def _is_absent(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == ABSENT and not node.quoted


def _put(data: dict[str, Any], parts: list[str], value: Any) -> None:
    """Set a value at a path of nested objects, or remove it when None, without creating objects."""
    for part in parts[:-1]:
        if value is None and part not in data:
            return
        data = data.setdefault(part, {})
    if value is None:
        data.pop(parts[-1], None)
    else:
        data[parts[-1]] = value


def _responsible(pointer: str, reason: str, changes: Reader) -> Span | None:
    """The place of the change that caused a schema fault: the last one around it, or below it."""
    around, below = None, None
    for path, key in changes.node.keys.items():
        own = "/" + path.replace(".", "/")
        if pointer == own or pointer.startswith(f"{own}/"):
            node = changes.node.entries[path]
            around = node.span if isinstance(node, Scalar) else key.span
        elif own.startswith(f"{pointer}/") and (below is None or f"`{path.rpartition('.')[2]}`" in reason):
            below = key.span
    return around or below
