"""The words of worked mathematics, English and Chinese: one table for each thing that they say."""

from __future__ import annotations

from typing import Final, Literal

from tracer.check.model.statements import Relation
from tracer.expression.names import GREEK
from tracer.lazy_regex import lazy_regex


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


STEPS: Final = ("+=", "-=", "−=")
RELATION_OF: Final[dict[str, Relation | Literal["→"]]] = {
    "→": "→",
    **dict.fromkeys(("=", r"\overset", r"\stackrel", "≔", r"\triangleq"), "="),
    **dict.fromkeys((":=", "←", "⟵", "<-", r"\gets", r"\leftarrow", r"\coloneqq"), "←"),
    r"\longleftarrow": "←",
    **dict.fromkeys(("<", r"\lt"), "<"),
    **dict.fromkeys((">", r"\gt"), ">"),
    **dict.fromkeys(("≤", "<=", "⩽", r"\le", r"\leq", r"\leqslant"), "≤"),
    **dict.fromkeys(("≥", ">=", "⩾", r"\ge", r"\geq", r"\geqslant"), "≥"),
    **dict.fromkeys(STEPS, "←"),
}  # fmt: skip

STOP_WORDS: Final = word_set(
    """
    the we get gets is are was be have has had so then with and or where thus hence since of for
    to that this these those it its gives give given giving obtain obtains yields yield results
    result compute calculate using use from find when while which who what why how at in by as on
    into after before because but not if let set take assume suppose becomes become equals equal
    therefore similarly now here there our your my his her their you they also only just still
    first second third next finally again both each all any some such than more less about value
    approximately roughly exactly
    would should could will can may must do does did see note per via between respect step start
    beginning end
    因此 所以 因为 于是 那么 则 故 即 设 令 取 有 得 得到 得出 可得 可以 算出 求得 计算 其中 此时
    这时 当 若 如果 假设 把 将 先 再 然后 接着 最后 现在 为 是 等于 成 变为 代入 由 和 与 或 以及
    并 且 而 但 对 对于 关于 的 了 时 中 在 从 到 例如 比如 其 它 该 这 这个 我们 结果 表示 记
    记为 答案 w.r.t.
    """
)
"""Words with which prose goes on; none of them is a quantity's name."""

GOING_ON: Final = STOP_WORDS - word_set(
    """
    after again all any before beginning both but each end finally first if less more next not only
    per second see some start step such than third when while who why 再 接着 最后
    """
)
"""Words after which names mean what they meant before: none of another time, sample or case."""

JOINING: Final = (
    GOING_ON
    - word_set(
        """
        at between during into just still via but can could did how if may must not or should such
        what when why would
        """
    )
) | word_set(
    """
    finally solution answer gradient gradients derivative derivatives
    partial slope velocity momentum
    total loss cost error function weight weights bias biases parameter parameters
    output outputs input inputs prediction target backward pass backpropagation backprop chain rule
    rules product quotient power sum difference definition hand
    update descent differentiate differentiating derive compute computing calculating regard
    worked out directly simply easily clearly rewrite simplify simplifies simplified following
    follows follow obtained computed calculated formula equation expression
    learning rate step size number value values initial current new old updated
    iteration iterations epoch epochs after steps sample hidden layer neuron unit activation
    """
)
"""Words that join a line to what stands above it, or say what its name is.

They make no condition, and speak of no part of it.
"""

