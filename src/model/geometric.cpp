#include "geometric.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <fmt/format.h>

namespace rhosweep::model {

namespace {

/// A number with 50 decimal digits. After ten million products, about 40 digits are still correct, which is
/// enough to find the nearest double.
using Number = boost::multiprecision::cpp_bin_float_50;

Number decimal(double value) {
  return Number(fmt::format("{}", value));
}

}  // namespace

std::vector<double> geometric(double from, double to, std::int64_t n) {
  const Number first = decimal(from);
  const Number ratio = pow(Number(decimal(to) / first), Number(1) / (n - 1));
  std::vector<double> values{from};
  values.reserve(n);
  for (Number value = first * ratio; std::ssize(values) < n - 1; value *= ratio)
    values.push_back(value.convert_to<double>());
  values.push_back(to);
  return values;
}

std::optional<std::vector<double>> geometric_steps(double from, double to, double base, std::int64_t parts,
                                                   std::int64_t most) {
  const Number ratio = pow(decimal(base), Number(1) / parts);
  std::vector<double> values;
  for (Number value = decimal(from); value.convert_to<double>() <= to; value *= ratio) {
    if (std::ssize(values) == most) return std::nullopt;
    values.push_back(value.convert_to<double>());
  }
  return values;
}

}  // namespace rhosweep::model
