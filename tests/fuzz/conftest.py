"""`pytest tests/fuzz --hypothesis-profile=whole`: ten thousand updates for each platform (minutes), not a hundred."""

from hypothesis import settings

settings.register_profile("whole", max_examples=10_000)
