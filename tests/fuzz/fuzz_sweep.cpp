// The input is a sweep file. Lines that begin with "--set " are overrides from the command line.
#include "expect.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/sweep.hpp"
#include "rhosweep/problem/registry.hpp"
#include "rhosweep/program/command_kind.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using fuzz::expect;
using rhosweep::core::PointIndex;
using rhosweep::model::Sweep;

namespace {

struct Input {
  std::string text;
  std::vector<std::string> overrides;

  explicit Input(std::string_view data) {
    constexpr std::string_view mark = "--set ";
    while (!data.empty()) {
      const std::string_view line = data.substr(0, data.find('\n'));
      data.remove_prefix(std::min(line.size() + 1, data.size()));
      if (line.starts_with(mark))
        overrides.emplace_back(line.substr(mark.size()));
      else
        text.append(line) += '\n';
    }
  }
};

/// Returns the schemas of all kinds of problems, including programs.
const std::vector<rhosweep::model::ProblemSchema>& catalogue() {
  static const auto all = [] {
    std::vector<rhosweep::model::ProblemSchema> list{rhosweep::program::command_kind().schema};
    for (const auto& kind : rhosweep::problem::kinds()) list.push_back(kind.schema);
    return list;
  }();
  return all;
}

std::optional<Sweep> parse(const Input& input) {
  try {
    return Sweep::parse(input.text, "fuzz.toml", input.overrides, catalogue());
  } catch (const rhosweep::core::InputError& error) {
    fuzz::expect_one_line(error);
    return std::nullopt;
  }
}

/// Checks that a sweep's text, which rank 0 sends to the other ranks and the results file stores, describes
/// the same sweep.
void check_text(const Sweep& sweep) {
  const std::string text = sweep.to_toml() + sweep.output_toml();
  const Sweep again = Sweep::parse(text, "again.toml", {}, catalogue());
  expect(again.to_toml() == sweep.to_toml(), "the effective sweep is its own");
  expect(again.output_toml() == sweep.output_toml(), "the effective output is its own");
  expect(again.hash() == sweep.hash(), "the effective sweep has the same hash");
  expect(again.grid().shape() == sweep.grid().shape(), "the effective sweep has the same grid");
}

void check_point(const Sweep& sweep, PointIndex point) {
  const auto sgd = sweep.sgd(point);
  expect(sgd.steps >= 1 && sgd.batch_size >= 1, "steps and batches exist");
  const auto steps = rhosweep::model::evaluation_steps(sgd.steps, sgd.evaluations);
  expect(!steps.empty() && steps.front() >= 1 && steps.back() == sgd.steps,
         "evaluations end at the last step");
  expect(!sweep.problem(point).kind().empty(), "a problem has a kind");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Input input({reinterpret_cast<const char*>(data), size});
  const auto sweep = parse(input);
  if (!sweep) return 0;
  expect(sweep->grid().cells() > 0, "a sweep has cells");
  check_text(*sweep);
  check_point(*sweep, PointIndex{0});
  check_point(*sweep, PointIndex{sweep->grid().axes_points() - 1});
  return 0;
}
