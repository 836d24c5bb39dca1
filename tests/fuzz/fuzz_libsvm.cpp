// The input is a data file: LIBSVM text, CSV, or arrays of NumPy.
#include "expect.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/data/file_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

using fuzz::expect;
using namespace rhosweep;

namespace {

/// A file in memory that the readers can open by name.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
    expect(descriptor_ >= 0, "a file in memory can be made");
  }

  void fill(const std::uint8_t* data, std::size_t size) const {
    expect(::ftruncate(descriptor_, 0) == 0, "a file in memory can be emptied");
    expect(::pwrite(descriptor_, data, size, 0) == static_cast<ssize_t>(size), "and filled");
  }
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

template <class Reader>
auto read(const Reader& reader) -> std::optional<decltype(reader())> {
  try {
    return reader();
  } catch (const core::InputError& error) {
    fuzz::expect_one_line(error);
    return std::nullopt;
  }
}

void check_rows(const data::Dataset::Rows& rows) {
  const auto samples = std::ssize(rows.labels);
  expect(samples > 0 && rows.features > 0, "there are samples and features");
  expect(std::ssize(rows.offsets) == samples + 1 && std::ssize(rows.lines) == samples, "one row per sample");
  expect(rows.offsets.front() == 0 && rows.offsets.back() == std::ssize(rows.values), "rows hold all values");
  expect(rows.columns.size() == rows.values.size(), "one column per value");
  for (std::ptrdiff_t i = 0; i < samples; ++i) {
    expect(std::isfinite(rows.labels[i]), "labels are finite");
    expect(rows.offsets[i] <= rows.offsets[i + 1], "rows follow each other");
    for (auto k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k) {
      expect(std::isfinite(rows.values[k]) && rows.values[k] != 0.0, "values are finite and not 0");
      expect(rows.columns[k] >= 0 && rows.columns[k] < rows.features, "columns are features");
      expect(k == rows.offsets[i] || rows.columns[k - 1] < rows.columns[k], "columns increase within a row");
    }
  }
}

void check_two_class(const data::DataFile& file, const data::Dataset::Rows& rows,
                     model::Precision precision) {
  data::FileData data({.training = file, .held_out = file}, precision);
  const auto set = read([&] { return data.training(); });
  if (!set) return;
  expect(set->samples() == std::ssize(rows.labels) && set->features() == rows.features,
         "nothing is left out");
  expect(set->classes()[0] < set->classes()[1], "the smaller label comes first");
  const auto held_out = read([&] { return data.held_out(); });
  expect(held_out.has_value(), "a training set can be its own test set");
  expect(held_out->hash() == set->hash(), "and is read the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile memory;
  memory.fill(data, size);
  for (const auto format : {data::FileFormat::libsvm, data::FileFormat::csv, data::FileFormat::npy}) {
    const data::DataFile file{.path = memory.path(), .given_format = format};
    const auto found = read([&] { return data::read_rows(file, model::Precision::float64); });
    if (!found) continue;
    check_rows(found->rows);
    expect(found->names.empty() || std::ssize(found->names) == found->rows.features,
           "every feature has a name");
    check_two_class(file, found->rows, model::Precision::float64);
    check_two_class(file, found->rows, model::Precision::float32);
  }
  return 0;
}
