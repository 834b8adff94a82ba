"""What prose claims: a name, which is the whole phrase before a verb, and a value."""

# ruff: noqa: D103 - the name of each test is its sentence

from __future__ import annotations

import pytest

from tests.check.read.shown_chains import chains, doubts, unread

CLAIMS = {
    "The gradient of the loss with respect to w is -3.": ["~ dloss/dw | -3"],
    "the derivative of L by w is 2": ["~ dL/dw | 2"],
    "The gradient of w is -3.": ["~ dloss/dw | -3"],
    "the gradient of the loss L w.r.t. the weight w is 0.5": ["~ dL/dw | 0.5"],
    "dL/dy_hat is -3.9 here": ["~ dL/dy_hat | -3.9"],
    "∂L/∂w is 0.5": ["~ dL/dw | 0.5"],
    "w changes by 0.3": ["~ Deltaw | 0.3"],
    "The change in w is 0.3, so the new w is 0.8.": ["~ Deltaw | 0.3", "~ w' | 0.8"],
    "The difference between ŷ and y is -1.5.": ["~ y_hat - y | -1.5"],
    "with w of 0.5 and a learning rate η of 0.1.": ["~ w | 0.5", "~ learning_rate | 0.1"],
    "Let x be 1 and y be 2.": ["~ x | 1", "~ y | 2"],
    "The weight $w$ is 0.5.": ["~ w | 0.5"],
    "The loss is about 2.25.": ["~ loss | ≈2.25"],
    "损失对权重 w 的导数为 −3": ["~ dloss/dw | -3"],
    "w 的梯度为 -3": ["~ dloss/dw | -3"],
    "梯度 dL/dw 为 -3": ["~ dL/dw | -3"],
    "于是新的权重 w 为 0.8。": ["~ w' | 0.8"],
    "初始化权重 w 为 0.5,学习率 lr 为 0.1。": ["~ w | 0.5", "~ lr | 0.1"],
    "The sum of 1, 2 and 3 is 6.": ["~ 1 + 2 + 3 | 6"],
    "令学习率设为 0.1": ["~ 学习率 | 0.1"],
    "Now t is 1.": ["~ t | 1"],
    "Change t to 1.": ["~ t | 1"],
    "We set the learning rate to 0.5, then w is now equal to 0.2.": [
        "~ learning_rate | 0.5",
        "~ w | 0.2",
    ],
    "把 t 改为 1。": ["~ t | 1"],
    # a colon, and nothing after a noun
    "learning rate: 0.01": ["learning_rate | 0.01"],
    "lr: 0.1": ["lr | 0.1"],
    "学习率：0.01": ["学习率 | 0.01"],
    "- **Learning rate**: 0.1\n- weight w: 0.5\n- w1: 0.15": [
        "learning_rate | 0.1",
        "w | 0.5",
        "w1 | 0.15",
    ],
    "- softmax: [0.6, 0.4]\n- 概率：[0.6, 0.4]": ["softmax | [0.6, 0.4]"],
    "学习率 0.01": ["~ 学习率 | 0.01"],
    "Given: learning rate 0.1, momentum 0.9.": ["~ learning_rate | 0.1", "~ momentum | 0.9"],
    "The ratio 3: 4 at 12:30, input 2 of it": [],
    "- The weight w is 0.5\n- The bias is 0.25": ["~ w | 0.5", "~ bias | 0.25"],
    "学习率降为 0.05。": ["~ 学习率 | 0.05"],
    # a symbol below words that only say what it is
    "The final hidden state $h_3$ is approximately 0.975.": ["~ h3 | ≈0.975"],
    "LSTM 的 $W_f$ 设为 0.5。": ["~ W_f | 0.5"],
    "核的大小为 2，偏置项 $b$ 为 1。": ["~ b | 1"],
    # no claims
    "a is 2 and I is 3": [],
    "the error is 2 times larger; the loss is 3 % lower": [],
    "维度为 3 维，x 为 3 维向量": [],
    "the derivative of x is 1": [],
    "w goes from 0.2 to 0.5, round w to 0.5, don't is 4": [],
    "the accuracy of the model is 0.95": [],
}


@pytest.mark.parametrize(("text", "read"), CLAIMS.items(), ids=list(CLAIMS))
def test_a_claim_names_the_whole_phrase(text: str, read: list[str]) -> None:
    assert chains(text) == read


