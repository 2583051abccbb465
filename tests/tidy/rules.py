"""The tidy rules. Each takes a Tree and yields a line per violation."""

import ast
import re
import subprocess

from cpp import functions
from tree import lines_with

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
CPP = (".h", ".cc", ".c")


def formatting(tree):
    """C and C++ are as clang-format leaves them."""
    files = tree.files(*CPP)
    if not files:
        return
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", *files],
                         cwd=tree.root, capture_output=True, text=True, check=False)
    for line in run.stderr.splitlines():
        if ": error:" in line:
            yield line


def file_length(tree):
    """No file is over 400 lines, the public header of ipcz excepted."""
    for path in tree.files():
        if path.endswith((*CPP, ".bzl", ".py", ".sh")) or tree.is_script(path):
            lines = len(tree.read(path).splitlines())
            if lines > FILE_LINES_MAX and path != "engine/include/ipcz/ipcz.h":
                yield f"{path}: {lines} lines"


def function_length(tree):
    """No function is over 70 lines."""
    for path in tree.files(*CPP, ".py"):
        find = python_functions if path.endswith(".py") else functions
        for first, last in find(tree.read(path)):
            if last - first + 1 > FUNCTION_LINES_MAX:
                yield f"{path}:{first}: a function of {last - first + 1} lines"


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            yield node.lineno, node.end_lineno


TOP_LEVEL = re.compile(r"WORKSPACE|MODULE\.bazel|BUILD|README\.md|LICENSE|engine|shm|ring|driver_linux|"
                       r"bench|tests|docs|bazel-.*|\..*")


def top_level(tree):
    """The top level holds the names that the layout gives it, and no others."""
    for path in sorted(tree.root.iterdir()):
        if not TOP_LEVEL.fullmatch(path.name):
            yield f"{path.name}: does not belong at the top level"


# (who, what it must not reach, by which way: any path, or a direct dependency only, except).
LAYERS = (
    (r"//ring[/:]", r"//(shm|driver_linux|engine)[/:]", "path", None),
    (r"//shm[/:]", r"//(driver_linux|engine)[/:]", "path", None),
    (r"//driver_linux[/:]", r"//engine[/:]", "path", r"//engine/include[/:]"),
    (r"//engine[/:](?!cmd[/:])", r"//driver_linux[/:]|//shm:memory$", "path", None),
    (r"//engine/interface[/:]", r"//(ring|shm|driver_linux|engine)[/:]", "direct",
     r"//engine/(interface|include)[/:]|//engine:ipcz$"),
)


def layers(tree):
    """Dependencies lead only downwards: ring <- shm <- driver_linux, engine <- engine/interface."""
    targets = {}
    for source, target in tree.edges():
        targets.setdefault(source, set()).add(target)
    for who, what, way, exception in LAYERS:
        for source in sorted(targets):
            if re.match(who, source):
                reached = targets[source] if way == "direct" else reach(targets, source)
                for target in sorted(reached):
                    if re.match(what, target) and not (exception and re.match(exception, target)):
                        yield f"{source} depends on {target}"


def reach(targets, source):
    reached, open_ends = set(), [source]
    while open_ends:
        fresh = targets.get(open_ends.pop(), set()) - reached
        reached |= fresh
        open_ends.extend(fresh)
    return reached


ORDER = re.compile(r"memory_order(?:_|::)(acquire|release|acq_rel|seq_cst)\b")
LABEL = re.compile(r"\[([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)\]")
LABEL_DISTANCE_MAX = 4
MEMORY_MODEL = "docs/memory_model.md"


def orders(tree):
    """Yields (place, order, labels, comment) for each explicit order in the code that ships.

    The labels are those in the nearest comment: on the same line, or up to four lines above.
    """
    for path in tree.files(*CPP):
        if path.startswith(("tests/", "bench/")) or path.endswith("_test.cc"):
            continue
        lines = tree.read(path).splitlines()
        for number, line in enumerate(lines):
            code, _, comment = line.partition("//")
            for order in ORDER.findall(code):
                nearby = [comment] + [text.partition("//")[2] for text in
                                      reversed(lines[max(0, number - LABEL_DISTANCE_MAX):number])]
                labelled = next((text for text in nearby if LABEL.search(text)), "")
                yield (f"{path}:{number + 1}", order, LABEL.findall(labelled), " ".join(nearby))


def edge_labels(tree):
    """Every explicit atomic order names its edge, like [lane.publish], in a comment."""
    for place, order, labels, _ in orders(tree):
        if not labels:
            yield f"{place}: {order} without an edge label"


def edge_ends(tree):
    """Every edge has both ends in the code, or says `(one end)`, and is in docs/memory_model.md."""
    documented = set()
    if (tree.root / MEMORY_MODEL).exists():
        documented = set(LABEL.findall(tree.read(MEMORY_MODEL)))
    sites = {}
    for place, order, labels, comment in orders(tree):
        for label in labels:
            sites.setdefault(label, []).append((place, order, "(one end)" in comment))
    for label, ends in sorted(sites.items()):
        used = [order for _, order, _ in ends]
        both = (len(ends) >= 2 and any(order != "acquire" for order in used)
                and any(order != "release" for order in used))
        if not both and not any(one_end for _, _, one_end in ends):
            yield f"{ends[0][0]}: [{label}] has one end only: {', '.join(used)}"
        if label not in documented:
            yield f"{ends[0][0]}: [{label}] is not in {MEMORY_MODEL}"


# Written so that the patterns do not match themselves.
OPEN_MARK = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
MACHINE = re.compile(r"(?:^|[^a-z])/(?:work|farm)/|https?://(?:deb|registry)\.")


def open_marks(tree):
    """Nothing is left open in the tree."""
    for place, match in lines_with(tree, OPEN_MARK, tree.files()):
        yield f"{place}: {match.group()}"


def machine_paths(tree):
    """No path of one machine, and no package host, is in the tree."""
    for place, match in lines_with(tree, MACHINE, tree.files()):
        yield f"{place}: {match.group().strip()}"


RULES = (formatting, file_length, function_length, top_level, layers, edge_labels, edge_ends, open_marks,
         machine_paths)
