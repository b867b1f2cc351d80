"""The application as a WSGI server runs it: `gunicorn recevable_web.wsgi:application`.

It does not start with settings that would open it (`pages/checks.py`).
"""

from __future__ import annotations

import os
import sys

from django.core.checks import run_checks
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recevable_web.settings")
application = get_wsgi_application()
refused = [one for one in run_checks(include_deployment_checks=True, databases=["default"]) if one.is_serious()]
# a server that loads the application before it forks would share the connection of the checks between its processes
connections.close_all()
if refused:
    sys.exit("\n".join(f"{one.id} : {one.msg}" for one in refused))
