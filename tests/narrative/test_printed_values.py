"""What is printed of numbers that only rounding has left."""

from __future__ import annotations

import pytest

from tests.narrative.test_step_reasons import reasons_at, small
from tracer.narrative.derivation import derivation
from tracer.narrative.derivation_options import Options
from tracer.narrative.printed_values import printed_values
from tracer.narrative.program_notation import notation_of
from tracer.program.scenario import loads
from tracer.render.markdown import markdown
from tracer.run.runner import run_scenario


@pytest.mark.parametrize(
    ("equations", "is_zero"),
    [
        ("a = (0.1 + 0.2 - 0.3) * w; loss = a + w", True),
        # Another small number, from which nobody could tell the rounding.
        ("a = (0.1 + 0.2 - 0.3) * w; b = 1e-17 * w; loss = a + b + w", False),
        # One that is far larger.
        ("a = (0.1 + 0.2 - 0.3) * 1e-6 * w; b = 1e-11 * w; loss = a + b + w", True),
        ("a = 1e-17 * w; loss = a + w", False),
    ],
)
def test_what_rounding_has_left_is_printed_as_0(equations: str, is_zero: bool) -> None:
    """Unless lines would not add up beside a number of its size."""
    iteration = small("w = 1", equations).iteration(1)
    values = iteration.floats("a")
    assert 0 < abs(values[0]) < 1e-15
    assert (printed_values(iteration, "a", values) == [0]) is is_zero


def test_reasons_speak_of_the_printed_0() -> None:
    """The slope of a loss at its floor is 0, though the run has a float beside it."""
    trace = small("w = 0.3; y = 0.3", "p = w * (0.1 + 0.2) / 0.3; loss = (p - y)**2")
    assert abs(trace.iteration(1).floats("dloss/dp")[0]) < 1e-15
    assert "error.below" not in {spoken.reason.id for spoken in reasons_at(trace, "dloss/dp")}


CORNER = """\
[parameters]
a = 0.1
b = 0.2
c = 0.3
[network]
equations = '''
h = a + b - c
k = {function}(h)
loss = k**2
'''
[training]
learning_rate = 0.1
iterations = 1
"""


@pytest.mark.parametrize(
    ("function", "words"),
    [("relu", "rounding has decided which side counts"), ("tanh", "A 0 here was")],
)
def test_where_rounding_decides_on_which_side_of_a_corner_a_number_lies(
    function: str, words: str
) -> None:
    """It is no 0 then, and that is said; a smooth function is as it is at 0."""
    trace = run_scenario(loads(CORNER.format(function=function)))
    page = "".join(markdown(derivation(trace, Options()), notation_of(trace)))
    assert words in page
    assert (r"0.1 + 0.2 - 0.3 = 0$$" in page) == (function == "tanh")
