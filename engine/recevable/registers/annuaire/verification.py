"""Compare the figures that a dossier states about the directory with the proof of a count.

Standard library only: the caller has already checked the proof against its schema. Nothing here knows a programme; the
keys of the facts are `extrait_le`, `applicatives`, `organisationnelles`, `personnelles`, `types_inconnus`, `contestees`
and those of the further types that the proof names (`autres_types`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from recevable.registers.contract import DIFFERENCE, REMARK, UNVERIFIABLE, Discrepancy

_PARIS = ZoneInfo("Europe/Paris")
_FIGURES = ("applicatives", "organisationnelles", "personnelles", "types_inconnus")
_LABELS = {
    "applicatives": "BAL applicatives",
    "organisationnelles": "BAL organisationnelles",
    "personnelles": "BAL personnelles",
    "types_inconnus": "BAL de types inconnus",
    "contestees": "BAL contestées",
}


def discrepancies(
    proof: Mapping[str, Any],
    figures: Mapping[str, Any],
    identifier: str | None,
    *,
    closing: str | None = None,
    types: Mapping[str, str] | None = None,
) -> list[Discrepancy]:
    """See `contract.Comparison`: `closing` is the date on which the extraction had to be generated.

    `proof` must fit its schema: KeyError or TypeError otherwise.
    """
    return [
        *_totals(proof),
        *_inputs(proof, closing),
        *_time(proof, figures),
        *_operator(proof, figures, identifier, types or {}),
    ]


def _totals(proof: Mapping[str, Any]) -> Iterator[Discrepancy]:
    """The sums that hold in every proof this tool makes; one that does not hold shows that it was altered."""
    lines, boxes = proof["lignes"], proof["bal"]
    sums = [
        lines["total"] == lines["retenues"] + lines["rejetees"],
        lines["rejetees"] == sum(one["nombre"] for one in lines["rejets"]),
        proof["adresses"]["distinctes"] == _sum(boxes["total"]),
        proof["adresses"]["distinctes"] <= lines["retenues"],
        sum(one["nombre"] for one in proof["types_inconnus"]) == boxes["total"]["types_inconnus"],
    ]
    further = _further(proof)
    sums.append({*boxes["total"]} == {*_FIGURES, "types_contradictoires", *further})
    unlisted = {figure for figure in further if boxes["total"].get(figure, 0) is None}
    unlisted |= set() if proof["applicatives_connues"] else {"applicatives"}
    for kind in boxes["total"]:
        parts = [boxes[part].get(kind) for part in ("attribuees", "contestees", "hors_liste")]
        if kind in unlisted:
            sums.append(boxes["total"][kind] is None and parts == [None, None, None])
        else:
            sums.append(None not in parts and boxes["total"][kind] == sum(part or 0 for part in parts))
    if proof["portee"] is None:
        sums.append(_sum(boxes["attribuees"]) == sum(_sum(one["bal"]) for one in proof["operateurs"]))
        sums.append(_sum(boxes["contestees"]) == sum(_sum(one["bal"]) for one in proof["domaines_contestes"]))
    for operator in proof["operateurs"]:
        identifiers = set(operator["identifiants"])
        shared = [one["bal"] for one in proof["domaines_contestes"] if identifiers & set(one["operateurs"])]
        sums.append(_sum(operator["bal_contestees"]) == sum(_sum(one) for one in shared))
        sums.append(_sum(operator["bal"]) <= _sum(boxes["attribuees"]))
    if not all(sums):
        yield Discrepancy(
            level=DIFFERENCE,
            field="",
            cause="totaux_incoherents",
            message="Les totaux de la preuve ne s'additionnent pas : elle a été modifiée. "
            "La refaire à partir de l'extraction.",
        )


def _inputs(proof: Mapping[str, Any], closing: str | None) -> Iterator[Discrepancy]:
    extraction = proof["extraction"]
    if proof["liste_blanche"]["signature"] != "verifiee":
        yield Discrepancy(
            level=UNVERIFIABLE,
            field="",
            cause="signature_non_verifiee",
            message="La signature de la liste blanche n'a pas été vérifiée : refaire le comptage avec `--certificat`.",
        )
    generated = extraction["produite_le"]
    expected = closing or proof["cloture"]
    if closing is not None and proof["cloture"] not in (None, closing):
        yield Discrepancy(
            level=DIFFERENCE,
            field="",
            cause="cloture_differente",
            message=f"La preuve a été faite pour une clôture au {proof['cloture']}, "
            f"alors que la clôture est au {closing}.",
            stated=closing,
            proven=proof["cloture"],
        )
    if generated is None:
        yield Discrepancy(
            level=UNVERIFIABLE,
            field="extrait_le",
            cause="production_inconnue",
            message="Le nom de l'extraction ne dit pas quand elle a été produite.",
        )
    elif expected is not None and _instant(generated).astimezone(_PARIS).date().isoformat() != expected:
        yield Discrepancy(
            level=DIFFERENCE,
            field="extrait_le",
            cause="hors_cloture",
            message=f"L'extraction n'a pas été produite à la date de clôture ({expected}).",
            stated=expected,
            proven=generated,
        )
    if not extraction["derniere_ligne_terminee"]:
        yield Discrepancy(
            level=REMARK,
            field="",
            cause="fin_suspecte",
            message="La dernière ligne de l'extraction n'est pas terminée : le fichier est peut-être tronqué.",
        )
    if rejected := proof["lignes"]["rejetees"]:
        yield Discrepancy(
            level=REMARK,
            field="",
            cause="lignes_rejetees",
            message=f"Le comptage a rejeté {rejected} ligne(s) de l'extraction ; la preuve en donne les raisons.",
            proven=rejected,
        )


def _time(proof: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[Discrepancy]:
    stated, proven = facts.get("extrait_le"), proof["extraction"]["produite_le"]
    if stated is None:
        yield Discrepancy(
            level=DIFFERENCE,
            field="extrait_le",
            cause="absent",
            message="Le dossier ne dit pas de quand date l'extraction.",
            proven=proven,
        )
    elif proven is not None and _minute(stated) != _minute(proven):
        yield Discrepancy(
            level=DIFFERENCE,
            field="extrait_le",
            cause="date_differente",
            message="L'extraction dont parle le dossier n'est pas celle qui a été comptée.",
            stated=stated,
            proven=proven,
        )


def _operator(
    proof: Mapping[str, Any], facts: Mapping[str, Any], siret: str | None, types: Mapping[str, str]
) -> Iterator[Discrepancy]:
    counted, problem = _counted_for(proof, siret)
    if problem is not None:
        yield problem
    if counted is None:
        return
    if len(counted["identifiants"]) > 1:
        yield Discrepancy(
            level=REMARK,
            field="",
            cause="identifiants_rapproches",
            message=(
                "Le comptage réunit plusieurs identifiants d'opérateur déclarés comme n'en faisant qu'un : "
                + ", ".join(counted["identifiants"])
                + "."
            ),
        )
    contested = _sum(counted["bal_contestees"]) + counted["bal"]["types_contradictoires"]
    further = {**{figure: code for code, figure in types.items()}, **_further(proof)}
    fields = (*_FIGURES, *further)
    proven_figures = {**{field: counted["bal"].get(field) for field in fields}, "contestees": contested}
    for field, proven in proven_figures.items():
        stated, label = facts.get(field), _LABELS.get(field) or f"BAL de type {further[field]}"
        if field in further and field not in counted["bal"]:
            yield Discrepancy(
                level=UNVERIFIABLE,
                field=field,
                cause="type_non_compte",
                message=f"{label} : la preuve ne les compte pas. La refaire à partir de l'extraction.",
                stated=stated,
            )
        elif proven is None:
            yield Discrepancy(
                level=UNVERIFIABLE,
                field=field,
                cause="absent_de_l_extraction",
                message=(
                    f"{label} : l'extraction n'en contient aucune, ce qui ne veut pas dire zéro ; "
                    "seul le chiffre de l'ANS peut l'établir."
                ),
                stated=stated,
            )
        elif stated is None:
            yield Discrepancy(
                level=DIFFERENCE,
                field=field,
                cause="absent",
                message=f"{label} : le dossier ne donne aucun chiffre, la preuve en compte {proven}.",
                proven=proven,
            )
        elif stated != proven:
            yield Discrepancy(
                level=DIFFERENCE,
                field=field,
                cause="chiffre_different",
                message=f"{label} : le dossier en déclare {stated}, la preuve en compte {proven}.",
                stated=stated,
                proven=proven,
            )


def _counted_for(proof: Mapping[str, Any], siret: str | None) -> tuple[Mapping[str, Any] | None, Discrepancy | None]:
    """The count of the operator with this SIRET, or what prevents finding it."""
    operators = proof["operateurs"]
    if siret is None:
        return None, Discrepancy(
            level=UNVERIFIABLE,
            field="",
            cause="operateur_inconnu",
            message="Le dossier ne donne pas de SIRET : on ne peut pas savoir si la preuve est celle de cet opérateur.",
        )
    for operator in operators:
        if "3" + siret in operator["identifiants"]:
            return operator, None
    if proof["portee"] is not None and all(one.startswith("1") for one in proof["portee"]):
        return operators[0], Discrepancy(
            level=UNVERIFIABLE,
            field="",
            cause="finess_a_rapprocher",
            message="La preuve désigne l'opérateur par un numéro FINESS : "
            "confirmer que c'est bien l'opérateur du dossier.",
            stated=siret,
            proven=", ".join(proof["portee"]),
        )
    return None, Discrepancy(
        level=DIFFERENCE,
        field="",
        cause="autre_operateur",
        message="La preuve ne compte rien pour le SIRET de l'opérateur du dossier.",
        stated=siret,
        proven=None if proof["portee"] is None else ", ".join(proof["portee"]),
    )


def _further(proof: Mapping[str, Any]) -> dict[str, str]:
    """The code of each further type that the count priced, by its figure."""
    return {figure: code for code, figure in proof.get("autres_types", {}).items()}


def _sum(boxes: Mapping[str, int | None]) -> int:
    return sum(number or 0 for number in boxes.values())


def _minute(instant: str) -> datetime:
    return _instant(instant).astimezone(UTC).replace(second=0, microsecond=0)


def _instant(text: str) -> datetime:
    """An RFC 3339 date and time; without an offset it is Paris time."""
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=_PARIS) if instant.tzinfo is None else instant
