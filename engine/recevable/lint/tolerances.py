"""Tolerances of a pack: accepted findings, each with a reason and an end date.

A tolerance hides the findings of one check on one subject.  A tolerance that is misspelt, hides nothing or has expired
is reported, so that exceptions do not accumulate unnoticed.  One that is nearly right, or has expired, is reported
alone: its own finding says what it was meant to hide.  Warnings wait until an unreadable file is repaired: the run
fails all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.pack.hints import did_you_mean, nearest, sure
from recevable.pack.nodes import Mapping, Scalar
from recevable.pack.reader import Reader
from recevable.pack.source import AnyPack, source_of
from recevable.pack.yaml_strict import read_file

TOLERANCES: Final = "tolerances.yaml"
# What `recevable prove` does not prove is excused in the same file; it is not for lint to say.
PROOF: Final = "PREUVE-ABSENTE"


class Tolerance(Struct, frozen=True):
    """The check and the subject of the hidden findings; the reason, and the last day (inclusive)."""

    check: Scalar
    subject: Scalar
    reason: str
    expires: date


def read(pack: AnyPack) -> list[Tolerance]:
    """Read the tolerances of a pack from an optional file, in its order; raises DiagnosticError."""
    source = source_of(pack)
    if not source.has(TOLERANCES):
        return []
    _, node = read_file(source, TOLERANCES)
    if not isinstance(node, Mapping):
        help = "Écrivez `tolerances:` en tête du fichier, puis un élément par tiret."
        message = f"`{TOLERANCES}` doit contenir des clés"
        raise DiagnosticError([Diagnostic("PAQ-BLOC", message, node.span, help)])
    diagnostics: list[Diagnostic] = []
    found: list[Tolerance] = []
    reader = Reader(node, diagnostics, f"`{TOLERANCES}`")
    for item in reader.mappings("tolerances", "une tolérance"):
        check, subject = item.scalar("controle"), item.scalar("sujet")
        reason, expires = item.text("motif"), item.day("expire_le")
        item.finish()
        if check is None or subject is None or expires is None:
            continue
        if any((check.text, subject.text) == (other.check.text, other.subject.text) for other in found):
            message = f"`{check.text}` est déjà toléré sur `{subject.text}`"
            item.fault("PAQ-DOUBLON", message, check.span, "Gardez une seule de ces tolérances.")
        found.append(Tolerance(check, subject, reason, expires))
    reader.finish()
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return found


def applied(
    tolerances: Sequence[Tolerance],
    found: Sequence[Diagnostic],
    codes: Collection[str],
    subjects: Collection[str],
    today: date,
) -> list[Diagnostic]:
    """The findings that remain, and the faults of the tolerances themselves.

    `codes` are those of the checks, `subjects` the identifiers and names of the pack.
    """
    faults: list[Diagnostic] = []
    silenced: set[tuple[str, str]] = set()
    known = {(d.code, d.subject): d for d in reversed(found)}
    excused = {(tolerance.check.text, tolerance.subject.text) for tolerance in tolerances}
    for tolerance in tolerances:
        key = (tolerance.check.text, tolerance.subject.text)
        if tolerance.expires < today:
            message = f"cette tolérance a expiré le {tolerance.expires}"
            hidden = known.get(key)
            if hidden is None:
                message += " et n'a plus rien à excuser"
                help = "Supprimez-la."
            else:
                place = "" if hidden.span is None else f" ({hidden.span.file}, ligne {hidden.span.line})"
                message += f" ; elle excusait : {hidden.message}{place}"
                help = "Corrigez ce qu'elle excusait, ou réexaminez-la et donnez une nouvelle date `expire_le`."
                silenced.add(key)
            faults.append(Diagnostic("TOL-EXPIREE", message, tolerance.check.span, help, subject=key[1]))
        elif key[0] not in codes:
            help = did_you_mean(key[0], codes) or "Donnez le code affiché entre crochets par `recevable lint`."
            message = f"contrôle inconnu : `{key[0]}`"
            fix = sure(key[0], codes) or None
            faults.append(Diagnostic("TOL-CONTROLE", message, tolerance.check.span, help, fix=fix, subject=key[0]))
            # what it means to excuse is reported once, by its own fault
            silenced.update((code, key[1]) for code in nearest(key[0], codes)[:1])
        elif key in known:
            silenced.add(key)
        else:
            reported = [subject for code, subject in sorted(known) if code == key[0]]
            faults.append(_useless(tolerance, reported, subjects))
            if key[1].partition(":")[0] not in subjects:
                silenced.update(
                    (key[0], subject) for subject in nearest(key[1], reported)[:1] if (key[0], subject) not in excused
                )
    return [*(d for d in found if (d.code, d.subject) not in silenced), *faults]


def _useless(tolerance: Tolerance, reported: Sequence[str], subjects: Collection[str]) -> Diagnostic:
    """The diagnostic for a tolerance that hides nothing: its subject is misspelt, or the finding is gone."""
    code, subject = tolerance.check.text, tolerance.subject.text
    # subjects reported by the check come first; `DEPOT-DELAI:faux` concerns the rule `DEPOT-DELAI`
    if subject.partition(":")[0] not in subjects:
        help = did_you_mean(subject, reported) or did_you_mean(subject, subjects)
        message = f"sujet inconnu : `{subject}`"
        help = help or "Donnez l'identifiant d'une règle ou d'une exigence, ou le nom d'un paramètre."
        fix = sure(subject, reported) or None
        return Diagnostic("TOL-SUJET", message, tolerance.subject.span, help, fix=fix, subject=subject)
    message = f"`{code}` n'a rien à redire à `{subject}`"
    help = did_you_mean(subject, reported) or "Supprimez cette tolérance."
    return Diagnostic("TOL-INUTILE", message, tolerance.check.span, help, subject=subject)
