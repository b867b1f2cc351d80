"""Growth between two counts: which operators differ from the others, and by what statistic.

The programme allows an increase to be questioned when it is "significantly different from the global increase" and
gives no threshold. The statistic is therefore chosen to be robust and explainable:

* the growth of an operator is the logarithm of new / old, so that doubling and halving are as far from zero;
* the common growth is the median of the operators', and the median of their distances to it (MAD) measures how much
  they usually differ: half of them lie within it, and no single operator, however large, moves either;
* the gap of an operator is its distance to the common growth, in usual gaps of 1.4826 MAD (one standard deviation if
  growths followed a normal law);
* it is signalled when that exceeds `threshold` (3.5, after Iglewicz and Hoaglin, 1993) and when it amounts to at least
  `smallest` mailboxes more or fewer than the common growth would give. Operators with fewer than `smallest` mailboxes
  at the start do not take part in the common growth: a handful of boxes doubles by chance.

A signal is a question put to a human, never a decision. Decimals keep the result the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, localcontext
from typing import Any

from recevable.registers.annuaire.errors import EvidenceError

THRESHOLD = Decimal("3.5")
SMALLEST = 30  # mailboxes
FEWEST = 5  # operators below which a median says nothing of a whole
NARROWEST = Decimal("0.01")  # the usual gap is never taken below this (about 1 %): nobody is signalled for a trifle
CONSISTENCY = Decimal("1.4826")
_MOST = 10**10  # mailboxes: what a proof holds beyond that was not counted

# The figures of the types that every extraction has, and of the one that some leave out.
ALWAYS = frozenset({"organisationnelles", "personnelles"})
APPLICATIONS = "applicatives"

RISE = "hausse"
FALL = "baisse"
APPEARED = "apparu"
VANISHED = "disparu"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The mailboxes attributed to each operator in one count, by figure of their types.

    An operator is named by its identifiers joined by `+`. `source` is the file as the user named it, `generated` the
    time of the extraction, when known. `figures` are those that the extraction lists: of the others it says nothing.
    """

    source: str
    generated: datetime | None
    figures: frozenset[str]
    boxes: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class OperatorGrowth:
    """One operator between the two counts. `growth` is a logarithm, None when either count is zero.

    `gap` is its distance to the common growth in usual gaps, `expected` the mailboxes that the common growth would
    give; both are None when there is no statistic.
    """

    operator: str
    old: int
    new: int
    growth: Decimal | None
    gap: Decimal | None
    expected: Decimal | None
    signal: str | None

    @property
    def at_stake(self) -> Decimal:
        """Mailboxes more (or, below zero, fewer) than the common growth would give."""
        return self.new - (Decimal(self.old) if self.expected is None else self.expected)


