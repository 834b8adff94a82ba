"""Claims of prose: a name and a value joined by a verb, `the gradient of the loss by w is -3`.

The name is the whole phrase before the verb, read by a small grammar of phrases whose words stand
in one table. A phrase that is not understood whole is listed as not read where a known quantity
ends it; the last noun of a longer phrase is never taken for the thing spoken of.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from tracer.check.model.statements import Doubt, EquationChain, MappedText, Side, UnreadPiece
from tracer.check.model.written_trees import at_place, is_literal, rewrite
from tracer.check.read.doubts import sentence_begin, sentence_end
from tracer.check.read.prose_clusters import FoundSide
from tracer.check.read.side_parser import SideParser, unread_piece
from tracer.check.read.stage_markers import completed_iterations
from tracer.check.read.tokenizer import is_chinese
from tracer.check.read.tokens import INVISIBLE, DocumentTokens
from tracer.check.read.tree_readings import fill_form
from tracer.check.read.word_tables import (
    DENIAL,
    GRADIENTS,
    SUPPOSITION,
    is_other_quantity,
)
from tracer.check.trace.aliases import is_loss, opaque_name
from tracer.errors import printable_text
from tracer.expression import Name, Node, Number
from tracer.expression.syntax import Array, Call
from tracer.frozen import Value, replace
from tracer.lazy_regex import lazy_regex
from tracer.sentences import say


def _phrase_table(table: dict[str, str]) -> dict[str, str]:
    return {
        phrase.strip(): kind for kind, phrases in table.items() for phrase in phrases.split("|")
    }


_ENGLISH: Final = _phrase_table(
    {
        "det": "the|a|an|our|its|this|that|my|your|their|his|her|each|resulting",
        "later": "new|updated|next|new value of|updated value of|next value of",
        "earlier": "old|initial|current|starting|original|initial value of|current value of|true",
        "noun": "weight|bias|input|target|output|prediction|loss|cost|error|momentum|velocity"
        "|activation"
        "|learning rate|step size|weight decay|total loss|total error|true value|predicted value"
        "|initial weight|label|norm|standard deviation|variance",
        "gradient": "gradient|grad|gradiente",
        "derivative": "derivative|partial derivative|slope|rate of change",
        "of": "of|for",
        "by": "with respect to|with regard to|w.r.t.|wrt|by|in respect to|in terms of|relative to",
        "change": "change in|change of|increase in",
        "difference": "difference between|difference of",
        "sum": "sum of",
        "product": "product of",
        "mean": "mean of|average of",
        "quotient": "quotient of|ratio of",
        "norm": "norm of|length of|magnitude of",
        "value": "value of|value for|value",
        "and": "and",
        "verb": "is|equals|becomes|is equal to|is now|is then|is set to|set to|is initialized to"
        "|is initialised to|initialized to|initialised to|be|is updated to|updated to|is about"
        "|is approximately|is roughly|are|comes to|comes out as|works out to|is thus|is therefore"
        "|equal to|is now equal to|is then equal to|is exactly equal to"
        "|were|is exactly|is again|is still|starts at|to be|is just|is also|has the value",
        "weak verb": "to|at|as",
        "change verb": "changes by|change by|increases by|grows by|is changed by",
        "cut": "so|then|thus|hence|therefore|that|where|since|because|we|get|gets|find|obtain"
        "|have|let"
        "|set|take|with|now|while|when|if|but|which|means|assume|suppose|initialize|initialise|here"
        "|change|using|use|for|given|see|start|again|finally|first|gives|says|iterations|iteration|steps"
        "|clearly|obviously|recall|note|step|updates|update|epochs|epoch|next|also",
    }
)
_CHINESE: Final = _phrase_table(
    {
        "det": "该|这个|其|此|一个",
        "other": "更新量|变化量",
        "later": "新的|新|更新后的|更新后|更新的|下一个",
        "earlier": "旧的|旧|初始|初始的|当前|当前的|原来的|真实",
        "noun": "学习率|步长|权重|偏置|偏差|输入|目标值|目标|真实值|预测值|输出|损失值|损失函数"
        "|损失"
        "|损失函数值|误差|动量|速度|标签|范数|标准差|方差",
        "gradient": "导数|偏导数|偏导|梯度|斜率",
        "by": "对|关于|相对于|对于",
        "of": "的",
        "and": "与|和|跟|同",
        "difference": "差|差值",
        "sum": "和",
        "product": "积|乘积",
        "value": "值|取值|初值|初始值",
        "verb": "为|是|等于|变为|变成|改为|改成|换成|调为|降为|更新为|更新成|初始化为|设为|设置为"
        "|设定为|取|取为|得|得到|约为|即为|就是|成为"
        "|初始值为|被初始化为|被设为|约等于|仍为",
        "change verb": "变化了|改变了|增加了",
        "cut": "一开始|将|把|因此|所以|于是|那么|则|故|即|设|令|其中|此时|这时|当|若|如果|假设"
        "|取|然后|接着|最后|现在|可得|得到|在|我们|有"
        "|初始化|可以看到|看到|时候|这时候|可见|得出|求得|算得|可知|由此|这样|从而|迭代后|后"
        "|使用|用|以|并且|且",
    }
)
_NOUNS: Final = "|".join(  # with a first letter that `re` compares before it tries a branch
    f"[{phrase[0]}{phrase[0].upper()}](?i:{phrase[1:]})"
    for phrase, kind in (_ENGLISH | _CHINESE).items()
    if kind == "noun"
)
CLAIMING: Final = lazy_regex(
    r"\b(?:is|are|were|equals|becomes|of|to|at|be|as|by)\s+(?:about |approximately |now |roughly "
    r"|equal to )?"
    rf"[-+$−]{{0,2}}(?:[0-9]|\\begin|\\left)"
    rf"|(?:[为是取等成了约到于]|[^\W\d][\w'$`*)}}]*(?:: |：))\s*"
    rf"[-+$−]{{0,2}}\s*(?:[0-9.\[]|\\begin|\\left)"
    rf"|(?:{_NOUNS})\s*[0-9]+\.[0-9]"
)
"""What joins a name to a figure: a verb, a colon, nothing after a noun (`a momentum 0.9`)."""
_BEFORE_NOUNS: Final = frozenset(("det", "later", "earlier", "value", "of"))
_OF_GRADIENTS: Final = ("for", "at", "in", "von", "des", "der", "de", "del", "du", "di")
"""What joins a gradient to the name that it is of."""
_LONGEST_ENGLISH: Final = 4  # words of a phrase of the table
_CHINESE_LENGTHS: Final = {
    first: sorted({*map(len, words)}, reverse=True)
    for first, words in groupby(sorted(_CHINESE), itemgetter(0))
}
_ABOUT: Final = frozenset(("about", "approximately", "roughly", "约", "大约", "now", "exactly"))
_CLOSING_WORDS: Final = frozenset(("after", "before", "因为", "而"))  # that cut no phrase
_CLOSING: Final = frozenset(
    ("end", "newline", "stop", "comma", "close", "colon", "dash", "quote", "row", "label")
)
_KINDS_OF_WORDS: Final = ("label", "space", "word", "stop word", "name", "markup", "delimiter")
_ROW_ENDS: Final = ("end", "newline", "label", "row")
_SIGNS: Final = {
    "open": "bracket", "close": "bracket", "comma": "comma", "colon": "colon",
}  # fmt: skip
_LONG_PHRASE: Final = 60  # tokens before and after a verb
_LONG_LIST: Final = 12  # words and figures of which the sum is told
_APPROXIMATELY: Final = frozenset(
    ("about", "approximately", "roughly", "约", "大约", "约为", "is about", "is approximately",
     "is roughly")
)  # fmt: skip


class _Item(Value):
    """A word or a symbol of a phrase, with its place in the text."""

    kind: str
    text: str
    start: int
    end: int
    node: Node | None = None


_END: Final = _Item("end", "\n", 0, 0)


class _Meaning(Value):
    """What a phrase names, and the item after it."""

    node: Node
    last: int


def find_claims(
    text: MappedText,
    tokens: DocumentTokens,
    parser: SideParser,
    known: tuple[Sequence[tuple[int, int]], Sequence[int]],
    headings: tuple[int, ...],
) -> tuple[list[EquationChain], list[UnreadPiece]]:
    """Return the claims of a block, and the phrases with a value that were not understood.

    `known` are the tokens of its chains, and where a verb stands before a figure.
    """
    claims: list[EquationChain] = []
    unread: list[UnreadPiece] = []
    for first, last in _claim_sentences(tokens, *known):
        items = [*_claim_items(tokens, parser, first, last)]
        if first and not _ends_sentence(tokens, first - 1):
            items.insert(0, _Item("other", "", 0, 0))  # the sentence goes back further
        for place, item in enumerate(items):
            before = (at for at in range(place - 1, -1, -1) if items[at].text not in _ABOUT)
            verb = next(before, -1)
            joint = items[verb].kind if verb >= 0 else ""
            if item.kind != "value" or not _is_joined(tokens, items, joint, place):
                continue
            verb = place if joint == "noun" else verb
            begin, meaning = _phrase_before(items, verb)
            beside = meaning
            if beside is None and verb > begin:
                beside = _beside_joint(items[begin : place + 1], verb - begin)
            if beside is not None:
                where = begin if meaning else verb - 1, verb, place
                claim = _claim_chain(text, tokens, items, where, beside.node, headings)
                claims.append(claim if meaning else replace(claim, doubts=("stated",)))
            elif joint in ("verb", "change verb") and items[verb - 1].kind in (
                "symbol",
                "noun",
                "product",
                "difference",
            ):
                whole = text.cut(items[begin].start, item.end)
                why = say("the words before the verb do not name a known quantity")
                unread.append(unread_piece(whole, "unknown_quantity", why))
    return claims, unread


def _beside_joint(items: Sequence[_Item], joint: int) -> _Meaning | None:
    """Return what stands right before a verb or a colon, if nothing before makes it another thing.

    A symbol below words that only say what it is, `the final hidden state h_3 is`, or the word for
    a list, `probabilities: [0.6, 0.4]`.
    """
    before, last = items[: joint - 1], items[joint - 1]
    if items[joint].kind == "colon":
        is_word = last.text.isascii() and last.text.isalpha()
        is_list = isinstance(items[-1].node, Array)
        return _Meaning(Name(last.text), joint) if is_list and is_word else None
    if last.kind != "symbol" or last.node is None or items[joint].kind != "verb":
        return None
    begun = max((at for at, it in enumerate(before) if it.kind in ("comma", "bracket")), default=-1)
    only_says = all(it.kind in ("det", "other", "noun") for it in before[begun + 1 :])
    is_owned = bool(before) and before[-1].text == "的"  # `LSTM 的 W 为 0.5`
    return _Meaning(last.node, joint) if only_says or is_owned else None


def named_by_words(
    tokens: DocumentTokens, parser: SideParser, first: int, last: int
) -> Node | None:
    """Return the derivative, the change or the sum that words make of a symbol; None for nothing.

    The symbol stands in a chain from its token `first` on: `gradient for w = 0.5 * 2`.
    """
    words = tokens.before(first, "delimiter") + 1
    furthest = max(words - _LONG_PHRASE, 0)
    before = (at + 1 for at in range(words - 1, furthest - 1, -1) if _ends_sentence(tokens, at))
    items = [*_claim_items(tokens, parser, next(before, furthest), words)]
    is_of_gradient = [item.kind for item in items[-2:-1]] == ["gradient"]
    if items and items[-1].text in (_OF_GRADIENTS if is_of_gradient else ("for",)):
        items[-1] = replace(items[-1], kind="of")  # which cuts other phrases
    if not items or items[-1].kind not in ("of", "by", "change", "and"):
        return None
    items.append(_symbol_or_value(parser, first, last))
    start, meaning = _phrase_before(items, len(items))
    kinds = {item.kind for item in items[start:]}
    if meaning is None or kinds.isdisjoint(("gradient", "derivative", "change", *_JOINED)):
        return None
    # Which of two is taken from the other, words before a calculation leave open.
    return Name("difference") if "difference" in kinds else meaning.node


def noun_before(
    tokens: DocumentTokens, parser: SideParser, first: int, name: Name, following: Node
) -> str:
    """Return the noun that makes another quantity of the name that a chain begins with, `grad w`.

    "" where none stands before it, where the name may be that of the noun itself, and where it
    becomes what it was by a step: `the update of w = w - 0.1`.
    """
    words = tokens.before(first, "delimiter") + 1
    if not words or not tokens.texts[words - 1][-1].isalpha():
        return ""
    begun = max(sentence_begin(tokens, words, "stop", "newline"), words - _FEW_WORDS)
    *_, noun, joint = (
        "",
        "",
        *(item.text.lower() for item in _claim_items(tokens, parser, begun, words)),
    )
    noun, joint = (joint[:-3], "of") if joint.endswith(" of") else (noun, joint)
    is_joined = joint in _JOINING_NAMES
    noun = noun if is_joined else joint
    if not is_other_quantity(noun, name.id, is_joined=is_joined):
        return ""
    has_place = is_literal(following) and (joint in ("for", "in") or noun == "step")
    is_new = noun in _STEPS and _goes_on_from(following, name)
    return "" if has_place or is_new else noun


def _goes_on_from(formula: Node, name: Name) -> bool:
    """Tell whether a formula adds something to a name, or to a figure: `w - 0.1`, `0.5 - 0.1`."""
    match formula:
        case Call(operation="add" | "subtract", arguments=(start, _)):
            return start == name or isinstance(start, Number)
    return False


def other_quantity(noun: str, name: Name) -> Node:
    """Return the quantity that a noun makes of a name: its gradient, or one of its own."""
    if noun in GRADIENTS and not is_loss(name.id):
        return _derivative_name(None, name)
    return Name(opaque_name(f"{noun} {name.id}"), name.start, name.end)


def _claim_sentences(
    tokens: DocumentTokens, taken: Sequence[tuple[int, int]], verbs: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield the sentences, without the chains in them, in which a verb stands before a figure."""
    chains = sorted(taken)
    end = 0
    for verb in verbs:
        place = bisect_right(tokens.starts, verb) - 1
        if place < end:
            continue
        at = bisect_right(chains, (place, len(tokens)))
        low = max(chains[at - 1][1] if at else 0, end)
        high = chains[at][0] if at < len(chains) else len(tokens)
        low, high = max(low, place - _LONG_PHRASE), min(high, place + _LONG_PHRASE)
        before = (at for at in range(place, low, -1) if _ends_sentence(tokens, at - 1))
        end = next((at + 1 for at in range(place, high) if _ends_sentence(tokens, at)), high)
        yield next(before, low), end


