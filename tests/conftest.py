"""What every test has in common: a loaded machine makes none fail, and CI tries the same examples each time.

Elsewhere than in CI fewer examples are tried, others each time.
"""

import os

from hypothesis import settings

CI = "CI" in os.environ
settings.register_profile("recevable", deadline=None, derandomize=CI, max_examples=100 if CI else 40)
settings.load_profile("recevable")