@dataclass(frozen=True, slots=True)
class Statistic:
    """What the growth of each operator is compared with. `common` and `deviation` (the MAD) are logarithms.

    `unit` is one usual gap, 1.4826 MAD but never less than `NARROWEST`; `operators` counts those it comes from.
    """

    common: Decimal
    deviation: Decimal
    unit: Decimal
    operators: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Two counts compared, for the figures that both know; `left_out` are those that one of them alone has or prices.

    `statistic` is None when too few operators allow one.
    """

    old: Snapshot
    new: Snapshot
    figures: tuple[str, ...]
    left_out: tuple[str, ...]
    old_total: int
    new_total: int
    threshold: Decimal
    smallest: int
    statistic: Statistic | None
    operators: tuple[OperatorGrowth, ...]

    @property
    def signals(self) -> tuple[OperatorGrowth, ...]:
        """The operators to look at, the most mailboxes at stake first."""
        found = [one for one in self.operators if one.signal]
        return tuple(sorted(found, key=lambda one: (-abs(one.at_stake), one.operator)))


def snapshot(proof: Mapping[str, Any], source: str) -> Snapshot:
    """The counts held in a proof; raises EvidenceError when it lists one operator only or is incomplete."""
    try:
        if proof["portee"] is not None:
            raise EvidenceError(
                source,
                "cette preuve ne compte qu'un opérateur : elle ne permet pas de comparer à l'ensemble",
                "Refaire le comptage sans `--operateur`",
            )
        generated = proof["extraction"]["produite_le"]
        when = None if generated is None else datetime.fromisoformat(generated)
        if when is not None and when.tzinfo is None:
            raise ValueError
        further = set(proof.get("autres_types", {}).values())
        known = {name for name in further if proof["bal"]["attribuees"][name] is not None}
        known |= {APPLICATIONS} if proof["applicatives_connues"] is True else set()
        boxes = {
            "+".join(operator["identifiants"]): {
                name: _count(operator["bal"][name] or 0) for name in sorted({*known, *ALWAYS, APPLICATIONS})
            }
            for operator in proof["operateurs"]
        }
        return Snapshot(source, when, frozenset(known | ALWAYS), boxes)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(
            source,
            "cette preuve est incomplète ou a été modifiée à la main",
            "Refaire la preuve avec `recevable annuaire count EXTRACTION --liste-blanche XML --out PREUVE`",
        ) from error


def compare(old: Snapshot, new: Snapshot, *, threshold: Decimal = THRESHOLD, smallest: int = SMALLEST) -> Growth:
    """Compare two counts. Mailboxes of a type count only when both extractions list some.

    Raises EvidenceError when the second was made before the first.
    """
    if old.generated is not None and new.generated is not None and new.generated < old.generated:
        raise EvidenceError(
            new.source, "cette extraction est plus ancienne que l'autre", "Donner l'ancienne d'abord, puis la nouvelle"
        )
    figures = old.figures & new.figures
    left_out = (old.figures ^ new.figures) | ({APPLICATIONS} - figures)
    with localcontext(Context(prec=28)):
        pairs = {
            operator: (_total(old, operator, figures), _total(new, operator, figures))
            for operator in sorted(old.boxes.keys() | new.boxes.keys())
        }
        growths = {operator: (Decimal(b) / a).ln() for operator, (a, b) in pairs.items() if a and b}
        statistic = _statistic([growths[operator] for operator in growths if pairs[operator][0] >= smallest])
        return Growth(
            old=old,
            new=new,
            figures=tuple(sorted(figures)),
            left_out=tuple(sorted(left_out)),
            old_total=sum(a for a, _ in pairs.values()),
            new_total=sum(b for _, b in pairs.values()),
            threshold=threshold,
            smallest=smallest,
            statistic=statistic,
            operators=tuple(
                _operator(operator, a, b, growths.get(operator), statistic, threshold, smallest)
                for operator, (a, b) in pairs.items()
                if a or b
            ),
        )


def change(growth: Decimal) -> Decimal:
    """A logarithm of growth as a ratio of change: ln 1.083 gives 0.083."""
    return growth.exp() - 1


def _statistic(growths: Sequence[Decimal]) -> Statistic | None:
    if len(growths) < FEWEST:
        return None
    common = _median(growths)
    deviation = _median([abs(growth - common) for growth in growths])
    return Statistic(common, deviation, max(CONSISTENCY * deviation, NARROWEST), len(growths))


def _operator(
    operator: str,
    old: int,
    new: int,
    growth: Decimal | None,
    statistic: Statistic | None,
    threshold: Decimal,
    smallest: int,
) -> OperatorGrowth:
    gap = expected = None
    signal = None
    if growth is None:
        if max(old, new) >= smallest:
            signal = VANISHED if old else APPEARED
    elif statistic is not None:
        gap = (growth - statistic.common) / statistic.unit
        expected = old * statistic.common.exp()
        if abs(gap) > threshold and abs(new - expected) >= smallest:
            signal = RISE if gap > 0 else FALL
    return OperatorGrowth(operator, old, new, growth, gap, expected, signal)


def _median(values: Sequence[Decimal]) -> Decimal:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _total(counted: Snapshot, operator: str, figures: Set[str]) -> int:
    return sum(number for name, number in counted.boxes.get(operator, {}).items() if name in figures)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise TypeError
    return value
