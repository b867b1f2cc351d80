"""The scenarios of policy staff: a known dossier, a few changes, and what must come of it.

`scenarios/*.yaml` of a pack; the dossiers that they start from lie in `scenarios/dossiers`, or are known dossiers.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable.dossier.dossier import Dossier, load
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.language.types import Kind, Type, walk
from recevable.pack.facts import read_fact
from recevable.pack.hints import did_you_mean
from recevable.pack.kinds.appraisal import APPRAISALS
from recevable.pack.nodes import Mapping, Node, Scalar, to_data
from recevable.pack.reader import Reader
from recevable.pack.yaml_strict import read_file
from recevable.trials.expectations import Expectation, ExpectationReader
from recevable.trials.workbench import Workbench

FOLDER: Final = "scenarios"
DOSSIERS: Final = "dossiers"
# `changements: {avance.pieces.rib: absent}` takes a datum out.
ABSENT: Final = "absent"


class Scenario(Struct, frozen=True):
    """A scenario ready to run; `place` is that of its title, `file` is named from the pack's folder."""

    title: str
    place: Span
    dossier: Dossier
    day: date
    expectation: Expectation


def read_scenarios(bench: Workbench, diagnostics: list[Diagnostic]) -> Iterator[Scenario]:
    """Every scenario of a pack, by file and in order; those that cannot be read go to `diagnostics`."""
    titles: dict[str, Span] = {}
    used: set[str] = set()
    bases = _bases(bench)
    for path in sorted((bench.folder / FOLDER).glob("*.yaml")):
        name = path.relative_to(bench.folder).as_posix()
        try:
            _, node = read_file(path, name)
        except DiagnosticError as error:
            diagnostics.extend(error.diagnostics)
            continue
        if not isinstance(node, Mapping):
            help = "Écrivez `scenarios:` en tête du fichier, puis un scénario par tiret."
            diagnostics.append(Diagnostic("PAQ-BLOC", f"`{name}` doit contenir des clés", node.span, help))
            continue
        reader = Reader(node, diagnostics, f"`{name}`")
        items = list(reader.mappings("scenarios", "un scénario"))
        if not items and isinstance(node.entries.get("scenarios"), Node):
            help = "Écrivez au moins un scénario, ou supprimez le fichier."
            reader.fault("PAQ-VIDE", f"`{name}` n'a aucun scénario", node.span, help)
        for item in items:
            scenario = _Reading(bench, item, bases, used, titles).read()
            if scenario is not None:
                yield scenario
        reader.finish()
    for base, path in bases.items():
        if path.parent.parent.name == FOLDER and base not in used:
            place = Span(path.relative_to(bench.folder).as_posix(), 1, 1)
            message = f"aucun scénario ne part du dossier `{base}`"
            diagnostics.append(Diagnostic("SCE-BASE", message, place, "Écrivez-en un, ou supprimez ce dossier."))


def _bases(bench: Workbench) -> dict[str, Path]:
    """The dossiers that a scenario can start from, by name; those of the pack come first."""
    own = sorted((bench.folder / FOLDER / DOSSIERS).glob("*.json"))
    known = sorted(bench.dossiers.glob("*.json")) if bench.dossiers is not None else []
    return {path.stem: path for path in (*known, *own)}