def _ends_sentence(tokens: DocumentTokens, place: int) -> bool:
    """Say whether a sentence ends here, or the row below begins with words and a colon."""
    if tokens.kinds[place] == "newline":
        return tokens.kind(tokens.skip(place + 1, *_KINDS_OF_WORDS)) == "colon"
    is_abbreviated = tokens.texts[place] == "." and tokens.kind(place + 1) == "name"
    return tokens.kinds[place] == "stop" and not is_abbreviated


# Words


def _claim_items(
    tokens: DocumentTokens, parser: SideParser, first: int, last: int
) -> Iterator[_Item]:
    """Yield the words, symbols and values of a run of tokens."""
    place = first
    while place < last:
        kind, text = tokens.kinds[place], tokens.texts[place]
        start, end = tokens.starts[place], place + 1
        if kind == "delimiter":
            inside = range(place + 1, last)
            closing = next((at for at in inside if tokens.kinds[at] == "delimiter"), place)
            if place + 1 < closing:
                yield _symbol_or_value(parser, place + 1, closing)
            end = closing + 1
        elif is_chinese(text[0]):
            while end < last and is_chinese(tokens.texts[end][0]):
                end += 1
            yield from _chinese_words("".join(tokens.texts[place:end]), start)
        elif kind == "number" or (
            kind == "operator"
            and text in "-−+"
            and tokens.kind(place + 1) == "number" != tokens.kind(tokens.before(place))
        ):
            end = tokens.skip(place + 1 + (kind == "operator"), "postfix", "unit", "scale")
            yield replace(_symbol_or_value(parser, place, end), kind="value")
        elif text == "[" and place < tokens.match[place] < last:
            end = tokens.match[place] + 1
            yield _symbol_or_value(parser, place, end)
        elif text[0].isalpha() or kind == "prefix":
            end = min(tokens.skip(end, "operator", "name", "word", "prefix", "postfix"), last)
            if end > place + 1 or kind == "prefix":
                yield _symbol_or_value(parser, place, end)
            else:
                item, end = _longest_phrase(tokens, parser, place, last)
                yield item
        elif kind not in INVISIBLE and kind != "newline":
            item_kind = _SIGNS.get(kind, "stop" if kind in _CLOSING else "other")
            if (
                item_kind == "colon"
                and parser.text.text[start] != "："
                and tokens.kind(end) != "space"
            ):
                item_kind = "stop"  # of `12:30`
            yield _Item(item_kind, text, start, tokens.ends[place])
        place = end