def test_a_name_of_a_few_words_heads_a_row_of_values() -> None:
    """One of many words is prose."""
    table = (
        "| Parameter | Value |\n|---|---|\n| learning rate | 0.1 |\n| what we saw that day | 3 |"
    )
    assert chains(table) == ["learning_rate | 0.1"]


def test_a_list_of_values_and_a_truth_value_are_no_working() -> None:
    """The first of several values proves nothing."""
    assert doubts("We do so for $t = 1, 2, 3$.") == {"end"}
    assert chains("Where `requires_grad=True` 时 it counts.") == []


def test_as_many_rows_of_values_as_there_are_are_read() -> None:
    assert len(chains("\n".join(f"w{number}: 0.5" for number in range(200)))) == 200


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("w1: 0.15", set()),
        ("$\\eta$: 0.1", set()),
        ("a: 0.5", {"stated"}),
        ("b: 0.5", {"stated"}),
        ("- t: 0.8", {"stated"}),
        ("epoch 3, w1: 0.15", {"stated"}),
    ],
)
def test_a_value_behind_a_colon_is_certain_in_a_row_of_its_own(text: str, found: set[str]) -> None:
    """A letter may count answers, and a row may be a log's."""
    assert doubts(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "The sum of 2 and 3 times 4 is 14.",
        "The mean of 2 and 4 - 2 is 2.",
        "The difference of 7 and 2 times 3 is 1.",
        "The quotient of 6 and 2 plus 2 times 3 is 9",
    ],
)
def test_an_operation_after_a_list_is_of_the_whole_or_of_its_last(text: str) -> None:
    """Either may be meant, so no such line is right or wrong."""
    assert chains(text) == []
    assert {reason for reason, _ in unread(text)} == {"ambiguous"}


@pytest.mark.parametrize(
    "text", ["2 times -3, which is -6.", "2 * -3, which equals -6", "2 乘以 -3，等于 -6。"]
)
def test_words_for_an_equals_sign_go_on_behind_a_comma(text: str) -> None:
    assert chains(text) == ["2 * (-3) | -6"]
    assert doubts(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "the third part of the gradient of w is 3.",
        "the second output of the network w is 2",
        "Target for w is 0.2.",
    ],
)
def test_a_phrase_that_is_not_understood_whole_is_listed(text: str) -> None:
    assert chains(text) == []
    assert [reason for reason, _ in unread(text)] == ["unknown_quantity"]


@pytest.mark.parametrize(
    "text",
    [
        "If we had used 1, w would then be wrong: w is 0.5",
        "If the weight w were 0.9, it would be better.",
        "把 w 改为 0.9",
    ],
)
def test_a_claim_of_what_would_be_is_doubted(text: str) -> None:
    assert doubts(text) >= {"denied"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("grad w = 2 * w = 1", "dloss/dw"),
        ("gradient $w$ = 2 * w = 1", "dloss/dw"),
        ("梯度 w = 2 * w = 1", "dloss/dw"),
        ("delta w = 2 * w = 1", "deltaw"),
        ("Step w = 2 * w = 1", "stepw"),
        ("the step for w = 2 * w = 1", "stepw"),
        ("the slope in w = 2 * w = 1", "slopew"),
        ("the update of w = -0.1 * 2 = -0.2", "updatew"),
        ("The mean of w = 2 * w = 1", "meanw"),
        ("w 的方差 w = 2 * w = 1", "w"),
        # the noun says what the name is, or that it gets a new value
        ("the weight w = 2 * 0.5 = 1", "w"),
        ("new w = 0.5 - 0.1 = 0.4", "w"),
        ("The value of w = 2 * 0.5 = 1", "w"),
        ("Update w = 0.5 - 0.1 = 0.4", "w"),
        ("the update of w = w - 0.1 = 0.4", "w"),
        ("the update of w = 0.5 - 0.1 = 0.4", "w"),
        ("the error for w = 0.5", "w"),
        ("gradient g = 2 * w = 1", "g"),
        ("the velocity v = 0.9 * v = 0.9", "v"),
        ("gradient z = 2 * w = 1", "z"),  # nothing else was said of z
    ],
)
def test_a_noun_before_a_name_may_say_another_quantity(line: str, name: str) -> None:
    read = chains(f"Let w = 0.5, g = 1 and v = 1.\n\n{line}\n")
    assert read[3].removeprefix("~ ").split(" | ")[0] == name


def test_a_noun_before_an_entry_may_say_another_quantity() -> None:
    assert chains("w = (0.5, 1)\n\ngrad w1 = 2 * 3 = 6")[-1].startswith("dloss/dw1 |")
