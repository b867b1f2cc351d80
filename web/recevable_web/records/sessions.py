"""Sessions, kept by the server: 12 hours from signing in whatever is done, 30 minutes without a request.

The settings name this module.  A row is named by the digest of the key that the browser holds.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from recevable_web.records.models import Session

# From signing in, and from the last request.
LONGEST: Final = timedelta(hours=12)
IDLE: Final = timedelta(minutes=30)
# Before signing in: as long as somebody takes at the identity provider.
WAITING: Final = timedelta(minutes=15)
# How often a use is written.
_GRAIN: Final = timedelta(minutes=1)
_STARTED: Final = "_started_at"


def digest(key: str) -> str:
    """The name of the row of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(DatabaseStore):
    """A session of Django in a row that says whose it is, when it began and when it was last used."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table of the sessions."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        now = timezone.now()
        open_ = Session.objects.filter(expire_date__gt=now, seen_at__gt=now - IDLE)
        found = open_.filter(session_key=digest(self.session_key or "")).first()
        if found is None:
            self._session_key = None
        elif found.seen_at < now - _GRAIN:
            Session.objects.filter(pk=found.pk).update(seen_at=now)
        return found

    def exists(self, session_key: str) -> bool:
        """Whether there is a session of a key."""
        return Session.objects.filter(session_key=digest(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of the session as it is now."""
        now = timezone.now()
        account = data.get(SESSION_KEY)
        started = datetime.fromisoformat(data.setdefault(_STARTED, now.isoformat()))
        return Session(
            session_key=digest(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=started + (WAITING if account is None else LONGEST),
            account_id=None if account is None else int(account),
            started_at=started,
            seen_at=now,
        )

    def begin(self) -> None:
        """Somebody has just signed in: the hours of the session begin now."""
        self[_STARTED] = timezone.now().isoformat()

    def delete(self, session_key: str | None = None) -> None:
        """End a session, this one by default."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Forget the sessions that are over."""
        now = timezone.now()
        Session.objects.filter(expire_date__lte=now).delete()
        Session.objects.filter(seen_at__lte=now - IDLE).delete()
