"""`tracer new`: a commented scenario to start from, which runs as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tracer.atomic_write import write_file
from tracer.commands.arguments import add_result_format, completed
from tracer.commands.output import language_of, print_json, remark, unwritable
from tracer.errors import TracerError, printable
from tracer.sentences import say

if TYPE_CHECKING:
    import argparse

__all__ = ["EXAMPLES", "TEMPLATES", "add_arguments", "run"]

EXAMPLES = """\
examples:
  tracer new my_network.toml
  tracer derive my_network.toml
"""

ENGLISH = '''\
# A scenario for tracer: the numbers of a network, its equations, and how it is trained.
#
#   tracer show {name}      what is in it
#   tracer derive {name}    every step, worked out
#   tracer run {name}       the loss of each iteration
#
# Change anything: an unknown key or a wrong shape is an error that says where it is.

title = "A network of my own"
description = "Two inputs, a hidden layer of two sigmoids, one output."

[data]                  # the first axis of each array counts the samples
X = [[0.5, -1], [1, 0.25], [-0.75, 0.5]]
y = [[1], [0], [1]]

[parameters]            # what training changes; {{shape = [2, 2], init = "he", seed = 1}} draws
W1 = [[0.4, -0.3], [0.1, 0.6]]
b1 = [0, 0.1]
W2 = [[0.5], [-0.2]]
b2 = [0.05]

[network]               # one equation on each line; `tracer list --operations` has the words
equations = """
z1 = X @ W1 + b1
h = sigmoid(z1)
y_pred = h @ W2 + b2
loss = mse(y_pred, y)
"""
loss = "loss"

[notation]              # how readers see a name
y_pred = "ŷ"

[training]              # sgd, momentum, nesterov, rmsprop, adagrad, adam or adamw
optimizer = "sgd"
learning_rate = 0.5
iterations = 5
# batch_size = 2        # mini-batches; then also: epochs, shuffle = true, seed
# sample = 0            # or only one sample
# stop_when = "loss < 1e-6"
'''

CHINESE = '''\
# tracer 的一个场景：网络的数值、方程，以及训练方式。
#
#   tracer show {name}      查看内容
#   tracer derive {name}    逐步推导
#   tracer run {name}       每次迭代的损失
#
# 可以随意修改：未知的键或错误的形状都会报错，并指出位置。

title = "我的网络"
description = "两个输入，一个含两个 sigmoid 神经元的隐藏层，一个输出。"

[data]                  # 每个数组的第一个轴是样本
X = [[0.5, -1], [1, 0.25], [-0.75, 0.5]]
y = [[1], [0], [1]]

[parameters]            # 训练所改变的量；{{shape = [2, 2], init = "he", seed = 1}} 表示随机初始化
W1 = [[0.4, -0.3], [0.1, 0.6]]
b1 = [0, 0.1]
W2 = [[0.5], [-0.2]]
b2 = [0.05]

[network]               # 每行一个方程；可用的运算见 `tracer list --operations`
equations = """
z1 = X @ W1 + b1
h = sigmoid(z1)
y_pred = h @ W2 + b2
loss = mse(y_pred, y)
"""
loss = "loss"

[notation]              # 读者看到的记号
y_pred = "ŷ"

[training]              # sgd、momentum、nesterov、rmsprop、adagrad、adam 或 adamw
optimizer = "sgd"
learning_rate = 0.5
iterations = 5
# batch_size = 2        # 小批量；此时还可用 epochs、shuffle = true、seed
# sample = 0            # 或者只用一个样本
# stop_when = "loss < 1e-6"
'''

TEMPLATES = {"en": ENGLISH, "zh": CHINESE}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    file = parser.add_argument("file", metavar="FILE", help="the file to write, ending in .toml")
    completed(file, {"tracer": "file"})
    add_result_format(parser)


def run(options: argparse.Namespace) -> int:
    """Write the file; one that is there already stays as it is."""
    path = Path(options.file)
    if path.suffix != ".toml":
        raise TracerError(
            say("a scenario's file ends in .toml"),
            found=options.file,
            expected=f"{options.file}.toml",
        )
    text = TEMPLATES.get(language_of(options), ENGLISH).format(name=printable(options.file))
    try:
        write_file([text], path, overwrite=False)
    except FileExistsError:
        raise TracerError(
            say("the file is there already and stays as it is"),
            where=options.file,
            expected=say("a new name"),
        ) from None
    except (OSError, ValueError) as error:
        raise unwritable(options.file, error) from None
    if options.format == "json":
        print_json({"version": 1, "written": options.file})
    remark(say("tracer: wrote {file}; next: tracer derive {file}", file=options.file), options)
    return 0
