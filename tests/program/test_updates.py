"""Update rules as they are printed: each optimizer, rules of one's own, and what is refused."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pytest

from tracer.errors import TracerError
from tracer.expression import render
from tracer.operations import vocabulary
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.program import BuiltProgram
from tracer.program.program_builder import build_program
from tracer.program.scenario import loads
from tracer.run.runner import run_scenario

NEURON = "y_pred = w * x + b\nloss = (y_pred - y)**2"
LAYER = "p = X @ W + c\nloss = mean(p**2)"
GIVEN = {
    NEURON: "data = {x = 2, y = 5}\nparameters = {w = 3, b = 1}",
    LAYER: "data = {X = [[1, 2], [3, 4]]}\n"
    "parameters = {W = [[1, 2, 3], [4, 5, 6]], c = [1, 2, 3]}",
}
SQUARE = "loss = w**2"


def scenario_text(
    training: str, rule: str = "", equations: str = SQUARE, given: str = "parameters = {w = 3}"
) -> str:
    """Return a scenario; its update rule, where it has one, begins on line 20."""
    head = [*GIVEN.get(equations, given).split("\n"), "[network]", "equations = '''"]
    head += [f"{equations}'''", "[training]", "iterations = 3", *training.split("\n")]
    text = "\n".join(head)
    if rule:
        text += "\n[training.update]"
        text += "\n" * (18 - text.count("\n")) + f"equations = '''\n{rule}'''\n"
    return text


def built(*arguments: str, **keywords: str) -> BuiltProgram:
    """Return the program of a scenario."""
    scenario = loads(scenario_text(*arguments, **keywords), name="s")
    return build_program(scenario, {name: given.shape for name, given in scenario.data.items()})


def printed(program: BuiltProgram) -> list[str]:
    """Return the update equations in ASCII."""
    return [
        f"{item.name} = {render(item.expression, vocabulary=vocabulary())}"
        for item in program.program.phase("update")
    ]


def lines(text: str) -> list[str]:
    """Return the lines of an indented text."""
    return textwrap.dedent(text).strip().split("\n")


RATE = "learning_rate = 0.1"
MOMENTS = """
    m[w]' = beta1 * m[w] + (1 - beta1) * dloss/dw
    v[w]' = beta2 * v[w] + (1 - beta2) * (dloss/dw)**2
    m_hat[w] = m[w]' / (1 - beta1**t)
    v_hat[w] = v[w]' / (1 - beta2**t)
    """
PRINTED: Mapping[str, str] = {
    "sgd": "w' = w - learning_rate * dloss/dw",
    "momentum": """
    v[w]' = momentum * v[w] + dloss/dw
    w' = w - learning_rate * v[w]'
    """,
    "nesterov": """
    v[w]' = momentum * v[w] + dloss/dw
    w' = w - learning_rate * (dloss/dw + momentum * v[w]')
    """,
    "rmsprop": """
    s[w]' = alpha * s[w] + (1 - alpha) * (dloss/dw)**2
    w' = w - learning_rate * dloss/dw / (sqrt(s[w]') + epsilon)
    """,
    "adagrad": """
    s[w]' = s[w] + (dloss/dw)**2
    w' = w - learning_rate * dloss/dw / (sqrt(s[w]') + epsilon)
    """,
    "adadelta": """
    s[w]' = rho * s[w] + (1 - rho) * (dloss/dw)**2
    change[w] = sqrt(u[w] + epsilon) / sqrt(s[w]' + epsilon) * dloss/dw
    u[w]' = rho * u[w] + (1 - rho) * change[w]**2
    w' = w - learning_rate * change[w]
    """,
    "adam": MOMENTS + "w' = w - learning_rate * m_hat[w] / (sqrt(v_hat[w]) + epsilon)",
    "adamw": MOMENTS
    + """decayed[w] = w - learning_rate * weight_decay * w
    w' = decayed[w] - learning_rate * m_hat[w] / (sqrt(v_hat[w]) + epsilon)
    """,
    "adamax": """
    m[w]' = beta1 * m[w] + (1 - beta1) * dloss/dw
    u[w]' = maximum(beta2 * u[w], abs(dloss/dw) + epsilon)
    w' = w - learning_rate * m[w]' / ((1 - beta1**t) * u[w]')
    """,
    "nadam": """
    mu = beta1 * (1 - 0.5 * 0.96**(t * momentum_decay))
    mu_next = beta1 * (1 - 0.5 * 0.96**((t + 1) * momentum_decay))
    product' = product * mu
    m[w]' = beta1 * m[w] + (1 - beta1) * dloss/dw
    v[w]' = beta2 * v[w] + (1 - beta2) * (dloss/dw)**2
    m_hat[w] = mu_next * m[w]' / (1 - product' * mu_next) + (1 - mu) * dloss/dw / (1 - product')
    v_hat[w] = v[w]' / (1 - beta2**t)
    w' = w - learning_rate * m_hat[w] / (sqrt(v_hat[w]) + epsilon)
    """,
    "lion": """
    direction[w] = sign(beta1 * m[w] + (1 - beta1) * dloss/dw)
    m[w]' = beta2 * m[w] + (1 - beta2) * dloss/dw
    decayed[w] = w - learning_rate * weight_decay * w
    w' = decayed[w] - learning_rate * direction[w]
    """,
}


def stripped(text: str) -> list[str]:
    """Return the lines of a text without their indentation."""
    return [line.strip() for line in text.strip().split("\n")]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_is_these_equations(optimizer: str) -> None:
    """The lines a reader sees for one parameter."""
    assert optimizer in PRINTED, "its equations are to be in PRINTED, in this file"
    assert printed(built(f'{RATE}\noptimizer = "{optimizer}"')) == stripped(PRINTED[optimizer])


@pytest.mark.parametrize(
    "optimizer", [name for name, rule in OPTIMIZERS.items() if "weight_decay" not in rule.defaults]
)
def test_weight_decay_is_added_to_the_gradient_first(optimizer: str) -> None:
    """As PyTorch does; all lines then use the decayed gradient."""
    found = printed(built(f'{RATE}\noptimizer = "{optimizer}"\nweight_decay = 0.1'))
    decayed = "penalized[w] = dloss/dw + weight_decay * w"
    assert decayed in found
    rest = [line for line in found if line != decayed]
    plain = PRINTED[optimizer].replace("(dloss/dw)**", "dloss/dw**")
    assert rest == stripped(plain.replace("dloss/dw", "penalized[w]"))


def test_adamw_has_its_weight_decay_once() -> None:
    """It is there by default, and naming it gives the same equations and another value."""
    default = built(f'{RATE}\noptimizer = "adamw"')
    named = built(f'{RATE}\noptimizer = "adamw"\nweight_decay = 0.5')
    assert printed(default) == printed(named)
    assert default.settings["weight_decay"].floats() == [0.01]
    assert named.settings["weight_decay"].floats() == [0.5]
    assert list(named.settings).count("weight_decay") == 1
    assert "weight_decay_" not in named.program.inputs


def test_what_parameters_share_is_computed_once() -> None:
    """The momentum of nadam is one for all parameters; the other state is each parameter's own."""
    found = printed(built(f'{RATE}\noptimizer = "nadam"', equations=NEURON))
    assert [line.partition(" = ")[0] for line in found] == [
        *("mu", "mu_next", "product'"),
        *("m[w]'", "v[w]'", "m_hat[w]", "v_hat[w]", "w'"),
        *("m[b]'", "v[b]'", "m_hat[b]", "v_hat[b]", "b'"),
    ]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "name", ["w", "v", "m", "s", "g", "t", "m_hat", "learning_rate", "parameter"]
)
def test_names_of_an_optimizer_may_be_names_of_the_scenario(optimizer: str, name: str) -> None:
    """Two parameters with any names are trained as two parameters with other names are."""
    text = scenario_text(
        f'{RATE}\noptimizer = "{optimizer}"',
        equations=f"{name}_squared = {name}**2\nloss = {name}_squared + (p - 2)**2",
        given=f"parameters = {{{name} = 3, p = 1}}",
    )
    plain = text.replace(f"{name}_squared", "q_squared").replace(f"{name}**2", "q**2")
    trace = run_scenario(loads(text))
    expected = run_scenario(loads(plain.replace(f"{{{name} = 3", "{q = 3")))
    assert trace.values(name).tolist() == expected.values("q").tolist()
    assert trace.values("p").tolist() == expected.values("p").tolist()
    assert trace.values(name)[3] != 3


@pytest.mark.parametrize("name", ["w", "g", "v", "learning_rate", "correction1"])
def test_an_optimizer_does_not_take_a_quantity_of_the_network_for_its_own(name: str) -> None:
    """A hidden value called g is not the gradient."""
    trace = run_scenario(
        loads(
            scenario_text(
                f'{RATE}\noptimizer = "momentum"',
                equations=f"{name} = 10 * p\nloss = {name}**2 / 100",
                given="parameters = {p = 1}",
            )
        )
    )
    assert trace.values("p").tolist() == pytest.approx([1, 0.8, 0.46, 0.062])


# Rules of one's own ------------------------------------------------------------------------------

OWN = {
    "one line for every parameter": (
        "parameter' = parameter - learning_rate * g",
        "w' = w - learning_rate * dloss/dw\nb' = b - learning_rate * dloss/db",
    ),
    "state for every parameter": (
        "v' = 0.9 * v + g\nparameter' = parameter - learning_rate * v'",
        "v[w]' = 0.9 * v[w] + dloss/dw\nw' = w - learning_rate * v[w]'\n"
        "v[b]' = 0.9 * v[b] + dloss/db\nb' = b - learning_rate * v[b]'",
    ),
    "the state before the step": (
        "v' = 0.9 * v + g\nparameter' = parameter - learning_rate * v",
        "v[w]' = 0.9 * v[w] + dloss/dw\nw' = w - learning_rate * v[w]\n"
        "v[b]' = 0.9 * v[b] + dloss/db\nb' = b - learning_rate * v[b]",
    ),
    "a value between": (
        "step_size = learning_rate / sqrt(t)\nmove = step_size * g\nparameter' = parameter - move",
        "step_size = learning_rate / sqrt(t)\nmove[w] = step_size * dloss/dw\nw' = w - move[w]\n"
        "move[b] = step_size * dloss/db\nb' = b - move[b]",
    ),
    "one parameter by name, the rest together": (
        "w' = w - learning_rate * dloss/dw\nparameter' = parameter - 2 * learning_rate * g",
        "b' = b - 2 * learning_rate * dloss/db\nw' = w - learning_rate * dloss/dw",
    ),
    "every parameter by name": (
        "w' = w - learning_rate * dloss/dw\nb' = b - learning_rate * dloss/dy_pred",
        "w' = w - learning_rate * dloss/dw\nb' = b - learning_rate * dloss/dy_pred",
    ),
    "g in a line of its parameter": (
        "w' = w - learning_rate * g\nb' = b - g",
        "w' = w - learning_rate * dloss/dw\nb' = b - dloss/db",
    ),
    "no gradient, as a perceptron's rule": (
        "error = y - y_pred\nw' = w + learning_rate * error * x\nb' = b + learning_rate * error",
        "error = y - y_pred\nw' = w + learning_rate * error * x\nb' = b + learning_rate * error",
    ),
    "a parameter after its step": (
        "w' = w - learning_rate * dloss/dw\nb' = b - learning_rate * (w' * x - y)",
        "w' = w - learning_rate * dloss/dw\nb' = b - learning_rate * (w' * x - y)",
    ),
    "the length of the gradient": (
        "norm = sqrt(dloss/dw**2 + dloss/db**2)\nparameter' = parameter - learning_rate * g / norm",
        "norm = sqrt((dloss/dw)**2 + (dloss/db)**2)\n"
        "w' = w - learning_rate * dloss/dw / norm\nb' = b - learning_rate * dloss/db / norm",
    ),
}


@pytest.mark.parametrize("case", OWN)
def test_a_rule_of_ones_own_is_these_equations(case: str) -> None:
    """Placeholders are replaced; nothing else changes."""
    rule, expected = OWN[case]
    assert printed(built(RATE, rule, equations=NEURON)) == expected.split("\n")


def test_a_rule_without_gradients_has_no_backward_pass() -> None:
    """A perceptron's loss has no gradient, and none is computed."""
    equations = "p = step(w * x + b)\nloss = (y - p)**2"
    program = built(
        "",
        "w' = w + (y - p) * x\nb' = b + (y - p)",
        equations=equations,
        given="data = {x = 2, y = 1}\nparameters = {w = -3, b = 1}",
    ).program
    assert [item.name for item in program.phase("backward")] == []
    trace = run_scenario(
        loads(
            scenario_text(
                "",
                "w' = w + (y - p) * x\nb' = b + (y - p)",
                equations=equations,
                given="data = {x = 2, y = 1}\nparameters = {w = -3, b = 1}",
            )
        )
    )
    assert trace.values("w").tolist() == [-3, -1, 1, 1]
    assert trace.values("b").tolist() == [1, 2, 3, 3]
    assert trace.loss.tolist() == [1, 1, 0]


def test_w_stands_for_every_parameter_where_nothing_is_called_w() -> None:
    """The form of textbooks works for W and c."""
    found = printed(built(RATE, "w' = w - learning_rate * g", equations=LAYER))
    assert found == ["W' = W - learning_rate * dloss/dW", "c' = c - learning_rate * dloss/dc"]


def test_state_takes_the_shape_of_what_is_stored_in_it() -> None:
    """State begins as zeros of that shape, for each parameter or for all."""
    shapes = built("", "m' = m + p\nW' = W - m'[0]\nc' = c", equations=LAYER).shapes
    assert shapes["m"] == (2, 3)
    shapes = built("", "v' = v + g**2\nparameter' = parameter - g / v'", equations=LAYER).shapes
    assert (shapes["v[W]"], shapes["v[c]"]) == ((2, 3), (3,))


def test_state_that_follows_other_state_has_its_shape() -> None:
    """A line may use a state whose shape only a later line tells."""
    rule = "a' = b\nb' = a + p[0]\nd = a + 1\nr' = d\nW' = W - b'\nc' = c"
    shapes = built("", rule, equations=LAYER).shapes
    assert [shapes[name] for name in ("a", "b", "d", "r")] == [(3,)] * 4


def test_quantities_of_the_network_stand_before_placeholders() -> None:
    """In a rule of one's own, g is the network's g where it has one."""
    program = built(
        RATE,
        "w' = w - learning_rate * g * dloss/dw",
        equations="g = w * x\nloss = g**2",
        given="data = {x = 1}\nparameters = {w = 2}",
    )
    assert printed(program) == ["w' = w - learning_rate * g * dloss/dw"]


def test_settings_of_a_rule_are_keys_of_training() -> None:
    """Any number under [training] that the rule names."""
    program = built(f"{RATE}\ndecay = 0.5", "parameter' = parameter - learning_rate * decay * g")
    assert program.settings["decay"].floats() == [0.5]
    assert printed(program) == ["w' = w - learning_rate * decay * dloss/dw"]


def test_frozen_parameters_have_no_update() -> None:
    """Only what is trainable is carried on; the others keep their gradient."""
    program = built(f'{RATE}\ntrainable = ["b"]', equations=NEURON).program
    assert list(program.carried) == ["b"]
    assert program.equation("dloss/dw").phase == "backward"


# Each case: the rule, the line of the rule the message names, and how the message begins.
REFUSED = [
    ("b' = b - g", 1, "the parameter w has no update; expected a line w' = …"),
    ("w' = w - 1", 1, "the parameter b has no update; expected a line b' = …"),
    ("parameter' = parameter - lr * g", 1, "lr is not known"),
    ("v' = g\nparameter' = parameter - mu * v'", 2, "mu is not known"),
    ("parameter' = parameter - sum(g, axis=0)", 1, "sum: there is no axis 0"),
    ("s' = [s, s]\nparameter' = parameter", 1, "the state s has another shape after every"),
    ("parameter' = parameter * [1, 2]", 1, "the update of w has another shape; found (2,)"),
    ("parameter' = parameter -", 1, "the expression ends too early"),
    ("parameter' = parameter\nw = = 2", 2, "`=` cannot stand here"),
    ("for k in range(2):\n    w' = w", 1, "an update rule cannot have loops"),
    ("w[0] = 1", 1, "an update assigns whole quantities, not entries"),
    ("w' = w\nb' = b\nw' = w + 1", 3, "w' is assigned twice"),
    ("a = 1\na = 2\nparameter' = a * g", 2, "a is assigned twice"),
    ("parameter' = parameter - m\nm = 2 * g", 1, "m is used before it is computed"),
    ("w' = w - w'\nb' = b", 1, "w' is used before it is computed"),
    ("v = 0.9 * v + g\nparameter' = v", 1, "v is used before it is computed"),
    ("g = 2\nparameter' = parameter - g", 1, "g has a meaning of its own in an update"),
    ("t = 2\nparameter' = parameter - t", 1, "t has a meaning of its own in an update"),
    ("parameter = 2\nw' = w\nb' = b", 1, "parameter has a meaning of its own in an update"),
    ("y_pred = 2\nparameter' = g * y_pred", 1, "y_pred is a quantity of the scenario"),
    (
        "w' = 0.9 * w + g\nparameter' = parameter - w'",
        2,
        "w' is the update of the parameter w, and no state of the rule",
    ),
    ("x' = x + 1\nparameter' = g * x", 1, "x is a quantity of the scenario that is not trained"),
    ("loss' = 0\nw' = w\nb' = b", 1, "loss is a quantity of the scenario that is not trained"),
    ("w'' = w\nparameter' = parameter", 1, "w'' has two primes; expected w'"),
    ("n' = n + g\nw' = w - n'\nb' = b", 1, "it is not clear which parameter's gradient g is"),
    ("dloss/dw = 3\nparameter' = parameter", 1, "only a name can be assigned"),
]


@pytest.mark.parametrize(("rule", "line", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_wrong_rule_is_an_error_with_its_place(rule: str, line: int, message: str) -> None:
    """The message names the file and the line of the rule."""
    with pytest.raises(TracerError) as caught:
        built("", rule, equations=NEURON)
    place, _, text = str(caught.value).partition("equations")
    assert place == f"s:{19 + line}: [training.update] "
    assert text.split(": ", 1)[1].startswith(message)


def test_a_setting_that_is_a_quantity_as_well_is_refused() -> None:
    """learning_rate cannot be both a key of [training] and a hidden value."""
    with pytest.raises(TracerError, match="learning_rate is both a quantity and a key"):
        built(
            RATE,
            "parameter' = parameter - learning_rate * g",
            equations="learning_rate = 2 * w\nloss = learning_rate**2",
        )
