#include "rhosweep/problem/problem.hpp"

#include "rhosweep/problem/direct_problem.hpp"

#include <algorithm>

namespace rhosweep::problem {

std::vector<double> Problem::initial_point(std::int64_t /*seed*/) const {
  return std::vector<double>(dimension(), 0.0);
}

void DirectProblem::draw_noise(std::int64_t /*seed*/, std::int64_t /*step*/, std::int64_t /*batch_size*/,
                               std::span<double> noise) const {
  std::fill(noise.begin(), noise.end(), 0.0);
}

}  // namespace rhosweep::problem
