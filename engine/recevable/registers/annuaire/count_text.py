"""A proof as French text: the count, then what was set aside and what a human must examine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from recevable.registers.annuaire.distinguished_name import kind_of
from recevable.registers.annuaire.extraction import PARIS
from recevable.registers.annuaire.french import moment, number, plural

_DOMAINS_SHOWN = 10
_CAUSES = {
    "ligne_vide": "ligne vide",
    "colonnes_manquantes": "moins de 31 colonnes",
    "colonnes_en_trop": "plus de 31 colonnes",
    "octets_illisibles": "octets qui ne sont pas de l'UTF-8",
    "type_vide": "type de BAL vide",
    "adresse_vide": "adresse vide",
    "adresse_sans_arobase": "adresse sans arobase",
    "adresse_invalide": "adresse mal formée",
}
_ENTRY_CAUSES = {
    "domaine_invalide": "sans nom de domaine valable (ignorées)",
    "operateur_illisible": "dont le certificat ne nomme pas un opérateur (leur domaine n'est attribué à personne)",
}


def count_text(proof: Mapping[str, Any]) -> str:
    """The whole text, with its final line end."""
    lines = [*_inputs(proof), ""]
    lines += _one_operator(proof) if proof["portee"] else _every_operator(proof)
    if points := points_to_examine(proof):
        lines += ["", "À examiner :", *(f"  - {point}" for point in points)]
    return "\n".join(lines) + "\n"


def points_to_examine(proof: Mapping[str, Any]) -> list[str]:
    """The reasons why the count needs examination, one sentence each; empty when there are none.

    A missing list of application mailboxes is not one of them: no public extraction has it, and the count mentions it.
    """
    return [*_points_on_inputs(proof), *_points_on_lines(proof), *_points_on_boxes(proof)]


def _points_on_inputs(proof: Mapping[str, Any]) -> Iterator[str]:
    extraction, white_list = proof["extraction"], proof["liste_blanche"]
    if white_list["signature"] != "verifiee":
        yield (
            "signature de la liste blanche non vérifiée : rien ne garantit l'attribution des domaines "
            "(donner le certificat du signataire avec --certificat)"
        )
    if proof["cloture"] is not None and not extraction["correspond_a_la_cloture"]:
        closing = datetime.fromisoformat(proof["cloture"]).strftime("%d/%m/%Y")
        if extraction["produite_le"] is None:
            yield f"le nom du fichier ne dit pas quand l'extraction a été produite ; la clôture est au {closing}"
        else:
            yield f"l'extraction n'a pas été produite le jour de la clôture ({closing}) : elle ne fait pas foi"
    if not extraction["derniere_ligne_terminee"]:
        yield "la dernière ligne n'est pas terminée : l'extraction est peut-être tronquée"
    for entry in white_list["entrees_ecartees"]:
        yield f"{plural(entry['nombre'], 'entrée', 'entrées')} de la liste blanche {_ENTRY_CAUSES[entry['cause']]}"


def _points_on_lines(proof: Mapping[str, Any]) -> Iterator[str]:
    for rejection in proof["lignes"]["rejets"]:
        first = ", ".join(number(line) for line in rejection["premieres_lignes"])
        more = "…" if rejection["nombre"] > len(rejection["premieres_lignes"]) else ""
        yield (
            f"{plural(rejection['nombre'], 'ligne rejetée', 'lignes rejetées')} : {_CAUSES[rejection['cause']]} "
            f"(ligne{'s' if rejection['nombre'] > 1 else ''} {first}{more})"
        )


def _points_on_boxes(proof: Mapping[str, Any]) -> Iterator[str]:
    # For one operator, the points that concern it: its own mailboxes and those of shared domains.
    parts = [one[key] for one in proof["operateurs"] for key in ("bal", "bal_contestees")]
    boxes = parts if proof["portee"] else [proof["bal"]["total"]]
    if unknown := sum(one["types_inconnus"] for one in boxes):
        labels = ", ".join(one["type"] or "autres" for one in proof["types_inconnus"])
        yield f"{number(unknown)} BAL d'un type sans barème ({labels}) : comptées à part"
    if conflicting := sum(one["types_contradictoires"] for one in boxes):
        yield f"{plural(conflicting, 'adresse', 'adresses')} sous plusieurs types : dans aucun compte"
    if not proof["portee"] and (unlisted := _total(proof["bal"]["hors_liste"])):
        yield (
            f"{number(unlisted)} BAL dont le domaine n'est pas sur la liste blanche "
            f"({_enumerate([one['domaine'] for one in proof['domaines_hors_liste']['liste']])})"
        )
    contested = proof["domaines_contestes"]
    if contested:
        total = sum(_total(one["bal"]) for one in contested)
        domains = plural(len(contested), "domaine contesté", "domaines contestés")
        yield (
            f"{domains}, {number(total)} BAL attribuées à personne : "
            f"{_enumerate([one['domaine'] for one in contested])}"
        )


def _inputs(proof: Mapping[str, Any]) -> Iterator[str]:
    extraction, white_list, lines = proof["extraction"], proof["liste_blanche"], proof["lignes"]
    addresses = proof["adresses"]
    when = extraction["produite_le"]
    yield "Extraction     " + (
        f"produite le {moment(datetime.fromisoformat(when).astimezone(PARIS))}, d'après son nom"
        if when
        else "date de production inconnue : le nom du fichier ne la dit pas"
    )
    if extraction["correspond_a_la_cloture"]:
        yield "               à la date de clôture"
    yield (
        f"               {plural(lines['total'], 'ligne', 'lignes')}, dont {number(lines['retenues'])} retenues et "
        f"{number(lines['rejetees'])} rejetées"
    )
    yield (
        f"               {plural(addresses['distinctes'], 'adresse distincte', 'adresses distinctes')}, dont "
        f"{number(addresses['sur_plusieurs_lignes'])} sur plusieurs lignes"
    )
    if forms := _forms(extraction):
        yield f"               forme du fichier : {forms}"
    yield f"               SHA-256 {extraction['sha256']}"
    verified = "vérifiée" if white_list["signature"] == "verifiee" else "NON VÉRIFIÉE"
    yield (
        f"Liste blanche  produite le {moment(datetime.fromisoformat(white_list['produite_le']).astimezone(PARIS))}, "
        f"signature {verified}"
    )
    yield (
        f"               {plural(white_list['domaines'], 'domaine', 'domaines')}, "
        f"{plural(white_list['operateurs'], 'opérateur', 'opérateurs')}"
    )
    yield f"               SHA-256 {white_list['sha256']}"


def _forms(extraction: Mapping[str, Any]) -> str:
    """How the file differs from the published format, without effect on the count."""
    forms = []
    if extraction["marque_utf8"]:
        forms.append("marque UTF-8 (BOM) en tête")
    if extraction["fins_de_ligne"] != "unix":
        forms.append("fins de ligne Windows" if extraction["fins_de_ligne"] == "windows" else "fins de ligne mélangées")
    if columns := extraction["colonnes_inattendues"]:
        forms.append("noms inattendus des colonnes " + ", ".join(map(str, columns)))
    return ", ".join(forms)


def _one_operator(proof: Mapping[str, Any]) -> Iterator[str]:
    operator = proof["operateurs"][0]
    boxes, contested = operator["bal"], operator["bal_contestees"]
    yield f"Opérateur {_name(operator)}"
    rows = [
        ("", "attribuées", "contestées"),
        ("BAL applicatives", _figure(boxes["applicatives"]), _figure(contested["applicatives"])),
        ("BAL organisationnelles", _figure(boxes["organisationnelles"]), _figure(contested["organisationnelles"])),
        ("BAL personnelles", _figure(boxes["personnelles"]), _figure(contested["personnelles"])),
        *(
            (f"BAL de type {code}", _figure(boxes[figure]), _figure(contested[figure]))
            for code, figure in proof.get("autres_types", {}).items()
        ),
        ("Types sans barème", _figure(boxes["types_inconnus"]), _figure(contested["types_inconnus"])),
        ("Types contradictoires", _figure(boxes["types_contradictoires"]), _figure(contested["types_contradictoires"])),
        ("Domaines", number(operator["domaines"]), number(operator["domaines_contestes"])),
    ]
    yield from _table(rows)
    yield from _unknown_applications(proof)


def _every_operator(proof: Mapping[str, Any]) -> Iterator[str]:
    further = proof.get("autres_types", {})
    rows = [("Opérateur", "Domaines", "APP", "ORG", "PER", *further, "Sans barème", "Contestées")]
    for operator in sorted(proof["operateurs"], key=lambda one: (-_total(one["bal"]), one["identifiants"])):
        boxes = operator["bal"]
        contested = _total(operator["bal_contestees"]) + boxes["types_contradictoires"]
        if _total(boxes) or contested:
            rows.append(
                (
                    _name(operator),
                    number(operator["domaines"]),
                    _figure(boxes["applicatives"]),
                    number(boxes["organisationnelles"]),
                    number(boxes["personnelles"]),
                    *(_figure(boxes[figure]) for figure in further.values()),
                    number(boxes["types_inconnus"]),
                    number(contested),
                )
            )
    attributed = proof["bal"]["attribuees"]
    rows.append(
        (
            "Ensemble",
            "",
            _figure(attributed["applicatives"]),
            number(attributed["organisationnelles"]),
            number(attributed["personnelles"]),
            *(_figure(attributed[figure]) for figure in further.values()),
            number(attributed["types_inconnus"]),
            number(_total(proof["bal"]["contestees"]) + attributed["types_contradictoires"]),
        )
    )
    yield from _table(rows)
    empty = len(proof["operateurs"]) + 2 - len(rows)
    if empty:
        yield f"  {plural(empty, 'opérateur', 'opérateurs')} de la liste blanche sans aucune BAL dans l'extraction"
    yield from _unknown_applications(proof)


def _unknown_applications(proof: Mapping[str, Any]) -> Iterator[str]:
    if not proof["applicatives_connues"]:
        yield ""
        yield "BAL applicatives : nombre inconnu. L'extraction n'en contient aucune, comme toute extraction publique ;"
        yield "ce n'est pas un compte de zéro. Seule l'extraction de l'ANS peut l'établir."


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield ("  " + "  ".join(cells)).rstrip()


def _name(operator: Mapping[str, Any]) -> str:
    return " + ".join(f"{identifier} ({kind_of(identifier).upper()})" for identifier in operator["identifiants"])


def _figure(value: int | None) -> str:
    return "inconnu" if value is None else number(value)


def _total(boxes: Mapping[str, int | None]) -> int:
    return sum(value or 0 for value in boxes.values())


def _enumerate(domains: Sequence[str]) -> str:
    shown = ", ".join(domains[:_DOMAINS_SHOWN]) or "noms illisibles"
    others = len(domains) - _DOMAINS_SHOWN
    return f"{shown} et {plural(others, 'autre', 'autres')}" if others > 0 else shown
