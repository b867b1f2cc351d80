"""Every trial of a pack (examples of its rules, scenarios of its staff, known dossiers), read once and run on any
variant of the pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from recevable.decision.decide import Decider
from recevable.dossier.dossier import Dossier, load
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.language.evaluate import Slots
from recevable.pack.examples import Example, read_examples
from recevable.pack.model import Context, Outcome
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.reader import Reader
from recevable.pack.yaml_strict import read_file
from recevable.trials.examples import evaluate_example, run_example
from recevable.trials.expectations import Difference, Expectation, ExpectationReader, differences
from recevable.trials.scenarios import read_scenarios
from recevable.trials.workbench import EXPECTED, Workbench


class Origin(StrEnum):
    """Where a trial comes from; the values are what people read."""

    EXAMPLE = "exemple"
    SCENARIO = "scenario"
    DOSSIER = "dossier"


class Trial(Struct, frozen=True):
    """A trial: its name, and its place (a file of the pack's folder, or the file beside a known dossier).

    An example is about `rule` alone; the others, of which `rule` is empty, decide a whole dossier.
    """

    origin: Origin
    name: str
    span: Span
    rule: str = ""
    example: Example | None = None
    dossier: Dossier | None = None
    day: date | None = None
    expectation: Expectation | None = None


class TrialResult(Struct, frozen=True):
    """A trial that was run, and everything in which it is not as expected."""

    trial: Trial
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.differences


def collect(bench: Workbench, diagnostics: list[Diagnostic]) -> tuple[Trial, ...]:
    """Every trial of a bench; what cannot be read goes to `diagnostics`, its files named from the pack's folder."""
    found = [
        Trial(Origin.EXAMPLE, f"{example.rule} [{example.rank}]", example.span, example.rule, example)
        for example in read_examples(bench.compiled, diagnostics)
    ]
    for one in read_scenarios(bench, diagnostics):
        found.append(
            Trial(Origin.SCENARIO, one.title, one.place, dossier=one.dossier, day=one.day, expectation=one.expectation)
        )
    found += _known_dossiers(bench, diagnostics)
    return tuple(found)


def run(trial: Trial, decider: Decider) -> TrialResult:
    """Run a trial on the pack that it was read from, or on a variant of it; whatever happens is a result."""
    try:
        return TrialResult(trial, tuple(_differences(trial, decider)))
    except Contradiction as error:
        got = f"deux valeurs de `{error.name}` : {', '.join(error.rules)}"
    except EngineDisagreement as error:
        got = f"les moteurs ne s'accordent pas sur `{error.rule}`"
    return TrialResult(trial, (Difference("decision", "une décision", got, trial.span),))


def evaluations(trial: Trial, decider: Decider) -> Iterator[tuple[Context, Slots, Mapping[str, Sequence[Outcome]]]]:
    """The contexts that a trial goes through: slots once everything is computed, and the outcomes of each rule.

    Raises Contradiction, EngineDisagreement.
    """
    if trial.example is not None:
        context, slots, outcomes = evaluate_example(trial.example, decider)
        yield context, slots, _by_rule(context, outcomes)
    elif trial.dossier is not None and trial.day is not None:
        for evaluation in decider.evaluations(trial.dossier, trial.day):
            yield evaluation.context, evaluation.slots, _by_rule(evaluation.context, evaluation.outcomes())


def _by_rule(context: Context, outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for check, outcome in zip(context.checks, outcomes, strict=True):
        found.setdefault(check.rule, []).append(outcome)
    return found


def _differences(trial: Trial, decider: Decider) -> Iterator[Difference]:
    if trial.example is not None:
        result = run_example(trial.example, decider)
        if not result.passed:
            yield Difference(trial.rule, result.expected, result.got, trial.example.place)
    elif trial.dossier is not None and trial.day is not None and trial.expectation is not None:
        yield from differences(trial.expectation, decider.decide(trial.dossier, trial.day))


# --- known dossiers -------------------------------------------------------------------------------------------------


def _known_dossiers(bench: Workbench, diagnostics: list[Diagnostic]) -> Iterator[Trial]:
    """Each `.json` with its `.attendu.yaml`; one without the other is told."""
    if bench.dossiers is None:
        return
    expected = {path.name.removesuffix(EXPECTED): path for path in bench.dossiers.glob(f"*{EXPECTED}")}
    dossiers = {path.stem: path for path in bench.dossiers.glob("*.json")}
    for name in sorted({*expected, *dossiers}):
        path = expected.get(name, dossiers.get(name))
        place = Span(str(path), 1, 1)
        if name not in expected or name not in dossiers:
            missing = f"`{name}.json`" if name not in dossiers else f"`{name}{EXPECTED}`"
            help = "Écrivez-le à côté, ou retirez celui-ci."
            diagnostics.append(Diagnostic("ATT-DOSSIER", f"il manque {missing}", place, help))
            continue
        try:
            dossier = load(dossiers[name].read_bytes(), str(dossiers[name]), bench.validator)
            _, node = read_file(expected[name], str(expected[name]))
        except DiagnosticError as error:
            diagnostics += error.diagnostics
            continue
        except OSError:
            diagnostics.append(Diagnostic("ENTREE-LECTURE", f"`{dossiers[name].name}` ne peut pas être lu", place))
            continue
        if not isinstance(node, YamlMapping):
            help = "Écrivez `titre`, `au`, `demandes`, `a_apprecier` et `recouvrement`."
            diagnostics.append(Diagnostic("PAQ-BLOC", "une décision attendue contient des clés", node.span, help))
            continue
        before = len(diagnostics)
        reader = Reader(node, diagnostics, f"la décision attendue de `{name}`")
        reader.text("titre")
        reader.words("pieges", required=False)
        reader.text("note", required=False)
        day = reader.day("au")
        expectation = ExpectationReader(bench.compiled).known_dossier(reader)
        reader.finish()
        if day is not None and len(diagnostics) == before:
            yield Trial(Origin.DOSSIER, name, place, dossier=dossier, day=day, expectation=expectation)
