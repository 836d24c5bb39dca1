#pragma once

// Includes toml++ 3 with settings that make it safe for texts of safe_toml(). Include it in source files
// only.

/// Limits the depth of recursion over a document. Sweep files need little nesting.
#define TOML_MAX_NESTED_VALUES 16
#define TOML_ENABLE_FORMATTERS 0

// toml++ asserts conditions that a broken file such as "[(a]" violates. In release builds with Clang, it
// tells the compiler to assume these conditions. Here toml++ neither asserts nor assumes them, because the
// code after an assertion reports such files correctly.
#define TOML_ASSERT(condition) static_assert(true)
#undef NDEBUG

#include <toml++/toml.h>
