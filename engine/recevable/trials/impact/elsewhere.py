"""Other places of a pack that a change may concern: the same value elsewhere, texts that quote the old one, sums that
leave out what was added, versions of the text.

These are places to read again, not faults: only a person knows whether the act that changes one changes the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from recevable.decision.wording import day, number, rate, words
from recevable.files import read
from recevable.language.diagnostics import DiagnosticError
from recevable.language.types import Kind, Type, lookup, walk
from recevable.pack.loader import PARAMETERS, TRIALS
from recevable.pack.model import MANIFEST, Pack
from recevable.pack.nodes import Node, Scalar
from recevable.pack.nodes import Sequence as YamlSequence
from recevable.pack.source import MAX_BYTES
from recevable.pack.yaml_strict import cut
from recevable.programme import Programme
from recevable.trials.impact.model import ChangeKind, Elsewhere, PackChanges, ParameterChange, Why
from recevable.trials.known import EXPECTED, known_dossiers
from recevable.trials.scenarios import FOLDER as SCENARIOS

# The only guides of a project that quote its rules, beside the pack.
_GUIDES: Final = ("README.md", "docs/*.md")
# Why expected results were rewritten: it quotes old values on purpose.
_JOURNAL: Final = "JOURNAL.md"
# What `recevable test` shows when it changes, and days that say when a value begins or was read.
_SKIPPED: Final = frozenset("exemples a_partir_du jusqu_au verifie_le en_vigueur".split())
# A whole number below this is too common to be looked for.
_COMMON: Final = 10
_NUMBERS: Final = ("", "", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
_EXCERPT: Final = 40
_TITLE: Final = re.compile(r"^[ -]*(?P<key>titre|note):(?P<text>.*)$", re.MULTILINE)
_TITLED: Final = {"titre": "le titre", "note": "la note"}


class _Passage(Struct, frozen=True):
    """A text of a file of the pack, with what holds it."""

    file: str
    line: int
    element: str
    text: str


def texts(programme: Programme) -> dict[str, str]:
    """The files of a pack that people read or write, and the guides beside it, by name."""
    found = {}
    folder = programme.folder
    paths = [] if folder is None else sorted(folder.glob("*.md"))
    if folder is not None and folder.resolve().parent.name == "rules":
        root = folder.resolve().parent.parent
        paths += [path for pattern in _GUIDES for path in sorted(root.glob(pattern))]
    for path in paths:
        with suppress(OSError, UnicodeDecodeError):
            name = path.name if path.parent.name != "docs" else f"docs/{path.name}"
            text = read(path, MAX_BYTES).decode("utf-8")
            if folder is not None and (path.parent == folder or folder.resolve().name in text):
                found[name] = text
    for name in programme.pack.digests:
        if name.endswith(".yaml") and not name.startswith(TRIALS):
            with suppress(OSError, UnicodeDecodeError):
                found[name] = programme.source.read(name).decode("utf-8-sig")
    found.pop(_JOURNAL, None)
    return found | titled(programme)


def titled(programme: Programme) -> dict[str, str]:
    """The scenarios and the expected decisions of a pack, whose titles people read, by name."""
    folder, known = programme.folder, known_dossiers(programme)
    paths = [] if folder is None else [(f"{SCENARIOS}/{one.name}", one) for one in (folder / SCENARIOS).glob("*.yaml")]
    for one in known.glob(f"*{EXPECTED}") if known is not None else ():
        paths.append((f"{known.parent.name}/{known.name}/{one.name}" if known is not None else one.name, one))
    found = {}
    for name, path in sorted(paths):
        with suppress(OSError, UnicodeDecodeError):
            found[name] = read(path, MAX_BYTES).decode("utf-8-sig")
    return found


def elsewhere(old: Pack, new: Pack, changes: PackChanges, files: Mapping[str, str]) -> tuple[Elsewhere, ...]:
    """The places of the new pack to read again, most certain first; `files` are its texts."""
    titles = [one for name in sorted(files) if _of_trials(name) for one in _titles(name, files[name])]
    passages = [one for name in sorted(files) if not _of_trials(name) for one in _passages(name, files[name])]
    found: dict[tuple[str, int, str], Elsewhere] = {}
    for one in (
        *_same_values(new, changes),
        *_versions(old, new, changes),
        *_left_out(new, changes, passages),
        *_quoted(new, changes, passages),
        *_quoted(new, changes, titles),
    ):
        found.setdefault((one.file, one.line, one.element), one)
    return tuple(found.values())


def stale_titles(new: Pack, changes: PackChanges, files: Mapping[str, str]) -> tuple[Elsewhere, ...]:
    """The titles of trials that write a value that changed; `files` are those of `titled`."""
    return tuple(_quoted(new, changes, [one for name in sorted(files) for one in _titles(name, files[name])]))


# --- values -----------------------------------------------------------------------------------------------------------


def _old_values(changes: PackChanges) -> Iterator[tuple[ParameterChange, Any]]:
    """The values that parameters had and have no more on some days."""
    for change in changes.parameters:
        seen: list[Any] = []
        for period in change.periods:
            value = period.before.value if period.before is not None else None
            if value is not None and value not in seen:
                seen.append(value)
                yield change, value


def _same_values(new: Pack, changes: PackChanges) -> Iterator[Elsewhere]:
    """Other parameters that still have the old value, or are the same day."""
    zone = new.manifest.zone
    changed = {change.part.origin.name for change in changes.parameters}
    for change, value in _old_values(changes):
        known = _comparable(value, change.type, zone)
        for other in new.parameters.values():
            if other.name in changed or known is None:
                continue
            if any(_comparable(one.value, other.type, zone) == known for one in other.values):
                in_words = words(other.values[-1].value, other.type, zone)
                place = other.span
                yield Elsewhere(
                    Why.SAME_VALUE, change.part.origin.name, place.file, place.line, f"paramètre {other.name}", in_words
                )


def _comparable(value: Any, type_: Type, zone: tzinfo) -> object:
    """A value to compare with those of other parameters; None when equality would mean nothing."""
    if value is None or type_.kind in (Kind.BOOLEAN, Kind.TEXT):
        return None
    if isinstance(value, datetime):
        return value.astimezone(zone).date()
    if isinstance(value, date):
        return value
    if type_.kind is Kind.INTEGER and value < _COMMON:
        return None
    return (type_.kind, str(value)) if type_.kind in _FORMS or type_.kind is Kind.DURATION else None


def _versions(old: Pack, new: Pack, changes: PackChanges) -> Iterator[Elsewhere]:
    """A value that begins on a day on which no version of the text does."""
    starts = {version.start for version in new.manifest.versions}
    for change in changes.parameters:
        before = old.parameters.get(change.part.origin.name)
        known = {value.start for value in before.values} if before is not None else set()
        after = new.parameters.get(change.part.origin.name)
        for value in after.values if before is not None and after is not None else ():
            if value.start not in known | starts:
                text = f"aucune version du texte ne commence le {day(value.start)}"
                yield Elsewhere(Why.VERSION, change.part.origin.name, MANIFEST, 0, "versions", text)


def _quoted(new: Pack, changes: PackChanges, passages: Sequence[_Passage]) -> Iterator[Elsewhere]:
    """Texts that write the old value out."""
    zone = new.manifest.zone
    for change, value in _old_values(changes):
        forms = _forms(value, change.type, zone)
        if not forms:
            continue
        written = [rf"{re.escape(form)}(?![\w]|[,.]\d)" for form in forms]
        if change.type.kind in (Kind.DATE, Kind.INSTANT):
            # a day without its year, which a title leaves out
            written.append(rf"{re.escape(forms[0].rpartition(' ')[0])}(?!\w| \d{{4}})")
        pattern = re.compile("|".join(rf"(?<![\w,.]){form}" for form in written))
        own = change.part.origin.name
        for one in passages:
            match = pattern.search(one.text)
            if match is not None and not f"{one.element},".startswith(f"paramètre {own},"):
                yield Elsewhere(Why.QUOTED, own, one.file, one.line, one.element, _excerpt(one.text, match))


def _forms(value: Any, type_: Type, zone: tzinfo) -> list[str]:
    write = _FORMS.get(type_.kind)
    return [] if write is None else write(value, zone)


def _dates(value: Any, zone: tzinfo) -> list[str]:
    local = value.astimezone(zone).date() if isinstance(value, datetime) else value
    return [day(local), local.isoformat(), f"{local:%d/%m/%Y}"]


def _amounts(value: Any, zone: tzinfo) -> list[str]:
    exact = Decimal(value)
    whole = exact.to_integral_value()
    forms = [f"{exact:f}", f"{exact:f}".replace(".", ","), number(exact).replace("\u202f", " ")]
    return forms + ([f"{whole:f}", number(whole).replace("\u202f", " ")] if whole == exact else [])


def _integers(value: Any, zone: tzinfo) -> list[str]:
    return [] if value < _COMMON else [str(value), number(value).replace("\u202f", " ")]


def _rates(value: Any, zone: tzinfo) -> list[str]:
    text = rate(value)
    return [text.replace("\u00a0", " "), text.replace("\u00a0", "")]


_FORMS: Final = {
    Kind.DATE: _dates,
    Kind.INSTANT: _dates,
    Kind.AMOUNT: _amounts,
    Kind.INTEGER: _integers,
    Kind.RATE: _rates,
}


# --- what was added beside others -------------------------------------------------------------------------------------


def _left_out(new: Pack, changes: PackChanges, passages: Sequence[_Passage]) -> Iterator[Elsewhere]:
    """Texts that name several of the things beside which one was added, without it; and numbers that count them."""
    for name, siblings, titles in _added(new, changes):
        patterns = [_whole(sibling) for sibling in siblings]
        its_own = _whole(name)
        leaf = name.rpartition(".")[2]
        for one in passages:
            if sum(pattern.search(one.text) is not None for pattern in patterns) > 1 and not its_own.search(one.text):
                match = next(found for pattern in patterns if (found := pattern.search(one.text)))
                yield Elsewhere(Why.LEFT_OUT, name, one.file, one.line, one.element, _excerpt(one.text, match))
        yield from _elsewhere_in_the_dossier(new, name, leaf, [sibling.rpartition(".")[2] for sibling in siblings])
        yield from _counts(name, len(siblings), titles, passages)


def _added(new: Pack, changes: PackChanges) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each field or parameter that was added, the older ones beside it, and the titles of these."""
    known = dict(walk(new.facts))
    added = {path for path, kind in changes.fields if kind is ChangeKind.ADDED}
    for path in sorted(added):
        parent, dot, _ = path.rpartition(".")
        type_ = known.get(path)
        beside = {
            other: found
            for other, found in known.items()
            if dot and other not in added and other.rpartition(".")[0] == parent and type_ is not None
            if found.kind is type_.kind
        }
        if len(beside) > 1:
            yield path, list(beside), [found.title for found in beside.values()]
    names = {change.part.origin.name for change in changes.parameters if change.part.kind is ChangeKind.ADDED}
    for name in sorted(names):
        head = name.partition("_")[0]
        alike = [
            other
            for other in new.parameters.values()
            if other.name not in names and other.name.partition("_")[0] == head
            if other.type.kind is new.parameters[name].type.kind
        ]
        if len(alike) > 1:
            yield name, [other.name for other in alike], [other.title for other in alike]