def _symbol_or_value(parser: SideParser, first: int, last: int) -> _Item:
    """Return the symbol, or the value, that some tokens are."""
    tree = parser.side(FoundSide(first, last, "=")).tree
    is_value = tree is not None and is_literal(tree)
    kind = "symbol" if isinstance(tree, Name) else "value" if is_value else "other"
    start, end = parser.tokens.starts[first], parser.tokens.ends[last - 1]
    return _Item(kind, parser.text.text[start:end], start, end, tree)


def _longest_phrase(
    tokens: DocumentTokens, parser: SideParser, place: int, last: int
) -> tuple[_Item, int]:
    """Return the longest phrase of the table that begins at a word, else a symbol or a word."""
    end, words, after, kind = place, "", place + 1, ""
    for _ in range(_LONGEST_ENGLISH):
        words += tokens.texts[end].lower()
        if words in _ENGLISH:
            after, kind = end + 1, _ENGLISH[words]
        end = tokens.skip(end + 1, "space", "newline")
        if end >= last or not tokens.texts[end][0].isalpha():
            break
        words += " "
    start, stop = tokens.starts[place], tokens.ends[after - 1]
    text = parser.text.text[start:stop]
    is_symbol = tokens.kinds[place] == "name" or text in ("lr", "dw", "db")
    is_listed = tokens.kind(after) == "colon"  # `a: 0.9`
    return (
        (_symbol_or_value(parser, place, after), after)
        if is_symbol and (is_listed or not (kind or text in ("a", "A", "I")))
        else (_Item(kind or "other", text, start, stop), after)
    )


