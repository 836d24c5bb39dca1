#pragma once

#include "expect.hpp"
#include "store/example.hpp"

#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace fuzz {

/// The path of a file in the temporary folder ($TMPDIR). The destructor removes the file.
class TemporaryFile {
 public:
  TemporaryFile()
      : path_(std::filesystem::temp_directory_path() /
              ("rhosweep-fuzz-" + std::to_string(::getpid()) + ".h5")) {}
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Writes a complete small file. Returns its bytes.
inline std::string make_results(const std::filesystem::path& path,
                                const rhosweep::store::FileDescription& description) {
  using rhosweep::store::Existing;
  rhosweep::store::ResultsFile::create(path, description, example::provenance(), Existing::overwrite);
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  expect(!bytes.str().empty(), "the base file can be read");
  return bytes.str();
}

/// Reads everything in the file.
inline void read_results(const std::filesystem::path& path) {
  using namespace rhosweep;
  const store::ResultsReader reader(path);
  const store::FileDescription& found = reader.description();
  const std::int64_t trials = found.grid.trials_per_seed();
  const std::int64_t cells = std::ssize(found.grid.seeds) * trials;
  expect(!found.metrics.empty() && found.evaluations > 0 && found.grid.cells() > 0, "there is something");

  std::int64_t counted = 0;
  for (const std::int64_t count : reader.count_status()) counted += count;
  expect(counted == found.grid.cells(), "every cell has a state");
  (void)reader.total_seconds();
  const store::Survey survey = store::survey(reader);
  expect(survey.to_run.size() <= found.grid.cells(), "no more cells are to be run than there are");
  for (core::PointIndex point; point.value < std::min<std::int64_t>(found.grid.axes_points(), 8); ++point) {
    expect(std::ssize(reader.stepsizes(point)) == trials, "every trial has a stepsize");
    expect(std::ssize(reader.steps(point)) == found.evaluations, "every evaluation has a step");
    (void)reader.f_star(point);
    expect(reader.read_failures(point).size() == found.grid.seeds.size(), "every seed has a message");
    expect(std::ssize(reader.read_status(point)) == cells, "every cell has a state");
    const store::StoredCells stored = reader.read_cells(point, 0, std::ssize(found.grid.seeds));
    const std::int64_t values = std::ssize(found.metrics) * cells;
    expect(stored.result.trials() == cells, "every cell has a stored state");
    expect(std::ssize(stored.result.diverged_step) == cells, "every cell has a step of divergence");
    expect(std::ssize(stored.checksums) == cells, "every cell has a checksum");
    expect(std::ssize(stored.result.final) == values, "every cell has last values");
    expect(std::ssize(stored.result.curve) == values * found.evaluations, "every cell has curves");
    for (const model::Metric& metric : found.metrics)
      expect(std::ssize(reader.read_final(metric.name, point, 0, {.first = 0, .count = 1})) ==
                 std::ssize(found.grid.rhos),
             "every rho of a schedule and seed has a last value");
  }
}

}  // namespace fuzz
