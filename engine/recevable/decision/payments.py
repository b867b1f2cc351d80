"""What a dossier says of who is paid and what was paid, at the places that the manifest names (`paiements`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from msgspec import Struct

from recevable.decision.implied import at
from recevable.pack.model import Manifest, PaymentPlaces


class Payee(Struct, frozen=True):
    """Who is paid and where: name, IBAN and BIC without spaces; empty when the dossier does not say.

    `contradictions` are the paths that say another account than the one given: then nobody is to be paid.
    """

    name: str = ""
    iban: str = ""
    bic: str = ""
    contradictions: tuple[str, ...] = ()


class PaymentFact(Struct, frozen=True):
    """A payment that was made on a request, and when that request was accepted.  `amount` is in euros."""

    request: str
    key: str
    amount: Decimal
    paid_on: date
    reference: str
    accepted_at: datetime


def payee(manifest: Manifest, data: Mapping[str, Any]) -> Payee:
    """Who the payments of a dossier go to; empty for a programme that names no place for it."""
    places = manifest.payments
    if places is None:
        return Payee()
    name, _ = _same(data, places.names, " ")
    iban, others = _same(data, places.ibans, "")
    bic, more = _same(data, places.bics, "")
    return Payee(name, iban.upper(), bic.upper(), (*others, *more))


def _same(data: Mapping[str, Any], paths: Iterable[str], space: str) -> tuple[str, tuple[str, ...]]:
    """The first text found, and the places that hold another one."""
    found = [(path, space.join(value.split())) for path in paths if isinstance(value := at(data, path), str)]
    given = [(path, value) for path, value in found if value]
    if not given:
        return "", ()
    first = given[0][1]
    return first, tuple(path for path, value in given if value.upper() != first.upper())


def paid(manifest: Manifest, data: Mapping[str, Any]) -> Decimal | None:
    """The euros that a dossier says were paid; None when an amount is missing, or when no place is named for them."""
    places = manifest.payments
    if places is None:
        return None
    listed = at(data, places.payments)
    amounts = [at(one, places.amount) for one in listed] if isinstance(listed, list) else []
    return None if None in amounts else sum((Decimal(str(one)) for one in amounts), Decimal(0))


def with_payment(manifest: Manifest, data: Mapping[str, Any], fact: PaymentFact, zone: tzinfo) -> dict[str, Any]:
    """Facts of the agency with a payment more, and the acceptance of its request when they do not hold it yet.

    Raises ValueError for a programme that names no place for payments.
    """
    places, made = _made(manifest, fact)
    known = at(data, places.payments)
    found = _put(data, places.payments, [*(known if isinstance(known, list) else ()), made])
    decided = manifest.requests[fact.request].decided
    if decided is not None and at(found, decided.direction) is None:
        found = _put(found, decided.direction, decided.accepted)
        found = _put(found, decided.at, fact.accepted_at.astimezone(zone).isoformat(timespec="seconds"))
    return found


def without_payment(manifest: Manifest, data: Mapping[str, Any], fact: PaymentFact) -> dict[str, Any]:
    """Facts of the agency without a payment whose money came back; the acceptance of its request stays.

    Raises ValueError for a programme that names no place for payments, and when the facts do not hold this payment.
    """
    places, made = _made(manifest, fact)
    known = at(data, places.payments)
    listed = list(known) if isinstance(known, list) else []
    if made not in listed:
        raise ValueError("the facts do not hold this payment")
    listed.remove(made)
    return _put(data, places.payments, listed)


def _made(manifest: Manifest, fact: PaymentFact) -> tuple[PaymentPlaces, dict[str, Any]]:
    """Where a programme writes payments, and a payment as it writes one.  Raises ValueError without such a place."""
    places = manifest.payments
    if places is None:
        raise ValueError("the programme names no place for payments")
    made = {
        places.request: fact.request,
        **({places.key: fact.key} if places.key and fact.key else {}),
        places.amount: f"{fact.amount:.2f}",
        places.paid_on: fact.paid_on.isoformat(),
        **({places.reference: fact.reference} if places.reference and fact.reference else {}),
    }
    return places, made


def _put(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The data with another value at a path; nothing of what was given changes."""
    name, _, rest = path.partition(".")
    inside = data.get(name)
    return {**data, name: _put(inside if isinstance(inside, Mapping) else {}, rest, value) if rest else value}