def _chinese_words(text: str, start: int) -> Iterator[_Item]:
    """Yield the words of a run of Chinese, the longest of the table first."""
    place = 0
    while place < len(text):
        lengths = _CHINESE_LENGTHS.get(text[place], ())
        length = next((size for size in lengths if text[place : place + size] in _CHINESE), 1)
        word = text[place : place + length]
        kind = _CHINESE.get(word) or ("comma" if word in "，、" else "other")
        yield _Item(
            "stop" if word in "。；：！？" else kind, word, start + place, start + place + length
        )
        place += length


def _is_joined(tokens: DocumentTokens, items: Sequence[_Item], joint: str, place: int) -> bool:
    """Say whether an item joins words to a value, and nothing that belongs to it stands after it.

    A verb does, a colon, and nothing at all after a noun: a figure with a point is no number of a
    thing, as that of `input 2` may be.
    """
    after = tokens.after(bisect_left(tokens.starts, items[place].end) - 1, "delimiter")
    if joint in ("colon", "noun"):
        is_whole = tokens.kind(after) in (*_ROW_ENDS, "comma", "stop", "close")
        return is_whole and (joint == "colon" or "." in items[place].text)
    if place + 1 < len(items):
        following = items[place + 1]
        is_closed = following.text.lower() in _CLOSING_WORDS or (
            following.kind in ("comma", "stop", "cut", "and", "bracket")
            and following.text not in "([（"
        )
    else:
        is_closed = tokens.kind(after) in (*_CLOSING, "name", "word", "stop word")
    return is_closed and joint in ("verb", "weak verb", "change verb", "of")


