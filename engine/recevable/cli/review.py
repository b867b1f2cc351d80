"""`recevable test --revoir`: failures grouped by cause; expected results are rewritten one by one or by group."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from recevable import files
from recevable.cli.app import page
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED, usage
from recevable.cli.outputs import write_together
from recevable.cli.packs import pack_folders, report_faults
from recevable.cli.versions import earlier
from recevable.language.diagnostics import Diagnostic, DiagnosticError, in_order, suggest
from recevable.outputs import review as words
from recevable.outputs.run import line_of, relocated, seen_from_here
from recevable.outputs.trials import PackTrials
from recevable.outputs.trials import balance as trials_balance
from recevable.pack.source import MAX_BYTES
from recevable.printed import say, visible
from recevable.programme import open_programme
from recevable.report import diagnostics as diagnostics_text
from recevable.trials.review import Group, Review, Revision, written
from recevable.trials.suite import collect, run

_QUIT = "q"
# How many files are named once written, where one more would say "et 1 autres".
_NAMED = 4


class Asked(Struct, frozen=True):
    """The options of the command: which trials, compared with what, what is accepted and why."""

    dossiers: Path | None
    wanted: str
    since: str
    accepted: tuple[str, ...]
    reason: str


def review(packs: Sequence[str], asked: Asked) -> int:
    """Review the failures of each pack; returns the exit code."""
    if asked.accepted and not asked.reason:
        raise usage("--accepter demande --motif : pourquoi ces résultats sont désormais les bons.")
    if asked.reason and not asked.accepted:
        raise usage("--motif va avec --accepter.")
    left = False
    for folder in pack_folders(packs):
        try:
            left = _Session(folder, asked).review() or left
        except DiagnosticError as error:
            return report_faults(error.diagnostics, folder)
    return NOT_ACCEPTED if left else ACCEPTED


class _Session:
    """The review of one pack: what was read, and what is written of it."""

    def __init__(self, folder: Path, asked: Asked) -> None:
        self.folder, self.asked = folder, asked
        self.programme = open_programme(folder, prepared=False)
        self.before = earlier(folder, asked.since)
        self.unreadable: list[Diagnostic] = []
        trials = collect(self.programme, self.unreadable, asked.dossiers, self.before)
        chosen = [trial for trial in trials if asked.wanted.casefold() in trial.name.casefold()]
        self.results = tuple(run(trial, self.programme.decider) for trial in chosen)
        self.edition = Review(self.programme, self.before)
        self.groups = self.edition.groups(self.results)
        names = {revision.trial.span.file for group in self.groups for revision in group.revisions}
        self.contents = {name: self.edition.content(name) for name in names}
        self.journal = folder / words.JOURNAL
        self.done: list[Revision] = []
        self.reason = ""

    def review(self) -> bool:
        """Show the failures and rewrite what is accepted; returns whether anything is left to do."""
        shown = page(sys.stdout)
        if self.unreadable:
            faults = relocated(in_order(self.unreadable), self.folder)
            say(diagnostics_text.render(faults, shown, line_of), nl=False)
        if not self.groups:
            found = PackTrials(self.folder, self.results, tuple(self.unreadable), (), self.asked.wanted)
            say(diagnostics_text.render(relocated(found.nothing, self.folder), shown, line_of), nl=False)
            say(trials_balance(found, shown), nl=False)
            return bool(self.unreadable or not self.results)
        say(f"{visible(seen_from_here(self.folder))} : {visible(words.balance(self.groups))}.")
        if self.asked.accepted:
            self._named(self.asked.accepted)
        else:
            interactive = sys.stdin is not None and sys.stdin.isatty()
            for group in self.groups:
                say("\n" + words.render(group, self.edition, self.programme.zone, shown), nl=False)
                if interactive and not self._ask(group):
                    break
            if not interactive:
                say("\nRien n'est récrit : dans un terminal, la commande demande quoi accepter ; ailleurs, donnez")
                say("--accepter NOM --motif TEXTE : le nom d'un groupe, entre crochets, d'un effet ou d'un essai.")
        failing = sum(len(group.revisions) for group in self.groups)
        return bool(self.unreadable) or len(self.done) < failing

    # --- accepting ----------------------------------------------------------------------------------------------------

    def _named(self, names: Sequence[str]) -> None:
        """Accept groups and trials by name, all that they change shown first.  Raises click.UsageError."""
        by_trial = {r.trial.name: (group, r) for group in self.groups for r in group.revisions}
        by_group = {group.name: group for group in self.groups}
        by_effect = {name: (group, found) for group in self.groups for name, found in group.effects().items()}
        chosen: dict[str, tuple[Group, list[Revision]]] = {}
        for name in names:
            if name in by_group:
                group, found = by_group[name], _together(by_group[name])
            elif name in by_effect:
                group, found = by_effect[name]
            elif name in by_trial:
                group, revision = by_trial[name]
                if revision.by_hand:
                    raise usage(f"--accepter : `{name}` est à récrire à la main : {revision.by_hand}.")
                found = [revision]
            else:
                known = [*by_group, *by_effect]
                near = suggest(name, [*known, *by_trial]) or f"Groupes : {', '.join(known)}."
                raise usage(f"--accepter : `{name}` n'est ni un groupe ni un essai qui échoue. {near}")
            _, before = chosen.setdefault(group.name, (group, []))
            before += [one for one in found if one not in before]
        for group, revisions in chosen.values():
            self._show(revisions)
            self._accept(group, revisions, self.asked.reason)
            if len(revisions) > 1 or group.name in names:
                self._left(group)

    def _left(self, group: Group) -> None:
        """Say what of a group cannot be accepted with the others."""
        alone = [r for r in group.revisions if r.moves and not r.by_hand and r not in self.done]
        effects = {name: left for name, found in group.effects().items() if (left := [r for r in found if r in alone])}
        for name, left in effects.items():
            what = "essais changent un verdict, par l'effet de la règle ajoutée"
            one = "essai change un verdict, par l'effet de la règle ajoutée"
            say(f"{len(left)} {what if len(left) > 1 else one} (--accepter {visible(name)}).")
        if alone and not effects:
            many = "essais changent un verdict : ils ne s'acceptent qu'un par un"
            one = "essai change un verdict : il ne s'accepte que par son nom"
            say(f"{len(alone)} {many if len(alone) > 1 else one} (--accepter « {visible(alone[0].trial.name)} »).")

    def _ask(self, group: Group) -> bool:
        """Ask about a group on a terminal; returns whether to go on."""
        together, alone = _together(group), [r for r in group.revisions if r.moves and not r.by_hand]
        if together:
            what = f"ces {len(together)} résultats" if len(together) > 1 else "ce résultat"
            kept = " qui ne changent aucun verdict" if alone and len(together) > 1 else ""
            answer = _answer(f"Accepter {what}{kept} ? [o]ui, [u]n par un, [n]on, [q]uitter", "ounq")
            if answer == _QUIT:
                return False
            if answer == "o":
                self._accept(group, together, self._reason())
            elif answer == "u":
                alone = [*together, *alone]
        for revisions in group.effects().values():
            left = [one for one in revisions if one in alone]
            if len(left) < 2:
                continue
            self._show(left)
            text = f"Accepter cet effet de la règle ajoutée sur {len(left)} essais ({words.effect(left[0])}) ?"
            answer = _answer(f"{text} [o]ui, [u]n par un, [n]on, [q]uitter", "ounq")
            if answer == _QUIT:
                return False
            if answer == "o":
                self._accept(group, left, self._reason())
            if answer != "u":
                alone = [one for one in alone if one not in left]
        for revision in alone:
            self._show([revision])
            answer = _answer("Accepter ce résultat ? [o]ui, [n]on, [q]uitter", "onq")
            if answer == _QUIT:
                return False
            if answer == "o":
                self._accept(group, [revision], self._reason())
        return True

    def _show(self, revisions: Sequence[Revision]) -> None:
        """Each expected result beside the one that is obtained."""
        for line in words.shown(revisions, self.edition, page(sys.stdout)):
            say(line)

    def _reason(self) -> str:
        """The reason for accepting, asked until there is one; the last one is offered again."""
        again = f" [Entrée : « {visible(self.reason)} »]" if self.reason else ""
        typed = ""
        while not typed:
            typed = input(f"Pourquoi est-ce désormais le bon résultat ?{again} > ").strip() or self.reason
        self.reason = typed
        return typed

    def _accept(self, group: Group, revisions: Sequence[Revision], reason: str) -> None:
        """Write expected results, and the reason; all of it or nothing.  Raises click.UsageError."""
        revisions = [one for one in revisions if one not in self.done]
        if not revisions:
            return
        by_file: dict[str, list[Revision]] = {}
        for one in revisions:
            by_file.setdefault(one.trial.span.file, []).append(one)
        after = {name: written(self.contents[name], found) for name, found in by_file.items()}
        journal = files.read(self.journal, MAX_BYTES, self.folder) if self.journal.exists() else None
        entry = words.kept(journal, self.programme.today(), words.cause(group), reason, revisions)
        # the reason first: no result is ever rewritten without it
        changes = {self.journal.resolve(): (journal, entry)}
        changes |= {self.edition.path(name).resolve(): (self.contents[name], data) for name, data in after.items()}
        meanwhile = write_together(changes, "--revoir")
        if meanwhile is not None:
            shown = visible(seen_from_here(meanwhile))
            raise usage(f"`{shown}` a été changé entre-temps : rien n'est récrit. Relancez la commande.")
        self.contents |= after
        self.done += revisions
        many = "résultats attendus récrits" if len(revisions) > 1 else "résultat attendu récrit"
        where = ", ".join(visible(seen_from_here(self.edition.path(name))) for name in [*after][:_NAMED])
        if len(after) > _NAMED:
            where += f", et {len(after) - _NAMED} autres fichiers"
        say(f"{len(revisions)} {many} ({where}) ; le motif est dans {visible(seen_from_here(self.journal))}.")


def _together(group: Group) -> list[Revision]:
    """The revisions that can be accepted at once: none changes a verdict."""
    return [one for one in group.revisions if not one.moves and not one.by_hand]


def _answer(question: str, letters: str) -> str:
    """The letter of an answer, asked until it is one."""
    while True:
        typed = input(f"{question} > ").strip().casefold()[:1]
        if typed and typed in letters:
            return typed
