#include "rhosweep/core/log.hpp"

#include "rhosweep/core/text.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace rhosweep::core::log {

namespace {

Verbosity chosen = Verbosity::normal;
std::string prefix = "rhosweep: ";

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("rhosweep", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

/// The number of warnings with one reason.
struct Repeated {
  int shown = 0;
  std::int64_t left_out = 0;
};

std::map<std::string, Repeated>& repeated_reasons() {
  static std::map<std::string, Repeated> reasons;
  return reasons;
}

}  // namespace

void set_verbosity(Verbosity verbosity) {
  chosen = verbosity;
  logger().set_level(verbosity == Verbosity::quiet ? spdlog::level::warn : spdlog::level::info);
}

Verbosity verbosity() {
  return chosen;
}

void start(Rank rank) {
  if (rank == Rank{0}) return;
  if (chosen != Verbosity::verbose) logger().set_level(spdlog::level::warn);
  prefix = fmt::format("rhosweep (rank {}): ", rank.value);
}

void write_info(const std::string& line) {
  logger().info("{}{}", prefix, printable(line));
}
void write_warning(const std::string& line) {
  const std::string text = fmt::format("{}warning: {}", prefix, printable(line));
  logger().warn("{}", wrapped(text, most_columns, "  "));
}

void write_repeated_warning(const std::string& reason, const std::string& line, std::int64_t count) {
  constexpr int most_shown = 3;
  constexpr std::size_t most_reasons = 1000;  // bounds the map: reasons may differ from trial to trial
  auto& reasons = repeated_reasons();
  const bool is_counted =
      chosen != Verbosity::verbose && (reasons.size() < most_reasons || reasons.contains(reason));
  if (is_counted) {
    Repeated& of = reasons[reason];
    if (of.shown == most_shown) {
      of.left_out += count;
      return;
    }
    ++of.shown;
  }
  write_warning(line);
}

void conclude_repeated_warnings() {
  for (const auto& [reason, of] : std::exchange(repeated_reasons(), {}))
    if (of.left_out > 0) warning("… and {} more for the same reason: {}", of.left_out, reason);
}

void write_error(const std::string& line) {
  logger().error("{}error: {}", prefix, printable(line));
}

}  // namespace rhosweep::core::log
