"""A comparison of two counts as French text, and as JSON data."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from recevable.registers.annuaire.extraction import PARIS
from recevable.registers.annuaire.french import decimal, moment, number, percent, plural, signed
from recevable.registers.annuaire.growth import (
    APPEARED,
    APPLICATIONS,
    FALL,
    FEWEST,
    NARROWEST,
    RISE,
    VANISHED,
    Growth,
    OperatorGrowth,
    Snapshot,
    Statistic,
    change,
)

LABELS = {RISE: "hausse", FALL: "baisse", APPEARED: "apparu", VANISHED: "disparu"}


def growth_text(growth: Growth) -> str:
    """The whole text, with its final line end."""
    return "\n".join(_lines(growth)) + "\n"


def growth_data(growth: Growth) -> dict[str, Any]:
    """The comparison as JSON data; ratios and gaps are decimal strings."""
    statistic = growth.statistic
    return {
        "nature": "comparaison_annuaire",
        "format": 1,
        "ancienne": {"produite_le": _time(growth.old), "bal": growth.old_total},
        "nouvelle": {"produite_le": _time(growth.new), "bal": growth.new_total},
        "applicatives_comparees": APPLICATIONS in growth.figures,
        "chiffres_compares": list(growth.figures),
        "croissance": _ratio(Decimal(growth.new_total) / growth.old_total - 1) if growth.old_total else None,
        "parametres": {"seuil": str(growth.threshold), "effectif_minimal": growth.smallest},
        "statistique": None
        if statistic is None
        else {
            "operateurs": statistic.operators,
            "croissance_commune": _ratio(change(statistic.common)),
            "moitie_des_operateurs": [_ratio(limit) for limit in middle_half(statistic)],
            "limites": [_ratio(limit) for limit in limits(growth, statistic)],
        },
        "operateurs": [
            {
                "operateur": one.operator,
                "ancien": one.old,
                "nouveau": one.new,
                "croissance": None if one.growth is None else _ratio(change(one.growth)),
                "ecart": None if one.gap is None else str(one.gap.quantize(Decimal("0.01"))),
                "attendu": None if one.expected is None else int(one.expected.to_integral_value()),
                "signal": one.signal,
            }
            for one in growth.operators
        ],
    }


def middle_half(statistic: Statistic) -> tuple[Decimal, Decimal]:
    """The changes between which half of the operators lie, as ratios."""
    return (
        change(statistic.common - statistic.deviation),
        change(statistic.common + statistic.deviation),
    )


def limits(growth: Growth, statistic: Statistic) -> tuple[Decimal, Decimal]:
    """The changes beyond which an operator is signalled, as ratios."""
    reach = growth.threshold * statistic.unit
    return change(statistic.common - reach), change(statistic.common + reach)


def explanation(growth: Growth) -> list[str]:
    """How operators are compared with the common growth, in sentences."""
    statistic = growth.statistic
    sentences: list[str] = []
    sentences += [
        f"Les BAL {name} ne sont pas comparées : l'une au moins des deux extractions n'en contient aucune."
        if name == APPLICATIONS
        else f"Les BAL du chiffre « {name} » ne sont pas comparées : l'un au moins des deux comptages n'en a pas."
        for name in growth.left_out
    ]
    if statistic is None:
        sentences.append(
            f"Moins de {FEWEST} opérateurs ont au moins {growth.smallest} BAL au départ : trop peu pour une croissance "
            "commune. Aucun écart n'est calculé."
        )
        return sentences
    low, high = middle_half(statistic)
    least, most = limits(growth, statistic)
    sentences += [
        f"La croissance commune est celle de l'opérateur médian : {percent(change(statistic.common))}. Elle est prise "
        f"sur les {number(statistic.operators)} opérateurs qui avaient au moins {growth.smallest} BAL ; un opérateur, "
        "même très gros, ne la déplace pas.",
        f"La moitié de ces opérateurs ont une croissance comprise entre {percent(low)} et {percent(high)}.",
        f"Un opérateur est signalé quand sa croissance sort de l'intervalle de {percent(least)} à {percent(most)}, "
        f"soit plus de {decimal(growth.threshold)} fois l'écart habituel, et que cela représente au moins "
        f"{growth.smallest} BAL de plus ou de moins que la croissance commune ne donnerait. L'écart habituel est "
        f"l'écart médian multiplié par 1,4826, jamais moins de {percent(NARROWEST).lstrip('+')}.",
        "Un signal est une question à poser, pas une conclusion : le texte ne fixe aucun seuil.",
    ]
    return sentences


def reason(one: OperatorGrowth) -> str:
    """Why an operator is signalled, in one sentence."""
    if one.signal == APPEARED:
        return f"aucune BAL avant, {number(one.new)} maintenant"
    if one.signal == VANISHED:
        return f"{number(one.old)} BAL avant, aucune maintenant"
    if one.growth is None or one.gap is None or one.expected is None:
        return ""
    expected = int(one.expected.to_integral_value())
    return (
        f"{number(one.old)} → {number(one.new)} BAL ({percent(change(one.growth))}), à {decimal(abs(one.gap))} fois "
        f"l'écart habituel ; la croissance commune en donnerait {number(expected)}, soit {signed(one.new - expected)}"
    )


def when(counted: Snapshot) -> str:
    """When an extraction was generated."""
    if counted.generated is None:
        return "date inconnue"
    return moment(counted.generated.astimezone(PARIS))


def overall(growth: Growth) -> str:
    """The common growth, in one sentence."""
    ratio = f" ({percent(Decimal(growth.new_total) / growth.old_total - 1)})" if growth.old_total else ""
    return f"{number(growth.old_total)} → {number(growth.new_total)} BAL attribuées{ratio}"


def _lines(growth: Growth) -> Iterator[str]:
    yield f"Ancienne extraction  {when(growth.old)}"
    yield f"Nouvelle extraction  {when(growth.new)}"
    yield f"Ensemble             {overall(growth)}"
    yield ""
    yield from explanation(growth)
    yield ""
    signals = growth.signals
    if not signals:
        yield "Aucun opérateur signalé."
        return
    yield f"{plural(len(signals), 'opérateur signalé', 'opérateurs signalés')} :"
    for one in signals:
        yield f"  - {one.operator} : {LABELS[one.signal or '']}, {reason(one)}"


def _time(counted: Snapshot) -> str | None:
    return None if counted.generated is None else counted.generated.isoformat()


def _ratio(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.0001")))
