"""The impact of a change as JSON data, described by schemas/impact.schema.json.

Amounts are strings in euros (`"-8000.00"`), null when unknown; a request without money has no amount.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from recevable.outputs.impact.words import Unread
from recevable.pack.model import Value
from recevable.report.json_format import diagnostic_data, dump, euros, plain
from recevable.trials.impact.model import (
    AmountChange,
    Balance,
    CaseImpact,
    CaseSide,
    Cause,
    DossierImpact,
    FindingChange,
    Impact,
    KeyChange,
    Mark,
    Origin,
    ParameterChange,
    PartChange,
    Possibilities,
    RequestImpact,
    RequestTotals,
    Side,
    Version,
)


def render(impact: Impact, unread: Sequence[Unread]) -> str:
    """The whole impact as indented JSON."""
    return dump(impact_data(impact, unread), indent=True) + "\n"


def impact_data(impact: Impact, unread: Sequence[Unread]) -> dict[str, Any]:
    """The whole impact as plain data."""
    return {
        "programme": {"id": impact.programme, "titre": impact.title},
        "avant": _version(impact.before),
        "apres": _version(impact.after),
        "paquet": {
            "parametres": [_parameter(change, impact) for change in impact.changes.parameters],
            "regles": [_part(change) for change in impact.changes.rules],
            "programme": [_key(change) for change in impact.changes.programme],
            "schema": {
                "change": impact.changes.schema,
                "champs": [{"champ": path, "changement": str(kind)} for path, kind in impact.changes.fields],
            },
        },
        "bilan": {
            "decides": impact.decided,
            "changent": len(impact.dossiers),
            "changent_de_verdict": impact.moved,
            "inchanges": impact.unchanged,
            "rediges_autrement": impact.reworded,
            "donnees_nouvelles_ecartees": impact.lacking,
            "recalcules": impact.recalculated,
            "sans_demande": impact.without,
            "illisibles": sum(not one.contradiction for one in unread),
            "sans_decision": sum(one.contradiction for one in unread),
            "dates": [
                {"date": day.isoformat(), "origine": str(source), "dossiers": count}
                for (source, day), count in impact.days.items()
            ],
            "demandes": {name: _totals(totals) for name, totals in impact.requests.items()},
            "a_payer": _balance(impact.payable),
            "sous_reserve": _balance(impact.reserved),
            "montants_calcules": _balance(impact.proposed),
            "recouvrement": _balance(impact.recovery),
        },
        "a_relire": [
            {
                "raison": str(one.why),
                "sujet": one.subject,
                "fichier": one.file,
                "ligne": one.line or None,
                "element": one.element,
                "texte": one.text,
            }
            for one in impact.elsewhere
        ],
        "motifs": [
            {"regle": one.rule, "titre": one.title, "avant": one.before, "apres": one.after, "nombre": one.count}
            for one in impact.wordings
        ],
        **({} if impact.possible is None else {"au_dela": _possible(impact.possible)}),
        "dossiers": [_dossier(rank, dossier) for rank, dossier in enumerate(impact.dossiers, start=1)],
        "erreurs": [{"dossier": one.name, "erreurs": [diagnostic_data(d) for d in one.diagnostics]} for one in unread],
    }


def _possible(found: Possibilities) -> dict[str, Any]:
    return {
        "demandes": found.asked,
        "bornes": found.within,
        "changements": [
            {
                "id": one.id,
                "titre": one.title,
                "raison": one.reason or None,
                "date": None if one.day is None else one.day.isoformat(),
                "proche_de": one.near or None,
                "decisions": list(one.decisions),
                "dossier": json.loads(one.dossier) if one.dossier else None,
            }
            for one in found.changes
        ],
    }


def _version(version: Version) -> dict[str, Any]:
    return {"nom": version.name, "commit": version.commit or None, "sha256": version.sha256}


# --- what changed in the pack -----------------------------------------------------------------------------------------


def _part(part: PartChange) -> dict[str, Any]:
    return {
        "nom": part.origin.name,
        "titre": part.title,
        "changement": str(part.kind),
        "peut_changer_une_decision": part.effective,
        "fichier": part.file,
        "ligne": part.line,
        "cles": [_key(change) for change in part.keys],
        **({"suit": part.follows} if part.follows else {}),
    }


def _key(change: KeyChange) -> dict[str, Any]:
    return {
        "cle": change.key,
        "avant": change.before,
        "apres": change.after,
        "peut_changer_une_decision": change.effective,
    }


def _parameter(change: ParameterChange, impact: Impact) -> dict[str, Any]:
    return {
        **_part(change.part),
        "type": str(change.type.kind),
        "lu_au_jour": change.read_on or ("decision" if change.by_decision else "reception"),
        "jour_choisi": change.stated,
        "periodes": [
            {
                "du": period.start.isoformat(),
                "au": None if period.end is None else period.end.isoformat(),
                "avant": _value(period.before),
                "apres": _value(period.after),
                "apres_les_decisions": impact.beyond(period),
            }
            for period in change.periods
        ],
    }


def _value(value: Value | None) -> dict[str, Any]:
    """A value in force, known or not; `en_vigueur: false` when none is."""
    return {
        "en_vigueur": value is not None,
        "valeur": None if value is None else plain(value.value),
        "source": None if value is None else value.source,
    }


# --- figures ----------------------------------------------------------------------------------------------------------


def _totals(totals: RequestTotals) -> dict[str, Any]:
    return {
        "titre": totals.title,
        "changent": totals.moved,
        "transitions": [
            {"avant": before, "apres": after, "nombre": count}
            for (before, after), count in sorted(totals.matrix.items())
        ],
        "a_payer": _balance(totals.payable),
        "sous_reserve": _balance(totals.reserved),
        "montants_calcules": _balance(totals.proposed),
    }


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "en_plus": _euros(balance.more),
        "nombre_en_plus": balance.more_count,
        "en_moins": _euros(balance.less),
        "nombre_en_moins": balance.less_count,
        "solde": _euros(balance.net),
        "inconnus": balance.unknown,
    }


def _euros(value: Decimal | None) -> str | None:
    return None if value is None else euros(value)


# --- dossiers ---------------------------------------------------------------------------------------------------------


def _dossier(rank: int, dossier: DossierImpact) -> dict[str, Any]:
    return {
        "rang": rank,
        "dossier": dossier.name,
        "reference": dossier.reference,
        "date_de_decision": dossier.day.isoformat(),
        "origine_de_la_date": str(dossier.day_source),
        "raisons": [str(reason) for reason in dossier.reasons],
        "change_de_verdict": dossier.moved,
        "illisible_avant": dossier.refusal_before or None,
        "illisible_apres": dossier.refusal_after or None,
        "demandes": {request.name: _request(request) for request in dossier.requests},
        "recouvrement": {
            "cas": [_case(case) for case in dossier.cases],
            "constats": [_finding(change) for change in dossier.recovery],
        },
    }


def _request(request: RequestImpact) -> dict[str, Any]:
    return {
        "titre": request.title,
        "avant": _side(request.before),
        "apres": _side(request.after),
        "causes": [_cause(cause) for cause in request.causes],
        "constats": [_finding(change) for change in request.findings],
        "montants": [_amount(change) for change in request.amounts],
        "difference_a_payer": _euros(request.payable_difference),
        "difference_sous_reserve": _euros(request.reserved_difference),
        "difference_calculee": _euros(request.proposed_difference),
    }


def _side(side: Side) -> dict[str, Any]:
    proposed = side.proposed
    return {
        "verdict": side.state,
        "provisoire": side.provisional,
        "montant_estime": None
        if proposed is None
        else {"valeur": _euros(proposed.value), "provisoire": proposed.provisional},
        "a_payer": None if proposed is None else _euros(side.payable),
        "sous_reserve": None if proposed is None else _euros(side.reserved),
    }


def _origins(origins: Sequence[Origin]) -> dict[str, Any]:
    """The changes of the pack that reach a difference; certain when there is only one."""
    return {
        "origines": [{"nature": str(one.kind), "nom": one.name or None} for one in origins],
        "origine_certaine": len(origins) == 1,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "effet": cause.effect,
        "regle": cause.rule,
        "titre": cause.title,
        "message": cause.message,
        "avant": _mark(cause.before),
        "apres": _mark(cause.after),
        **_origins(cause.origins),
    }


def _finding(change: FindingChange) -> dict[str, Any]:
    return {
        "regle": change.rule,
        "titre": change.title,
        "cause": change.cause or None,
        "avant": _mark(change.before),
        "apres": _mark(change.after),
        **_origins(change.origins),
    }


def _mark(mark: Mark | None) -> dict[str, Any] | None:
    if mark is None:
        return None
    return {
        "resultat": str(mark.result),
        "consequence": None if mark.consequence is None else str(mark.consequence),
        "manquants": list(mark.missing),
        "message": mark.message,
        "source": mark.source,
    }


def _amount(change: AmountChange) -> dict[str, Any]:
    return {
        "nom": change.name,
        "titre": change.title,
        "type": str(change.type.kind),
        "calcule_avant": change.shown_before,
        "avant": plain(change.before),
        "calcule_apres": change.shown_after,
        "apres": plain(change.after),
        **_origins(change.origins),
    }


def _case(case: CaseImpact) -> dict[str, Any]:
    return {
        "regle": case.rule,
        "titre": case.title,
        "avant": _case_side(case.before),
        "apres": _case_side(case.after),
        "difference": _euros(case.difference),
        **_origins(case.origins),
    }


def _case_side(side: CaseSide | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "etape": side.step or None,
        "modalite": side.modality,
        "assiette": side.basis,
        "clos": side.closed,
        "montant": _euros(side.amount),
        "provisoire": side.provisional,
        "manquants": list(side.missing),
    }
