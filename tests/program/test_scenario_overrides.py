"""`--set KEY=VALUE` and variants change a scenario before it is checked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tracer.errors import ScenarioError
from tracer.program.scenario import Scenario, loads

EQUATIONS = ("network", "equations")
BASE = """\
[data]
x = [1, 2, 3]
y = [2, 4, 6]
[parameters]
w = 0.5
momentum = 2
V = {shape = [2], init = "uniform", low = -1, seed = 1}
[constants]
size = 3
[network]
equations = "loss = mean((w * momentum * x - y)**2)"
[training]
optimizer = "momentum"
momentum = 0.8
learning_rate = 0.1
iterations = 3
[[variants]]
name = "adam"
training = {optimizer = "adam", beta1 = 0.8}
[[variants]]
name = "start"
parameters = {w = 1, V = {shape = [2], init = "normal", seed = 2}}
[[variants]]
name = "another network"
[variants.network]
equations = "loss = u * x[0]"
[variants.parameters]
u = 3
V.seed = 9
[[variants]]
name = "perceptron"
[variants.training]
epochs = 2
batch_size = 1
[variants.training.update]
equations = "w' = w + size * x[0]"
"""


def set_to(*settings: str) -> Scenario:
    """Return the base with overrides."""
    return loads(BASE, settings=settings)


def test_bare_key_is_a_value_or_a_training_key() -> None:
    """A bare key means the parameter, constant or datum of that name, else a key of [training]."""
    scenario = set_to("w=1.5", "x=[4, 5, 6]", "size=4", "learning_rate=0.05")
    assert scenario.parameters["w"].exact == (Decimal("1.5"),)
    assert scenario.data["x"].exact == (4, 5, 6)
    assert scenario.constants["size"].exact == (4,)
    assert scenario.training is not None
    assert scenario.training.learning_rate is not None
    assert scenario.training.learning_rate.exact == (Decimal("0.05"),)
    assert scenario.overrides == ("w=1.5", "x=[4, 5, 6]", "size=4", "learning_rate=0.05")
    assert scenario.text == BASE


def test_dotted_key_addresses_any_table() -> None:
    """Dotted keys reach into each table, and into a drawn value."""
    scenario = set_to("network.loss=loss", "parameters.V.seed=7", 'notation.w="ω"', "dtype=float32")
    assert scenario.loss == "loss"
    assert scenario.notation == {"w": "ω"}
    assert scenario.dtype == "float32"
    assert scenario.parameters["V"].floats() != loads(BASE).parameters["V"].floats()


def test_bare_word_is_a_text() -> None:
    """A word that is no TOML is taken as a text."""
    scenario = set_to("training.momentum=0.9", "optimizer=nesterov")
    assert scenario.training is not None
    assert scenario.training.optimizer == "nesterov"


def test_alternatives_replace_what_the_file_gives() -> None:
    """`epochs` takes the place of the file's `iterations`, and of those of an earlier override."""
    for settings in (("epochs=5",), ("iterations=2", "epochs=5"), ("epochs=1", "epochs=5")):
        scenario = set_to(*settings)
        assert scenario.training is not None
        assert (scenario.training.epochs, scenario.training.iterations) == (5, None)


def test_overrides_add_up() -> None:
    """with_overrides keeps the earlier ones and the variant."""
    scenario = set_to("w=2").variant("adam").with_overrides(["beta2=0.5"])
    assert scenario.parameters["w"].exact == (2,)
    assert scenario.training is not None
    assert scenario.training.optimizer == "adam"
    assert scenario.training.settings == {"beta1": Decimal("0.8"), "beta2": Decimal("0.5")}
    assert scenario.overrides == ("w=2", "beta2=0.5")
    assert scenario.variant_name == "adam"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("momentum=1", "“momentum” is in more than one table; expected parameters.momentum or tra"),
        ("learning_rat=1", "there is no parameter, constant, datum or training key “learning_rat”"),
        ("learning_rat=1", "did you mean learning_rate"),
        ("parameters.momentm=1", "there is no “momentm” in [parameters]; did you mean mom"),
        ("parameters.nothing=1", "there is no “nothing” in [parameters]; expected w, momentum or"),
        ("training.iteration=1", "unknown key “iteration”; did you mean iterations"),
        ("trainin.iterations=1", "there is no table “trainin”; did you mean training?"),
        ("variants.0.name=1", "there is no table “variants”"),
        ("w", "this is not KEY=VALUE; expected a key and a value, such as w=1.5"),
        ("w=", "this is not KEY=VALUE"),
        ("=1", "this is not KEY=VALUE"),
        ("[w]=1", "this is not KEY=VALUE"),
        ("w=1\nb=2", "the value is not TOML"),
        ("w=one two", "the value is not TOML; found “one two”"),
        ("w=.5", "the value is not TOML"),
        ("w=one", "[parameters] w: this is not a number; found the text “one”"),
        ("w=nan", "[parameters] w: the number is not finite; found nan"),
        ("optimizer=adam", "[training] momentum: adam takes no momentum"),
        ("training=1", "there is no parameter"),
        ("w.x=1", "there is no table “w”"),
        ("parameters.w.seed=1", "“w” is not a table; found 0.5"),
        ("w=\ud800", "the text is not Unicode"),
    ],
)
def test_refused_override(setting: str, message: str) -> None:
    """An override that does not fit is named, with what is near."""
    with pytest.raises(ScenarioError) as caught:
        set_to(setting)
    assert message in str(caught.value)


