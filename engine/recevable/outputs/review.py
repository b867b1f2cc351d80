"""The failures of the trials of a pack, grouped by cause, as French text; and what the pack's journal keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from typing import Final

from recevable.decision.wording import count, day
from recevable.outputs.impact import words as say
from recevable.outputs.run import seen_from_here
from recevable.pack.model import RECOVERY
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
_EFFECTS: Final = {
    "provisoire": "la décision devient provisoire",
    "definitif": "la décision n'est plus provisoire",
    RECOVERY: "ce qui reste à faire au recouvrement",
}


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
    lines += shown(group.revisions, review, page)
    effects = group.effects()
    if effects:
        lines += page.paragraph("Ce que la règle ajoutée change aux verdicts, à accepter d'un coup par effet :", "  ")
    for name, revisions in effects.items():
        lines.append(f"    {visible(name)}  {count(len(revisions), 'essai', 'essais')} : {effect(revisions[0])}")
    return "\n".join(lines) + "\n"


def effect(revision: Revision) -> str:
    """What becomes of verdicts, in words: `de « accepter » à « compléter »`."""
    return ", ".join(map(_effect, revision.effect.split("+")))


def _effect(word: str) -> str:
    if word in _EFFECTS:
        return _EFFECTS[word]
    before, _, after = word.partition("-")
    return f"de « {say.STATE[before]} » à « {say.STATE[after]} »"


def shown(revisions: Sequence[Revision], review: Review, page: Page) -> Iterator[str]:
    """Trials: where each is, each expected result beside the one that is obtained; once for those that are alike."""
    alike: dict[object, list[Revision]] = {}
    for one in revisions:
        said = tuple((each.subject, each.expected, each.got, each.notes[:_NOTES]) for each in one.differences)
        alike.setdefault((said, one.by_hand, one.moves), []).append(one)
    for same in alike.values():
        for one in same:
            yield _heading(one, review, page)
            stale = review.stale_title(one)
            if stale is not None:
                text = f"titre à relire, il écrit l'ancienne valeur de {stale.subject} : « {stale.text} »"
                yield from page.paragraph(text, "      ")
            if one.twin:
                yield from _added(one.twin, page)
        if len(same) > 1:
            yield f"      dans ces {len(same)} essais :"
        yield from _said(same[0], page)


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


def _added(example: str, page: Page) -> Iterator[str]:
    """An example that is added, on one line where it is written between braces."""
    head = "exemple ajouté, à la nouvelle date :"
    if example.startswith("{"):
        yield from page.paragraph(f"{head} {' '.join(example.split())}", "      ")
    else:
        yield f"      {head}"
        yield from (f"        {visible(line)}" for line in example.split("\n"))


def _heading(revision: Revision, review: Review, page: Page) -> str:
    where = revision.trial.span
    place = f"{seen_from_here(review.path(where.file))}:{revision.differences[0].place.line}"
    mark = page.paint("  change un verdict", "bold", "yellow") if revision.moves and not revision.by_hand else ""
    return f"  {visible(name(revision))}  {page.paint(visible(place), 'dim')}{mark}"


def _said(revision: Revision, page: Page) -> list[str]:
    lines: list[str] = []
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
    """The journal with one more entry: the day, the cause, the reason, each result before and after.

    What goes with the last entry, on the same day for the same reason, is added to it.
    """
    head = f"## {day(on)} : {_line(cause)}\n\nMotif : {_line(reason)}\n\n"
    start = (before or _HEAD.encode()).rstrip(b"\n") + b"\n"
    last = start.decode("utf-8", "replace").rpartition("\n## ")[2]
    lines = [] if f"## {last}".startswith(head) else [*f"\n{head}".removesuffix("\n").split("\n")]
    for revision in revisions:
        differences = " ; ".join(f"{one.subject} : {one.expected} → {one.got}" for one in revision.differences)
        added = " ; un exemple est ajouté à la nouvelle date" if revision.twin else ""
        lines.append(f"- {_line(name(revision))} : {_line(differences)}{added}")
    return start + "\n".join([*lines, ""]).encode()


def _line(text: str) -> str:
    return visible(" ".join(text.split()))
