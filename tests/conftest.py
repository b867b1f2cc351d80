"""What every test has in common: a loaded machine makes none fail."""

from hypothesis import settings

settings.register_profile("recevable", deadline=None)
settings.load_profile("recevable")