JOINING_CHINESE: Final = lazy_regex(
    "因此|所以|因为|于是|那么|故|即|则|有|得到|得出|得|可得|可以|算出|求得|计算|其中|此时|这时"
    "|将|把|先|再|然后|接着|最后|最终|首先|现在|为|是|等于|代入|由|和|与|以及|并且|并|且|而|对于"
    "|关于|对|的|了|从|其|它|该|这个|这|我们|结果|表示|记为|记|答案|根据|利用|使用|应用|用|求导"
    "|求|解|答|步骤|第[0-9一二三四五六七八九十]?步|步长|步|偏导数|偏导|导数|梯度|斜率|[前正反]向(?:传播|计算)?"
    "|链式法则|链式求导|乘积|乘法|除法|商|幂|定义|法则|损失函数|损失|误差|代价函数|函数|权重|偏置|参数|输出|输入|预测值"
    "|目标值|更新后?|公式|化简|整理|写成|写出|可知|由此|从而|知道|如下|下面|式子|式"
    "|设|令|取|假设|改为|换成|学习率|初始值?|当前|新|旧|第|[一二三四五六七八九十]*[次轮]|迭代|训练"
    "|样本|隐藏层|神经元|激活值|值|速度|动量"
)
"""The same in Chinese, the longer ones first."""

TELLING: Final = word_set("of for to is was are at with by becomes 为 是 到 以")
"""Words behind which a figure tells a value; behind others it may only number something."""
NUMBERED: Final = lazy_regex(
    r"(?:\bfor (?:the )?(?:(?:hidden|output|input|training) )?(?:neuron|unit|node|layer|step"
    r"|iteration|epoch|sample|example|case|row|column|token|head|block|filter|channel|class"
    r"|state|batch) "
    r"|(?<![每个])(?:神经元|单元|节点|样本) ?)$"
)
"""Words behind which a number says which one is meant: `for hidden neuron 1 = 0.5 * 2 = 1`."""
LINKS: Final = word_set("of for by per from to between in 的 对 关于 每")
"""Words that join a name to the words before it, so that the name alone is not what is meant."""

FUNCTIONS: Final = word_set(
    """
    ln lg log log2 log10 log1p exp sin cos tan sinh cosh tanh arcsin arccos arctan sqrt sigmoid sig
    relu softmax softplus abs sign step max min sum mean average avg sigma round floor ceil sgn
    σ argmax argmin var std norm softsign gelu silu swish dot matmul outer power square maximum
    minimum NOT AND OR XOR NAND NOR not xor nand nor ReLU Sigmoid Softmax Tanh heaviside
    maxpool meanpool unpool unflatten pad crop upsample downsample patches fold spread groupmean
    groupnorm clamp clip
    """
)
"""Functions that people write, besides those of the table of operations."""

ANY_CASE: Final = word_set("sqrt tanh sigmoid relu softmax softplus gelu silu swish")
"""Functions that people begin with a capital, or write in capitals; no words of prose."""

BARE_FUNCTIONS: Final = word_set(
    "ln lg log log2 log10 exp sin cos tan sinh cosh tanh sqrt sigmoid relu ReLU softmax σ sigma"
)
"""Functions that are written without brackets, `ln 0.5`; others are words of prose then."""

SUMMING: Final = frozenset(("∑", "Σ", r"\sum", "∏", r"\prod", "∇", r"\nabla"))
"""Signs before a term that the sign and the term make one quantity of."""

LOWERED: Final = "₀₁₂₃₄₅₆₇₈₉"
"""Digits of an index."""

INFINITE: Final = frozenset(("∞", "infty"))
SYMBOLS: Final = frozenset((*GREEK, "lr"))
"""Words that stand for one letter: a phrase before them only says what it is."""

MODULES: Final = "np|numpy|math|torch|jnp|tf|nn|F"
"""Modules of which a function is written with its module before it: `np.log`."""

OPERATORS: Final = {
    **dict.fromkeys(("plus", "加上", "加"), "+"),
    **dict.fromkeys(("minus", "减去", "减"), "-"),
    **dict.fromkeys(("times", "multiplied by", "乘以", "乘"), "*"),
    **dict.fromkeys(("divided by", "over", "除以"), "/"),
}
"""Words for the signs of arithmetic."""

NO_OPERATORS: Final = ("衰减", "删除", "消除", "去除", "移除", "排除")
"""Words that end as a word for a sign does, and are none."""

