#include "model/support/sweep_text.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep::model;

namespace {

std::string with_search(const std::string& lines) {
  return SweepText{.seed = "[0, 1, 2, 3]", .more = "[search]\n" + lines};
}

}  // namespace

TEST_CASE("a sweep with a search has its settings, with defaults") {
  CHECK_FALSE(parse_sweep(SweepText{}).search().has_value());
  const SearchSettings plain = parse_sweep(with_search("")).search().value();
  CHECK(plain.metric.empty());
  CHECK(plain.tolerance == 0.05);
  CHECK(plain.confidence == 0.9);
  CHECK(plain.first_seeds == 2);
  CHECK_FALSE(plain.first_ratio.has_value());
  // By default the first round takes 2 seeds, or all seeds if there are fewer.
  CHECK(parse_sweep(SweepText{.seed = "[5]", .more = "[search]"}).search()->first_seeds == 1);

  const SearchSettings all = parse_sweep(with_search("metric = 'test_loss'\ntolerance = 1\nconfidence = 0.5\n"
                                                     "first_seeds = 4\nfirst_ratio = 2.5"))
                                 .search()
                                 .value();
  CHECK(all.metric == "test_loss");
  CHECK(all.tolerance == 1.0);
  CHECK(all.confidence == 0.5);
  CHECK(all.first_seeds == 4);
  CHECK(all.first_ratio == 2.5);
}

TEST_CASE("a search is part of a sweep's identity, but of no cell's") {
  const Sweep grid = parse_sweep(SweepText{});
  const Sweep search = parse_sweep(SweepText{.more = "[search]"});
  const Sweep other = parse_sweep(SweepText{.more = "[search]\ntolerance = 0.1"});
  CHECK(search.hash() != grid.hash());
  CHECK(search.hash() != other.hash());
  CHECK(search.hash() == parse_sweep(SweepText{.more = "[search]\ntolerance = 5e-2"}).hash());
  CHECK(first_difference(grid.to_toml(), search.to_toml()) ==
        "search.tolerance is absent in the file, 0.05 in the sweep");
  const rhosweep::core::PointIndex point;
  CHECK(grid.settings_toml(point, {}) == search.settings_toml(point, {}));
}

TEST_CASE("the canonical text has the search, and reading it again gives the same") {
  const Sweep sweep = parse_sweep(with_search("metric = 'test_loss'\nfirst_ratio = 3"));
  const std::string text = sweep.to_toml();
  CHECK_THAT(text, Catch::EndsWith("\n[search]\nmetric = \"test_loss\"\ntolerance = 0.05\nconfidence = 0.9\n"
                                   "first_seeds = 2\nfirst_ratio = 3.0\n"));
  CHECK(parse_sweep(text).to_toml() == text);
  CHECK(read_search_settings(text, sweep.grid())->first_ratio == 3.0);
  CHECK_FALSE(read_search_settings(parse_sweep(SweepText{}).to_toml(), sweep.grid()).has_value());
}

TEST_CASE("bad settings of a search are refused with their line") {
  // Line 10 is [search].
  const auto refused = [](const std::string& line) { return error_of(with_search(line)); };
  CHECK(refused("tolerance = 0") == "runs/sweep.toml:11: search.tolerance: found 0; allowed: a number > 0");
  CHECK(refused("confidence = 0.4") ==
        "runs/sweep.toml:11: search.confidence: found 0.4; allowed: a number in [0.5, 1)");
  CHECK(
      refused("first_seeds = 5") ==
      "runs/sweep.toml:11: search.first_seeds: found 5; allowed: an integer from 1 to 4, the number of seeds");
  CHECK(refused("first_ratio = 1") ==
        "runs/sweep.toml:11: search.first_ratio: found 1; allowed: a number > 1");
  CHECK_THAT(refused("metric = 1"), Catch::StartsWith("runs/sweep.toml:11: search.metric: found 1"));
  CHECK_THAT(refused("rounds = 3"), Catch::StartsWith("runs/sweep.toml:11: search.rounds: unknown key"));
  CHECK(error_of(SweepText{.more = "search = 3"}) != "");
}
