#include "one_of.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::app {

CLI::Validator one_of(const std::vector<std::string>& words) {
  return {[words](std::string& text) -> std::string {
            return std::ranges::find(words, text) != words.end() ? "" : core::not_among(text, words);
          },
          fmt::format("{{{}}}", fmt::join(words, ","))};
}

}  // namespace rhosweep::app
