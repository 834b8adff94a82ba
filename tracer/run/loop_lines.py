"""The lines of a loop over arrays: long ones piece by piece, and the memory of their temporaries.

Consecutive operations entry by entry on arrays that are larger than the processor's cache go over
one piece of them after the other: what the first has written is in the cache when the next reads
it. A temporary that only they need is as long as a piece. It changes no bit of a result.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from tracer.frozen import Value, replace
from tracer.operations import Shape

NONE: frozenset[int] = frozenset()
PIECE_BYTES = 512 * 1024  # a few such pieces fit into the cache of one core
CACHE_LINE = 64  # bytes
VARIABLE = re.compile(r"\b[bcv]\d+\b")


class LoopLine(Value):
    """A line of the loop: which temporaries it reads, through views too, and which it writes."""

    text: str
    reads: frozenset[int] = NONE
    writes: frozenset[int] = NONE
    elementwise: bool = False  # whether the line may write over what it reads
    arrays: frozenset[str] = frozenset()  # all it goes through, if that is entry by entry
    shape: Shape = ()  # the one shape of all `arrays`

    @property
    def texts(self) -> Sequence[str]:
        """The source."""
        return [self.text]


class Pieces(Value):
    """Lines over arrays of one shape, which go over `rows` of their first axis at a time.

    `lines` read and write only temporaries of their own; what the others see is `reads` and
    `writes`.
    """

    lines: tuple[LoopLine, ...]
    reads: frozenset[int]
    writes: frozenset[int]
    rows: int
    elementwise: bool = False

    @property
    def own(self) -> frozenset[int]:
        """The temporaries that are as long as a piece."""
        return NONE.union(*(line.writes for line in self.lines))

    @property
    def shape(self) -> Shape:
        """The shape of a piece."""
        return (self.rows, *self.lines[0].shape[1:])

    @property
    def texts(self) -> Sequence[str]:
        """The source. The last piece may be shorter than the others."""
        size = self.lines[0].shape[0]
        return [
            f"for n in range(0, {size}, {self.rows}):",
            f"  s, r = slice(n, n + {self.rows}), slice({size} - n)",
            *(f"  {VARIABLE.sub(partial(self._piece_of, line), line.text)}" for line in self.lines),
        ]

    def _piece_of(self, line: LoopLine, variable: re.Match[str]) -> str:
        """Return the piece of a variable: of an array its rows, of a number the number."""
        name = variable[0]
        if name not in line.arrays:
            return name
        return f"{name}[r]" if name[0] == "b" and int(name[1:]) in self.own else f"{name}[s]"


Line = LoopLine | Pieces


def in_pieces(lines: Sequence[LoopLine], itemsize: int) -> Iterator[Line]:
    """Yield the lines of a loop, those over long arrays in pieces."""
    uses = Counter(number for line in lines for number in line.reads | line.writes)
    for (_, rows), alike in groupby(lines, lambda line: _loop_kind(line, itemsize)):
        group = list(alike)
        if not rows or len(group) < 2:
            yield from group
            continue
        inside = Counter(number for line in group for number in line.reads | line.writes)
        results = NONE.union(*(line.writes for line in group))
        own = frozenset(number for number in results if inside[number] == uses[number])
        yield Pieces(
            lines=tuple(
                replace(line, reads=line.reads & own, writes=line.writes & own) for line in group
            ),
            reads=frozenset(inside) - own,
            writes=results - own,
            rows=rows,
        )


def _loop_kind(line: LoopLine, itemsize: int) -> tuple[Shape, int]:
    """Return the shape of what a line goes through and the rows of a piece; 0 where it is short."""
    if not line.arrays:
        return (), 0
    length, row = line.shape[0], itemsize * math.prod(line.shape[1:])
    whole = CACHE_LINE // math.gcd(CACHE_LINE, row)  # all pieces begin at a cache line
    rows = math.ceil(length / math.ceil(length * row / PIECE_BYTES) / whole) * whole
    return (line.shape, rows) if rows < length else ((), 0)


def share_memory(
    lines: Sequence[Line],
    shapes: list[Shape],
    block_of: list[int],
    blocks: list[int],
    free: list[int],
) -> None:
    """Give each temporary a block that nothing else needs from its first line to its last.

    `block_of` takes the block of each temporary (-1: none yet), `blocks` how many numbers each
    holds; of these some are `free`. What only pieces need gets the shape of a piece.
    """
    last = {
        number: place for place, line in enumerate(lines) for number in line.reads | line.writes
    }
    for place, line in enumerate(lines):
        ended = [item for item in sorted(line.reads - line.writes) if last[item] == place]
        for number in sorted(line.writes):
            if block_of[number] < 0:
                alike = [item for item in ended if shapes[item] == shapes[number]]
                if line.elementwise and alike:
                    ended.remove(alike[0])
                    block_of[number] = block_of[alike[0]]
                else:
                    block_of[number] = _free_block(math.prod(shapes[number]), blocks, free)
        if isinstance(line, Pieces):
            for number in line.own:
                shapes[number] = line.shape
            share_memory(line.lines, shapes, block_of, blocks, free)
        free += [block_of[item] for item in ended]
        free += [block_of[item] for item in sorted(line.writes) if last[item] == place]


def _free_block(size: int, blocks: list[int], free: list[int]) -> int:
    """Return the smallest free block that holds so many numbers, or a new one."""
    large = [block for block in free if blocks[block] >= size]
    if large:
        block = min(large, key=blocks.__getitem__)
        free.remove(block)
    else:
        block = len(blocks)
        blocks.append(size)
    return block
