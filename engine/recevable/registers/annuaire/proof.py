"""The proof of a count: a JSON document with the counts, the digests of the files, and what was not counted.

Its schema is `schemas/annuaire/preuve.schema.json`. The same inputs give the same bytes: keys are sorted and no clock
is read. It holds counts, domains and operator identifiers; no address and no name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from recevable import __version__
from recevable.files import open_regular
from recevable.printed import in_json
from recevable.registers.annuaire.attribution import Attribution, Boxes, DomainCount, OperatorCount
from recevable.registers.annuaire.counting import Tally
from recevable.registers.annuaire.errors import EvidenceError, file_reason
from recevable.registers.annuaire.extraction import ExtractionFacts
from recevable.registers.annuaire.whitelist import WhiteList

KIND = "preuve_annuaire"
FORMAT = 1
LARGEST_PROOF = 32 << 20  # bytes

# A type is a short code; anything longer may be somebody's name in the wrong column.
_PRINTABLE_TYPE = re.compile(r"[A-Za-z0-9]{1,4}")
_TYPES_NAMED = 20
_MAKE_AGAIN = "Refaire la preuve avec `recevable annuaire count EXTRACTION --liste-blanche XML --out PREUVE`"


def build_proof(
    tally: Tally,
    facts: ExtractionFacts,
    white_list: WhiteList,
    attribution: Attribution,
    *,
    closing: date | None = None,
    operator: tuple[str, ...] = (),
    further: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The proof of one count as JSON data.

    `closing` is the date on which the extraction had to be generated; `operator` limits what is listed to one operator
    (all the identifiers declared to be its own), the totals remain those of the whole extraction.  `further` are the
    types that a programme prices besides the usual ones: the figure of each code.
    """
    operators = [one for one in attribution.operators if not operator or set(operator) <= set(one.identifiers)]
    contested = [one for one in attribution.contested_domains if not operator or set(operator) & set(one.operators)]
    proof: dict[str, Any] = {
        "nature": KIND,
        "format": FORMAT,
        "outil": {"nom": "recevable", "version": __version__},
        "cloture": None if closing is None else closing.isoformat(),
        "portee": sorted(operator) or None,
        "extraction": _extraction(tally, facts, closing),
        "liste_blanche": {
            "sha256": white_list.sha256,
            "octets": white_list.size,
            "produite_le": white_list.generated.isoformat(),
            "signature": white_list.signature,
            "certificat_sha256": white_list.certificate_sha256,
            "entrees": white_list.entries,
            "domaines": len(white_list.domains),
            "operateurs": len(white_list.operators),
            "entrees_ecartees": [
                {"cause": cause, "nombre": number} for cause, number in sorted(white_list.set_aside.items())
            ],
        },
        "lignes": {
            "total": tally.lines,
            "retenues": tally.kept,
            "rejetees": tally.rejected,
            "rejets": [
                {"cause": one.cause, "nombre": one.number, "premieres_lignes": list(one.first_lines)}
                for one in tally.rejections
            ],
        },
        "adresses": {"distinctes": tally.addresses, "sur_plusieurs_lignes": tally.repeated},
        "applicatives_connues": tally.applications_known,
        "bal": {
            "total": _boxes(attribution.total),
            "attribuees": _boxes(attribution.attributed),
            "contestees": _boxes(attribution.contested),
            "hors_liste": _boxes(attribution.unlisted),
        },
        "types_inconnus": _unknown_types(attribution.unknown_types),
        "operateurs": [_operator(one) for one in operators],
        "domaines_contestes": [_domain(one) for one in contested],
    }
    if further:
        proof["autres_types"] = dict(further)
    if not operator:
        proof["domaines_hors_liste"] = {
            "liste": [{"domaine": domain, "bal": number} for domain, number in attribution.unlisted_domains.items()],
            "bal_de_domaines_illisibles": attribution.unlisted_unprintable,
        }
    return proof


def to_json(data: Mapping[str, Any]) -> str:
    """JSON data as text, the same for the same data."""
    return in_json(json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True)) + "\n"


def looks_like_json(path: Path) -> bool:
    """Whether the file at `path` starts like a JSON object, hence like a proof rather than an extraction."""
    try:
        with open_regular(path) as file:
            return file.read(64).lstrip()[:1] == b"{"
    except OSError:
        return False


