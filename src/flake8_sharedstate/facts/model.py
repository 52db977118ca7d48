"""The vocabulary of facts: what one file says, with nothing of any other file mixed in.

A file becomes one :class:`ModuleFacts`: a list of functions (the module body, class bodies and
lambdas are functions too), each a control-flow graph of basic blocks in static single assignment
form. Every later stage reads these instructions and none reads the ``ast`` again.

Static single assignment (Cytron et al., TOPLAS 1991) is what lets *flow* decide instead of shape:
a local name is gone, only the value that reaches a use is left, so ``v = x; ...; x = v + 1`` and
``x += 1`` are the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = int
"""The number of a value inside its function; each has one defining instruction (or is a parameter)."""

Span: TypeAlias = tuple[int, int, int, int]
"""First line (from 1), first column (from 0), last line, last column of a statement."""

Literal: TypeAlias = "str | int | float | bool | None"


@dataclass(slots=True, eq=False)
class Instruction:
    """One step. ``at`` is the index in :attr:`ModuleFacts.spans` of the statement it belongs to."""

    at: int


@dataclass(slots=True, eq=False)
class Const(Instruction):
    """``dst`` is a literal; the value is kept where keys and flags need it, else ``...`` stands for it."""

    dst: Value
    value: Literal
    known: bool


@dataclass(slots=True, eq=False)
class Phi(Instruction):
    """``dst`` is one of ``sources``, by the path taken.

    ``decider`` is the condition of the expression that chose (``a if c else b``, ``a or b``).
    """

    dst: Value
    sources: list[Value]
    decider: Value | None = None
    op: str = ""
    """``And`` or ``Or`` where it is the result of such an expression."""


@dataclass(slots=True, eq=False)
class Compute(Instruction):
    """``dst`` is computed from ``operands``: arithmetic, comparison, formatting.

    ``op`` is the name of the ``ast`` operator; ``in_place`` marks an augmented assignment's.
    """

    dst: Value
    op: str
    operands: tuple[Value, ...]
    in_place: bool = False


@dataclass(slots=True, eq=False)
class LoadGlobal(Instruction):
    dst: Value
    name: str
    annotates: bool = False
    """Whether nothing but an annotation has the value."""


@dataclass(slots=True, eq=False)
class StoreGlobal(Instruction):
    name: str
    src: Value | None
    """None where the name is deleted."""


@dataclass(slots=True, eq=False)
class LoadCell(Instruction):
    """Reads a variable that an inner function shares; ``owner`` is the function whose frame has it."""

    dst: Value
    owner: int
    name: str


@dataclass(slots=True, eq=False)
class StoreCell(Instruction):
    owner: int
    name: str
    src: Value | None


@dataclass(slots=True, eq=False)
class LoadAttr(Instruction):
    dst: Value
    base: Value
    name: str


@dataclass(slots=True, eq=False)
class StoreAttr(Instruction):
    base: Value
    name: str
    src: Value | None


@dataclass(slots=True, eq=False)
class LoadItem(Instruction):
    dst: Value
    base: Value
    key: Value


@dataclass(slots=True, eq=False)
class StoreItem(Instruction):
    base: Value
    key: Value
    src: Value | None


@dataclass(slots=True, eq=False)
class Build(Instruction):
    """A display or comprehension: ``kind`` is list, tuple, set, dict or generator.

    ``items`` are (key or None, element, starred); a starred element gives its own elements.
    """

    dst: Value
    kind: str
    items: tuple[tuple[Value | None, Value, bool], ...]


@dataclass(slots=True, eq=False)
class Add(Instruction):
    """A comprehension adds an element to the container it builds."""

    base: Value
    key: Value | None
    src: Value


@dataclass(slots=True, eq=False)
class Iterate(Instruction):
    """``dst`` is the next element of ``source``, once for each round of ``loop``."""

    dst: Value
    source: Value
    loop: int


@dataclass(slots=True, eq=False)
class Unpack(Instruction):
    """``dst`` is element ``index`` of ``source``, or (``rest``) the list of the starred target."""

    dst: Value
    source: Value
    index: int
    rest: bool = False


@dataclass(slots=True, eq=False)
class Call(Instruction):
    dst: Value
    function: Value
    args: tuple[tuple[Value, bool], ...]
    """(value, starred) of each positional argument."""
    keywords: tuple[tuple[str | None, Value], ...]
    """(name, value); the name is None for ``**mapping``."""
    decorates: bool = False


@dataclass(slots=True, eq=False)
class MakeFunction(Instruction):
    dst: Value
    function: int
    defaults: tuple[tuple[str, Value], ...]
    annotations: tuple[tuple[str, tuple[Value, ...]], ...]
    """For each annotated parameter (and ``return``) the classes its annotation names."""


@dataclass(slots=True, eq=False)
class MakeClass(Instruction):
    dst: Value
    body: int
    bases: tuple[Value, ...]
    keywords: tuple[tuple[str | None, Value], ...]


@dataclass(slots=True, eq=False)
class Import(Instruction):
    """``import module`` (``name`` is None) or ``from module import name``; ``level`` counts dots."""

    dst: Value
    module: str
    name: str | None
    level: int


@dataclass(slots=True, eq=False)
class ImportStar(Instruction):
    module: str
    level: int


@dataclass(slots=True, eq=False)
class Declare(Instruction):
    """An annotation without a value: ``self.x: Stats`` or ``x: Stats``; ``place`` is a load of it."""

    dst: Value
    classes: tuple[Value, ...]


@dataclass(slots=True, eq=False)
class Enter(Instruction):
    dst: Value
    manager: Value
    is_async: bool


@dataclass(slots=True, eq=False)
class Exit(Instruction):
    manager: Value
    is_async: bool


@dataclass(slots=True, eq=False)
class Await(Instruction):
    dst: Value
    src: Value | None
    """None where an ``async for`` or ``async with`` awaits by itself."""


@dataclass(slots=True, eq=False)
class Yield(Instruction):
    dst: Value
    src: Value | None


@dataclass(slots=True, eq=False)
class Return(Instruction):
    src: Value


@dataclass(slots=True, eq=False)
class Branch:
    """How a block ends when two ways are open: to the first successor if ``condition`` is true."""

    condition: Value
    at: int


@dataclass(slots=True, eq=False)
class Block:
    """A basic block.

    ``loops`` are the loops around it, outermost first; ``conditions`` the values that decided,
    on the structured path from the function's start, that control comes here.
    """

    instructions: list[Instruction]
    successors: list[int]
    loops: tuple[int, ...]
    conditions: tuple[Value, ...]
    branch: Branch | None = None
    raises_to: int | None = None
    """The block of the handlers that an exception raised here reaches."""
    catches: tuple[Value, ...] = ()
    """The classes that these handlers, if it is such a block, name; none where one of them names none."""


@dataclass(slots=True, eq=False)
class Parameter:
    name: str
    value: Value
    kind: str
    """``positional`` (only), ``either``, ``keyword`` (only), ``args`` or ``kwargs``."""


@dataclass(slots=True, eq=False)
class Function:
    """A function, lambda, class body or module body."""

    number: int
    name: str
    qualname: str
    kind: str
    """``module``, ``class``, ``function`` or ``lambda``."""
    parent: int | None
    span: Span
    parameters: list[Parameter] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    values: int = 0
    is_async: bool = False
    is_generator: bool = False
    cells: tuple[str, ...] = ()
    """The local names that inner functions share."""
    owner_class: int | None = None
    """The class body this function is defined in."""
    uses_parameters: bool = False
    """Whether a parameter is used as an object: its attribute, item or call is taken, or it is passed on."""
    names: frozenset[str] = frozenset()
    """In a class body: the names that it binds."""


@dataclass(slots=True, eq=False)
class ModuleFacts:
    """All that one file says. ``functions[0]`` is the module body."""

    functions: list[Function]
    spans: list[Span]
