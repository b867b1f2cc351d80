"""What every test has in common: a loaded machine makes none fail, and CI tries the same examples each time.

Elsewhere than in CI others are tried each time.
"""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.bounds import examples

settings.register_profile("recevable", deadline=None, derandomize="CI" in os.environ, max_examples=examples(100))
settings.load_profile("recevable")

# A worker holds packs and their networks, a million objects: to walk them so often took a fifth of its time.
gc.freeze()
gc.set_threshold(50_000, 50, 1_000)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the cache of whoever runs it; what prepares a pack has tests that set it aside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECEVABLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