# Phrases


def _phrase_before(items: Sequence[_Item], verb: int) -> tuple[int, _Meaning | None]:
    """Return where the phrase before a verb begins, and what it names."""
    inside = range(next((at for at in range(verb, 0, -1) if _is_hard_end(items, at - 1)), 0), verb)
    hard = next((at for at in inside if items[at].kind not in ("comma", "bracket")), verb)
    # A phrase may begin after these: no preposition joins it to what is before, as a noun's `for`.
    cuts = (
        at + 1
        for at in range(hard, verb)
        if items[at].kind in ("cut", "comma") or items[at].text.lower() in ("(", "（", "and")
        if at == hard or items[at].text != "for" or items[at - 1].kind in ("cut", "comma")
    )
    for begin in (hard, *cuts):
        meaning = _noun_phrase([*items[:verb], _END, _END], begin)
        if meaning is not None and meaning.last == verb:
            return begin, meaning
    return hard, None


def _is_hard_end(items: Sequence[_Item], place: int) -> bool:
    """Say whether no phrase goes across an item: a stop, a verb, a value but in `the sum of 3`."""
    kind = items[place].kind
    return (
        not any(item.kind in _JOINED for item in items[max(place - _LONG_LIST, 0) : place])
        if kind == "value" and items[place].node is not None
        else kind in ("stop", "verb", "colon")
    )


