#include "rhosweep/study/provenance.hpp"

#include <cstdlib>
#include <ctime>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;

namespace {

std::map<std::string, std::string> describe(const std::vector<std::string>& hosts,
                                            const std::vector<std::string>& units) {
  const auto run = study::describe_run(
      "rhosweep run a.toml", "/home/a", "[output]\n",
      {.hosts = hosts, .vector_units = units, .processors = std::vector<std::string>(hosts.size(), "0-1")});
  std::map<std::string, std::string> entries;
  for (const auto& [name, text] : run) {
    CHECK(!entries.contains(name));
    entries[name] = text;
  }
  return entries;
}

}  // namespace

TEST_CASE("a run is described by its versions, command, hosts and time") {
  const auto run = describe({"n1", "n1", "n2", "n1"}, {"avx2", "avx2", "avx512", "avx2"});
  for (const char* name : {"rhosweep_version", "rhosweep_commit", "mpi_version", "hdf5_version"})
    CHECK(!run.at(name).empty());
  CHECK(run.at("rhosweep_version") == study::version());
  CHECK(run.at("command_line") == "rhosweep run a.toml");
  CHECK(run.at(study::sweep_folder_attribute) == "/home/a");
  CHECK(run.at("output_section") == "[output]\n");
  CHECK(run.at("mpi_size") == "4");
  CHECK(run.at("hosts") == "n1:3 n2:1");
  CHECK(run.at("vector_units") == "avx2:0-1 avx512:2 avx2:3");
  CHECK(run.at("processors") == "n1: 0-1 x3; n2: 0-1");
}

TEST_CASE("hosts whose ranks have the same processors share an entry") {
  const auto text = [](const std::vector<std::string>& hosts, const std::vector<std::string>& processors) {
    return study::processors_text({.hosts = hosts, .vector_units = {}, .processors = processors});
  };
  CHECK(text({"n1"}, {"0-7,16"}) == "n1: 0-7,16");
  CHECK(text({"n1", "n2", "n1", "n2"}, {"0", "0", "1", "1"}) == "n1 n2: 0 1");
  CHECK(text({"n1", "n1", "n2", "n2", "n2"}, {"0-1", "0-1", "0", "0", "3"}) == "n1: 0-1 x2; n2: 0 x2 3");
}

TEST_CASE("a folder whose name is no UTF-8 is recorded as a URI, and found again") {
  CHECK(study::to_folder_text("/data/caf\u00e9 100%") == "/data/caf\u00e9 100%");
  CHECK(study::to_folder_text("/data/caf\xe9 100%") == "file:///data/caf%E9%20100%25");
  for (const char* const folder : {"/", "/data/caf\u00e9 100%", "/data/caf\xe9 100%", "/\xff/%41/a\nb/"})
    CHECK(study::to_folder(study::to_folder_text(folder)) == folder);
  for (const char* const damaged : {"file://", "file:///%", "file:///%4", "file:///%zz"})
    CHECK_NOTHROW(study::to_folder(damaged));
}

TEST_CASE("a run begins now, in UTC") {
  const std::time_t before = std::time(nullptr);
  const std::string text = describe({"n1"}, {"avx2"}).at("start_time");
  std::tm time{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
  REQUIRE(end != nullptr);
  CHECK(*end == '\0');
  const std::time_t start = ::timegm(&time);
  CHECK(start >= before);
  CHECK(start <= std::time(nullptr));
}

TEST_CASE("a Slurm job is named, and none outside of one") {
  for (const char* name : {"SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_CLUSTER_NAME"}) ::unsetenv(name);
  CHECK(!describe({"n1"}, {"avx2"}).contains("slurm_job_id"));
  ::setenv("SLURM_JOB_ID", "4711", 1);
  ::setenv("SLURM_CLUSTER_NAME", "big", 1);
  const auto run = describe({"n1"}, {"avx2"});
  CHECK(run.at("slurm_job_id") == "4711");
  CHECK(run.at("slurm_cluster") == "big");
  CHECK(!run.contains("slurm_job_name"));
}

TEST_CASE("the version text names the program and every library, a line each") {
  const std::string text = study::version_text();
  CHECK_THAT(text, Catch::Matchers::StartsWith("rhosweep " + study::version() + "\n"));
  for (const char* name : {"rhosweep_commit", "mpi_version", "hdf5_version", "eigen_version", "vector_unit"})
    CHECK_THAT(text, Contains("\n" + std::string(name) + " "));
}
