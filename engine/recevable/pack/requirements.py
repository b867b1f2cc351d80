"""Traceability: every requirement of the legal text is covered by a rule, or the pack gives a reason.

`exigences.yaml` is the inventory of the text, `pieges.yaml` lists its ambiguities with the interpretation chosen.
Neither affects decisions: loading a pack only digests them, and `verify` compares them with the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, in_order
from recevable.pack.hints import did_you_mean, nearest
from recevable.pack.model import Pack
from recevable.pack.nodes import Mapping, Scalar
from recevable.pack.reader import Reader
from recevable.pack.source import AnyPack, PackSource, source_of
from recevable.pack.yaml_strict import read_file

REQUIREMENTS: Final = "exigences.yaml"
TRAPS: Final = "pieges.yaml"
# The value of `fixture` for a trap that no fixture illustrates.
NO_FIXTURE: Final = "null"


class Treatment(StrEnum):
    """How a requirement is handled; all but the first need a reason."""

    RULE = "regle"
    DEFINITION = "definition"
    INFORMATION = "information"
    OUT_OF_SCOPE = "hors_champ"
    HUMAN = "humain"


class Requirement(Struct, frozen=True):
    """A requirement: its place in the text, our wording of it, and how it is handled."""

    id: Scalar
    section: str
    summary: str
    treatment: Treatment
    reason: str
    node: Mapping | None = None


class Trap(Struct, frozen=True):
    """An ambiguity of the text, the interpretation chosen, the rules that implement it and a dossier that shows it."""

    id: Scalar
    summary: str
    choice: str
    rules: tuple[Scalar, ...]
    fixture: str


class Inventory(Struct, frozen=True):
    """Requirements and traps by identifier, in the order of their files."""

    requirements: dict[str, Requirement]
    traps: dict[str, Trap]


def verify(source: AnyPack, pack: Pack) -> list[Diagnostic]:
    """The faults of the inventory of a pack, reading faults included."""
    try:
        return compare(pack, read(source))
    except DiagnosticError as error:
        return list(error.diagnostics)


def read(pack: AnyPack) -> Inventory:
    """Read the inventory of a pack (`pieges.yaml` is optional); raises DiagnosticError with every fault."""
    source = source_of(pack)
    if not source.has(REQUIREMENTS):
        help = "Écrivez-y chaque exigence du texte : `id`, `section`, `resume`, `traitement`."
        message = f"le paquet n'a pas d'inventaire des exigences (`{REQUIREMENTS}`)"
        raise DiagnosticError([Diagnostic("TRA-INVENTAIRE", message, Span(REQUIREMENTS, 1, 1), help)])
    diagnostics: list[Diagnostic] = []
    requirements: dict[str, Requirement] = {}
    traps: dict[str, Trap] = {}
    for item in _items(source, REQUIREMENTS, "exigences", "une exigence", diagnostics):
        requirement = _requirement(item)
        if requirement is not None and _is_new(item, requirement.id, requirements):
            requirements[requirement.id.text] = requirement
    if source.has(TRAPS):
        for item in _items(source, TRAPS, "pieges", "un piège", diagnostics):
            trap = _trap(item)
            if trap is not None and _is_new(item, trap.id, traps):
                traps[trap.id.text] = trap
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return Inventory(requirements, traps)


def compare(pack: Pack, inventory: Inventory) -> list[Diagnostic]:
    """Report uncovered requirements and unknown identifiers, in the order of files and lines."""
    found = [*_cited(pack, inventory), *_uncovered(pack, inventory), *_carried(pack, inventory)]
    return in_order(found)


def covering(pack: Pack) -> dict[str, list[str]]:
    """The rules that cite each requirement, in the order of the pack."""
    found: dict[str, list[str]] = {}
    for rule in pack.rules.values():
        for word in rule.requirements:
            found.setdefault(word.text, []).append(rule.id)
    return found


# --- reading --------------------------------------------------------------------------------------------------------


def _items(source: PackSource, name: str, key: str, what: str, diagnostics: list[Diagnostic]) -> Iterator[Reader]:
    try:
        _, node = read_file(source, name)
    except DiagnosticError as error:
        diagnostics.extend(error.diagnostics)
        return
    if not isinstance(node, Mapping):
        help = f"Écrivez `{key}:` en tête du fichier, puis un élément par tiret."
        diagnostics.append(Diagnostic("PAQ-BLOC", f"`{name}` doit contenir des clés", node.span, help))
        return
    reader = Reader(node, diagnostics, f"`{name}`")
    yield from reader.mappings(key, what)
    reader.finish()


def _requirement(reader: Reader) -> Requirement | None:
    identifier = reader.identifier("id")
    if identifier is not None:
        reader.what = f"l'exigence `{identifier.text}`"
    section, summary = reader.text("section"), reader.text("resume")
    treatment = reader.choice("traitement", tuple(Treatment))
    reason = reader.text("motif", required=treatment not in ("", Treatment.RULE))
    reader.finish()
    if identifier is None or not treatment:
        return None
    return Requirement(identifier, section, summary, Treatment(treatment), reason, reader.node)


def _trap(reader: Reader) -> Trap | None:
    identifier = reader.identifier("id")
    if identifier is not None:
        reader.what = f"le piège `{identifier.text}`"
    summary, choice = reader.text("resume"), reader.text("choix")
    rules = reader.words("regles")
    fixture = reader.text("fixture", required=False)
    reader.finish()
    if identifier is None:
        return None
    return Trap(identifier, summary, choice, rules, "" if fixture == NO_FIXTURE else fixture)


def _is_new(reader: Reader, identifier: Scalar, found: dict[str, Requirement] | dict[str, Trap]) -> bool:
    if identifier.text not in found:
        return True
    first = found[identifier.text].id.span
    message = f"l'identifiant `{identifier.text}` figure déjà ligne {first.line}"
    reader.fault("PAQ-DOUBLON", message, identifier.span, "Donnez-lui un autre identifiant.")
    return False


# --- comparison with the rules --------------------------------------------------------------------------------------


def _cited(pack: Pack, inventory: Inventory) -> Iterator[Diagnostic]:
    """Check that rules cite existing requirements, each once."""
    for rule in pack.rules.values():
        for rank, word in enumerate(rule.requirements):
            if word.text not in inventory.requirements:
                known = inventory.requirements
                help = did_you_mean(word.text, known) or f"Ajoutez-la à `{REQUIREMENTS}`, ou retirez-la."
                yield Diagnostic(
                    "TRA-EXIGENCE", f"exigence inconnue : `{word.text}`", word.span, help, subject=word.text
                )
            elif any(word.text == before.text for before in rule.requirements[:rank]):
                message = f"l'exigence `{word.text}` figure deux fois dans la règle `{rule.id}`"
                yield Diagnostic("TRA-EXIGENCE", message, word.span, "Gardez-la une seule fois.")


def _uncovered(pack: Pack, inventory: Inventory) -> Iterator[Diagnostic]:
    """Check that a requirement to be verified by a rule is cited by one; a misspelt citation is reported here."""
    cited = covering(pack)
    meant = {
        near
        for word in cited.keys() - inventory.requirements.keys()
        for near in nearest(word, inventory.requirements)[:1]
    }
    for requirement in inventory.requirements.values():
        if requirement.treatment is Treatment.RULE and requirement.id.text not in cited.keys() | meant:
            message = f"l'exigence `{requirement.id.text}` n'est portée par aucune règle"
            others = ", ".join(f"`{t}`" for t in Treatment if t is not Treatment.RULE)
            help = (
                f"Citez-la dans les `exigences` d'une règle, ou donnez un autre `traitement` ({others}) et son `motif`."
            )
            yield Diagnostic("TRA-COUVERTURE", message, requirement.id.span, help)


def _carried(pack: Pack, inventory: Inventory) -> Iterator[Diagnostic]:
    """Check that the rules that implement a trap exist."""
    for trap in inventory.traps.values():
        for word in trap.rules:
            if word.text not in pack.rules:
                help = did_you_mean(word.text, pack.rules) or "Donnez l'identifiant d'une règle du paquet."
                yield Diagnostic("TRA-REGLE", f"règle inconnue : `{word.text}`", word.span, help, subject=word.text)
        if not trap.rules:
            message = f"le piège `{trap.id.text}` n'est porté par aucune règle"
            yield Diagnostic("TRA-COUVERTURE", message, trap.id.span, "Donnez au moins une règle dans `regles`.")
