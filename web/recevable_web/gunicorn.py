"""How gunicorn serves the guichet: `gunicorn -c python:recevable_web.gunicorn recevable_web.wsgi:application`.

Settings, from the environment: `RECEVABLE_WEB_BIND` (`127.0.0.1:8000`), `RECEVABLE_WEB_WORKERS` (2) and
`RECEVABLE_WEB_THREADS` (4), the processes and the threads of each.
"""

from __future__ import annotations

import os
from typing import Any, Final

_PREFIX: Final = "RECEVABLE_WEB_"

bind = os.environ.get(f"{_PREFIX}BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get(f"{_PREFIX}WORKERS", "2"))
threads = int(os.environ.get(f"{_PREFIX}THREADS", "4"))
# the rules are opened once and shared: a process forked after that costs less memory and answers at once
preload_app = True
# an upload of many pieces takes time; a process that answers nothing for so long is replaced
timeout = 60
graceful_timeout = 30
keepalive = 5
# signs of life of the processes: in memory, so that the file system may be read-only
worker_tmp_dir = "/dev/shm"
# memory that a library would leak is given back
max_requests = 5_000
max_requests_jitter = 500
# no address of a page is logged here: the proxy before it has its own log
accesslog = None
errorlog = "-"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Refuse a database that lacks migrations; the application itself refuses what production refuses (wsgi.py)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recevable_web.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", check_unapplied=True, verbosity=0)
    # a connection is not shared by processes
    connections.close_all()
