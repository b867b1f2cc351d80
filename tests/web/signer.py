"""A process of its own that prepares and signs acts in a loop, on a database given by its URL, until it is killed.

Arguments: the URL, the number of this signer.  A line on standard output for each act that was signed.
"""

from __future__ import annotations

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "recevable_web.settings"
os.environ["RECEVABLE_WEB_SECRET_KEY"] = "essai"
os.environ["RECEVABLE_WEB_DATABASE_URL"] = sys.argv[1]


def main() -> None:
    """Take the dossiers in turn: prepare an act on each, sign it, and go on with the next."""
    import django

    django.setup()

    from django.db import transaction

    from recevable_web.actions import acts, dossiers
    from recevable_web.actions.refused import Refused
    from recevable_web.records.models import Account, Dossier, Draft, Verdict

    instructor = Account.objects.get(email="ines@essai.example")
    validator = Account.objects.get(email="victor@essai.example")

    def signed(draft: Draft) -> None:
        act = acts.sign(validator, draft)
        sys.stdout.write(f"{act.rank} {act.digest}\n")
        sys.stdout.flush()

    while True:
        for dossier in Dossier.objects.order_by("id"):
            # somebody may have been killed between preparing and signing
            left = dossier.drafts.filter(status=Draft.Status.PREPARED).first()
            try:
                if left is None:
                    with transaction.atomic():
                        evaluation = dossiers.latest(dossier).evaluations.latest("id")
                    proposed = evaluation.requests.order_by("name").last()
                    assert proposed is not None
                    verdict = Verdict(proposed.verdict)
                    left = acts.prepare(instructor, dossier, dossier.version, proposed.name, verdict)
                signed(left)
            except Refused:
                continue


main()