def _noun_phrase(items: Sequence[_Item], place: int) -> _Meaning | None:
    """Return what the phrase from an item on names; it may end before the last item."""
    later = False
    while (item := items[place]).node is None and item.kind in _BEFORE_NOUNS:
        later = later or item.kind == "later"
        place += 1
    core = _phrase_meaning(items, place)
    if core is not None and later:
        core = _Meaning(_rename(core.node, "{}'"), core.last)
    return None if core is None else _chinese_meaning(items, core)


def _chinese_meaning(items: Sequence[_Item], meaning: _Meaning) -> _Meaning:
    """Return what Chinese words after a name make of it: `损失对 w 的导数`, `w 的值`."""
    node, last = meaning.node, meaning.last
    joint = "" if items[last].text.isascii() else items[last].kind
    other = _symbol_phrase(items, last + 1) if joint in ("by", "and") else None
    end = last if other is None else other.last
    at = end + (items[end].text == "的")
    kind = "" if items[at].text.isascii() else items[at].kind
    if other is not None and joint == "by" and kind == "gradient":
        return _Meaning(_derivative_name(node, other.node), at + 1)
    if other is None and kind in ("gradient", "value"):
        return _Meaning(_derivative_name(None, node) if kind == "gradient" else node, at + 1)
    if other is None and at > end and items[at].kind == "end":  # `w 的` before `初始值为`
        return _Meaning(node, at)
    return meaning


def _phrase_meaning(items: Sequence[_Item], place: int) -> _Meaning | None:
    """Return what a phrase without its articles names."""
    kind, node = items[place].kind, items[place + 1].node
    is_derivative = kind in ("gradient", "derivative")
    if is_derivative and isinstance(node, Name):  # `the gradient dL/dw`
        return _Meaning(node, place + 2) if "/" in node.id else None
    if not items[place].text.isascii():
        return _symbol_phrase(items, place)
    if is_derivative:
        return _english_gradient(items, place + 1, kind)
    if kind in ("change", "norm"):
        inner = _noun_phrase(items, place + 1)
        return (
            inner and replace(inner, node=Call("length", (inner.node,)))
            if inner is None or kind == "norm"
            else replace(inner, node=_rename(inner.node, "Delta{}"))
        )
    return _of_list(items, place) if kind in _JOINED else _symbol_phrase(items, place)


def _of_list(items: Sequence[_Item], place: int) -> _Meaning | None:
    """Return the sum, the mean, … of what a phrase lists, `of 1, 2 and 3`."""
    kind, meaning = items[place].kind, _operand_meaning(items, place + 1)
    operands: list[Node] = []
    joins, last = 1, 0
    while joins > last:
        if meaning is None:
            return None
        operands.append(meaning.node)
        joins = last = meaning.last
        joins += items[joins].kind == "comma"
        joins += items[joins].kind == "and"
        meaning = _operand_meaning(items, joins)
    if len(operands) < 2 or (kind in ("difference", "quotient") and len(operands) > 2):
        return None
    if kind == "difference" and isinstance(operands[0], Number):
        return None  # which one is taken from which?
    names = [f"x{place}" for place in range(len(operands))]
    mean = f"/{len(names)}" * (kind == "mean")
    return _Meaning(fill_form(f"({_JOINED[kind].join(names)}){mean}", *operands), last)


def _operand_meaning(items: Sequence[_Item], place: int) -> _Meaning | None:
    """Return a figure or what a phrase names."""
    figure = items[place].node if items[place].kind == "value" else None
    return _noun_phrase(items, place) if figure is None else _Meaning(figure, place + 1)


