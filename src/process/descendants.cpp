#include "descendants.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/process/scratch.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include <unistd.h>

namespace rhosweep::process {

namespace {

namespace fs = std::filesystem;

bool has_entry(const fs::path& process, std::string_view entry) {
  std::ifstream file(process / "environ", std::ios::binary);
  for (std::string variable; std::getline(file, variable, '\0');)
    if (variable == entry) return true;
  return false;
}

}  // namespace

std::vector<pid_t> children() {
  std::vector<pid_t> list;
  std::error_code ignored;
  for (const auto& thread : fs::directory_iterator("/proc/self/task", ignored)) {
    std::ifstream file(thread.path() / "children");
    for (pid_t child = 0; file >> child;) list.push_back(child);
  }
  return list;
}

std::string mark_of(const fs::path& scratch) {
  return std::string(scratch_variable) + "=" + scratch.string();
}

bool kill_marked(const std::string& entry) {
  bool is_any = false;
  std::error_code ignored;
  for (const auto& folder : fs::directory_iterator("/proc", ignored)) {
    const auto process = core::parse_integer(folder.path().filename().string());
    if (!process || *process == ::getpid() || !has_entry(folder.path(), entry)) continue;
    is_any = true;
    ::kill(static_cast<pid_t>(*process), SIGKILL);
  }
  return is_any;
}

}  // namespace rhosweep::process
