#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Returns a pointer to the first number of each sample. The samples are stored one after the other.
template <class Real>
std::vector<const Real*> rows_of(const std::vector<Real>& samples, std::int64_t dimension) {
  std::vector<const Real*> rows(samples.size() / static_cast<std::size_t>(dimension));
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = samples.data() + i * static_cast<std::size_t>(dimension);
  return rows;
}
