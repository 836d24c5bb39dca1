"""Checks that every public header includes the headers of the standard library that it uses. The compiler cannot tell,
because it sees the standard library precompiled.

Usage: check_standard_includes.py SOURCE_DIR HEADER...  (exit code 1 and one line for each violation)
       check_standard_includes.py --self-test
HEADER... are the precompiled headers. A public header may include no others.
"""

import re
import sys
from pathlib import Path

# header: what is used of it
USES = {
    "algorithm": r"std::(all_of|any_of|clamp|copy|fill|find|lower_bound|max|min|sort|transform)\b|std::ranges::",
    "array": r"std::array\b",
    "chrono": r"std::chrono\b",
    "cmath": r"std::(abs|exp|floor|fma|isfinite|isnan|log|sqrt)\b",
    "compare": r"std::(partial|strong|weak)_ordering\b|operator<=>",
    "cstddef": r"std::(byte|nullptr_t|ptrdiff_t|size_t)\b",
    "cstdint": r"std::u?int\d+_t\b",
    "exception": r"std::(current_exception|exception|exception_ptr)\b",
    "filesystem": r"std::filesystem\b",
    "fstream": r"std::[io]?fstream\b",
    "functional": r"std::(function|greater|hash|less)\b",
    "initializer_list": r"std::initializer_list\b",
    "iterator": r"std::(back_inserter|next)\b",
    "limits": r"std::numeric_limits\b",
    "map": r"std::map\b",
    "memory": r"std::(make_shared|make_unique|shared_ptr|unique_ptr|weak_ptr)\b",
    "numeric": r"std::(accumulate|iota)\b",
    "optional": r"std::(nullopt|optional)\b",
    "span": r"std::(as_bytes|as_writable_bytes|span)\b",
    "stdexcept": r"std::(invalid_argument|logic_error|runtime_error)\b",
    "string": r"std::(string|to_string)\b",
    "string_view": r"std::string_view\b",
    "tuple": r"std::(tie|tuple)\b",
    "type_traits": r"std::(is_\w+_v|enable_if_t|conditional_t|decay_t|remove_\w+_t)\b",
    "utility": r"std::(exchange|forward|move|pair|swap)\b",
    "variant": r"std::(get_if|holds_alternative|monostate|variant|visit)\b",
    "vector": r"std::vector\b",
}
# Several headers declare these, each for its own types.
ANYWHERE = r"std::(get|size|ssize|begin|end)\b"


def breaches(text, precompiled):
    """Returns what is wrong with the includes of a header with this text."""
    code = re.sub(r"//.*", "", text)
    included = set(re.findall(r"^#include <(\w+)>", code, re.MULTILINE))
    found = [f"<{header}> is missing for {match[0]}" for header, uses in USES.items()
             if (match := re.search(uses, code)) and header not in included]
    known = "|".join([*USES.values(), ANYWHERE])
    found += [f"{name} is in no list of {Path(__file__).name}" for name in sorted(set(re.findall(r"std::\w+", code)))
              if not re.match(known, name + ("::" if name == "std::ranges" else ""))]
    return found + [f"<{header}> is not precompiled" for header in sorted(included - precompiled)]


def self_test():
    right = "#include <vector>\nstd::vector<int> f();  // std::string\n"
    assert breaches(right, {"vector"}) == []
    assert breaches(right.replace("#include <vector>", ""), {"vector"}) == ["<vector> is missing for std::vector"]
    assert breaches(right, set()) == ["<vector> is not precompiled"]
    assert len(breaches("std::flat_map<int, int> f();\n", set())) == 1


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        self_test()
    else:
        headers = sorted((Path(sys.argv[1]) / "include").rglob("*.hpp"))
        lines = [f"{file}: {breach}" for file in headers for breach in breaches(file.read_text(), set(sys.argv[2:]))]
        print("\n".join(lines) or f"{len(headers)} headers include what they use of the standard library")
        sys.exit(1 if lines or not headers else 0)
