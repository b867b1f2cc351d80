"""Every trial of a pack (examples of its rules, scenarios of its staff, known dossiers), read once and run on any
variant of the pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from recevable import files
from recevable.decision.decide import Decider
from recevable.decision.payable import UnpayableAmount
from recevable.dossier.dossier import Dossier, load
from recevable.dossier.limits import MAX_BYTES
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, Span
from recevable.language.evaluate import Slots
from recevable.pack.examples import Example, read_examples
from recevable.pack.model import Context, Outcome
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.reader import Reader
from recevable.pack.yaml_strict import read_alone
from recevable.programme import Programme
from recevable.trials.examples import evaluate_example, explain_example, run_example
from recevable.trials.expectations import Difference, Expectation, ExpectationReader, consistent, differences
from recevable.trials.known import EXPECTED, known_dossiers
from recevable.trials.scenarios import ScenarioReader


class Origin(StrEnum):
    """The origin of a trial; the values are displayed."""

    EXAMPLE = "exemple"
    SCENARIO = "scenario"
    DOSSIER = "dossier"


class Trial(Struct, frozen=True):
    """A trial: its name and place (file name relative to the pack; an absolute path for a known dossier).

    An example tests `rule` alone; the others, with an empty `rule`, decide a whole dossier.
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
    """The result of a trial: its differences from the expected result."""

    trial: Trial
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


def collect(
    programme: Programme,
    diagnostics: list[Diagnostic],
    dossiers: Path | None = None,
    before: Programme | None = None,
) -> tuple[Trial, ...]:
    """Read every trial of a programme; faults are added to `diagnostics`, with the file names of trials.

    `dossiers` is the folder of the known dossiers, if not the usual one.  What only `before`, an earlier version of the
    programme, could answer is no fault to expect.

    Trials do not refer to the pack: they can run on any variant of it.
    """
    found = [
        Trial(Origin.EXAMPLE, f"{example.rule} [{example.rank}]", example.span, example.rule, example)
        for example in read_examples(programme.compiled, diagnostics, before.pack.rules if before is not None else None)
    ]
    dossiers = known_dossiers(programme, dossiers)
    scenarios = ScenarioReader(programme, dossiers, diagnostics, before)
    for one in scenarios.read():
        found.append(
            Trial(Origin.SCENARIO, one.title, one.place, dossier=one.dossier, day=one.day, expectation=one.expectation)
        )
    known = list(_known_dossiers(programme, dossiers, diagnostics, scenarios))
    expectations = consistent([trial.expectation for trial in known if trial.expectation is not None])
    found += [replace(trial, expectation=whole) for trial, whole in zip(known, expectations, strict=True)]
    return tuple(found)


def untried(programme: Programme, trials: Sequence[Trial]) -> list[Diagnostic]:
    """The rules that no trial tests: without an example, and named by no scenario or known dossier.

    A rule that was only satisfied while another one was tested does not count.
    """
    givers = programme.compiled.definers
    tried = {trial.rule for trial in trials}
    for trial in trials:
        if trial.expectation is not None:
            tried.update(trial.expectation.rules())
            tried.update(rule.id for name in trial.expectation.amounts() for rule in givers.get(name, ()))
    help = "Ajoutez-lui des `exemples`, ou un scénario qui la nomme."
    return [
        Diagnostic(
            "ESSAI-ABSENT",
            f"aucun essai ne porte sur la règle `{rule.id}`",
            rule.span,
            help,
            Severity.WARNING,
            subject=rule.id,
        )
        for rule in programme.pack.rules.values()
        if rule.id not in tried
    ]


def run(trial: Trial, decider: Decider) -> TrialResult:
    """Run a trial on its pack or a variant; errors are part of the result."""
    try:
        return TrialResult(trial, tuple(_differences(trial, decider)))
    except UnpayableAmount as error:
        got = f"une acceptation pour `{error.name}` = {error.values[0]}, par `{error.rules[0]}`"
    except Contradiction as error:
        got = f"deux valeurs de `{error.name}`, par {' et '.join(f'`{rule}`' for rule in error.rules)}"
    except EngineDisagreement as error:
        got = f"les moteurs ne s'accordent pas sur `{error.rule}`"
    subject = f"`{trial.rule}`" if trial.rule else "décision"
    return TrialResult(trial, (Difference("ESSAI-DECISION", subject, "une réponse", got, trial.span),))


