"""The interface of a rule kind, with defaults that suit most kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from msgspec import Struct

from recevable.language.tree import Expr
from recevable.lazy import pattern
from recevable.pack.model import (
    IF,
    SATISFIED,
    WHEN,
    Cause,
    Check,
    Claim,
    Consequence,
    Defined,
    Question,
    Rule,
    Step,
    Written,
    failed,
)
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader

_CONSEQUENCES: Final = tuple(Consequence)
_BRACES: Final = pattern(r"\{[^{}]*\}")


class Place(StrEnum):
    """The heading under which a checklist lists the rules of a kind."""

    DEADLINE = "delai"
    DOCUMENT = "piece"
    CONDITION = "condition"
    QUESTION = "question"


class Expression(Struct, frozen=True):
    """An expression that a kind has: the keys that lead to it in a rule, and its purpose, in French.

    `name`: it only names a field and contains nothing to change.
    """

    path: tuple[str, ...]
    role: str
    name: bool = False


class Words(Struct, frozen=True):
    """The French words for the causes of a kind: heading of their table, name of one cause, name of its effect."""

    heading: str = "Ce qui est répondu"
    cause: str = "Cause"
    effect: str = "Conséquence"


class Mutation(Struct, frozen=True):
    """A small change specific to a kind: its place, the text written, and the replacement (None: removed).

    `key` distinguishes it from the other changes of the rule.
    """

    key: str
    path: tuple[str | int, ...]
    before: str
    after: str | None
    rule: Rule


class MutationOperator(Struct, frozen=True):
    """A family of mutations specific to a kind: its name, its title and what would detect it, in French."""

    name: str
    title: str
    noticed_by: str
    changes: Callable[[Rule], Iterator[Mutation]]


class Content(Struct, frozen=True):
    """What a kind reads of a rule besides its expressions; see the fields of `Rule`."""

    causes: tuple[Cause, ...] = ()
    defined: Defined | None = None
    question: Question | None = None
    claim: Claim | None = None
    optional: bool = False


class RuleCompiler(Protocol):
    """The compiler as kinds see it: turns texts into typed trees, in one context."""

    def boolean(self, text: Scalar) -> Expr:
        """A boolean expression."""

    def defect(self, cause: Cause, text: Scalar) -> Expr:
        """The boolean expression of a cause, on the days on which the cause is in force."""

    def dated(self, cause: Cause) -> tuple[Step, ...]:
        """The test that a cause without condition is in force; empty when it always is."""

    def ordered(self, left: Scalar, op: str, right: Scalar) -> Expr:
        """A comparison of two expressions."""

    def presence(self, path: Scalar) -> Expr:
        """A test that a field is in the dossier."""

    def answer(self, rule: str, value: str) -> Expr:
        """A test that the recorded answer to the question of `rule` is `value`."""

    def opening(self, rule: Rule) -> tuple[Step, ...]:
        """The first test of every chain: whether the rule applies, exceptions removed; empty when it always does.

        A rule that does not apply gives `sans_objet`; when that is unknown it gives `manquant`.
        """


class Kind(ABC):
    """A kind of rule, identified by its YAML key `key`; `noun` is its French name with article (`un délai`).

    `keys` are its own keys besides the common ones; `naming` is the key of the name that it defines, `latest` that of
    the last instant allowed.  `refused` maps the common keys that it does not accept to a help text, and `refusal` is
    the code of that fault.  `listed` is the place in a checklist, None when it asks nothing of anyone.
    """

    key: ClassVar[str]
    title: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    keys: ClassVar[frozenset[str]] = frozenset()
    expressions: ClassVar[tuple[Expression, ...]] = ()
    naming: ClassVar[str] = ""
    latest: ClassVar[str] = ""
    refused: ClassVar[Mapping[str, str]] = {}
    refusal: ClassVar[str] = "PAQ-CLE-INCONNUE"
    listed: ClassVar[Place | None] = Place.CONDITION
    words: ClassVar[Words] = Words()
    operators: ClassVar[tuple[MutationOperator, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.title = cls.title or cls.key.capitalize()
        cls.noun = cls.noun or f"une règle `{cls.key}`"

    @abstractmethod
    def read(self, reader: Reader) -> Content:
        """Read what is specific to the kind, except its expressions."""

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """The checks of a rule in one context, for both engines; empty for a rule that defines a name."""
        if rule.defined is None:
            raise NotImplementedError(f"the kind `{self.key}` says neither what `{rule.id}` checks nor what it defines")
        return ()

    def card(self, rule: Rule) -> Iterator[tuple[str, str]]:
        """Additional labels and texts for the page of a rule, in French."""
        yield from ()

    def read_expressions(self, reader: Reader) -> dict[str, Scalar]:
        """Every expression of the kind that is present, by key."""
        found: dict[str, Scalar] = {}
        blocks: dict[str, Reader | None] = {}
        for expression in self.expressions:
            holder: Reader | None = reader
            *above, key = expression.path
            for name in above:
                if name not in blocks:
                    blocks[name] = reader.mapping(name)
                holder = blocks[name]
            text = holder.scalar(key) if holder is not None else None
            if text is not None:
                found[key] = text
        for block in blocks.values():
            if block is not None:
                block.finish()
        return found

    def proper(self, rule: Rule) -> Iterator[Written]:
        """Every expression of a rule that is specific to its kind."""
        for expression in self.expressions:
            text = rule.expressions.get(expression.path[-1])
            if text is not None:
                yield Written(rule.id, expression.path, text, "", expression.role, expression.name)

    def written(self, rule: Rule) -> Iterator[Written]:
        """Every expression of a rule: its condition, those of its kind, the conditions of its causes."""
        if rule.when is not None:
            yield condition_of(rule, rule.when)
        yield from self.proper(rule)
        for cause in rule.causes:
            if cause.when is not None:
                yield condition_of_cause(rule, cause, cause.when)


def condition_of(rule: Rule, when: Scalar) -> Written:
    """The condition of application of a rule."""
    return Written(rule.id, (WHEN,), when, "", "S'applique quand")


def condition_of_cause(rule: Rule, cause: Cause, when: Scalar) -> Written:
    """The condition of a cause of a rule."""
    return Written(rule.id, (*cause.path, IF), when, cause.name)


def read_cause(
    reader: Reader | None, name: str, *path: str | int, condition: bool = False, dated: bool = False
) -> Cause | None:
    """Read a cause `{consequence, message, reparation}`; `path` leads to it.

    It has its own `si` when `condition`, and may be in force on some days only then, or when `dated`.
    """
    if reader is None:
        return None
    from recevable.pack.in_force import read_in_force

    when = reader.scalar(IF) if condition else None
    in_force = read_in_force(reader) if condition or dated else None
    effect = reader.choice("consequence", _CONSEQUENCES)
    message = reader.scalar("message")
    repair = _plain(reader, "reparation")
    party = reader.scalar("aupres_de", required=False)
    reader.finish()
    if message is None:
        return None
    return Cause(
        name, message, path, Consequence(effect) if effect else None, repair, when, party, in_force=in_force
    )  # fmt: skip


def _plain(reader: Reader, key: str) -> str:
    """A text without placeholders: braces would be displayed literally."""
    found = reader.scalar(key, required=False)
    braces = _BRACES.search(found.text) if found else None
    if found and braces:
        help = "Écrivez la valeur dans `message`, ou dites ici ce qu'il faut faire sans elle."
        reader.fault("PAQ-TEXTE", f"`{key}` ne remplace pas `{braces[0]}` par sa valeur", found.span, help)
    return found.text if found else ""


def decisive(test: Expr, *written: Written, cause: str, fails_when: bool) -> Step:
    """The last test of a chain: one truth value satisfies, the other fails with `cause`."""
    bad = failed(cause)
    true, false = (bad, SATISFIED) if fails_when else (SATISFIED, bad)
    return Step(test, true, false, written=written)
