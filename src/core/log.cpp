#include "rhosweep/core/log.hpp"

#include "rhosweep/core/text.hpp"

#include <memory>
#include <string>

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
void write_error(const std::string& line) {
  logger().error("{}error: {}", prefix, printable(line));
}

}  // namespace rhosweep::core::log
