"""Attribute the mailboxes of an extraction to operators, using the list of domains.

A mailbox is attributed to one operator or to none. It is not attributed when its domain is under several operators
(contested: paying twice would be undue, and a human must choose), when its domain is not on the list, or when its
address has several types. These are counted separately, so that the counts add up to the number of distinct addresses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from recevable.registers.annuaire.counting import APPLICATION, ORGANISATION, PERSON, PRICED_TYPES, Tally
from recevable.registers.annuaire.domains import is_domain
from recevable.registers.annuaire.whitelist import UNREADABLE

SEVERAL_OPERATORS = "plusieurs_operateurs"
UNREADABLE_OPERATOR = "operateur_illisible"


@dataclass(frozen=True, slots=True)
class Boxes:
    """Numbers of distinct addresses by type. `applications` is None when the extraction lists none at all: unknown.

    `unknown` counts the addresses of types that have no price, `conflicting` those that came under several types.
    `others` are the figures of the further types that a programme prices, None when the extraction lists none.
    """

    applications: int | None
    organisations: int
    persons: int
    unknown: int
    conflicting: int
    others: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def priced(self) -> int:
        """The mailboxes of a type that has a price, those of which the number is unknown left out."""
        others = sum(number or 0 for number in self.others.values())
        return (self.applications or 0) + self.organisations + self.persons + others

    @property
    def total(self) -> int:
        """Every distinct address."""
        return self.priced + self.unknown + self.conflicting


@dataclass(frozen=True, slots=True)
class OperatorCount:
    """The count of one operator: `boxes` in its own `domains`, `contested` in those it shares.

    `identifiers` are those of its certificates: one, or those declared to be the same operator.
    """

    identifiers: tuple[str, ...]
    domains: int
    boxes: Boxes
    contested_domains: int
    contested: Boxes


@dataclass(frozen=True, slots=True)
class DomainCount:
    """The mailboxes of one domain that is not attributed, and its operators."""

    domain: str
    operators: tuple[str, ...]
    cause: str
    boxes: Boxes


@dataclass(frozen=True, slots=True)
class Attribution:
    """The result for a whole extraction: `total` = attributed + contested + not on the list."""

    total: Boxes
    attributed: Boxes
    contested: Boxes
    unlisted: Boxes
    operators: tuple[OperatorCount, ...]
    contested_domains: tuple[DomainCount, ...]
    unlisted_domains: Mapping[str, int]
    unlisted_unprintable: int
    unknown_types: Mapping[str, int]


def attribute(
    tally: Tally,
    domains: Mapping[str, tuple[str, ...]],
    same: Iterable[str] = (),
    further: Mapping[str, str] | None = None,
) -> Attribution:
    """Attribute the mailboxes of `tally` to the operators of `domains`.

    `same` holds identifiers that a person declares to be one operator (its SIRET and its FINESS number): a domain
    shared by those only is not contested. Every operator of the list is returned, but only the contested domains that
    have a mailbox.  `further` are the types that a programme prices besides the usual ones: the figure of each code.
    """
    figures = further or {}
    group = tuple(sorted(set(same)))
    by_domain = _by_domain(tally, {*PRICED_TYPES, *figures})
    owned: dict[tuple[str, ...], Counter[str]] = {
        (one,): Counter() for one in _identifiers(domains) if one not in group
    }
    shared: dict[tuple[str, ...], Counter[str]] = {owner: Counter() for owner in owned}
    if group:
        owned[group], shared[group] = Counter(), Counter()
    owned_domains: Counter[tuple[str, ...]] = Counter()
    shared_domains: Counter[tuple[str, ...]] = Counter()
    contested: list[DomainCount] = []
    contested_total: Counter[str] = Counter()
    unlisted: dict[str, int] = {}
    unlisted_total: Counter[str] = Counter()
    for domain, operators in domains.items():
        owners = sorted({group if one in group else (one,) for one in operators})
        boxes = by_domain.get(domain)
        if len(owners) == 1 and owners[0] != (UNREADABLE,):
            owned_domains[owners[0]] += 1
            owned[owners[0]].update(boxes or {})
            continue
        for owner in owners:
            if owner in shared:
                shared_domains[owner] += 1
                shared[owner].update(boxes or {})
        if boxes:
            contested_total.update(boxes)
            contested.append(
                DomainCount(
                    domain=domain,
                    operators=operators,
                    cause=SEVERAL_OPERATORS if len(owners) > 1 else UNREADABLE_OPERATOR,
                    boxes=_boxes(boxes, tally, figures),
                )
            )
    for domain in by_domain.keys() - domains.keys():
        unlisted[domain] = by_domain[domain].total()
        unlisted_total.update(by_domain[domain])
    attributed_total: Counter[str] = Counter()
    for counted in owned.values():
        attributed_total.update(counted)
    total = attributed_total + contested_total + unlisted_total
    return Attribution(
        total=_boxes(total, tally, figures),
        attributed=_boxes(attributed_total, tally, figures),
        contested=_boxes(contested_total, tally, figures),
        unlisted=_boxes(unlisted_total, tally, figures),
        operators=tuple(
            OperatorCount(
                identifiers=owner,
                domains=owned_domains[owner],
                boxes=_boxes(owned[owner], tally, figures),
                contested_domains=shared_domains[owner],
                contested=_boxes(shared[owner], tally, figures),
            )
            for owner in sorted(owned)
        ),
        contested_domains=tuple(sorted(contested, key=lambda one: one.domain)),
        unlisted_domains={domain: unlisted[domain] for domain in sorted(unlisted) if is_domain(domain)},
        unlisted_unprintable=sum(number for domain, number in unlisted.items() if not is_domain(domain)),
        unknown_types={
            kind: sum(counted.values())
            for kind, counted in sorted(tally.boxes.items())
            if kind not in PRICED_TYPES and kind not in figures
        },
    )


_UNKNOWN = "inconnu"
_CONFLICTING = "contradictoire"


def _by_domain(tally: Tally, priced: Set[str]) -> dict[str, Counter[str]]:
    by_domain: dict[str, Counter[str]] = {}
    kinds = [(kind if kind in priced else _UNKNOWN, counted) for kind, counted in tally.boxes.items()]
    for kind, counted in [*kinds, (_CONFLICTING, tally.conflicting)]:
        for domain, number in counted.items():
            if domain not in by_domain:
                by_domain[domain] = Counter()
            by_domain[domain][kind] += number
    return by_domain


def _boxes(counted: Counter[str], tally: Tally, figures: Mapping[str, str]) -> Boxes:
    return Boxes(
        applications=counted[APPLICATION] if tally.applications_known else None,
        organisations=counted[ORGANISATION],
        persons=counted[PERSON],
        unknown=counted[_UNKNOWN],
        conflicting=counted[_CONFLICTING],
        others={figure: counted[kind] if kind in tally.boxes else None for kind, figure in figures.items()},
    )


def _identifiers(domains: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {one for operators in domains.values() for one in operators if one != UNREADABLE}