def test_message_names_the_override() -> None:
    """What an override sets wrongly is not blamed on a line of the file."""
    with pytest.raises(ScenarioError) as caught:
        set_to("training.iterations=ten")
    assert caught.value.where == "--set training.iterations=ten: [training] iterations"


def test_variant_states_a_whole_optimizer() -> None:
    """The file's momentum does not stay where a variant gives another optimizer."""
    training = loads(BASE).variant("adam").training
    assert training is not None
    assert training.optimizer == "adam"
    assert training.settings == {"beta1": Decimal("0.8")}
    assert training.learning_rate is not None
    assert training.iterations == 3


def test_variant_replaces_values() -> None:
    """A drawn value that says how it is drawn takes the old one's place as a whole."""
    scenario = loads(BASE).variant("start")
    assert scenario.parameters["w"].exact == (1,)
    assert min(scenario.parameters["V"].floats()) < 1


def test_variant_with_another_network_has_names_of_its_own() -> None:
    """Only a variant that gives equations may bring in names; a key inside a draw may change."""
    scenario = loads(BASE).variant("another network")
    assert scenario.parameters["u"].exact == (3,)
    assert scenario.equations == "loss = u * x[0]"
    assert (
        scenario.document.text_line(EQUATIONS)
        == BASE.splitlines().index('equations = "loss = u * x[0]"') + 1
    )
    text = "variants = [\n{name = 'a',\nparameters = {u = 1}}]\n[network]\nequations = 'a = 1'"
    with pytest.raises(ScenarioError, match=r"no “u” in \[parameters\]"):
        loads(text.replace(",\n", ", "))


def test_variant_with_a_rule_of_its_own() -> None:
    """An update rule takes the optimizer's place, and epochs that of iterations."""
    training = loads(BASE).variant("perceptron").training
    assert training is not None
    assert (training.optimizer, training.update) == ("", "w' = w + size * x[0]")
    assert (training.learning_rate, training.iterations, training.epochs) == (None, None, 2)


def test_variants_say_what_they_set() -> None:
    """The settings of a variant are texts that can be shown."""
    settings = {variant.name: variant.settings for variant in loads(BASE).variants}
    assert settings["adam"] == ('training.optimizer="adam"', "training.beta1=0.8")
    assert settings["start"] == (
        "parameters.w=1",
        'parameters.V={shape = [2], init = "normal", seed = 2}',
    )


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ('name = "a"\nparameters = {W = 1}', "there is no “W” in [parameters]"),
        ('name = "a"\ntrainings = {}', "variants[4].trainings: unknown key “trainings”"),
        ('name = "a"\ntraining = {iteration = 3}', "unknown key “iteration”"),
        ('name = "a"\ntraining = {optimizer = "adamm"}', "unknown optimizer “adamm”; did you mea"),
        ('name = "adam"', "there are two variants “adam”"),
        ("dtype = 'float32'", "a variant needs a name"),
        ("name = ''", "a variant needs a name"),
        ("name = 'a'\ntraining = 3", "training is not a table; found 3"),
    ],
)
def test_refused_variant(variant: str, message: str) -> None:
    """A variant that does not fit is an error of the file, chosen or not."""
    with pytest.raises(ScenarioError) as caught:
        loads(BASE + "[[variants]]\n" + variant)
    assert message in str(caught.value)


def test_unknown_variant() -> None:
    """The message lists what there is."""
    with pytest.raises(ScenarioError, match="there is no variant “adm”; did you mean adam"):
        loads(BASE).variant("adm")