def _english_gradient(items: Sequence[_Item], place: int, kind: str) -> _Meaning | None:
    """Return the derivative in `of the loss with respect to w`, `with respect to w`, `for w`."""
    parts: dict[str, Node] = {}
    while items[place].kind in ("of", "by"):
        inner = _noun_phrase(items, place + 1)
        if inner is None:
            return None
        parts[items[place].kind] = inner.node
        place = inner.last
    above, below = parts.get("of"), parts.get("by")
    # People speak of "the gradient of w"; "the derivative of x" is that of x itself.
    if kind == "gradient" and below is None and isinstance(above, Name) and above.id not in _LOSSES:
        above, below = None, above
    return None if below is None else _Meaning(_derivative_name(above, below), place)


def _symbol_phrase(items: Sequence[_Item], place: int) -> _Meaning | None:
    """Return the symbol of `w` and `weight w`, or the noun alone."""
    item, symbol = items[place : place + 2]
    if item.kind == "symbol" and item.node is not None:
        return _Meaning(item.node, place + 1)
    if item.kind != "noun":
        return None
    if symbol.kind == "symbol" and symbol.node is not None:
        return _Meaning(symbol.node, place + 2)
    name = item.text.lower() if item.text.isascii() else item.text
    return _Meaning(Name("_".join(name.split()), item.start, item.end), place + 1)


_JOINING_NAMES: Final = ("of", "for", "in", "的")
_STEPS: Final = ("step", "update")
_FEW_WORDS: Final = 8  # tokens before a name
_JOINED: Final = {"difference": "-", "sum": "+", "product": "*", "mean": "+", "quotient": "/"}
_LOSSES: Final = frozenset(("loss", "L", "J", "cost", "E", "total_loss", "error", "total_error"))


def _derivative_name(above: Node | None, below: Node) -> Node:
    """Return the name of a derivative; that of the loss where none is said."""
    losses = ("损失", "损失函数", "损失值")
    numerator = above.id if isinstance(above, Name) and above.id not in losses else "loss"
    denominator = below.id if isinstance(below, Name) else "?"
    return Name(f"d{numerator}/d{denominator}", below.start, below.end)


def _rename(node: Node, form: str) -> Node:
    """Return a name in another form, `{}'`; anything else as it is."""
    return Name(form.format(node.id), node.start, node.end) if isinstance(node, Name) else node


def _claim_chain(
    text: MappedText,
    tokens: DocumentTokens,
    items: Sequence[_Item],
    places: tuple[int, int, int],
    node: Node,
    headings: tuple[int, ...],
) -> EquationChain:
    """Return the chain that a claim is."""
    begin, verb, place = places
    value = items[place]
    if items[verb].kind == "change verb":
        node = _rename(node, "Delta{}")
    phrase = text.cut(items[begin].start, items[verb - 1].end)
    figure = text.cut(value.start, value.end)
    about = not _APPROXIMATELY.isdisjoint(item.text for item in items[verb:place])
    whole = text.cut(items[begin].start, value.end)
    reading = rewrite(node, lambda part: at_place(part, 0, len(phrase.text)))
    sides = (
        Side(phrase, "", (reading,)),
        Side(figure, "≈" if about else "=", tuple(filter(None, [value.node]))),
    )
    first = bisect_right(tokens.starts, items[begin].start) - 1
    last = bisect_left(tokens.starts, value.end)
    begun = tokens.starts[sentence_begin(tokens, first, "stop")]
    sentence = text.text[begun : sentence_end(tokens, last)]
    is_denied = DENIAL.search(sentence.lower()) or SUPPOSITION.search(sentence.lower())
    doubts: tuple[Doubt, ...] = ("denied",) if is_denied else ()
    has_colon = items[verb].kind == "colon"
    # A letter before a colon, `a: 0.5`, may count answers; a row of its own says what it is.
    beside = tokens.before(first, "delimiter"), tokens.after(last - 1, "delimiter")
    is_name = len(phrase.text) > 1 or not phrase.text.isascii()
    if has_colon and not (is_name and all(tokens.kind(at) in _ROW_ENDS for at in beside)):
        doubts += ("stated",)
    return EquationChain(
        sides,
        whole.place(),
        printable_text(whole.text),
        doubts,
        not has_colon,
        headings,
        completed_iterations(sentence),
    )