def _elsewhere_in_the_dossier(new: Pack, name: str, leaf: str, siblings: Sequence[str]) -> Iterator[Elsewhere]:
    """Other objects of the dossier that have the same members, without the new one."""
    parents: dict[str, set[str]] = {}
    for path, _ in walk(new.facts):
        parent, _, member = path.rpartition(".")
        parents.setdefault(parent, set()).add(member)
    for parent, members in parents.items():
        shared = [sibling for sibling in siblings if sibling in members]
        if "." in name and parent != name.rpartition(".")[0] and len(shared) > 1 and leaf not in members:
            type_ = lookup(new.facts, parent)
            title = type_.title if type_ is not None and type_.title else parent
            text = f"{title} : {', '.join(shared)}"
            yield Elsewhere(Why.LEFT_OUT, name, new.manifest.schema, 0, f"champ {parent}", text)


def _counts(name: str, many: int, titles: Sequence[str], passages: Sequence[_Passage]) -> Iterator[Elsewhere]:
    """Texts that count the older ones in words, and share a word with all of their titles."""
    if not 1 < many < len(_NUMBERS):
        return
    shared = set.intersection(*(set(re.findall(r"\w{3,}", title)) for title in titles))
    counted = re.compile(rf"\b{_NUMBERS[many]}\b")
    for one in passages:
        match = counted.search(one.text)
        if match is not None and any(re.search(rf"\b{re.escape(word)}\b", one.text) for word in shared):
            yield Elsewhere(Why.COUNTED, name, one.file, one.line, one.element, _excerpt(one.text, match))


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.])")