def read_proof(path: Path) -> dict[str, Any]:
    """Read a proof written by this tool; raises EvidenceError.

    Checks its form and its totals; whether its figures are true, only a new count of the files it names can tell.
    """
    source = str(path)
    try:
        with open_regular(path) as file:
            raw = file.read(LARGEST_PROOF + 1)
    except OSError as error:
        raise EvidenceError(source, file_reason(error), "Vérifier le chemin de la preuve") from error
    if len(raw) > LARGEST_PROOF:
        raise EvidenceError(source, "fichier démesuré pour une preuve", _MAKE_AGAIN)
    try:
        proof = json.loads(raw.decode("utf-8"), parse_constant=_refuse_number, object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise EvidenceError(source, "le fichier n'est pas en UTF-8", _MAKE_AGAIN) from error
    except json.JSONDecodeError as error:
        raise EvidenceError(
            source, "ce n'est pas du JSON", _MAKE_AGAIN, line=error.lineno, column=error.colno
        ) from error
    except (ValueError, RecursionError) as error:
        raise EvidenceError(
            source, "JSON refusé : nombre impossible, clé en double ou imbrication", _MAKE_AGAIN
        ) from error
    if not isinstance(proof, dict) or proof.get("nature") != KIND:
        raise EvidenceError(source, f"ce n'est pas une preuve de comptage (`nature` : `{KIND}`)", _MAKE_AGAIN)
    if proof.get("format") != FORMAT:
        raise EvidenceError(
            source, f"cette preuve est d'un autre format que le format {FORMAT}, le seul connu", _MAKE_AGAIN
        )
    return proof


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise ValueError("duplicate key")
    return built


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(name)


def _extraction(tally: Tally, facts: ExtractionFacts, closing: date | None) -> dict[str, Any]:
    matches: bool | None = None
    if closing is not None and facts.generated is not None:
        matches = facts.generated.date() == closing
    if not tally.windows_ends:
        ends = "unix"
    elif not tally.unix_ends:
        ends = "windows"
    else:
        ends = "melangees"
    return {
        "sha256": facts.sha256,
        "octets": facts.size,
        "texte_sha256": facts.text_sha256,
        "texte_octets": facts.text_size,
        "archive": facts.archive,
        "produite_le": None if facts.generated is None else facts.generated.isoformat(),
        "correspond_a_la_cloture": matches,
        "marque_utf8": facts.byte_order_mark,
        "fins_de_ligne": ends,
        "derniere_ligne_terminee": facts.last_line_ended,
        "colonnes_inattendues": list(facts.unexpected_columns),
    }


def _boxes(boxes: Boxes) -> dict[str, int | None]:
    return {
        "applicatives": boxes.applications,
        "organisationnelles": boxes.organisations,
        "personnelles": boxes.persons,
        "types_inconnus": boxes.unknown,
        "types_contradictoires": boxes.conflicting,
        **boxes.others,
    }


def _operator(one: OperatorCount) -> dict[str, Any]:
    return {
        "identifiants": list(one.identifiers),
        "domaines": one.domains,
        "bal": _boxes(one.boxes),
        "domaines_contestes": one.contested_domains,
        "bal_contestees": _boxes(one.contested),
    }


def _domain(one: DomainCount) -> dict[str, Any]:
    return {
        "domaine": one.domain,
        "operateurs": list(one.operators),
        "cause": one.cause,
        "bal": _boxes(one.boxes),
    }


def _unknown_types(types: Mapping[str, int]) -> list[dict[str, Any]]:
    """Types and their numbers, the most frequent named; the others, or those too long to be codes, together."""
    printable = sorted(
        (kind for kind in types if _PRINTABLE_TYPE.fullmatch(kind)), key=lambda kind: (-types[kind], kind)
    )
    named = sorted(printable[:_TYPES_NAMED])
    listed: list[dict[str, Any]] = [{"type": kind, "nombre": types[kind]} for kind in named]
    if others := sum(types.values()) - sum(types[kind] for kind in named):
        listed.append({"type": None, "nombre": others})
    return listed
