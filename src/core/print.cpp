#include "rhosweep/core/print.hpp"

#include "rhosweep/core/text.hpp"

#include <cstdio>
#include <string>

namespace rhosweep::core {

void print_text(std::string_view text) {
  const std::string shown = printable(text);
  std::fwrite(shown.data(), 1, shown.size(), stdout);
}

}  // namespace rhosweep::core
