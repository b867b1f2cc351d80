"""`recevable-web verifier`: whether what the database holds is what was written, after a restore for instance."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import recevable
from recevable_web import packs
from recevable_web.actions import register
from recevable_web.records.models import ActContent, BlobContent, DossierVersion, Evaluation, Letter, LetterContent


class Command(BaseCommand):
    """See the module."""

    help = (
        "Vérifie le registre, les empreintes de ce qui est gardé et, si on le demande, refait décisions et courriers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to compare with, and how far to go."""
        parser.add_argument("--tetes", type=Path, help="Les têtes conservées ailleurs (recevable-web tete).")
        parser.add_argument(
            "--recalculer", action="store_true", help="Refait chaque décision et chaque courrier, octet pour octet."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each fault, then the sum; CommandError when there is any."""
        try:
            path = options["tetes"]
            kept = [] if path is None else recevable.ledger.heads(path.read_bytes().splitlines())
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} : {error}.") from None
        self.faults = 0
        found = recevable.ledger.verify(register.export(), register.head()[1], kept)
        for fault in found.faults:
            self._fault(f"{f'Acte {fault.rank}' if fault.rank else 'Registre'} : {fault.message}.")
        self.stdout.write(f"Registre : {found.acts} actes, {len(kept)} têtes comparées.")
        versions = erased = 0
        rows = DossierVersion.objects.select_related("dossier").order_by("pk")
        for version in rows.iterator(chunk_size=200):
            versions += 1
            if version.dossier.erased_id is not None:
                erased += 1
                if version.composed or version.payload or version.overlay:
                    self._fault(f"Version {version.pk} : son contenu devait être effacé.")
            elif hashlib.sha256(bytes(version.composed)).hexdigest() != version.sha256:
                self._fault(f"Version {version.pk} : le dossier n'est pas celui qui a été reçu.")
        self.stdout.write(f"Versions de dossiers : {versions}{_gone(erased)}.")
        pieces = 0
        for content in BlobContent.objects.select_related("blob").order_by("pk").iterator(chunk_size=20):
            pieces += 1
            if hashlib.sha256(bytes(content.content)).hexdigest() != content.blob.sha256:
                self._fault(f"Pièce {content.pk} : le contenu n'est pas celui qui a été joint.")
        self.stdout.write(f"Contenus de pièces : {pieces}.")
        self._letters(again=options["recalculer"])
        self._evaluations(again=options["recalculer"])
        if self.faults:
            raise CommandError(f"{self.faults} défauts : cette base n'est pas celle qui a été écrite.")
        self.stdout.write("Tout est entier.")

    def _letters(self, *, again: bool) -> None:
        number = same = other = 0
        rows = LetterContent.objects.select_related("letter__act__content").order_by("pk")
        for one in rows.iterator(chunk_size=20):
            number += 1
            letter, pdf = one.letter, bytes(one.pdf)
            if hashlib.sha256(pdf).hexdigest() != letter.sha256:
                self._fault(f"Courrier {letter.pk} : le fichier n'est pas celui qui a été produit.")
            elif _sealed(letter) not in (letter.sha256, None):
                self._fault(f"Courrier {letter.pk} : le registre ne scelle pas ce fichier.")
            elif again and letter.template != recevable.letters.template():
                other += 1
            elif again and recevable.letters.pdf(bytes(one.data)) != pdf:
                self._fault(f"Courrier {letter.pk} : le même gabarit produit maintenant un autre fichier.")
            else:
                same += again
        detail = f" ; refaits à l'identique : {same}, produits par un autre gabarit : {other}" if again else ""
        self.stdout.write(f"Courriers : {number}{detail}.")

    def _evaluations(self, *, again: bool) -> None:
        number = same = other = erased = 0
        rows = Evaluation.objects.select_related("version__dossier").order_by("pack_id", "pk")
        for one in rows.iterator(chunk_size=200):
            number += 1
            if one.version.dossier.erased_id is not None:
                erased += 1
                if one.decision_gz:
                    self._fault(f"Évaluation {one.pk} : son contenu devait être effacé.")
                continue
            try:
                written = gzip.decompress(bytes(one.decision_gz))
            except (OSError, EOFError, ValueError):
                written = b""
            if hashlib.sha256(written).hexdigest() != one.sha256:
                self._fault(f"Évaluation {one.pk} : la décision n'est pas celle qui a été calculée.")
            elif again:
                now = _decided(one)
                if not now:
                    self._fault(f"Évaluation {one.pk} : la décision ne peut plus être calculée.")
                elif now == written:
                    same += 1
                elif _engine(now) != _engine(written):
                    other += 1
                else:
                    self._fault(f"Évaluation {one.pk} : le même moteur rend maintenant une autre décision.")
        summary = (
            f" ; recalculées à l'identique : {same}, calculées par une autre version du moteur : {other}"
            if again
            else ""
        )
        self.stdout.write(f"Évaluations : {number}{_gone(erased)}{summary}.")

    def _fault(self, message: str) -> None:
        self.faults += 1
        self.stderr.write(message)


def _gone(erased: int) -> str:
    return f", dont effacées par une purge : {erased}" if erased else ""


def _sealed(letter: Letter) -> Any:
    """The digest of a letter in the content of its act; None once that content is erased."""
    try:
        content = json.loads(bytes(letter.act.content.content))
    except ActContent.DoesNotExist:
        return None
    return content.get("courrier", {}).get("sha256", "")


def _decided(evaluation: Evaluation) -> bytes:
    """What the engine answers now; empty when it cannot decide any more."""
    version = evaluation.version
    try:
        programme = packs.opened(evaluation.pack_id)
        read = programme.read(bytes(version.composed), version.dossier.reference)
        return programme.to_json(programme.decide(read, evaluation.on))
    except (recevable.InvalidPack, recevable.InvalidDossier, recevable.Contradiction, recevable.EngineDisagreement):
        return b""


def _engine(decision: bytes) -> object:
    receipt = json.loads(decision)["recu"]
    return {name: value for name, value in receipt.items() if name.startswith("moteur") or name == "versions"}
