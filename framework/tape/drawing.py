"""The graph of operators, drawn by graphviz: what paper 002 shows in its figures 1 and 3.

Kinds are told apart by shape and by colour: operators are rounded boxes, parameters blue boxes, inputs green ellipses,
constants grey dashed ellipses, the output an orange double box. A cluster is one call of a module.
"""

from collections.abc import Iterator
from itertools import count
from shutil import which
from typing import TYPE_CHECKING, Any

from torch import Size

from framework.tape.operators.operator import CallScope, ConstantNode, GradOperator
from framework.tape.sweep import reachable
from framework.tape.variable import Variable

if TYPE_CHECKING:
    from graphviz import Digraph

Nesting = dict[CallScope | None, list[CallScope]]  # for every scope, those directly inside it

STYLES = {
    "operator": {"shape": "box", "style": "rounded,filled", "fillcolor": "white"},
    "parameter": {"shape": "box", "style": "filled", "fillcolor": "#9ecae1"},
    "input": {"shape": "ellipse", "style": "filled", "fillcolor": "#c7e9c0"},
    "constant": {"shape": "ellipse", "style": "dashed", "fontcolor": "#555555", "color": "#777777"},
    "output": {"shape": "box", "peripheries": "2", "style": "filled", "fillcolor": "#fdd0a2"},
}


def draw_graph(output: Variable, module: Any = None) -> "Digraph":
    """Return the graph below `output` as a graphviz.Digraph, whose `source` is the DOT text.

    module   whose parameters are named; a module that was called on the way names its own
    Raises   ModuleNotFoundError, with what to install, if the Python package graphviz is missing.
    """
    try:
        from graphviz import Digraph
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("draw_graph: the package graphviz is missing; pip install graphviz") from error
    return Drawing(Digraph(node_attr={"fontname": "Helvetica"}), module).of(output)


def render(graph: "Digraph", stem: str, formats: tuple[str, ...] = ("svg", "png")) -> str:
    """Write the DOT text to stem.gv and, where the program dot is installed, a picture in every format.

    Returns one line that says what was written and, if there is no dot, how to install it.
    """
    graph.save(f"{stem}.gv")
    if which("dot") is None:
        return f"{stem}.gv written; for pictures install Graphviz (apt-get install graphviz, or brew install graphviz)"
    for name in formats:
        graph.render(outfile=f"{stem}.{name}", format=name)
    return f"{', '.join(f'{stem}.{name}' for name in ('gv', *formats))} written"


def shown(shape: Size) -> str:
    return " × ".join(map(str, shape)) if shape else "scalar"


def labelled(name: str, shape: Size | None) -> str:
    return name if shape is None else f"{name}\n{shown(shape)}" if name else shown(shape)


class Drawing:
    """A graph that is being drawn: every node once, by its identity."""

    def __init__(self, graph: "Digraph", module: Any) -> None:
        self.graph, self.numbers = graph, count()
        self.names: dict[int, str] = {}  # of nodes
        self.parameters: dict[int, str] = {}  # the names of parameters
        self.inside: dict[CallScope | None, list[tuple[str, str, str]]] = {}
        self.learn(module)

    def learn(self, module: Any) -> None:
        """Note the names of the parameters of a module."""
        if module is not None and not hasattr(module, "named_params"):
            raise TypeError(f"draw_graph: module must be a module of the tape, was {type(module).__name__}")
        if module is not None:
            for name, variable in module.named_params().items():
                self.parameters.setdefault(id(variable), name)

    def of(self, output: Variable) -> "Digraph":
        """Draw everything below `output`."""
        root: GradOperator | Variable = output if output.grad_op is None else output.grad_op
        nodes = [root] if isinstance(root, Variable) else list(reversed(reachable(root)))
        for call in scopes(nodes):
            self.learn(call.module())
        edges = [(child, node) for node in nodes if isinstance(node, GradOperator) for child in node.children]
        for child, node in edges:
            scope = getattr(node, "scope", None)
            self.graph.edge(self.place(child, scope), self.place(node, scope))
        self.place(root, getattr(root, "scope", None))
        self.add("output", labelled(output.name or "output", output.shape), None, "output")
        self.graph.edge(self.names[id(root)], "output")
        self.cluster(self.graph, None, nested(self.inside))
        return self.graph

    def place(self, node: Any, scope: CallScope | None) -> str:
        """Return the name of a node, which is placed at its first use: constants and parameters where they are used."""
        if id(node) not in self.names:
            kind, label = self.describe(node)
            own = node.scope if kind == "operator" else None if kind == "input" else scope
            self.names[id(node)] = f"n{next(self.numbers)}"
            self.add(self.names[id(node)], label, own, kind)
        return self.names[id(node)]

    def describe(self, node: Any) -> tuple[str, str]:
        """Return the kind of a node and its label."""
        if isinstance(node, ConstantNode):
            is_input = node.label == "input"
            return "input" if is_input else "constant", labelled(node.label, node.shape if node.shape else None)
        if isinstance(node, GradOperator):
            return "operator", labelled(title(node), node.shape)
        if id(node) in self.parameters:
            return "parameter", labelled(self.parameters[id(node)], node.shape)
        return "input", labelled(node.name, node.shape)

    def add(self, name: str, label: str, scope: CallScope | None, kind: str) -> None:
        self.inside.setdefault(scope, []).append((name, label, kind))

    def cluster(
        self, graph: "Digraph", scope: CallScope | None, below: dict[CallScope | None, list[CallScope]]
    ) -> None:
        """Draw the nodes of a scope, and the clusters inside it."""
        for name, label, kind in self.inside.get(scope, []):
            graph.node(name, label, **STYLES[kind])
        for inner in below.get(scope, []):
            with graph.subgraph(name=f"cluster_{next(self.numbers)}") as part:
                part.attr(label=inner.label, labeljust="l", fontname="Helvetica", style="rounded", color="#888888")
                self.cluster(part, inner, below)


def title(node: GradOperator) -> str:
    """Return the operator's name; of a module called as one operator, the module's."""
    called = getattr(node, "layer", None) or getattr(node, "module", None)
    return node.name if called is None else str(called.label())


def outward(scope: CallScope | None) -> Iterator[CallScope]:
    while scope is not None:
        yield scope
        scope = scope.outer


def scopes(nodes: list[Any]) -> Iterator[CallScope]:
    """Yield the calls of modules in which the nodes were made, the outermost of each first."""
    for node in nodes:
        yield from reversed(list(outward(getattr(node, "scope", None))))


def nested(inside: dict[CallScope | None, list[tuple[str, str, str]]]) -> Nesting:
    """Return, for every scope, those directly inside it."""
    drawn = dict.fromkeys(scope for inner in inside for scope in reversed(list(outward(inner))))
    below: Nesting = {}
    for scope in drawn:
        below.setdefault(scope.outer, []).append(scope)
    return below
