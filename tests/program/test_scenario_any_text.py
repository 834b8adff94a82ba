"""Whatever is read as a scenario, the end is a Scenario or one TracerError."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import TracerError
from tracer.program.scenario import Scenario, bundled, load, loads

FULL = """\
title = "all"
dtype = "float32"
trainable = ["w"]
[data]
x = [[1, 2], [3, 4.5]]
k = {shape = [2], init = "integers", high = 3}
[parameters]
w = {shape = [2, 3], init = "glorot"}
b = 0
[constants]
mask = [1, 0]
[network]
equations = '''
loss = mean(x @ w + b)
'''
loss = "loss"
[notation]
w = "ω"
[random]
generator = "numpy-legacy"
seed = 1
[training]
optimizer = "adam"
beta1 = 0.8
learning_rate = 1e-2
epochs = 3
batch_size = 1
shuffle = true
seed = 2
stop_when = "loss < 1e-6"
[evaluation]
metrics = ["accuracy"]
data.x = [[1, 1]]
[prediction]
outputs = ["loss"]
[[variants]]
name = "rule"
[variants.training.update]
equations = "w' = w - learning_rate * g"
[[variants]]
name = "sgd"
training = {optimizer = "sgd"}
"""
TEXTS = [FULL, *(load(name).text for name in bundled())]
WORDS = ["0x10", "nan", "inf", "true", "1e999", "1979-05-27", "[data]", "[[variants]]"]
PIECES = st.sampled_from(
    [*WORDS, *"[]{}'=.,#-éθ₁", '"', '"' * 3, "'" * 3, "\n", "\r", "\0", "\\", "\ud800"]
)
PIECES |= st.sampled_from(["9" * 50, "w = 1\n", '"a\\nb"', "{file = 'x.csv'}", "\n[data]\n"])
PIECES |= st.sampled_from(["{shape = [2], init = 'zeros'}", "{shape = [2], init = 'normal'}"])


def ends(text: str, settings: tuple[str, ...] = ()) -> None:
    """Load a text and its variants: a scenario or one error of ours, on one line."""
    message = "loaded"
    try:
        scenario = loads(text, settings=settings)
        for variant in scenario.variants:
            assert isinstance(scenario.variant(variant.name), Scenario)
    except TracerError as error:
        message = str(error)
    assert message
    assert "\n" not in message


def test_the_full_scenario_loads() -> None:
    """What the next tests mutate is a scenario to begin with."""
    assert len(loads(FULL).variants) == 2


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Any text ends in a scenario or an error."""
    ends(text)


@given(
    st.sampled_from(TEXTS),
    st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 12), PIECES | st.text(max_size=4)),
        min_size=1,
        max_size=4,
    ),
)
def test_any_mutated_scenario(text: str, cuts: list[tuple[int, int, str]]) -> None:
    """A scenario with pieces cut out and others put in ends in a scenario or an error."""
    for place, length, piece in cuts:
        start = place % (len(text) + 1)
        text = text[:start] + piece + text[start + length :]
    ends(text)


@given(st.sampled_from(TEXTS), st.data())
def test_lines_exchanged(text: str, data: st.DataObject) -> None:
    """Lines in another order, or twice, end in a scenario or an error."""
    lines = text.splitlines(keepends=True)
    places = st.lists(st.sampled_from(lines), max_size=len(lines))
    ends("".join(data.draw(st.permutations(lines) | places)))


@given(
    st.sampled_from(["w", "x", "seed", "training.momentum", "data.k.init", "random", "title", "é"])
    | st.text(max_size=10),
    st.text(max_size=20) | PIECES | st.sampled_from(["{a = 1}", "[[1], [2, 3]]", "adam", "0.5"]),
)
def test_any_override(key: str, value: str) -> None:
    """Any override ends in a scenario or an error."""
    ends(FULL, (f"{key}={value}",))


@given(st.text(alphabet="aθŷ₁ₙ_⁰²′'\u0302é1é权.[]", max_size=6) | st.text(max_size=6))
def test_any_name(name: str) -> None:
    """Any text as the name of a parameter ends in a scenario or an error."""
    ends(FULL.replace("b = 0", f'"{name}" = 0'))
    ends(FULL, (f"{name}=1",))
