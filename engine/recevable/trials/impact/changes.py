"""The differences between two packs: rules, parameters with their values over time, manifest, dossier fields.

A difference is *effective* when it may change a decision; titles, messages, sources, notes and examples may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from recevable.language.tree import EACH
from recevable.language.types import Kind, Type, walk
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import PARAMETERS, RULES
from recevable.pack.model import MANIFEST, Pack, Parameter, Rule, Value
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.nodes import Node, to_data
from recevable.pack.nodes import Sequence as YamlSequence
from recevable.pack.yaml_strict import parse
from recevable.trials.impact.model import (
    ChangeKind,
    KeyChange,
    Origin,
    OriginKind,
    PackChanges,
    ParameterChange,
    PartChange,
    Period,
)

# Keys that only affect wording, never the decision, at any depth.
_WORDING: Final = frozenset(
    "titre source exigences note exemples message reparation aupres_de intervenants verifie_le defaut_maison "
    "decision_implicite decision".split()
)
# Keys of the manifest that affect no decision: they name texts, applicants or delays, or serve proofs or checks.
_NAMING: Final = frozenset(
    "versions preuve documents verification demandeur paiements delais seuil_recouvrement".split()
)
# Examples are counted, not listed, to keep the report short.
_COUNTED: Final = frozenset({"exemples"})
# Insignificant spaces; those of quoted texts are significant.
_SPACES: Final = re.compile(r'(?P<quoted>"[^"]*")|\s+')
# Keys in which a rule always differs from the one that it follows.
_OWN: Final = frozenset("titre en_vigueur exemples".split())
PROGRAMME: Final = Origin(OriginKind.PROGRAMME, "")

Flat = dict[str, str]


def pack_changes(before: CompiledPack, after: CompiledPack) -> PackChanges:
    """Every difference between two packs, both read with their sources."""
    old, new = before.pack, after.pack
    programme = tuple(_keys(_flat(_manifest(old)), _flat(_manifest(new)), _NAMING))
    parameters = tuple(_parameters(old, new))
    rules = tuple(_rules(old, new))
    fields = tuple(_fields(old.facts, new.facts))
    origins = {part.origin for part in (*rules, *(p.part for p in parameters)) if part.effective}
    origins |= {Origin(OriginKind.FIELD, path) for path, _ in fields}
    if any(change.effective for change in programme):
        origins.add(PROGRAMME)
    return PackChanges(parameters, rules, programme, fields, old.schema != new.schema, frozenset(origins))


def rule_keys(before: Any, after: Any) -> tuple[KeyChange, ...]:
    """The keys that differ between two texts of one rule, given as YAML data."""
    return tuple(_keys(_flat(before), _flat(after)))


def _decides(key: str, naming: Iterable[str]) -> bool:
    """Whether a change to a key, given by its path, may change a decision."""
    parts = key.replace("[", ".").split(".")
    return not _WORDING.intersection(parts) and parts[0] not in naming


# --- YAML as flat keys ------------------------------------------------------------------------------------------------


def _flat(data: Any, prefix: str = "") -> Flat:
    """YAML flattened to paths and texts: `si_depasse.consequence` → `rejeter`; layout is ignored."""
    if isinstance(data, Mapping):
        found: Flat = {}
        for key, value in data.items():
            if key in _COUNTED and isinstance(value, Sequence) and not isinstance(value, str):
                found[prefix + key] = _listing(value)
            else:
                found |= _flat(value, f"{prefix}{key}.")
        return found
    key = prefix.removesuffix(".")
    if isinstance(data, list):
        if any(isinstance(item, Mapping) for item in data):
            found = {}
            for rank, item in enumerate(data, start=1):
                found |= _flat(item, f"{key}[{rank}].")
            return found
        return {key: ", ".join(_text(item) for item in data)}
    return {key: _text(data)}


def _listing(items: Sequence[Any]) -> str:
    """Examples, one per line, as short texts."""
    return "\n".join("; ".join(f"{key}: {text}" for key, text in _flat(item).items()) for item in items)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _SPACES.sub(lambda found: found["quoted"] or " ", str(value)).strip()


def _keys(before: Flat, after: Flat, naming: Iterable[str] = ()) -> Iterator[KeyChange]:
    """The keys whose texts differ, in file order."""
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield KeyChange(key, *_counted(key, old, new), _decides(key, naming))


def _counted(key: str, old: str | None, new: str | None) -> tuple[str | None, str | None]:
    if key.rpartition(".")[2] not in _COUNTED:
        return old, new
    lines = [set() if text is None else set(text.splitlines()) for text in (old, new)]
    counts = [None if text is None else str(len(text.splitlines())) for text in (old, new)]
    gone, come = len(lines[0] - lines[1]), len(lines[1] - lines[0])
    return counts[0], None if counts[1] is None else f"{counts[1]} (+{come} −{gone})"


def _root(pack: Pack, name: str) -> dict[str, Node]:
    """The root of one file of a pack, which was already read without fault."""
    if name not in pack.files:
        return {}
    _, node = parse(pack.files[name])
    return node.entries if isinstance(node, YamlMapping) else {}


def _manifest(pack: Pack) -> Any:
    return {key: to_data(node) for key, node in _root(pack, MANIFEST).items()}


# --- rules ------------------------------------------------------------------------------------------------------------


def _rule_texts(pack: Pack) -> dict[str, Flat]:
    """Every rule as flat keys, by identifier."""
    found: dict[str, Flat] = {}
    for name in pack.files:
        node = _root(pack, name).get("regles") if name.startswith(f"{RULES}/") else None
        for item in node.items if isinstance(node, YamlSequence) else ():
            flat = _flat(to_data(item))
            found[flat.pop("id")] = flat
    return found


def _rules(old: Pack, new: Pack) -> Iterator[PartChange]:
    before, after = _rule_texts(old), _rule_texts(new)
    for name in dict.fromkeys([*new.rules, *old.rules]):
        keys = tuple(_keys(before.get(name, {}), after.get(name, {})))
        if not keys:
            continue
        rule: Rule = new.rules.get(name) or old.rules[name]
        kind = _kind(name in old.rules, name in new.rules)
        effective = kind is not ChangeKind.CHANGED or any(change.effective for change in keys)
        origin = Origin(OriginKind.RULE, name)
        shown = keys if kind is ChangeKind.CHANGED else ()
        followed = _followed(rule, old, new, after) if kind is ChangeKind.ADDED else ""
        if followed:
            # as it was: what changes in both at once is a change of the text too
            text = before.get(followed) or after[followed]
            shown = tuple(one for one in _keys(text, after[name]) if one.key.partition(".")[0] not in _OWN)
        yield PartChange(origin, rule.title, kind, effective, rule.span.file, rule.span.line, shown, followed)


def _followed(rule: Rule, old: Pack, new: Pack, texts: Mapping[str, Flat]) -> str:
    """The rule that ends the day before an added one begins, and reads most like it; empty for none."""
    start = rule.in_force.start if rule.in_force is not None else None
    if start is None:
        return ""
    ended = [
        one
        for one in new.rules.values()
        if one.id in old.rules and {*one.requests} & {*rule.requests}
        if one.in_force is not None and one.in_force.end == start - timedelta(days=1)
    ]

    def likeness(one: Rule) -> tuple[bool, bool, int]:
        alike = sum(texts[one.id].get(key) == text for key, text in texts[rule.id].items())
        return bool(one.defines) and one.defines == rule.defines, rule.id.startswith(f"{one.id}-"), alike

    best = max(ended, key=likeness, default=None)
    # a rule that has nothing in common with another does not follow it, even from one day to the next
    return best.id if best is not None and any(likeness(best)[:2]) else ""


def _kind(before: bool, after: bool) -> ChangeKind:
    if before and after:
        return ChangeKind.CHANGED
    return ChangeKind.ADDED if after else ChangeKind.REMOVED


# --- parameters -------------------------------------------------------------------------------------------------------


def _parameter_texts(pack: Pack) -> dict[str, Flat]:
    node = _root(pack, PARAMETERS).get("parametres")
    entries = node.entries.items() if isinstance(node, YamlMapping) else ()
    return {name: _flat(to_data(item)) for name, item in entries}


def _parameters(old: Pack, new: Pack) -> Iterator[ParameterChange]:
    before, after = _parameter_texts(old), _parameter_texts(new)
    for name in dict.fromkeys([*new.parameters, *old.parameters]):
        keys = tuple(_keys(before.get(name, {}), after.get(name, {})))
        if not keys:
            continue
        was, now = old.parameters.get(name), new.parameters.get(name)
        shown: Parameter = now or old.parameters[name]
        kind = _kind(was is not None, now is not None)
        periods = tuple(_periods(was, now))
        # values are compared by period; other keys as written
        written = tuple(key for key in keys if not _is_value(key.key)) if kind is ChangeKind.CHANGED else ()
        effective = kind is not ChangeKind.CHANGED or bool(periods) or _another(was, now)
        origin = Origin(OriginKind.PARAMETER, name)
        part = PartChange(origin, shown.title, kind, effective, shown.span.file, shown.span.line, written)
        yield ParameterChange(part, shown.type, periods, shown.by_decision, shown.read_on, shown.stated)


def _another(was: Parameter | None, now: Parameter | None) -> bool:
    """Whether two parameters with equal values are used differently."""
    return was is not None and now is not None and _read_as(was) != _read_as(now)


def _read_as(parameter: Parameter) -> tuple[object, ...]:
    return parameter.type, parameter.by_decision, parameter.read_on


def _is_value(key: str) -> bool:
    return key == "jusqu_au" or (key.startswith("valeurs[") and not key.endswith(".source"))


def _periods(was: Parameter | None, now: Parameter | None) -> Iterator[Period]:
    """The periods on which the values in force differ; adjacent days with the same two values are merged."""
    marks = sorted({day for parameter in (was, now) if parameter is not None for day in _marks(parameter)})
    open_period: Period | None = None
    for rank, start in enumerate(marks):
        end = marks[rank + 1] - timedelta(days=1) if rank + 1 < len(marks) else None
        before, after = _at(was, start), _at(now, start)
        found = None if _known(before) == _known(after) else Period(start, end, before, after)
        if found and open_period and _same(open_period, found):
            open_period = Period(open_period.start, end, before, after)
            continue
        if open_period is not None:
            yield open_period
        open_period = found
    if open_period is not None:
        yield open_period


def _marks(parameter: Parameter) -> Iterator[date]:
    """The days on which a parameter changes value, including the day after its end."""
    yield from (value.start for value in parameter.values)
    if parameter.until is not None and parameter.until < date.max:
        yield parameter.until + timedelta(days=1)


def _at(parameter: Parameter | None, day: date) -> Value | None:
    return None if parameter is None else parameter.at(day)


def _known(value: Value | None) -> tuple[bool, str]:
    """Whether a value is in force, and its text: 24 hours and one day compare equal but compute differently."""
    return (value is not None, "" if value is None else repr(value.value))


def _same(one: Period, other: Period) -> bool:
    return (_known(one.before), _known(one.after)) == (_known(other.before), _known(other.after))


# --- fields of the dossier --------------------------------------------------------------------------------------------


def _fields(old: Type, new: Type) -> Iterator[tuple[str, ChangeKind]]:
    before, after = dict(walk(old)), dict(walk(new))
    for path in dict.fromkeys(path for path in (*after, *before) if EACH not in path):
        was, now = before.get(path), after.get(path)
        if was is None or now is None:
            yield path, _kind(was is not None, now is not None)
        elif _shape(was) != _shape(now):
            yield path, ChangeKind.CHANGED


def _shape(type_: Type) -> object:
    """The structure of a type without its title; objects in lists include their members, others do not."""
    item = type_.item
    inside = None
    if item is not None:
        members = sorted(item.fields.items()) if item.kind is Kind.OBJECT else []
        inside = (_shape(item), [(name, _shape(member)) for name, member in members])
    return (type_.kind, type_.values, type_.format, inside)
