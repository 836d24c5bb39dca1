#pragma once

// Catch2 version 3 under the name of version 2's header and with its names, so that the tests compile with
// either. CMake adds this folder to the include path if it finds version 3.
#include <string>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_session.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/catch_version_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_predicate.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using Catch::Approx;

namespace Catch {
namespace Matchers {

inline auto Contains(const std::string& text) {
  return ContainsSubstring(text);
}

}  // namespace Matchers

using namespace Matchers;

}  // namespace Catch
