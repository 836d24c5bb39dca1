// Prints what the readers find in a data file, for comparison with other libraries: the number of features,
// then one line "label column:value ..." per sample, with columns from 0. Usage: write_rows FILE
// [LABEL_COLUMN]
#include "rhosweep/core/error.hpp"
#include "rhosweep/data/data_file.hpp"

#include <cstdio>
#include <string>

#include <fmt/format.h>

using namespace rhosweep;

int main(int count, char** arguments) {
  try {
    const data::DataFile file{.path = arguments[1], .label_column = count > 2 ? arguments[2] : ""};
    const data::Dataset::Rows rows = data::read_rows(file, model::Precision::float64).rows;
    fmt::print("{}\n", rows.features);
    for (std::size_t i = 0; i < rows.labels.size(); ++i) {
      fmt::print("{}", rows.labels[i]);
      for (auto k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k)
        fmt::print(" {}:{}", rows.columns[k], rows.values[k]);
      fmt::print("\n");
    }
    return 0;
  } catch (const core::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
