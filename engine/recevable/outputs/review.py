"""The failures of the trials of a pack, grouped by cause, as French text; and what the pack's journal keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from typing import Final

from recevable.decision.wording import count, day
from recevable.outputs.impact import words as say
from recevable.outputs.run import seen_from_here
from recevable.report.layout import Page, visible
from recevable.trials.impact.model import OriginKind, PackChanges
from recevable.trials.review import Group, Review, Revision

# The file of a pack that keeps why expected results were rewritten.
JOURNAL: Final = "JOURNAL.md"
_HEAD: Final = """\
# Journal des résultats attendus

Ce que `recevable test --revoir` a récrit dans les essais de ce paquet, et pourquoi.
"""
_NOTES: Final = 3


def cause(group: Group) -> str:
    """Why the trials of a group fail."""
    if group.failed:
        return "avec les règles d'avant aussi : c'est l'essai qui est à corriger"
    if group.origins is None:
        return "cause inconnue, faute d'une version enregistrée à comparer"
    if not group.origins:
        return "que rien de ce qui est modifié dans les règles n'explique"
    named = [f"{'' if one.kind is OriginKind.PROGRAMME else say.origin(one)}".strip() for one in group.origins]
    files = [name or "programme.yaml" for name in named]
    return f"une cause : {files[0]}" if len(files) == 1 else f"au moins une de ces causes : {', '.join(files)}"


def render(group: Group, review: Review, zone: tzinfo, page: Page) -> str:
    """A group: its cause, what changed, then each trial with what it expects and what is obtained."""
    head = f"[{visible(group.name)}]  {count(len(group.revisions), 'essai', 'essais')}, {cause(group)}"
    lines = [
        *(page.paint(line, "bold") for line in page.paragraph(head, "")),
        *_changed(group, review.changes, zone, page),
    ]
    for revision in group.revisions:
        lines += trial(revision, review, page)
    return "\n".join(lines) + "\n"


def _changed(group: Group, changes: PackChanges | None, zone: tzinfo, page: Page) -> Iterator[str]:
    """What changed in the pack that explains a group."""
    origins = () if group.failed else group.origins or ()
    for change in changes.parameters if changes is not None else ():
        if change.part.origin in origins:
            for period in change.periods:
                text = f"{change.part.title}, {say.period(period)} : {say.value_difference(period, change, zone)}"
                yield from page.paragraph(text, "  ")
    for part in changes.rules if changes is not None else ():
        if part.origin in origins:
            yield from page.paragraph(f"{part.title} : règle {say.CHANGE[part.kind]}e", "  ")


def trial(revision: Revision, review: Review, page: Page) -> list[str]:
    """A trial: where it is, then each expected result beside the one that is obtained."""
    where = revision.trial.span
    place = f"{seen_from_here(review.path(where.file))}:{revision.differences[0].place.line}"
    mark = page.paint("  change un verdict", "bold", "yellow") if revision.moves and not revision.by_hand else ""
    lines = [f"  {visible(name(revision))}  {page.paint(visible(place), 'dim')}{mark}"]
    for one in revision.differences:
        lines += page.paragraph(f"{one.subject} : attendu {one.expected} → obtenu {one.got}", "      ")
        for note in one.notes[:_NOTES]:
            lines += [page.paint(line, "dim") for line in page.paragraph(note, "        ")]
    if revision.by_hand:
        lines += page.paragraph(f"À récrire à la main : {revision.by_hand}.", "      ")
    return lines


def name(revision: Revision) -> str:
    """`exemple DEPOT-DELAI [2]`."""
    kinds = {"exemple": "exemple", "scenario": "scénario", "dossier": "dossier connu"}
    return f"{kinds[revision.trial.origin]} {revision.trial.name}"


def balance(groups: Sequence[Group]) -> str:
    """`164 essais échouent, une cause : taux_normal`."""
    failing = count(sum(len(group.revisions) for group in groups), "essai échoue", "essais échouent")
    if len(groups) == 1:
        return f"{failing}, un groupe : {groups[0].name}"
    return f"{failing}, {len(groups)} groupes : {', '.join(group.name for group in groups)}"


def kept(before: bytes | None, on: date, cause: str, reason: str, revisions: Sequence[Revision]) -> bytes:
    """The journal with one more entry: the day, the cause, the reason, each result before and after."""
    lines = ["", f"## {day(on)} : {_line(cause)}", "", f"Motif : {_line(reason)}", ""]
    for revision in revisions:
        differences = " ; ".join(f"{one.subject} : {one.expected} → {one.got}" for one in revision.differences)
        lines.append(f"- {_line(name(revision))} : {_line(differences)}")
    start = (before or _HEAD.encode()).rstrip(b"\n") + b"\n"
    return start + "\n".join([*lines, ""]).encode()


def _line(text: str) -> str:
    return visible(" ".join(text.split()))
