"""The data of the pages, collected once from a pack: readers, examples, git history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct

from recevable.decision.decide import Decider
from recevable.decision.receipt import digest_of
from recevable.handbook import history
from recevable.handbook.history import Block, History
from recevable.handbook.phrases import Phrases
from recevable.language.diagnostics import DiagnosticError
from recevable.pack import letters, properties, requirements
from recevable.pack.compiled import CompiledPack
from recevable.pack.graph import NAMES
from recevable.pack.letters import Letters
from recevable.pack.model import Pack, Rule
from recevable.pack.properties import Property
from recevable.pack.readers import Readers
from recevable.pack.requirements import REQUIREMENTS, Inventory
from recevable.programme import Programme
from recevable.trials.coverage import Shown, measure
from recevable.trials.examples import ExampleResult, Reply, answer_example, run_example
from recevable.trials.proved import Kept, of_properties
from recevable.trials.suite import collect

NOT_ASKED = History(missing="l'historique n'a pas été demandé")


class Played(Struct, frozen=True):
    """An example that was run: its result, and what the engine says of it."""

    result: ExampleResult
    reply: Reply


class Survey(Struct, frozen=True):
    """A pack on a day, and the data of the pages; `inventory` is None when the pack has none.

    `readers` gives the rules that read something; `definers` the rules that define each name; `exercised` the number of
    trials in which each rule applied, by origin.
    """

    compiled: CompiledPack
    decider: Decider
    phrases: Phrases
    day: date
    digest: str
    inventory: Inventory | None
    readers: Readers
    definers: Mapping[str, tuple[Rule, ...]]
    covering: Mapping[str, tuple[str, ...]]
    blocks: Mapping[str, Block]
    examples: Mapping[str, tuple[Played, ...]]
    exercised: Mapping[str, Shown]
    history: History
    letters: Letters = Letters()
    properties: tuple[Property, ...] = ()
    proved: Mapping[str, Kept] = {}

    @property
    def pack(self) -> Pack:
        """The pack as read."""
        return self.compiled.pack

    def rules_reading(self, op: str, name: str) -> tuple[str, ...]:
        """The rules that read a field, a parameter, a name or an answer, in the order of the pack."""
        return self.readers.of.get((op, name), ())

    def read_by(self, rule: Rule, op: str) -> tuple[str, ...]:
        """What a rule reads with an operation, in order of appearance."""
        return self.readers.by_rule[rule.id].get(op, ())

    def users(self, rule: Rule) -> tuple[str, ...]:
        """The rules that use what a rule defines."""
        return tuple(dict.fromkeys(r for op in NAMES for r in self.rules_reading(op, rule.defines)))

    def exceptions(self, rule: Rule) -> tuple[str, ...]:
        """The rules that are exceptions to a rule."""
        return tuple(r.id for r in self.pack.rules.values() if r.exception_to and r.exception_to.text == rule.id)


def survey(programme: Programme, day: date, *, dossiers: Path | None = None, with_history: bool) -> Survey:
    """Collect the data of a verified pack; raises DiagnosticError when its inventory or trials are unreadable."""
    compiled, pack, folder = programme.compiled, programme.pack, programme.folder
    assert folder is not None  # a site is made from a folder
    inventory = requirements.read(folder) if (folder / REQUIREMENTS).exists() else None
    faults = requirements.compare(pack, inventory) if inventory is not None else []
    faults += letters.verify(folder, pack)
    trials = collect(programme, faults, dossiers)
    if faults:
        raise DiagnosticError(faults)
    examples: dict[str, list[Played]] = {}
    for trial in trials:
        if trial.example is not None:
            one = trial.example
            played = Played(run_example(one, programme.decider), answer_example(one, programme.decider))
            examples.setdefault(trial.rule, []).append(played)
    phrases = Phrases(compiled, day)
    files = {name: file.text for name, file in pack.files.items() if name in {r.span.file for r in pack.rules.values()}}
    return Survey(
        compiled=compiled,
        decider=programme.decider,
        phrases=phrases,
        day=day,
        digest=digest_of(pack.digests),
        inventory=inventory,
        readers=Readers(compiled),
        definers=compiled.definers,
        covering={name: tuple(found) for name, found in requirements.covering(pack).items()},
        blocks={rule: block for text in files.values() for rule, block in history.blocks(text).items()},
        examples={rule: tuple(found) for rule, found in examples.items()},
        exercised={line.rule.id: line.exercised for line in measure(programme.decider, trials).lines},
        history=history.read(folder, files, pack.manifest.zone) if with_history else NOT_ASKED,
        letters=letters.read(folder),
        properties=properties.read(folder),
        proved={name: kept for name, (_, kept) in of_properties(compiled, programme.source, folder).items()},
    )
