#include "rhosweep/study/provenance.hpp"

#include "commit.hpp"
#include "version.hpp"

#include "rhosweep/core/processors.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/vector_unit.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/sgd/eigen_version.hpp"
#include "rhosweep/store/results_file.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::study {

namespace {

store::Provenance versions() {
  return {{"rhosweep_version", RHOSWEEP_VERSION},
          {"rhosweep_commit", RHOSWEEP_COMMIT},
          {"build", RHOSWEEP_BUILD_TYPE ", " RHOSWEEP_COMPILER},
          {"mpi_version", mpi::library_version()},
          {"hdf5_version", store::library_version()},
          {"boost_version", mpi::boost_version()},
          {"eigen_version", sgd::eigen_version()}};
}

/// Returns "a:4 b:4": every host, in order of its first rank, with its number of ranks.
std::string host_counts(const std::vector<std::string>& hosts) {
  std::vector<std::pair<std::string, int>> counts;
  for (const std::string& host : hosts) {
    auto seen =
        std::find_if(counts.begin(), counts.end(), [&](const auto& entry) { return entry.first == host; });
    if (seen == counts.end()) seen = counts.insert(counts.end(), {host, 0});
    ++seen->second;
  }
  std::string text;
  for (const auto& [host, count] : counts)
    text += fmt::format("{}{}:{}", text.empty() ? "" : " ", host, count);
  return text;
}

/// Returns "a:0-3 b:4" for the names a, a, a, a, b: each sequence of equal names with its ranks.
std::string rank_ranges(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t first = 0; first < names.size();) {
    std::size_t last = first;
    while (last + 1 < names.size() && names[last + 1] == names[first]) ++last;
    text += fmt::format("{}{}:{}", text.empty() ? "" : " ", names[first], first);
    if (last > first) text += fmt::format("-{}", last);
    first = last + 1;
  }
  return text;
}

/// Returns "a x3 b" for a, a, a, b: each run of equal texts once, with the number of repetitions.
std::string repeated(const std::vector<std::string>& texts) {
  std::string all;
  for (std::size_t first = 0; first < texts.size();) {
    std::size_t end = first + 1;
    while (end < texts.size() && texts[end] == texts[first]) ++end;
    all += fmt::format("{}{}", all.empty() ? "" : " ", texts[first]);
    if (end - first > 1) all += fmt::format(" x{}", end - first);
    first = end;
  }
  return all;
}

/// Largest size of an attribute in bytes; HDF5 allows 64 KiB.
constexpr std::size_t longest_attribute = std::size_t{1} << 15;

constexpr std::string_view uri_scheme = "file://";

}  // namespace

std::string to_folder_text(const std::filesystem::path& folder) {
  std::string text = folder.string();
  if (core::as_utf8(text) == text) return text;
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string uri(uri_scheme);
  for (const char c : text)
    uri += unreserved.find(c) != std::string_view::npos
               ? std::string(1, c)
               : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return uri;
}

std::filesystem::path to_folder(const std::string& text) {
  if (!text.starts_with(uri_scheme)) return text;
  std::string folder;
  for (std::size_t i = uri_scheme.size(); i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      folder += static_cast<char>(byte);
      i += 2;
    } else {
      folder += text[i];
    }
  }
  return folder;
}

std::string version() {
  return RHOSWEEP_VERSION;
}

std::string version_text() {
  std::string text = fmt::format("rhosweep {}", RHOSWEEP_VERSION);
  for (const auto& [name, value] : versions()) text += fmt::format("\n{:<17} {}", name, value);
  text += fmt::format("\n{:<17} {}", "vector_unit", core::to_text(core::vector_unit()));
  return text;
}

Machines gather_machines(const mpi::World& world) {
  return {.hosts = world.gather(world.host()),
          .vector_units = world.gather(core::to_text(core::vector_unit())),
          .processors = world.gather(core::to_list_text(core::usable_processors()))};
}

std::string processors_text(const Machines& machines) {
  std::vector<std::pair<std::string, std::vector<std::string>>> of_hosts;
  for (std::size_t rank = 0; rank < machines.hosts.size(); ++rank) {
    auto host =
        std::ranges::find(of_hosts, machines.hosts[rank], [](const auto& entry) { return entry.first; });
    if (host == of_hosts.end()) host = of_hosts.insert(of_hosts.end(), {machines.hosts[rank], {}});
    host->second.push_back(machines.processors[rank]);
  }
  std::vector<std::pair<std::string, std::string>> alike;  // a text of processors, and the hosts that have it
  for (const auto& [host, of_ranks] : of_hosts) {
    const std::string processors = repeated(of_ranks);
    auto group = std::ranges::find(alike, processors, [](const auto& entry) { return entry.first; });
    if (group == alike.end())
      alike.emplace_back(processors, host);
    else
      group->second += ' ' + host;
  }
  std::string text;
  for (const auto& [processors, hosts] : alike)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", hosts, processors);
  return text;
}

store::Provenance describe_run(const std::string& command_line, const std::string& sweep_folder,
                               const std::string& output_section, const Machines& machines) {
  store::Provenance run = versions();
  run.emplace_back("command_line", command_line);
  run.emplace_back(sweep_folder_attribute, sweep_folder);
  run.emplace_back("output_section", output_section);
  run.emplace_back(
      "start_time",
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()))));
  run.emplace_back("mpi_size", fmt::format("{}", machines.hosts.size()));
  run.emplace_back("hosts", host_counts(machines.hosts));
  run.emplace_back("vector_units", rank_ranges(machines.vector_units));
  run.emplace_back("processors", core::one_line(processors_text(machines), longest_attribute));
  for (const auto& [name, variable] :
       {std::pair{"slurm_job_id", "SLURM_JOB_ID"}, std::pair{"slurm_job_name", "SLURM_JOB_NAME"},
        std::pair{"slurm_cluster", "SLURM_CLUSTER_NAME"}}) {
    if (const char* value = std::getenv(variable)) run.emplace_back(name, value);
  }
  return run;
}

std::string name_process(const std::string& host) {
  const char* const job = std::getenv("SLURM_JOB_ID");
  return fmt::format("process {} on {}{}", ::getpid(), host,
                     job == nullptr ? "" : fmt::format(", Slurm job {}", job));
}

}  // namespace rhosweep::study
