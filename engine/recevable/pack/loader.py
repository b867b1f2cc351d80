"""From a folder of YAML to a `Pack`, or every diagnostic found on the way.

Files of a pack: `programme.yaml` (the manifest), `parametres.yaml`, `regles/*.yaml`.  `exigences.yaml` and
`pieges.yaml` belong to traceability (`requirements.py`): they are digested here, read there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recevable import data
from recevable.language.calendar import parse_date
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, suggest
from recevable.language.types import Type, schema_type
from recevable.pack.kinds import KINDS
from recevable.pack.model import RECOVERY, Manifest, Pack, Parameter, Request, Rule, Version
from recevable.pack.parameters import read_parameters
from recevable.pack.reader import Reader
from recevable.pack.yaml_strict import File, Mapping, Node, Scalar, read_file

MANIFEST: Final = "programme.yaml"
PARAMETERS: Final = "parametres.yaml"
RULES: Final = "regles"
OTHERS: Final = ("exigences.yaml", "pieges.yaml", "scenarios")
PARTIES: Final = ("demandeur", "ans", "asp")


def load(folder: Path) -> Pack:
    """Read a pack; raises DiagnosticError with everything that is wrong, and returns nothing half-read."""
    if not (folder / MANIFEST).is_file():
        hint = "Donnez le dossier d'un paquet de règles (celui qui contient programme.yaml)."
        raise DiagnosticError(
            [Diagnostic("PAQ-ABSENT", f"`{folder}` ne contient pas de fichier {MANIFEST}", None, hint)]
        )
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diagnostics: list[Diagnostic] = []
        self.files: dict[str, File] = {}
        self.schema: dict[str, Any] = {}

    def load(self) -> Pack:
        digests = self.digests()
        manifest_node = self.mapping(MANIFEST)
        if manifest_node is None:
            raise DiagnosticError(self.diagnostics)
        manifest, facts = self.manifest(manifest_node)
        if manifest is None or facts is None:
            raise DiagnosticError(self.diagnostics)
        parameters = self.parameters(manifest)
        rules = self.rules(manifest)
        if self.diagnostics:
            raise DiagnosticError(self.diagnostics)
        return Pack(manifest, rules, parameters, facts, self.schema, digests, self.files)

    def digests(self) -> dict[str, str]:
        """SHA-256 of every YAML file of the pack; a file that nothing reads is an error."""
        found: dict[str, str] = {}
        for path in sorted(self.folder.rglob("*.y*ml")):
            name = path.relative_to(self.folder).as_posix()
            known = name in (MANIFEST, PARAMETERS) or name.startswith(f"{RULES}/") or name.split("/")[0] in OTHERS
            if not known or path.suffix != ".yaml":
                self.fault(
                    "PAQ-FICHIER",
                    f"`{name}` n'est lu par rien",
                    Span(name, 1, 1),
                    f"Les règles vont dans `{RULES}/`, avec l'extension .yaml.",
                )
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def fault(self, code: str, message: str, span: Span | None, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help))

    def mapping(self, name: str) -> Mapping | None:
        try:
            file, node = read_file(self.folder / name, name)
        except DiagnosticError as error:
            self.diagnostics.extend(error.diagnostics)
            return None
        self.files[name] = file
        if not isinstance(node, Mapping):
            self.fault("PAQ-BLOC", f"`{name}` doit contenir des clés", node.span)
            return None
        return node

    # --- manifest ---------------------------------------------------------------------------------------------------

    def manifest(self, node: Mapping) -> tuple[Manifest | None, Type | None]:
        reader = Reader(node, self.diagnostics, MANIFEST)
        programme, title, profile = reader.text("programme"), reader.text("titre"), reader.text("profil")
        zone_node, schema_node = reader.scalar("fuseau"), reader.scalar("schema")
        versions = tuple(self.versions(reader))
        requests = self.requests(reader)
        reader.finish()
        zone = None
        if zone_node is not None:
            try:
                zone = ZoneInfo(zone_node.text)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                self.fault(
                    "PAQ-FUSEAU",
                    f"fuseau inconnu : `{zone_node.text}`",
                    zone_node.span,
                    "Écrivez par exemple `Europe/Paris`.",
                )
        facts = self.facts(schema_node) if schema_node is not None else None
        if zone is None or facts is None or schema_node is None:
            return None, None
        return Manifest(programme, title, zone, schema_node.text, profile, versions, requests), facts

    def facts(self, node: Scalar) -> Type | None:
        try:
            self.schema = self.read_schema(node.text)
            return schema_type(self.schema)
        except FileNotFoundError:
            self.fault("PAQ-SCHEMA", f"le schéma `{node.text}` n'existe pas", node.span)
        except (ValueError, KeyError) as error:
            self.fault("PAQ-SCHEMA", f"le schéma `{node.text}` ne peut pas être typé ({error})", node.span)
        return None

    def read_schema(self, name: str) -> dict[str, Any]:
        """The dossier schema: beside the pack, in the `schemas` folder next to the pack's own, or shipped."""
        for root in (self.folder, self.folder.parent.parent / "schemas"):
            if (root / name).is_file():
                schema: dict[str, Any] = json.loads((root / name).read_bytes())
                return schema
        return data.read_schema(name)

    def versions(self, reader: Reader) -> Iterator[Version]:
        for item in reader.mappings("versions", "une version"):
            version, source, start = item.text("version"), item.text("source"), item.scalar("a_partir_du")
            item.finish()
            if start is None:
                continue
            try:
                yield Version(version, parse_date(start.text), source)
            except ValueError as error:
                self.fault("PAQ-DATE", f"`{start.text}` : {error}", start.span)

    def requests(self, reader: Reader) -> dict[str, Request]:
        block = reader.mapping("demandes")
        found: dict[str, Request] = {}
        for name in block.node.keys if block else ():
            body = block.mapping(name, f"la demande `{name}`") if block else None
            if body is not None:
                found[name] = Request(
                    name,
                    body.text("titre"),
                    body.text("racine"),
                    body.text("reception"),
                    body.text("montant_propose", required=False),
                )
                body.finish()
        return found

    # --- parameters and rules ---------------------------------------------------------------------------------------

    def parameters(self, manifest: Manifest) -> dict[str, Parameter]:
        root = self.mapping(PARAMETERS)
        if root is None:
            return {}
        reader = Reader(root, self.diagnostics, PARAMETERS)
        node = reader.node_at("parametres")
        reader.finish()
        return read_parameters(node, manifest.zone, self.diagnostics) if isinstance(node, Mapping) else {}

    def rules(self, manifest: Manifest) -> dict[str, Rule]:
        found: dict[str, Rule] = {}
        names = sorted(p.relative_to(self.folder).as_posix() for p in (self.folder / RULES).rglob("*.yaml"))
        if not names:
            self.fault("PAQ-VIDE", f"le paquet n'a aucune règle dans `{RULES}/`", None)
        for name in names:
            root = self.mapping(name)
            if root is None:
                continue
            reader = Reader(root, self.diagnostics, name)
            for item in reader.mappings("regles", "une règle"):
                rule = self.rule(item, manifest)
                if rule is None:
                    continue
                if rule.id in found:
                    first = found[rule.id].span
                    self.fault(
                        "PAQ-DOUBLON",
                        f"l'identifiant `{rule.id}` est déjà celui d'une règle ({first})",
                        rule.span,
                        "Donnez-lui un autre identifiant.",
                    )
                found[rule.id] = rule
            reader.finish()
        return found

    def rule(self, reader: Reader, manifest: Manifest) -> Rule | None:
        identifier = reader.scalar("id")
        reader.what = f"la règle `{identifier.text}`" if identifier else "une règle"
        present = [kind for kind in KINDS if kind in reader.node.entries]
        # a montant key also states the amount of an indu
        if len(present) > 1 and set(present) == {"indu", "montant"}:
            present = ["indu"]
        if len(present) != 1:
            kinds = ", ".join(f"`{k}`" for k in KINDS)
            near = next((suggest(k, KINDS) for k in reader.node.entries if suggest(k, KINDS)), "")
            what = "n'a pas de nature" if not present else f"a plusieurs natures : {', '.join(present)}"
            self.fault(
                "PAQ-NATURE",
                f"{reader.what} {what}",
                reader.node.span,
                near or f"Il faut exactement une de ces clés : {kinds}.",
            )
            return None
        kind = present[0]
        known = (*manifest.requests, RECOVERY)
        requests = []
        for word in reader.words("demandes", required=kind != "deduction"):
            if word.text in known:
                requests.append(word.text)
            else:
                self.fault(
                    "PAQ-DEMANDE",
                    f"demande inconnue : `{word.text}`",
                    word.span,
                    suggest(word.text, known) or f"Demandes : {', '.join(known)}.",
                )
        title, source = reader.text("titre"), reader.text("source")
        requirements = reader.words("exigences", required=False)
        party = reader.choice("aupres_de", PARTIES, required=False) or PARTIES[0]
        note = reader.text("note", required=False)
        when, exception_to = (
            reader.scalar("quand", required=False),
            reader.scalar("exception_a", required=False),
        )
        examples: tuple[Node, ...] = reader.sequence("exemples", required=False)
        body, causes = KINDS[kind].read(reader)
        if kind == "deduction" and when is not None:
            self.fault("PAQ-QUAND", "une déduction n'a pas de `quand`", when.span, "Mettez la condition dans `vaut`.")
        reader.finish()
        if identifier is None:
            return None
        return Rule(
            identifier.text, kind, title, body, tuple(requests), source, requirements, causes, identifier.span,
            when, party, note, exception_to, examples,
        )  # fmt: skip
