"""How often one may do what costs the service: counted in the database, so that every process counts together."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F

from recevable_web.records.models import Usage


class Limit(NamedTuple):
    """So many times in a stretch of so many seconds."""

    kind: str
    times: int
    seconds: int


SIGN_IN: Final = Limit("connexion", 100, 60)
IMPORT: Final = Limit("import", 120, 3600)
EXPORT: Final = Limit("export", 60, 3600)
SEARCH: Final = Limit("recherche", 120, 60)
REPORT: Final = Limit("rapport", 60, 60)
# The pages for applicants, without an account: a whole simulation is some forty of them.
PUBLIC: Final = Limit("public", 120, 60)


def take(limit: Limit, who: str) -> int:
    """Count one use by somebody: 0 when it is allowed, else in how many seconds the next one is.

    The stretches of time follow one another from 1970, the same for everybody.  The check and the count are one
    statement: uses at the same moment do not go past the limit together.
    """
    now = time.time()
    window = int(now // limit.seconds)
    mine = Usage.objects.filter(kind=limit.kind, who=who)
    for _ in range(3):
        if mine.filter(window=window, count__lt=limit.times).update(count=F("count") + 1):
            return 0
        if mine.filter(window__lt=window).update(window=window, count=1):
            return 0
        if mine.filter(window__gte=window).exists():
            return max(1, int((window + 1) * limit.seconds - now))
        try:
            with transaction.atomic():
                Usage.objects.create(kind=limit.kind, who=who, window=window, count=1)
        except IntegrityError:
            # another process has just begun to count
            continue
        return 0
    return 1
