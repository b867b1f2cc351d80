"""What every test has in common: a loaded machine makes none fail, and CI tries the same examples each time."""

import os

from hypothesis import settings

settings.register_profile("recevable", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("recevable")