RELATIONS: Final = {
    **dict.fromkeys(("equals", "is equal to", "gives", "yields", "makes", "等于"), "="),
    **dict.fromkeys(("得到", "得出", "得", "is", "是", "为", "即"), "="),
    **dict.fromkeys(("is about", "is approximately", "约等于", "约为"), "≈"),
    **{
        f"{of}{noun}{verb}": sign
        for verb, sign in (("为", "="), ("是", "="), ("等于", "="), ("约为", "≈"))
        for noun in ("结果", "计算结果", "值")
        for of in ("的", "")
        if of or noun != "值"
    },
}
"""Words for an equals sign, where a calculation stands before them and a figure after."""

BASES: Final = {
    "log2": ("log2", "log_2", "log_{2}", "log₂", "base 2", "base-2", " bits", "比特", "以 2 为底"),
    "log10": ("log10", "log_10", "log_{10}", "log₁₀", "base 10", "base-10", "decibel", "常用对数"),
    "log": ("natural log", "log_e", "log_{e}", "base e", "base-e", "自然对数", "以 e 为底"),
}
"""What declares the base of a logarithm without one, which is the natural one otherwise."""

MEANINGS_OF_SIGMA: Final = {
    "sigmoid": ("sigmoid", "logistic", "s 型", "s型"),
    "relu": ("relu", "rectif", "整流"),
    "softmax": ("softmax",),
    "std": ("standard deviation", "标准差"),
}
"""What says which function σ is."""

SCALES: Final = {
    "%": -2, "\\%": -2, "％": -2, "‰": -3,
    "k": 3, "K": 3, "M": 6, "B": 9, "千": 3, "万": 4, "百万": 6, "亿": 8,
    "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "percent": -2,
}  # fmt: skip
"""What follows a figure and belongs to it: the power of ten by which it counts."""

SCALED_UNITS: Final = word_set(
    "kB KB MB GB TB PB KiB MiB GiB TiB kHz MHz GHz GFLOPs TFLOPs kW MW kWh MWh kJ mV kV mA kN km ms"
    " MFLOP GFLOP TFLOP PFLOP µs μs us ns mg kg"
)
"""Units with a power of ten in them: a result alone that has one was divided by it, or was not."""

COUNTERS: Final = word_set(
    "个 只 张 本 件 人 次 条 块 支 台 位 名 辆 双 组 批 层 行 列 岁 页 轮 步 像素 参数 个参数 维 元"
)
"""Those that only count: after a figure they change nothing of it."""

UNITS: Final = (SCALED_UNITS | COUNTERS - word_set("维")) | word_set(
    """
    nm µm μm mm cm 毫米 厘米 分米 米 千米 公里 sec secs second seconds min mins minute minutes
    hour hours 毫秒 秒 分钟 小时 天 毫克 克 千克 公斤 吨 bit bits byte bytes 字节 比特 Hz FLOPs
    FLOPS MACs FLOP
    角 dollars euros px nats degrees pN nN kPa MPa GPa Pa mol mmol eV keV MeV GeV pF nF µF mH
    kbps Mbps Gbps rpm ml mL ohm Ω kΩ kcal day days week weeks month months year years
    """
)
"""Units and counted things that may follow a figure."""

CURRENCIES: Final = word_set(
    "USD EUR GBP JPY CNY RMB KES INR AUD CAD CHF NGN ZAR BRL MXN SGD HKD NZD SEK NOK DKK"
)
"""What is written for a sign of money, before a figure or after it."""

REMAINDERS: Final = word_set("余 余数 remainder rem mod modulo")
"""Words after a figure that say that a whole number was divided."""

UNIT_LETTERS: Final = word_set("m s g h V A W J N")
"""Units of one letter: they are names wherever the document has such a name."""

