"""Checks that results have the same bits on every machine: no room may compute with functions whose results depend on
the C library or on the width of the processor's vectors.

- The objects of the rooms must not call the C library's elementary functions; core has its own
  (include/rhosweep/core/elementary.hpp). EXEMPT lists the rooms whose numbers do not enter results.
- The rooms that use Eigen must not use its sums, products, decompositions and elementary functions: the order of their
  operations depends on the instruction set and, in products, on the cache sizes. Element-wise arithmetic is allowed.

Usage: check_bits.py SOURCE_DIR NM ROOM=OBJECT,...  (exit code 1 and one line for each violation)
       check_bits.py --self-test NM CXX  (plants violations and checks that they are found)
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Functions whose results IEEE 754 does not define. Square roots, fused multiply-add, rounding and scaling by powers of
# two are exact or correctly rounded in every C library.
ELEMENTARY = set("""acos acosh asin asinh atan atan2 atanh cbrt cos cosh erf erfc exp exp10 exp2 expm1 hypot j0 j1 lgamma log
log10 log1p log2 pow remquo sin sincos sinh tan tanh tgamma y0 y1""".split())
FUNCTIONS = {f"{prefix}{name}{suffix}" for name in ELEMENTARY for suffix in ("", "f", "l", "_r")
             for prefix in ("", "__")} | {f"__{name}{suffix}_finite" for name in ELEMENTARY for suffix in ("", "f")}

# room: why it may call the C library's functions
EXEMPT = {
    "analysis": "it prints statistics of results that are already in a file",
}

# Eigen's operations with an unspecified order: methods, and symbols of their code in an object file. The maximum and
# the minimum are allowed, as they do not depend on the order.
EIGEN_METHODS = re.compile(
    r"\.(exp|exp2|expm1|log|log10|log1p|log2|pow|sin|cos|tan|asin|acos|atan|sinh|cosh|tanh|sqrt|rsqrt|logistic|erf|"
    r"sum|mean|prod|redux|trace|norm|squaredNorm|stableNorm|blueNorm|hypotNorm|lpNorm|normalized|normalize|dot|cross|"
    r"selfadjointView|rankUpdate|noalias|lazyProduct|llt|ldlt|householderQr|partialPivLu|fullPivLu|"
    r"jacobiSvd|bdcSvd|eigenvalues)\s*(<[^<>()]*>)?\s*\(")
EIGEN_HEADERS = re.compile(r"#include <(Eigen/(?!Core>)[^>]*)>")
EIGEN_CODE = re.compile(r"Eigen8internal\d+(gebp|general_matrix|generic_product|gemm|gemv|triangular_|selfadjoint|"
                        r"redux_impl(?!INS0_13scalar_m(?:ax|in)_op)|apply_block_householder|llt_inplace|lhs_process|dot_nocheck)\w*")
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def called_functions(nm, objects):
    """Returns the undefined symbols of the objects, and the symbols of Eigen's code in them."""
    listed = subprocess.run([nm, *objects], capture_output=True, text=True, check=True).stdout
    undefined = set(re.findall(r"^\s+U (\w+)", listed, re.MULTILINE))
    return undefined, {found.group(0) for found in EIGEN_CODE.finditer(listed)}


def object_breaches(nm, room, objects):
    undefined, of_eigen = called_functions(nm, objects)
    if room not in EXEMPT:
        for name in sorted(undefined & FUNCTIONS):
            yield f"{room} calls {name} of the C library; core::elementary has functions with the same bits everywhere"
    for name in sorted(of_eigen):
        yield f"{room} has code of Eigen whose order depends on the processor: {name}"


def source_breaches(source):
    for base in (source / "include" / "rhosweep", source / "src"):
        for file in sorted(base.rglob("*.?pp")):
            text = file.read_text()
            for header in EIGEN_HEADERS.findall(text):
                yield f"{file}: {header}: its decompositions depend on the processor"
            if "Eigen" not in text and "tile.hpp" not in text:
                continue
            for found in EIGEN_METHODS.finditer(COMMENT_OR_TEXT.sub("", text)):
                yield f"{file}: .{found.group(1)}() of Eigen depends on the processor"


def self_test(nm, compiler):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        planted = source / "src" / "optimum" / "a.cpp"
        planted.parent.mkdir(parents=True)
        planted.write_text("#include <Eigen/QR>\n// x.sum() in a comment\ndouble f(const Eigen::VectorXd& x) { return x.sum(); }\n")
        found = list(source_breaches(source))
        assert len(found) == 2, found
        calls = source / "b.cpp"
        calls.write_text("#include <cmath>\ndouble f(double x) { return std::sqrt(std::log(x)) + std::fma(x, x, x); }\n")
        subprocess.run([compiler, "-O2", "-c", calls, "-o", source / "b.o"], check=True)
        found = list(object_breaches(nm, "model", [source / "b.o"]))
        assert len(found) == 1 and "calls log " in found[0], found
        assert not list(object_breaches(nm, "analysis", [source / "b.o"]))


def main(arguments):
    if arguments[0] == "--self-test":
        self_test(*arguments[1:])
        return 0
    source, nm, *rooms = arguments
    found = list(source_breaches(Path(source)))
    for room in rooms:
        name, objects = room.split("=", 1)
        files = [path for path in objects.split(",") if path]
        assert files, f"{name}: no object"
        found += object_breaches(nm, name, files)
    print("\n".join(found) or f"{len(rooms)} rooms compute results with the same bits everywhere")
    return 1 if found or not rooms else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
