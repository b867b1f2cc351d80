"""Trials that fail after a change of the pack, grouped by the change that explains them, and the expectations that
would be true of the new rules.

Nothing is written here: a revision gives the values to write, and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from recevable import files
from recevable.decision.decide import Decider
from recevable.decision.model import Decision, Finding
from recevable.decision.payable import UnpayableAmount
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.language.types import NUMERIC
from recevable.pack.edit import Path as Place
from recevable.pack.edit import at, item_text, with_item
from recevable.pack.loader import RULES
from recevable.pack.model import MANIFEST, RECOVERY, Result
from recevable.pack.nodes import Mapping, Node, Scalar
from recevable.pack.nodes import Sequence as Items
from recevable.pack.reader import Reader
from recevable.pack.rewrite import Data, Text, read_as, with_values
from recevable.pack.source import MAX_BYTES
from recevable.pack.yaml_strict import cut
from recevable.programme import Programme
from recevable.trials.examples import run_example
from recevable.trials.expectations import (
    DECIDES,
    UNKNOWN,
    Claim,
    Difference,
    Expectation,
    ExpectationReader,
    Observed,
    differences,
    disagreements,
)
from recevable.trials.impact.changes import pack_changes
from recevable.trials.impact.elsewhere import stale_titles, titled
from recevable.trials.impact.model import ChangeKind, Elsewhere, Origin, OriginKind, PackChanges
from recevable.trials.impact.reach import Reach
from recevable.trials.moved import moves, twin
from recevable.trials.suite import Origin as Kind
from recevable.trials.suite import Trial, TrialResult, run

# How many keys lead to the examples of a rule: the rules, its rank, its examples.
_LISTED: Final = 3
_ERRORS: Final = (Contradiction, EngineDisagreement, UnpayableAmount)
# What an expectation holds below a request or at its root, that goes when it is empty.
_OPTIONAL: Final = ("constats", "montants", "sous_reserve", "appreciations", "constats_recouvrement", "regles")


class Revision(Struct, frozen=True):
    """A trial that fails, and the values of its file that would be true: by place, in the file of the trial.

    `moves`: a verdict, or a claim on money already paid, would be another one; `effect` says which in a word, as
    `accepter-completer`.  `origins` are the changes of the pack that explain it; None without an earlier pack.
    `failed` says that the earlier pack fails it too.  `by_hand` says why it cannot be rewritten; then there are no
    values.  `twin` is an example to add to the rule, at a date that moved.
    """

    trial: Trial
    differences: tuple[Difference, ...]
    values: dict[Place, Data]
    moves: bool
    origins: tuple[Origin, ...] | None = None
    failed: bool = False
    by_hand: str = ""
    effect: str = ""
    twin: str = ""


class Group(Struct, frozen=True):
    """The revisions that the same changes explain, under the name to accept them by.

    `added`: these changes are only rules that the earlier pack did not have, with their fields.
    """

    name: str
    origins: tuple[Origin, ...] | None
    failed: bool
    revisions: tuple[Revision, ...]
    added: bool = False

    def effects(self) -> dict[str, list[Revision]]:
        """What rules that are new do to verdicts, by name, with the revisions of each; nothing for other changes.

        An expectation written before a rule says nothing of it: the effect of the rule is reviewed as a whole.
        """
        found: dict[str, list[Revision]] = {}
        for one in self.revisions if self.added else ():
            if one.effect and not one.by_hand:
                found.setdefault(f"{self.name}:{one.effect}", []).append(one)
        return found


class Review:
    """Compares the trials of a pack with what it answers, and with what an earlier pack answered."""

    def __init__(self, programme: Programme, before: Programme | None) -> None:
        self.programme, self.before = programme, before
        self.changes: PackChanges | None = None
        self._reach: tuple[Reach, ...] = ()
        self._stale: dict[tuple[str, int], Elsewhere] = {}
        if before is not None:
            self.changes = pack_changes(before.compiled, programme.compiled)
            self._reach = (Reach(before.compiled), Reach(programme.compiled))
            found = stale_titles(programme.pack, self.changes, titled(programme))
            self._stale = {(one.file.rpartition("/")[2], one.line): one for one in found}

    def groups(self, results: Iterable[TrialResult]) -> list[Group]:
        """The failures, grouped: the largest group first, those that the earlier pack fails too last."""
        found: dict[str, list[Revision]] = {}
        for result in results:
            if not result.passed:
                revision = self._revision(result)
                found.setdefault(_group(revision, self._added(revision)), []).append(revision)
        groups = [
            Group(name, all_[0].origins, all_[0].failed, tuple(all_), self._added(all_[0]))
            for name, all_ in found.items()
        ]
        return sorted(groups, key=lambda group: (group.failed, -len(group.revisions)))

    def _revision(self, result: TrialResult) -> Revision:
        trial = result.trial
        bare = Revision(trial, result.differences, {}, moves=True)
        if self.before is not None:
            bare = replace(bare, origins=self._origins(trial), failed=not run(trial, self.before.decider).passed)
        try:
            if trial.example is not None:
                values, moves = self._example(trial)
                effect = ""
            else:
                values, effect = self._decision(trial)
                moves = bool(effect)
        except _ByHand as why:
            return replace(bare, by_hand=str(why))
        except _ERRORS:
            return replace(bare, by_hand="aucune décision n'est rendue : corrigez d'abord la règle")
        twin = self._twin(trial, next(iter(values)), bare) if trial.example is not None else ""
        return replace(bare, values=values, moves=moves, effect=effect, twin=twin)

    def _twin(self, trial: Trial, place: Place, revision: Revision) -> str:
        """The example that says at a date that moved what this one said at the old one."""
        assert trial.example is not None
        if self.changes is None or revision.failed:
            return ""
        above, rank = place[:_LISTED], place[_LISTED]
        assert isinstance(rank, int)
        content = self.content(trial.span.file)
        try:
            text = item_text(content, above, rank)
            for move in moves(self.changes, revision.origins or (), self.programme.zone):
                found = twin(trial.example, text, move, self.programme.decider)
                if found and with_item(content, above, found):
                    return found
        except (KeyError, ValueError, DiagnosticError):
            pass
        return ""

    def stale_title(self, revision: Revision) -> Elsewhere | None:
        """The title of a trial that fails, when it writes a value that changed."""
        trial = revision.trial
        name = trial.span.file.replace("\\", "/").rpartition("/")[2]
        return None if trial.example is not None else self._stale.get((name, trial.span.line))

    # --- causes -------------------------------------------------------------------------------------------------------

    def _origins(self, trial: Trial) -> tuple[Origin, ...]:
        """The changes of the pack that can explain what a trial answers now."""
        assert self.changes is not None
        assert self.before is not None
        if trial.example is not None:
            rule = self.programme.pack.rules[trial.rule]
            reached = self._reached(Reach.of_rule, trial.example.request, rule.id)
            if rule.defines:
                reached |= self._reached(Reach.of_number, trial.example.request, rule.defines)
            return tuple(sorted(reached & self.changes.origins))
        try:
            before, after = (_decided(trial, one.decider) for one in (self.before, self.programme))
        except _ERRORS:
            return ()
        found: set[Origin] = set()
        for context, was, now in _contexts(before, after):
            for name in {name for name, _ in was[0] ^ now[0]}:
                found |= self._reached(Reach.of_rule, context, name)
            for name in {name for name, _ in was[1] ^ now[1]}:
                found |= self._reached(Reach.of_number, context, name)
        return tuple(sorted(found & self.changes.origins))

    def _added(self, revision: Revision) -> bool:
        """Whether only new rules, and new data that they read, explain a revision."""
        if revision.failed or not revision.origins or self.changes is None:
            return False
        new = {part.origin for part in self.changes.rules if part.kind is ChangeKind.ADDED}
        fields = {path for path, kind in self.changes.fields if kind is ChangeKind.ADDED}
        rules = [one for one in revision.origins if one.kind is not OriginKind.FIELD]
        return bool(rules) and all(
            one in new if one.kind is not OriginKind.FIELD else one.name in fields for one in revision.origins
        )

    def _reached(self, of: Callable[[Reach, str, str], frozenset[Origin]], context: str, name: str) -> set[Origin]:
        return {origin for reach in self._reach for origin in of(reach, context, name)}

    # --- new expectations ---------------------------------------------------------------------------------------------

    def _example(self, trial: Trial) -> tuple[dict[Place, Data], bool]:
        """The answer of a rule to its example; a verdict is at stake unless only a known number changes."""
        example = trial.example
        assert example is not None
        got = run_example(example, self.programme.decider).got
        root = self._root(trial.span.file)
        rules = at(root, (RULES,))
        assert isinstance(rules, Items)
        rank = next(n for n, item in enumerate(rules.items) if _text_at(item, "id") == trial.rule)
        place: Place = (RULES, rank, "exemples", example.rank - 1)
        written = at(root, place)
        key = "valeur" if isinstance(written, Mapping) and "valeur" in written.entries else "resultat"
        defined = self.programme.pack.rules[trial.rule].defined
        number = defined is not None and not defined.truth and defined.type.kind in NUMERIC
        known = Result.MISSING not in (got, *example.expected)
        if key == "valeur" and got == "inutilisé":
            raise _ByHand("la règle ne s'applique plus à cet exemple : récrivez-le, ou supprimez-le")
        if key == "valeur" and got == Result.NOT_APPLICABLE:
            # no value is expected of a rule that does not apply
            data = read_as(written)
            assert isinstance(data, dict)
            kept = {name: one for name, one in data.items() if name != key}
            return {place: kept | {"resultat": Text(got)}}, True
        words = [Text(word, ":" in word) for word in got.split(" ")] if key == "resultat" else []
        if key == "valeur":
            truth = got in ("true", "false", str(Result.MISSING))
            value: Data = Text(got, not truth)
        else:
            value = words[0] if len(words) == 1 else words
        return {(*place, key): value}, not (key == "valeur" and number and known)

    def _decision(self, trial: Trial) -> tuple[dict[Place, Data], str]:
        """The expectation that would be true, and what it says otherwise of verdicts; empty for nothing."""
        assert trial.expectation is not None
        root, place = self._written(trial)
        data = read_as(at(root, place))
        assert isinstance(data, dict)
        decision = _decided(trial, self.programme.decider)
        observed = Observed(decision)
        found = list(disagreements(trial.expectation, observed))
        revised = _Revised(data, trial, observed)
        for path, _ in found:
            revised.at(path)
        values: dict[Place, Data] = {place: _without_empty(data)}
        self._check(trial, values, decision)
        moved = (_effect(path, claim.text, observed.flat.get(path, "")) for path, claim in found if _moves(path))
        return values, "+".join(dict.fromkeys(moved))

    def _written(self, trial: Trial) -> tuple[Node, Place]:
        """The root of the file of a trial, and where its expectation is."""
        root = self._root(trial.span.file)
        if trial.origin is Kind.DOSSIER:
            return root, ()
        items = at(root, ("scenarios",))
        assert isinstance(items, Items)
        rank = next(n for n, item in enumerate(items.items) if _text_at(item, "titre") == trial.name)
        return root, ("scenarios", rank, "attendu")

    def _check(self, trial: Trial, values: dict[Place, Data], decision: Decision) -> None:
        """Read the expectation as it would be written: the trial must pass."""
        try:
            after = with_values(self.content(trial.span.file), values)
            node = at(cut(trial.span.file, after)[1], next(iter(values)))
        except (ValueError, DiagnosticError):
            raise _ByHand("cet essai ne peut pas être récrit sans toucher au reste du fichier") from None
        assert isinstance(node, Mapping)
        assert trial.expectation is not None
        faults: list[Diagnostic] = []
        reader = Reader(node, faults, "")
        reading = ExpectationReader(self.programme.compiled)
        read = reading.known_dossier(reader) if trial.origin is Kind.DOSSIER else reading.scenario(reader)
        whole = Expectation(read.claims, {**trial.expectation.complete, **read.complete}, read.requests)
        if faults or differences(whole, decision):
            raise _ByHand("la décision obtenue ne s'écrit pas ici : récrivez cet essai")

    def content(self, file: str) -> bytes:
        """The bytes of the file of a trial.  Raises OSError."""
        return files.read(self.path(file), MAX_BYTES)

    def path(self, file: str) -> Path:
        """The path of the file of a trial."""
        assert self.programme.folder is not None
        return self.programme.folder / file

    def _root(self, file: str) -> Node:
        return cut(file, self.content(file))[1]


def written(content: bytes, revisions: Sequence[Revision]) -> bytes:
    """The bytes of a file with the values of its revisions.  Raises ValueError, DiagnosticError, KeyError.

    Examples are added after those that a rule has: the places of other revisions stay true.
    """
    values: dict[Place, Data] = {}
    for revision in revisions:
        values |= revision.values
    content = with_values(content, values)
    for revision in revisions:
        place = next(iter(revision.values))[:_LISTED]
        if revision.twin and not _has(content, place, revision.twin):
            content = with_item(content, place, revision.twin)
    return content


def _has(content: bytes, place: Place, example: str) -> bool:
    """Whether a rule has an example already."""
    held = at(cut("", content)[1], place)
    wanted = read_as(cut("", example.encode())[1])
    return isinstance(held, Items) and any(read_as(one) == wanted for one in held.items)


class _ByHand(Exception):
    """An expectation that cannot be rewritten; the text says why."""


def _group(revision: Revision, added: bool) -> str:
    """The name of the group of a revision; that of a new rule leaves out the new data that it reads."""
    if revision.failed:
        return "essais"
    if revision.origins is None:
        # no earlier pack: by what differs
        subject = revision.trial.rule or revision.differences[0].subject
        return subject.replace("`", "").partition(" ")[0] if not revision.trial.rule else subject
    origins = [one for one in revision.origins if not added or one.kind is not OriginKind.FIELD]
    return "+".join(one.name or MANIFEST for one in origins) or "autre"


def _decided(trial: Trial, decider: Decider) -> Decision:
    assert trial.dossier is not None
    assert trial.day is not None
    assert trial.expectation is not None
    return decider.decide(trial.dossier, trial.day, trial.expectation.requests)


_Sides = tuple[set[tuple[str, Any]], set[tuple[str, Any]]]


def _contexts(before: Decision, after: Decision) -> Iterator[tuple[str, _Sides, _Sides]]:
    """Each context with what it found and computed, in both decisions."""
    was, now = ({one.label: one for one in decision.requests} for decision in (before, after))
    for label in dict.fromkeys([*was, *now]):
        sides = [
            (_found(side[label].findings), {(line.name, (line.value, line.subject_to)) for line in side[label].amounts})
            if label in side
            else (set[tuple[str, Any]](), set[tuple[str, Any]]())
            for side in (was, now)
        ]
        yield label.partition(":")[0], sides[0], sides[1]
    sides = [
        (
            _found(one.recovery_findings)
            | {(case.rule, (case.step, case.closed, case.modality, case.amount.value)) for case in one.recovery},
            set[tuple[str, Any]](),
        )
        for one in (before, after)
    ]
    yield RECOVERY, sides[0], sides[1]


def _found(findings: Iterable[Finding]) -> set[tuple[str, Any]]:
    quiet = (Result.SATISFIED, Result.NOT_APPLICABLE)
    return {(f.rule, (f.result, f.cause, f.consequence)) for f in findings if f.result not in quiet}


def _moves(path: tuple[str, ...]) -> bool:
    """Whether a difference at a path is one of a verdict, or of a claim on money already paid."""
    if path[0] == "demandes":
        return path[2] in ("verdict", "provisoire")
    return path[0] in ("presentes", "cas", "consequences_recouvrement") or (
        path[0] == RECOVERY and path[-1] != "montant"
    )


def _effect(path: tuple[str, ...], expected: str, got: str) -> str:
    """What a difference of a verdict does, in a word to type; `_moves` says which differences are."""
    if path[0] != "demandes":
        return RECOVERY
    if path[2] == "verdict":
        return f"{expected}-{got}"
    return "provisoire" if got == "true" else "definitif"


def _text_at(node: Node, key: str) -> str:
    found = node.entries.get(key) if isinstance(node, Mapping) else None
    return found.text if isinstance(found, Scalar) else ""


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    """The data without the optional blocks that hold nothing, at any depth."""
    return {
        key: _without_empty(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if not (key in _OPTIONAL and not isinstance(value, Text) and not value)
    }


class _Revised:
    """The data of an expectation, changed path after path to what a decision says."""

    def __init__(self, data: dict[str, Any], trial: Trial, observed: Observed) -> None:
        self.data, self.observed = data, observed
        self.known = trial.origin is Kind.DOSSIER
        assert trial.expectation is not None
        self.claims = trial.expectation.claims

    def at(self, path: tuple[str, ...]) -> None:
        """Make the data agree at one path."""
        head = path[0]
        if head == "presentes":
            raise _ByHand("une demande apparaît ou disparaît : récrivez cet essai")
        if head == "demandes":
            self._request(path)
        elif head == "a_apprecier":
            self._listed(self.data, "a_apprecier", path[1], path in self.observed.flat)
        elif head == "appreciations":
            self._set(self.data.setdefault("appreciations", {}), path[1], self.observed.flat.get(path))
        elif head == "constats_recouvrement":
            self._recovery_finding(path[1])
        else:
            self._case(head, path)

    def _request(self, path: tuple[str, ...]) -> None:
        requests = self.data["demandes"] if self.known else self.data
        if path[1] not in requests:
            raise _ByHand("une demande apparaît ou disparaît : récrivez cet essai")
        body, key, flat = requests[path[1]], path[2], self.observed.flat
        if key in ("verdict", "provisoire", "reparation"):
            self._set(body, key, flat.get(path))
        elif key == "montants":
            self._set_amount(body.setdefault("montants", {}), path[3], flat.get(path))
        elif key == "sous_reserve":
            amounts = [p[3] for p in flat if p[:3] == path[:3] and p[4] == path[4]]
            self._set_words(body.setdefault("sous_reserve", {}), path[4], amounts)
        elif key == "constats":
            words = [p[4] for p in flat if p[:4] == path[:4]]
            self._set_words(body.setdefault("constats", {}), path[3], words)
        else:
            kept = [p[3] for p, claim in self.claims.items() if p[:3] == path[:3] and self._holds(p, claim)]
            named = set(kept)
            new = [
                p[3] for p, text in flat.items()
                if p[:3] == path[:3] and text == DECIDES and not {p[3], p[3].partition(":")[0]} & named
            ]  # fmt: skip
            body["regles"] = [Text(word, ":" in word) for word in (*kept, *new)]

    def _holds(self, path: tuple[str, ...], claim: Claim) -> bool:
        return self.observed.agrees(path, claim.text)

    def _recovery_finding(self, rule: str) -> None:
        words = [p[2] for p in self.observed.flat if p[0] == "constats_recouvrement" and p[1] == rule]
        item = self._item(rule)
        if item is not None and words:
            self._set_words(item, "resultat", words)
        elif item is not None:
            self.data[RECOVERY].remove(item)
        elif self.known:
            self._set_words(self.data.setdefault("constats_recouvrement", {}), rule, words)
        else:
            added: dict[str, Any] = {"regle": Text(rule)}
            self._set_words(added, "resultat", words)
            self.data[RECOVERY].append(added)

    def _case(self, head: str, path: tuple[str, ...]) -> None:
        rule, flat = path[1], self.observed.flat
        item = self._item(rule)
        if head == "cas" and item is not None:
            self.data[RECOVERY].remove(item)
        elif head == "cas":
            item = {"regle": Text(rule)}
            self.data[RECOVERY].append(item)
            for key in ("etape", "modalite", "assiette", "clos"):
                self._set(item, key, flat.get((RECOVERY, rule, key)))
            self._set_amount(item, "montant", flat.get((RECOVERY, rule, "montant")))
        elif item is not None and path[2] == "montant":
            self._set_amount(item, "montant", flat.get(path, UNKNOWN))
        elif item is not None:
            self._set(item, path[2], flat.get(path))

    def _item(self, rule: str) -> dict[str, Any] | None:
        items = self.data.get(RECOVERY, [])
        return next((one for one in items if isinstance(one, dict) and one["regle"].text == rule), None)

    # --- writing ------------------------------------------------------------------------------------------------------

    @staticmethod
    def _set(body: dict[str, Any], key: str, text: str | None) -> None:
        if text:
            body[key] = Text(text)
        else:
            body.pop(key, None)

    @staticmethod
    def _set_amount(body: dict[str, Any], key: str, text: str | None) -> None:
        if text is None:
            body.pop(key, None)
        else:
            body[key] = Text(text, text != UNKNOWN)

    @staticmethod
    def _set_words(body: dict[str, Any], key: str, words: Sequence[str]) -> None:
        found = [Text(word, ":" in word) for word in dict.fromkeys(words)]
        if not found:
            body.pop(key, None)
        else:
            body[key] = found[0] if len(found) == 1 and not isinstance(body.get(key), list) else found

    def _listed(self, body: dict[str, Any], key: str, word: str, present: bool) -> None:
        found = body.get(key, [])
        words = [one for one in (found if isinstance(found, list) else [found]) if one.text != word]
        body[key] = [*words, Text(word, ":" in word)] if present else words
