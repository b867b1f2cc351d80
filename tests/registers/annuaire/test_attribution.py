"""A mailbox goes to one operator or to none, and everything adds up."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from recevable.registers.annuaire.attribution import Attribution, Boxes, attribute
from recevable.registers.annuaire.counting import Tally

A, B, C = "300012340600019", "300099990400014", "1990000016"


def tally(boxes: dict[str, dict[str, int]], conflicting: dict[str, int] | None = None) -> Tally:
    number = sum(sum(counted.values()) for counted in boxes.values()) + sum((conflicting or {}).values())
    return Tally(
        lines=number,
        kept=number,
        rejections=(),
        addresses=number,
        repeated=0,
        boxes=boxes,
        conflicting=conflicting or {},
        unix_ends=number,
        windows_ends=0,
    )


def of(attribution: Attribution, *identifiers: str) -> tuple[Boxes, Boxes]:
    (found,) = [one for one in attribution.operators if one.identifiers == identifiers]
    return found.boxes, found.contested


def boxes(organisations: int = 0, persons: int = 0, unknown: int = 0, conflicting: int = 0) -> Boxes:
    return Boxes(None, organisations, persons, unknown, conflicting)


def test_the_boxes_of_a_domain_go_to_its_operator() -> None:
    counted = tally({"PER": {"un.example": 5, "deux.example": 2}, "ORG": {"un.example": 1}})
    shared_out = attribute(counted, {"un.example": (A,), "deux.example": (B,)})
    assert of(shared_out, A) == (boxes(1, 5), boxes())
    assert of(shared_out, B) == (boxes(0, 2), boxes())
    assert shared_out.contested_domains == ()


def test_a_domain_under_two_operators_is_given_to_neither_and_listed_for_both() -> None:
    counted = tally({"PER": {"partage.example": 7, "un.example": 1}})
    shared_out = attribute(counted, {"partage.example": (A, B), "un.example": (A,)})
    assert of(shared_out, A) == (boxes(0, 1), boxes(0, 7))
    assert of(shared_out, B) == (boxes(), boxes(0, 7))
    assert shared_out.attributed == boxes(0, 1)
    assert shared_out.contested == boxes(0, 7)
    (contested,) = shared_out.contested_domains
    assert (contested.domain, contested.operators, contested.cause) == (
        "partage.example",
        (A, B),
        "plusieurs_operateurs",
    )


def test_identifiers_declared_to_be_one_operator_do_not_contest_each_other() -> None:
    counted = tally({"PER": {"un.example": 1, "deux.example": 2, "partage.example": 4, "autre.example": 8}})
    domains = {"un.example": (A,), "deux.example": (C,), "partage.example": (C, A), "autre.example": (B, C)}
    shared_out = attribute(counted, domains, same=(A, C))
    assert of(shared_out, C, A) == (boxes(0, 7), boxes(0, 8))
    assert [one.domain for one in shared_out.contested_domains] == ["autre.example"]


def test_a_domain_whose_certificate_names_no_operator_is_given_to_nobody() -> None:
    counted = tally({"PER": {"un.example": 1, "deux.example": 2}})
    shared_out = attribute(counted, {"un.example": ("illisible",), "deux.example": (A, "illisible")})
    assert shared_out.attributed == boxes()
    assert [(one.domain, one.cause) for one in shared_out.contested_domains] == [
        ("deux.example", "plusieurs_operateurs"),
        ("un.example", "operateur_illisible"),
    ]
    assert [one.identifiers for one in shared_out.operators] == [(A,)]


def test_types_without_a_price_and_addresses_of_several_types_are_counted_apart() -> None:
    counted = tally({"PER": {"un.example": 1}, "CAB": {"un.example": 3}, "XYZ": {"un.example": 2}}, {"un.example": 4})
    shared_out = attribute(counted, {"un.example": (A,)})
    assert of(shared_out, A)[0] == boxes(0, 1, 5, 4)
    assert of(shared_out, A)[0].priced == 1
    assert shared_out.unknown_types == {"CAB": 3, "XYZ": 2}


def test_a_domain_that_is_not_on_the_list_is_counted_apart() -> None:
    counted = tally({"PER": {"un.example": 1, "absent.example": 2, "pas-un-domaine": 3, "!": 4}})
    shared_out = attribute(counted, {"un.example": (A,)})
    assert shared_out.unlisted == boxes(0, 9)
    assert shared_out.unlisted_domains == {"absent.example": 2}
    assert shared_out.unlisted_unprintable == 7


def test_a_subdomain_is_another_domain() -> None:
    shared_out = attribute(tally({"PER": {"sous.un.example": 1}}), {"un.example": (A,)})
    assert shared_out.unlisted == boxes(0, 1)


def test_without_an_application_line_their_number_is_unknown_for_everyone() -> None:
    shared_out = attribute(tally({"PER": {"un.example": 1}}), {"un.example": (A,), "deux.example": (B,)})
    assert {one.boxes.applications for one in shared_out.operators} == {None}
    assert shared_out.total.applications is None


def test_with_one_application_line_an_operator_without_any_has_zero() -> None:
    counted = tally({"APP": {"un.example": 1}, "PER": {"deux.example": 1}})
    shared_out = attribute(counted, {"un.example": (A,), "deux.example": (B,)})
    assert {one.identifiers: one.boxes.applications for one in shared_out.operators} == {(A,): 1, (B,): 0}


names = st.sampled_from([f"{name}.example" for name in "abcdefgh"])
counts = st.dictionaries(names, st.integers(1, 50))
operators = st.sets(st.sampled_from([A, B, C, "illisible"]), min_size=1).map(lambda some: tuple(sorted(some)))


@given(
    counted=st.dictionaries(st.sampled_from(["PER", "ORG", "APP", "CAB"]), counts),
    conflicting=counts,
    domains=st.dictionaries(names, operators),
    same=st.sets(st.sampled_from([A, B, C])),
)
def test_everything_adds_up_and_no_box_is_given_twice(
    counted: dict[str, dict[str, int]],
    conflicting: dict[str, int],
    domains: dict[str, tuple[str, ...]],
    same: set[str],
) -> None:
    whole = tally(counted, conflicting)
    shared_out = attribute(whole, domains, same)
    parts = [shared_out.attributed, shared_out.contested, shared_out.unlisted]
    assert shared_out.total.total == sum(part.total for part in parts) == whole.addresses
    assert sum(one.boxes.total for one in shared_out.operators) == shared_out.attributed.total
    assert sum(one.boxes.total for one in shared_out.contested_domains) == shared_out.contested.total
    assert sum(shared_out.unlisted_domains.values()) == shared_out.unlisted.total
    by_kind: Counter[str] = Counter({kind: sum(several.values()) for kind, several in counted.items()})
    assert shared_out.total.persons == by_kind["PER"]
    assert shared_out.total.organisations == by_kind["ORG"]
    assert shared_out.total.applications == (by_kind["APP"] if "APP" in counted else None)
    assert shared_out.total.conflicting == sum(conflicting.values())


def test_a_further_type_is_counted_under_its_own_figure() -> None:
    counted = tally({"PER": {"un.example": 5}, "CAB": {"un.example": 3, "ailleurs.example": 2}, "X": {"un.example": 1}})
    shared_out = attribute(counted, {"un.example": (A,)}, further={"CAB": "cabinets"})
    own, _ = of(shared_out, A)
    assert (own.persons, own.others, own.unknown) == (5, {"cabinets": 3}, 1)
    assert shared_out.total.others == {"cabinets": 5}
    assert shared_out.total.total == 11
    assert shared_out.unknown_types == {"X": 1}


def test_a_further_type_that_the_extraction_does_not_list_is_unknown_and_not_zero() -> None:
    shared_out = attribute(tally({"PER": {"un.example": 5}}), {"un.example": (A,)}, further={"CAB": "cabinets"})
    assert shared_out.total.others == {"cabinets": None}
    assert shared_out.total.total == 5
