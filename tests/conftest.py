"""What all tests share: how much effort properties take, and no hurry.

`EFFORT=full` (as `make full` sets it) tries 5,000 examples of each property instead of
300; no example fails because the machine is busy. Without it the examples are the same
in every run, so that a change is judged by what it changes; full effort draws new ones.
"""

from hypothesis import HealthCheck, settings

from tests.effort import EXAMPLES, IS_FULL

settings.register_profile(
    "unhurried",
    deadline=None,
    max_examples=EXAMPLES,
    derandomize=not IS_FULL,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("unhurried")