class _Reading:
    def __init__(
        self, bench: Workbench, reader: Reader, bases: dict[str, Path], used: set[str], titles: dict[str, Span]
    ) -> None:
        self.bench, self.reader, self.bases, self.used, self.titles = bench, reader, bases, used, titles
        self.facts = bench.compiled.pack.facts
        self.zone = bench.compiled.pack.manifest.zone

    def read(self) -> Scenario | None:
        reader = self.reader
        before = len(reader.diagnostics)
        title = reader.scalar("titre")
        if title is not None:
            reader.what = f"le scénario « {title.text} »"
            self._new(title)
        base, day = reader.scalar("base"), reader.day("au")
        reader.text("note", required=False)
        data = self._base(base) if base is not None else None
        changes = reader.mapping("changements", required=False)
        block = reader.mapping("attendu")
        expectation = ExpectationReader(self.bench.compiled).scenario(block) if block is not None else None
        if block is not None and not block.node.keys:
            reader.fault("SCE-REGLES", "ce scénario n'attend rien", block.node.span, "Dites le verdict et ses règles.")
        reader.finish()
        if title is None or day is None or data is None or expectation is None:
            return None
        changed = self._changed(data, changes)
        if len(reader.diagnostics) > before:
            return None
        dossier = self._valid(changed, title, changes)
        return None if dossier is None else Scenario(title.text, title.span, dossier, day, expectation)

    def _new(self, title: Scalar) -> None:
        first = self.titles.setdefault(title.text, title.span)
        if first != title.span:
            message = f"un autre scénario a déjà ce titre ({first})"
            self.reader.fault("PAQ-DOUBLON", message, title.span, "Dites ce que celui-ci montre de plus.")

    def _base(self, base: Scalar) -> dict[str, Any] | None:
        path = self.bases.get(base.text)
        if path is None:
            help = did_you_mean(base.text, self.bases) or f"Mettez-le dans `{FOLDER}/{DOSSIERS}/`."
            self.reader.fault("SCE-BASE", f"le dossier `{base.text}` n'existe pas", base.span, help)
            return None
        self.used.add(base.text)
        try:
            data: dict[str, Any] = load(path.read_bytes(), path.name, self.bench.validator).data
        except (DiagnosticError, OSError) as error:
            said = error.diagnostics[0].message if isinstance(error, DiagnosticError) else "il ne peut pas être lu"
            message = f"le dossier `{base.text}` ne convient pas : {said}"
            self.reader.fault("SCE-BASE", message, base.span, "Corrigez ce dossier.")
            return None
        return data

    def _changed(self, data: dict[str, Any], changes: Reader | None) -> dict[str, Any]:
        """The data with every change made; each must change something."""
        changed = copy.deepcopy(data)
        for path, key in changes.node.keys.items() if changes else ():
            assert changes is not None
            node, before = changes.node.entries[path], copy.deepcopy(changed)
            if self._change(changed, path, node, key, changes) and changed == before:
                help = "Retirez cette ligne, ou donnez une autre valeur."
                changes.fault("SCE-INCHANGE", f"`{path}` a déjà cette valeur dans le dossier", key.span, help)
        if changes is not None and not changes.node.keys:
            help = "Retirez `changements`, ou changez au moins une donnée."
            changes.fault("SCE-INCHANGE", "ce scénario ne change rien", changes.node.span, help)
        return changed

    def _change(self, data: Any, path: str, node: Node, key: Scalar, changes: Reader) -> bool:
        """Make one change; False when it cannot be made, which is told."""
        parts = path.split(".")
        type_: Type | None = self.facts
        parent: Any = data
        for rank, part in enumerate(parts):
            if type_ is not None and type_.kind is Kind.LIST:
                if not part.isdigit() or not isinstance(parent, list) or int(part) >= len(parent):
                    there = ".".join(parts[:rank])
                    message = f"`{there}` n'a pas d'élément `{part}` dans ce dossier"
                    changes.fault("SCE-CHAMP", message, key.span, "Le premier élément d'une liste est `0`.")
                    return False
                type_, step = type_.item, int(part)
            else:
                type_ = type_.fields.get(part) if type_ is not None else None
                step = part  # type: ignore[assignment]
            free = parts[0] == APPRAISALS
            if type_ is None and not free:
                known = [known for known, _ in walk(self.facts)]
                help = did_you_mean(path, known) or "Donnez le chemin d'un champ du dossier."
                changes.fault("SCE-CHAMP", f"champ inconnu : `{path}`", key.span, help)
                return False
            if rank < len(parts) - 1:
                parent = parent[step] if isinstance(parent, list) else parent.setdefault(step, {})
        if isinstance(node, Scalar) and node.text == ABSENT and not node.quoted:
            if isinstance(parent, dict):
                parent.pop(step, None)
            else:
                del parent[step]
            return True
        faults = len(changes.diagnostics)
        value = to_data(node) if type_ is None else read_fact(node, type_, path, changes, self.zone)
        parent[step] = value
        return len(changes.diagnostics) == faults

    def _valid(self, data: dict[str, Any], title: Scalar, changes: Reader | None) -> Dossier | None:
        """The changed dossier, which must satisfy the schema as a real one would."""
        try:
            return load(msgspec.json.encode(data), title.text, self.bench.validator)
        except DiagnosticError as error:
            for fault in error.diagnostics[:3]:
                place = title.span
                for path, key in changes.node.keys.items() if changes else ():
                    if "/" + path.replace(".", "/") in fault.message or f"`{path}`" in fault.message:
                        place = key.span
                message = f"le dossier changé ne satisfait pas son schéma : {fault.message}"
                self.reader.fault("SCE-SCHEMA", message, place, fault.help or "Changez une autre donnée.")
            return None