class Evaluated(Struct, frozen=True):
    """A context that a trial goes through: slots once everything is computed, the outcomes of each rule.

    `each` is the list of the element that was evaluated; empty for a request, None for an example, on one rule.
    """

    context: Context
    slots: Slots
    outcomes: Mapping[str, Sequence[Outcome]]
    each: str | None

    def tries(self, rule: str) -> bool:
        """Whether a rule is about what was evaluated."""
        return self.each is not None and self.context.is_about(rule, self.each)


def evaluations(trial: Trial, decider: Decider) -> Iterator[Evaluated]:
    """The contexts that a trial goes through.  Raises Contradiction, EngineDisagreement."""
    if trial.example is not None:
        context, slots, outcomes = evaluate_example(trial.example, decider)
        yield Evaluated(context, slots, _by_rule(context, outcomes), None)
    elif trial.dossier is not None and trial.day is not None:
        requests = trial.expectation.requests if trial.expectation is not None else ()
        for evaluation in decider.evaluations(trial.dossier, trial.day, requests):
            context, each = evaluation.context, evaluation.each
            found = _by_rule(context, evaluation.outcomes())
            own = {rule: outcomes for rule, outcomes in found.items() if context.is_about(rule, each)}
            yield Evaluated(context, evaluation.slots, own, each)


def _by_rule(context: Context, outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for check, outcome in zip(context.checks, outcomes, strict=True):
        found.setdefault(check.rule, []).append(outcome)
    return found


def _differences(trial: Trial, decider: Decider) -> Iterator[Difference]:
    if trial.example is not None:
        result = run_example(trial.example, decider)
        if not result.passed:
            code, subject = "ESSAI-EXEMPLE", f"`{trial.rule}`"
            why = explain_example(trial.example, decider)
            yield Difference(code, subject, result.expected, result.got, trial.example.place, why)
    elif trial.dossier is not None and trial.day is not None and trial.expectation is not None:
        decision = decider.decide(trial.dossier, trial.day, trial.expectation.requests)
        yield from differences(trial.expectation, decision)


# --- known dossiers -------------------------------------------------------------------------------------------------


def _known_dossiers(
    programme: Programme, folder: Path | None, diagnostics: list[Diagnostic], scenarios: ScenarioReader
) -> Iterator[Trial]:
    """Each `.json` with its `.attendu.yaml`; one without the other is reported, unless it only serves scenarios."""
    if folder is None:
        return
    expected = {path.name.removesuffix(EXPECTED): path for path in folder.glob(f"*{EXPECTED}")}
    dossiers = {path.stem: path for path in folder.glob("*.json")}
    for name in sorted({*expected, *dossiers}):
        if name in expected and name in dossiers:
            trial = _known_dossier(programme, name, dossiers[name], expected[name], diagnostics, scenarios.reading)
            if trial is not None:
                yield trial
        elif name not in scenarios.used:
            missing = f"`{name}.json`" if name in expected else f"`{name}{EXPECTED}`"
            place = Span(str(expected.get(name, dossiers.get(name))), 1, 1)
            help = "Écrivez-le à côté, ou retirez celui-ci."
            diagnostics.append(Diagnostic("ATT-DOSSIER", f"il manque {missing}", place, help))


def _known_dossier(
    programme: Programme,
    name: str,
    path: Path,
    expected: Path,
    diagnostics: list[Diagnostic],
    reading: ExpectationReader,
) -> Trial | None:
    before = len(diagnostics)
    try:
        dossier = load(files.read(path, MAX_BYTES, path.parent), str(path), programme.validator)
        _, node = read_alone(expected, str(expected), expected.parent)
    except DiagnosticError as error:
        diagnostics += error.diagnostics
        return None
    except OSError as error:
        place = Span(str(path), 1, 1)
        diagnostics.append(Diagnostic("ENTREE-LECTURE", f"`{path.name}` {files.reason(error)}", place))
        return None
    if not isinstance(node, YamlMapping):
        help = "Écrivez `titre`, `au`, `demandes`, `a_apprecier` et `recouvrement`."
        diagnostics.append(Diagnostic("PAQ-BLOC", "une décision attendue contient des clés", node.span, help))
        return None
    reader = Reader(node, diagnostics, f"la décision attendue de `{name}`")
    reader.text("titre")
    reader.words("pieges", required=False)
    reader.text("note", required=False)
    day = reader.day("au")
    expectation = reading.known_dossier(reader)
    reader.finish()
    if day is None or len(diagnostics) > before:
        return None
    return Trial(Origin.DOSSIER, name, Span(str(expected), 1, 1), dossier=dossier, day=day, expectation=expectation)