DENIAL: Final = lazy_regex(
    r"\b(?:not(?!\(| (?:chang|mov|var[iy]|matter|depend|affect))"
    r"|(?:wrong|incorrect|false|erroneous|mistaken)(?:ly)?|mistakes?|never|cannot"
    r"|can't|isn't|doesn't|don't(?! (?:believe|trust|remember|worry))|impossible|contradict\w*"
    r"|absurd|fallacy|nonsense|instead of"
    r"|rather than|whether|students? (?:wrote|writes?|got|claims?)"
    r"|error is in|forg[eo]t\w*(?!(?: |-)gate)|naively|careless(?:ly)?"
    r"|overflow\w*|underflow\w*)\b"
    r"|\b(?:is|are|does|do|did)\b[^.?!=]{1,60}=(?:[^.?!]|\.[0-9]){1,40}\?"
    r"|≠|\\neq?\b|!=|\{ ?\? ?\} ?\{ ?=|❌|✗|✘"
    r"|错误[的地]?|矛盾|不等于|不成立|并非|不是|不会(?!改变|变化|影响)"
    r"|不能|而非|忘记|忘了|误以为|误认为"
)
"""Words of a sentence that denies its equation, or tells how one goes wrong."""

LEFT_OUT: Final = lazy_regex(
    r"\b(?:absorb|drop|ignor|neglect|omit)(?:e|s|ed|ing|ped|ping|ted|ting)?\b|\bup to an? "
    r"|忽略|省略|略去|吸收"
)
"""Words that say that a factor is left out of derivatives."""

CHANGED: Final = lazy_regex(
    r"\b(?:(?:halv|doubl|tripl)(?:e|es|ed|ing)|half the|twice the|(?:is|are|was|were) reset"
    r"|(?:re-?(?:set|start|initiali[sz])|divid|multipl|reduc|increas|decreas|lower|rais|chang"
    r"|switch|replac)\w* (?:the|our|both|all|\S{1,12} (?:by|to|with)))\b"
    r"|减半|加倍|翻倍|减小|增大|重置(?!门)|清零|归零|改变|重新(?:开始|初始化)"
)
"""What says beside such a word that a quantity gets another value."""

SUPPOSITION: Final = lazy_regex(
    r"\b(?:would|what if|otherwise|alternatively|hypothetical\w*|instead|if (?:\w+ ){1,4}were"
    r"|(?:if|suppose|imagine) (?:we|you|one) (?:had|used?|took|take|chose|choose))\b"
    r"|理想|若|如果|假如|倘若|要是|换成|改为"
)
"""Words of a sentence that says what would be."""

ELSEWHERE: Final = lazy_regex(
    r"\b(?:recall|remember|before|previous(?:ly)?|earlier|unlike|compar(?:e|ed|ing|ison)|another"
    r"|other|(?:the|in|an?) (?:first|second|third|next|last|old|original|initial)|at first"
    r"|(?:second|next) (?:step|update|iteration|epoch)|repeat(?:ing)? the|(?:then|once) again"
    r"|initially|originally|(?:from|in|of) (?:iteration|step|epoch) \d)\b"
    r"|\((?:from |in )?(?:iteration|step|epoch) \d+\)"
    r"|回顾|之前|先前|上一|前一|下一|再次?(?:更新|走|迭代)|第一|另一|其他|原来|最初|初始|第[二三四五六七八九十\d]+[个步次轮]"
)
"""Words of a sentence that may speak of another step, sample or example."""


OTHER_NUMBERS: Final = lazy_regex(
    r"\b(?:mod|modul(?:o|us)|bitwise|in binary|binary (?:numbers?|code|digits?|system"
    r"|addition)"
    r"|octal|hex(?:adecimal)?|floats?|float(?:16|32|64)|floating|machine (?:precision|epsilon"
    r"|numbers?)|base[ -]?[0-9]+|in base|(?:integer|floor) division|remainder|drop[ _]last"
    r"|full (?:batch|step)(?:es|s)|(?:steps?|batches|iterations) per epoch"
    r"|round(?:ed|ing|s)? (?:up|down)"
    r"|0x[0-9a-f]{2,}|truncat(?:ed|es|ing|ion)|(?:floor|ceil)(?:ed|ing|s)?(?!\s*[\[({}])"
    r"|gf ?\( ?[0-9]+ ?\)|(?:finite|galois) fields?)(?!\w)"
    r"|有限域|进制|模\s*[0-9]|\\[bp]?mod\b|浮点|取整|整除|整数除法|余数|步数|\(binary\)|舍去"
)
"""Words on a line whose figures may be no plain decimal numbers."""

