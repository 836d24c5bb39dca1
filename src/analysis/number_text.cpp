#include "number_text.hpp"

namespace rhosweep::analysis {

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "-";
  return std::isinf(value) ? "diverged" : fmt::format("{:.{}g}", value, digits);
}

std::string fixed_text(double value, int digits) {
  if (std::isnan(value)) return "-";
  return std::isinf(value) ? "diverged" : fmt::format("{:.{}f}", value, digits);
}

std::string factor_text(double cost) {
  if (!std::isfinite(cost)) return "-";
  return cost < 9.0 ? fmt::format("{:.2f}", 1.0 + cost) : fmt::format("{:.3g}", 1.0 + cost);
}

std::string grid_ratio_text(double value) {
  if (std::isinf(value)) return "beyond";
  if (value < 10.0) return fmt::format("{:.3g}", value);
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1.0);
  return fmt::format("{:.0f}", std::round(value / unit) * unit);
}

}  // namespace rhosweep::analysis
