#include "rhosweep/core/print.hpp"

#include "rhosweep/core/text.hpp"

#include <cstdio>
#include <string>

namespace rhosweep::core {

namespace {

void write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

void print_text(std::string_view text) {
  write(wrapped(printable(text), most_columns, "  "));
}

void print_unbroken(std::string_view text) {
  write(printable(text));
}

}  // namespace rhosweep::core
