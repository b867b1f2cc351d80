"""Sessions, kept by the server: 12 hours from signing in whatever is done, 30 minutes without a request.

The settings name this module.  A row is named by the digest of the key that the browser holds.  What each request asks
for (the session, whose it is, the rights held today) is read in one query.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from recevable_web.records import sql
from recevable_web.records.models import Account, Session

# From signing in, and from the last request.
LONGEST: Final = timedelta(hours=12)
IDLE: Final = timedelta(minutes=30)
# Before signing in: as long as somebody takes at the identity provider.
WAITING: Final = timedelta(minutes=15)
# The condition under which a grant `g` holds on a day, given twice.
HOLDS: Final = "g.revoked_at IS NULL AND g.starts <= %s AND (g.ends IS NULL OR g.ends >= %s)"
# Columns of the account that a request needs.
_ACCOUNT: Final = ("id", "password", "email", "issuer", "subject", "name", "capacity", "is_active")
_READ: Final = f"""
    SELECT s.session_data, s.seen_at, g.programme, g.role, {", ".join(f"a.{name}" for name in _ACCOUNT)}
    FROM records_session s
    LEFT JOIN records_account a ON a.id = s.account_id
    LEFT JOIN records_grant g ON g.account_id = a.id AND {HOLDS}
    WHERE s.session_key = %s AND s.expire_date > %s AND s.seen_at > %s
"""
# How often a use is written.
_GRAIN: Final = timedelta(minutes=1)
_STARTED: Final = "_started_at"


def digest(key: str) -> str:
    """The name of the row of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(DatabaseStore):
    """A session of Django in a row that says whose it is, when it began and when it was last used.

    Once it is loaded, `account` is whose it is (None: nobody's), `grants` the programme and role of each right that
    the account holds today.
    """

    account: Account | None = None
    grants: tuple[tuple[str, str], ...] = ()

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table of the sessions."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        now, key, day = timezone.now(), digest(self.session_key or ""), timezone.localdate().isoformat()
        rows = sql.fetched(_READ, [day, day, key, sql.written(now), sql.written(now - IDLE)])
        if not rows:
            self._session_key = None
            return None
        (data, seen, _, _, *values) = rows[0]
        if sql.instant(seen) < now - _GRAIN:
            Session.objects.filter(pk=key).update(seen_at=now)
        if values[0] is not None:
            self.account = Account.from_db("default", _ACCOUNT, values)
            self.grants = tuple((row[2], row[3]) for row in rows if row[2] is not None)
        return Session(session_key=key, session_data=data)

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
