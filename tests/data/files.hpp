#pragma once

#include "rhosweep/data/data_file.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

/// Writes a file into the test's working directory.
inline std::filesystem::path file_of(const std::string& text, const std::string& name = "data.libsvm") {
  std::ofstream(name, std::ios::binary) << text;
  return name;
}

/// Reads a file in float64.
inline rhosweep::data::Dataset::Rows rows_of(const std::filesystem::path& file,
                                             const std::string& label = "") {
  return rhosweep::data::read_rows({.path = file, .label_column = label}, rhosweep::model::Precision::float64)
      .rows;
}

template <class T>
std::vector<T> list(std::span<const T> values) {
  return {values.begin(), values.end()};
}

/// Returns the elements of a list that is stored in pieces, as one vector.
template <class List>
auto all(const List& list) {
  std::vector<std::decay_t<decltype(list[0])>> elements;
  for (std::size_t i = 0; i < list.size(); ++i) elements.push_back(list[i]);
  return elements;
}

/// Returns all values, shape (samples, features), including the zeros that the rows leave out.
inline std::vector<double> numbers_of(const rhosweep::data::Dataset::Rows& rows) {
  std::vector<double> numbers(rows.labels.size() * static_cast<std::size_t>(rows.features));
  for (std::size_t i = 0; i < rows.labels.size(); ++i)
    for (auto k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k)
      numbers[i * static_cast<std::size_t>(rows.features) + static_cast<std::size_t>(rows.columns[k])] =
          rows.values[k];
  return numbers;
}
