#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/study/study.hpp"

#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

/// A small sweep and results files of it: 3 seeds, 2 schedules, 3 ρ.
namespace example {

using namespace rhosweep;

inline study::Study prepare(std::vector<std::string> overrides = {}) {
  std::ofstream("sweep.toml") << R"(
[problem]
kind = "quadratic"
[sgd]
steps = 8
evaluations = 2
[grid]
stepsize = 0.125
schedule = ["constant", "linear"]
rho = [0.5, 1.0, 2.0]
seed = [0, 1, 2]
)";
  return study::Study::prepare(study::SweepOptions{.file = "sweep.toml", .overrides = std::move(overrides)});
}

/// Returns all trials of a seed at the first axes point, as a block.
inline model::Block trials_of_seed(const study::Study& study, std::int64_t seed) {
  return {.point = core::PointIndex{0}, .seed = seed, .first = 0, .trials = study.grid().trials_per_seed()};
}

/// Returns one trial of a seed at the first axes point, as a block.
inline model::Block cell(std::int64_t seed, std::int64_t trial) {
  return {.point = core::PointIndex{0}, .seed = seed, .first = trial, .trials = 1};
}

/// Returns the results of a block.
inline model::BlockResult results(const study::Study& study, const model::Block& block) {
  std::vector<std::int64_t> trials(block.trials);
  std::iota(trials.begin(), trials.end(), block.first);
  return study.run(block.point, block.seed, trials, nullptr, [] { return true; }).value();
}

/// Makes a results file of a study in which no cell has been run.
inline void make_file(const study::Study& study, const std::filesystem::path& path,
                      const store::Provenance& provenance = {}) {
  store::ResultsFile::create(path, study.describe_file(), provenance, store::Existing::overwrite);
}

inline void write(const std::filesystem::path& path, const model::Block& block,
                  const model::BlockResult& result) {
  store::ResultsFile file = store::ResultsFile::open(path);
  file.write(block, result, core::Rank{0});
  file.close();
}

/// Makes a results file of a study with the results of some cells.
inline void make_file(const study::Study& study, const std::filesystem::path& path,
                      const model::CellSet& cells) {
  make_file(study, path);
  store::ResultsFile file = store::ResultsFile::open(path);
  for (core::PointIndex point; point.value < study.grid().axes_points(); ++point)
    for (std::int64_t seed = 0; seed < std::ssize(study.grid().seeds); ++seed) {
      model::Block block = trials_of_seed(study, seed);
      block.point = point;
      for (const model::Block& part : cells.parts(block))
        file.write(part, results(study, part), core::Rank{0});
    }
  file.close();
}

/// Returns the cells that are in none of the blocks.
inline model::CellSet without(model::CellSet cells, const std::vector<model::Block>& blocks) {
  for (const model::Block& block : blocks) cells.remove(block);
  return cells;
}

inline bool same(model::CellSet a, model::CellSet b) {
  return a.words() == b.words();
}

}  // namespace example
