#include "rhosweep/process/scratch.hpp"

#include "descendants.hpp"

#include "rhosweep/core/log.hpp"

namespace rhosweep::process {

namespace {

constexpr std::string_view purpose = "trial";

std::string_view clean_up_once() {
  [[maybe_unused]] static const bool is_clean = [] {
    core::remove_abandoned(purpose, [](const std::filesystem::path& folder) {
      core::log::info("removing {}: its trial's processes were killed", folder.string());
      kill_repeatedly([&] { return kill_marked(mark_of(folder)); });
    });
    return true;
  }();
  return purpose;
}

}  // namespace

Scratch::Scratch() : folder_(clean_up_once()) {}

}  // namespace rhosweep::process