RELATION: Final = lazy_regex(
    r"[=≈≃≐≅←⟵≔＝→⟶]|->|<- |\\(?:approx|simeq|gets|to|rightarrow|leftarrow|coloneqq|cong|doteq"
    r"|fallingdotseq|thickapprox|lt|gt)(?![a-z])"
    rf"|[0-9)²³$和积](?:, (?:which|that)|，)? ?(?:{'|'.join(RELATIONS)})"
)
"""What joins two sides, in signs, commands, or words behind a figure."""

VALUES: Final = word_set("value values 值 数值 取值 初始值")
"""What a column of a table is headed that has the values of the names beside it."""

WORKINGS: Final = word_set(
    "calculation calculations computation working workings formula expression figures numbers"
    " substitution 计算 计算过程 计算式 算式 公式 过程 代入"
)
"""What a column of a table is headed that shows how the values beside it are worked out."""

RESULTS: Final = VALUES | word_set("result results answer output 结果 答案 计算结果 得数")
"""What the column of those values is headed."""

APPROXIMATELY: Final = word_set(
    "about approximately roughly around 约 大约 大概 约为 大约是 约等于"
)
"""Words before a calculation that say its result is one to no stated digit."""

LATER: Final = word_set(
    "new updated next neu neue neuer neues nuevo nueva nouveau nouvelle novo nova nuovo nuova "
    "新 新的 更新后 更新后的 更新的"
)
"""Words that make a name the one after the update."""

REMARKS_OF_EARLIER: Final = word_set(
    "old initial current starting original 旧 旧的 初始 初始的 原来的 当前 当前的"
)
"""Words that leave a name what it is before the update."""

OTHER_QUANTITIES: Final = {
    **dict.fromkeys(("gradient", "grad", "slope", "derivative", "梯度", "斜率", "导数"), "dgkm"),
    **dict.fromkeys(("step", "update", "步长", "更新量", "变化量"), "adehklsu"),
    **dict.fromkeys(("velocity", "momentum", "速度", "动量"), "bgmruv"),
    **dict.fromkeys(("error", "delta", "误差"), "deEJL"),
    **dict.fromkeys(("variance", "standard deviation", "方差", "标准差"), "sv"),
    **dict.fromkeys(("loss", "cost", "损失", "代价"), "CEJLcl"),
    **dict.fromkeys(("learning rate", "weight decay", "学习率"), "aehl"),
    **dict.fromkeys(("norm", "length", "magnitude", "范数"), "Ndlnr"),
    **dict.fromkeys(("mean", "average", "sum", "均值", "平均值"), "Sams"),
    "input": "iux",
}
"""Nouns that say a quantity of another one, and what the names of that quantity itself begin with.

`The error of w` is none of the values of w, but `the error e` is e.
"""

BESIDE_NAMES: Final = frozenset(("gradient", "grad", "delta", "step", "梯度", "步长", "更新量"))
"""Those that say so right before a name too: `grad w`."""

GRADIENTS: Final = frozenset(("gradient", "grad", "梯度"))
"""Those that say the derivative of the loss by it."""


def is_other_quantity(noun: str, name: str, *, is_joined: bool) -> bool:
    """Tell whether a noun before a name, or before `of` and a name, is of another quantity."""
    is_noun = noun in OTHER_QUANTITIES if is_joined else noun in BESIDE_NAMES
    return is_noun and not name.startswith((*OTHER_QUANTITIES[noun],))


STATISTICS: Final = {r"\mu": "rowmean", "μ": "rowmean", "Var": "rowvar"}
"""What before brackets may be a statistic of each row of an array: nobody says of what else."""