# --- texts ------------------------------------------------------------------------------------------------------------


def _of_trials(name: str) -> bool:
    return name.startswith(f"{SCENARIOS}/") or name.endswith(EXPECTED)


def _titles(name: str, text: str) -> Iterator[_Passage]:
    """The title of each trial of a file, and its note when it is written on one line."""
    for found in _TITLE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        plain = found["text"].strip().strip("\"'").replace("\u00a0", " ").replace("\u202f", " ")
        yield _Passage(name, line, f"{_TITLED[found['key']]} d'un essai", plain)


def _passages(name: str, text: str) -> Iterator[_Passage]:
    """Every text of a file, with the rule, the requirement or the key that holds it."""
    if name.endswith(".md"):
        for line, passage in enumerate(text.splitlines(), start=1):
            yield _Passage(name, line, "guide", passage.replace("\u00a0", " ").replace("\u202f", " "))
        return
    try:
        _, node = cut(name, text.encode())
    except DiagnosticError:
        return
    yield from _below(name, node, "", "")


def _below(name: str, node: Node, element: str, key: str) -> Iterator[_Passage]:
    if isinstance(node, Scalar):
        plain = " ".join(node.text.split())
        yield _Passage(name, node.span.line, f"{element}, {key}" if element and key else element or key, plain)
    elif isinstance(node, YamlSequence):
        for item in node.items:
            yield from _below(name, item, element, key)
    else:
        holder = node.entries.get("id")
        if isinstance(holder, Scalar):
            element = f"{_KINDS.get(name.partition('/')[0], '')} {holder.text}".strip()
        for member, value in node.entries.items():
            if name == PARAMETERS and key == "parametres":
                yield from _below(name, value, f"paramètre {member}", "")
            elif member not in _SKIPPED:
                yield from _below(name, value, element, "" if _KINDS.get(element) else member)


_KINDS: Final = {"regles": "règle", "exigences.yaml": "exigence", "pieges.yaml": "piège"}


def _excerpt(text: str, match: re.Match[str]) -> str:
    """The text around what was found."""
    start, end = max(0, match.start() - _EXCERPT), min(len(text), match.end() + _EXCERPT)
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"
