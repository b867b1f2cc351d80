"""The public page of a profile, as values: what the rules, the parameters and the pack say on a day.

Everything comes from the rules but the texts of `demandeurs.yaml`; amounts of examples are computed by the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from recevable.applicants.simulation import InvalidReply, Simulation, applicants_of
from recevable.applicants.text import text_on
from recevable.decision.checklist import Section, title_of
from recevable.decision.model import AmountLine, HouseDefault
from recevable.decision.wording import day, words
from recevable.inference.definitions import Contradiction
from recevable.language.prose import prose
from recevable.language.tree import AMOUNT_NAME, PARAMETER, Expr
from recevable.language.types import Type, called, lookup
from recevable.pack.applicants import Stage
from recevable.pack.kinds import kind_of
from recevable.pack.model import MODALITIES, RECOVERY, Consequence, Definition, Version
from recevable.pack.nodes import Scalar
from recevable.programme import Programme


class Opening(StrEnum):
    """The state of a step, or of the whole programme, on a day."""

    LATER = "a_venir"
    OPEN = "en_cours"
    OVER = "termine"
    UNKNOWN = "inconnu"


class Step(Struct, frozen=True):
    """A step of the programme: what there is to do, from when, until when, and its state.

    `opens` and `closes` are in words, empty when the step has no such limit.
    """

    title: str
    text: str
    opens: str
    closes: str
    state: Opening
    request: str
    source: str


class ToProvide(Struct, frozen=True):
    """What a request needs: the checklist of the profile, and the rules whose failure rejects it."""

    request: str
    title: str
    sections: tuple[Section, ...]
    rejecting: tuple[tuple[str, str], ...]


class Calculation(Struct, frozen=True):
    """How a number is computed, in words; `condition` is empty when the rule always applies."""

    title: str
    words: str
    condition: str
    source: str


class Worked(Struct, frozen=True):
    """An example computed by the engine; no lines when it cannot be on that day."""

    title: str
    lines: tuple[AmountLine, ...]


class Undue(Struct, frozen=True):
    """A case in which money may have to be paid back: its title, how binding the text is, its source."""

    title: str
    modality: str
    source: str


class Differs(Struct, frozen=True):
    """Where another page and the text differ; the text prevails."""

    subject: str
    page: str
    page_source: str
    text: str
    text_source: str
    kept: str


class PublicPage(Struct, frozen=True):
    """The page of a profile on a day."""

    programme: str
    title: str
    text_title: str
    profile: str
    profile_title: str
    on: date
    version: Version | None
    state: Opening
    state_words: str
    summary: str
    beneficiaries: str
    cost: str
    steps: tuple[Step, ...]
    provide: tuple[ToProvide, ...]
    amount_text: str
    calculations: tuple[Calculation, ...]
    examples: tuple[Worked, ...]
    late: str
    incomplete: str
    recovery_text: str
    recovery: tuple[Undue, ...]
    differences: tuple[Differs, ...]
    defaults: tuple[HouseDefault, ...]


def public_page(programme: Programme, profile: str, on: date) -> PublicPage:
    """The public page of a profile on a day; raises ValueError on an unknown profile."""
    if profile not in programme.profiles():
        raise ValueError(f"{profile!r} is none of {', '.join(programme.profiles())}")
    return _Maker(programme, profile, on).page()


_NOT_YET: Final = "Ce programme n'existe pas encore à cette date."
_UNKNOWN: Final = "date non connue à ce jour"
_NO_VALUE: Final = "valeur non connue à ce jour"


class _Maker:
    def __init__(self, programme: Programme, profile: str, on: date) -> None:
        self.programme, self.profile, self.on = programme, profile, on
        self.pack, self.manifest = programme.pack, programme.manifest
        self.texts = applicants_of(programme)

    def page(self) -> PublicPage:
        own = self.texts.profiles.get(self.profile)
        version = next((v for v in reversed(self.manifest.versions) if v.start <= self.on), None)
        steps = tuple(self.steps())
        state, state_words = self.state(steps, version)
        provide = tuple(self.provide())
        return PublicPage(
            programme=self.programme.name,
            title=self.texts.title or self.manifest.title,
            text_title=self.manifest.title,
            profile=self.profile,
            profile_title=profile_title(self.programme, self.profile),
            on=self.on,
            version=version,
            state=state,
            state_words=state_words,
            summary=self.say(own.summary if own else None),
            beneficiaries=self.say(own.beneficiaries if own else None),
            cost=self.say(own.cost if own else None),
            steps=steps,
            provide=provide,
            amount_text=self.say(self.texts.amount),
            calculations=tuple(self.calculations()),
            examples=tuple(self.examples()),
            late=self.say(self.texts.late),
            incomplete=self.say(self.texts.incomplete),
            recovery_text=self.say(self.texts.recovery),
            recovery=tuple(self.recovery()),
            differences=tuple(self.differences()),
            defaults=tuple(
                {one.name: one for part in provide for section in part.sections for item in section.items
                 for one in item.defaults}.values()
            ),
        )  # fmt: skip

    def say(self, text: Scalar | None) -> str:
        return text_on(self.programme, text, self.on)

    def concerns(self, profiles: tuple[Scalar, ...]) -> bool:
        return not profiles or self.profile in [word.text for word in profiles]

    # --- steps ------------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        stages = [stage for stage in self.texts.stages if self.concerns(stage.profiles)]
        for stage in stages:
            yield self.step(stage)
        if not stages:
            yield from self.generated_steps()

    def step(self, stage: Stage) -> Step:
        opens, closes = (None if one is None else one.text for one in (stage.opens, stage.closes))
        request = "" if stage.request is None else stage.request.text
        source = "" if stage.source is None else stage.source.text
        return self.dated(self.say(stage.title), self.say(stage.text), opens, closes, request, source)

    def generated_steps(self) -> Iterator[Step]:
        """Without any in the pack: each request, closed by the parameter that its deadline names."""
        for name, request in self.manifest.requests.items():
            closes, source = None, ""
            for rule in self.pack.rules.values():
                latest = kind_of(rule).latest
                if latest and name in rule.requests and rule.expressions[latest].text in self.pack.parameters:
                    closes, source = rule.expressions[latest].text, rule.source
                    break
            yield self.dated(request.title, "", None, closes, name, source)

    def dated(self, title: str, text: str, opens: str | None, closes: str | None, request: str, source: str) -> Step:
        start, end = (None if name is None else self.value(name) for name in (opens, closes))
        if end is not None and self.on > self.day_of(end):
            state = Opening.OVER
        elif start is not None and self.on < self.day_of(start):
            state = Opening.LATER
        elif (opens is not None and start is None) or (closes is not None and end is None):
            state = Opening.UNKNOWN
        else:
            state = Opening.OPEN
        return Step(title, text, self.when(opens, start), self.when(closes, end), state, request, source)

    def value(self, parameter: str) -> Any:
        found = self.pack.parameters[parameter].at(self.on)
        return None if found is None else found.value

    def day_of(self, value: date | datetime) -> date:
        return value.astimezone(self.programme.zone).date() if isinstance(value, datetime) else value

    def when(self, parameter: str | None, value: Any) -> str:
        if parameter is None:
            return ""
        if value is None:
            return _UNKNOWN
        return words(value, self.pack.parameters[parameter].type, self.programme.zone)

    def state(self, steps: tuple[Step, ...], version: Version | None) -> tuple[Opening, str]:
        """The state of the whole programme: closed when no request that ends may still be made."""
        if version is None and self.manifest.versions:
            start = self.manifest.versions[0].start
            return Opening.LATER, f"{_NOT_YET} Le texte est en vigueur depuis le {day(start)}."
        requests = [step for step in steps if step.request]
        ending = [step for step in requests if step.closes]
        if ending and all(step.state is Opening.OVER for step in ending):
            last = ending[-1]
            return Opening.OVER, f"Ce programme est fermé : {_lower(last.title)} était possible jusqu'au {last.closes}."
        opened = [step for step in requests if step.state is Opening.OPEN]
        if opened:
            open_steps = [
                f"{_lower(step.title)}{f', jusqu’au {step.closes}' if step.closes else ''}" for step in opened
            ]
            return Opening.OPEN, f"Possible à cette date : {' ; '.join(open_steps)}."
        if any(step.state is Opening.UNKNOWN for step in requests):
            return Opening.UNKNOWN, "Les dates de dépôt ne sont pas connues à ce jour."
        later = [f"{step.title} : à partir du {step.opens}" for step in requests if step.opens]
        return Opening.LATER, f"Aucune demande n'est encore possible à cette date. {' ; '.join(later)}.".strip()

    # --- what to provide --------------------------------------------------------------------------------------------

    def provide(self) -> Iterator[ToProvide]:
        for name, request in self.manifest.requests.items():
            sections = tuple(self.programme.checklist(self.profile, name, self.on))
            listed = [item for section in sections for item in section.items]
            rejecting = tuple(
                (item.title, item.source)
                for item in listed
                if any(c.consequence is Consequence.REJECT for c in self.pack.rules[item.rule].causes)
                and self.pack.rules[item.rule].question is None
            )
            yield ToProvide(name, request.title, sections, rejecting)

    # --- the amount -------------------------------------------------------------------------------------------------

    def calculations(self) -> Iterator[Calculation]:
        """Each number that the proposed amounts are computed from, once, in the order of the calculation."""
        seen: set[str] = set()
        for name, request in self.manifest.requests.items():
            graph = self.programme.decider.context_decider(name).unknowns.graph
            if request.amount not in graph.definitions:
                continue
            behind = {one for op, one in graph.of(request.amount) if op == AMOUNT_NAME}
            for definition in graph.definitions.values():
                if definition.name in behind and definition.name not in seen:
                    seen.add(definition.name)
                    yield from self.calculation(definition)

    def calculation(self, definition: Definition) -> Iterator[Calculation]:
        for amount in definition.amounts:
            condition = "" if amount.when is None else self.prose(amount.when)
            yield Calculation(amount.rule.title, self.prose(amount.value), condition, amount.rule.source)

    def prose(self, expr: Expr) -> str:
        return prose(expr, self.title, self.words)

    def title(self, op: str, name: str) -> str:
        found = title_of(self.programme.compiled, op, name)
        if op != PARAMETER:
            return found
        value = self.value(name)
        return f"{found} : {_NO_VALUE if value is None else self.words(value, self.pack.parameters[name].type)}"

    def words(self, value: Any, type_: Type) -> str:
        return words(value, type_, self.programme.zone)

    def examples(self) -> Iterator[Worked]:
        own = self.texts.profiles.get(self.profile)
        for example in own.examples if own is not None else ():
            simulation = Simulation(self.programme, example.request.text, self.profile, self.on)
            try:
                state = simulation.from_fields(simulation.values(example.given))
                lines = simulation.result(state).decision.amounts
            except (InvalidReply, Contradiction):
                lines = ()
            known = tuple(line for line in lines if line.value is not None)
            asked = self.manifest.requests[example.request.text].amount
            yield Worked(example.title, known if any(line.name == asked for line in known) else ())

    # --- recovery and differences ----------------------------------------------------------------------------------

    def recovery(self) -> Iterator[Undue]:
        for rule in self.pack.rules.values():
            if rule.claim is not None and RECOVERY in self.programme.compiled.contexts_of(rule):
                yield Undue(rule.title, MODALITIES[rule.claim.modality], rule.source)

    def differences(self) -> Iterator[Differs]:
        for one in self.texts.differences:
            if self.concerns(one.profiles):
                yield Differs(
                    one.subject, self.say(one.page), one.page_source, self.say(one.text), one.text_source.text,
                    self.say(one.kept),
                )  # fmt: skip


def profile_title(programme: Programme, profile: str) -> str:
    """What a profile is called: by the pack, by the schema, or by its own name."""
    own = applicants_of(programme).profiles.get(profile)
    if own is not None:
        return own.title
    type_ = lookup(programme.pack.facts, programme.manifest.profile)
    return (type_.labels.get(profile) if type_ is not None else None) or called(profile)


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
