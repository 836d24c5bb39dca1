#include "rhosweep/store/results_file.hpp"

#include "descriptor.hpp"
#include "layout.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::store {

namespace {

/// Closing is collective, so no destructor may do it.
herr_t leave_open(hid_t) {
  return 0;
}
using ParallelFile = Handle<leave_open>;

ParallelFile open_parallel(const std::filesystem::path& path, MPI_Comm comm) {
  require_hdf5(path);
  // Keeps Open MPI from making lock files beside the results, for shared file pointers that nobody uses. It
  // looks at this when a process opens its first file, and no MPI_Info can say the same.
  constexpr int keep_the_users = 0;
  ::setenv("OMPI_MCA_sharedfp", "^lockedfile,individual", keep_the_users);
  const PropertyList access = unlocked_access();
  check(H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL), "cannot choose MPI-IO");
  ParallelFile file(check(H5Fopen(path.c_str(), H5F_ACC_RDWR, access), "cannot open the file for writing"));
  require_results(file, path);
  return file;
}

/// What the system said last, if it is something that disks say. Open MPI only tells HDF5 that fewer bytes
/// were written than meant, not why.
std::string disk_error() {
  constexpr std::array said_by_disks{EIO,    ENOSPC, EDQUOT, EFBIG,  EROFS,
                                     ESTALE, EACCES, EPERM,  ENODEV, ETIMEDOUT};
  if (std::find(said_by_disks.begin(), said_by_disks.end(), errno) == said_by_disks.end()) return {};
  return std::string(": ") + std::strerror(errno);
}

template <class T>
void write_selected(hid_t dataset, hid_t selection, std::span<const T> values) {
  const Dataspace memory = make_space(Extents{values.size()});
  errno = 0;
  const herr_t written = H5Dwrite(dataset, memory_type<T>(), memory, selection, H5P_DEFAULT, values.data());
  if (written < 0) check(written, "cannot write a block" + disk_error());
}

}  // namespace

/// Everything that writing a block needs, opened once.
struct ResultsFile::Open {
  struct MetricVariables {
    Dataset final;
    Dataset curve;
  };

  Open(const std::filesystem::path& file_path, MPI_Comm comm)
      : path(file_path),
        descriptor(file_path, O_RDWR),
        file(open_parallel(file_path, comm)),
        grid(read_grid(file)),
        evaluations(std::ssize(read_all<std::int64_t>(file, "evaluation"))),
        status(open_dataset(file, "status")),
        diverged_step(open_dataset(file, "diverged_step")),
        checksum(open_dataset(file, "checksum")),
        seconds(open_dataset(file, "run/seconds")),
        rank(open_dataset(file, "run/rank")),
        attempt(open_dataset(file, "run/attempt")),
        failure(open_dataset(file, "run/failure")),
        cells(space_of(status)) {
    const std::vector<std::string> names = metric_names(file);
    require_shapes(file, grid, evaluations, names);
    for (const std::string& name : names)
      metrics.push_back({open_dataset(file, final_name(name)), open_dataset(file, name)});
    curves = space_of(metrics.front().curve);
  }

  void require_fitting(const model::Block& block, const model::BlockResult& result) const {
    const std::int64_t finals = std::ssize(metrics) * block.trials;
    core::require(block.point.value >= 0 && block.point.value < grid.points(), "a block's axes point exists");
    core::require(block.seed >= 0 && block.seed < std::ssize(grid.seeds), "a block's seed exists");
    core::require(
        block.first >= 0 && block.trials > 0 && block.first + block.trials <= grid.trials_per_stream(),
        "a block's trials exist");
    core::require(result.trials() == block.trials, "one status per trial");
    core::require(std::ssize(result.diverged_step) == block.trials, "one diverged_step per trial");
    core::require(std::ssize(result.final) == finals, "one final value per metric and trial");
    core::require(std::ssize(result.curve) == finals * evaluations,
                  "one value per metric, trial and evaluation");
  }

  /// One message for all trials of a seed: the last one stays.
  void write_failure(const std::vector<std::int64_t>& axes, std::int64_t seed, const std::string& message) {
    std::string line = core::one_line(message, failure_characters - std::size("..."));
    line.resize(failure_characters, '\0');
    const Dataspace space = space_of(failure);
    select_seeds(space, axes, seed, 1);
    write_selected(failure, space, std::span<const char>(line));
  }

  std::filesystem::path path;
  Descriptor descriptor;  // of the same file, for fdatasync
  ParallelFile file;
  model::Grid grid;
  std::int64_t evaluations;
  Dataset status, diverged_step, checksum, seconds, rank, attempt, failure;
  std::vector<MetricVariables> metrics;
  Dataspace cells;   // (axes…, seeds, schedules, ρ)
  Dataspace curves;  // (…, evaluations)
};

ResultsFile::ResultsFile(std::unique_ptr<Open> open) : open_(std::move(open)) {}
ResultsFile::~ResultsFile() = default;
ResultsFile::ResultsFile(ResultsFile&&) noexcept = default;
ResultsFile& ResultsFile::operator=(ResultsFile&&) noexcept = default;

void ResultsFile::require_writable(const std::filesystem::path& path) {
  const Descriptor file(path, O_RDWR);
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
  // Not posix_fallocate, which writes zeros where the file system knows no reservations.
  if (::fallocate(file, 0, 0, size) == 0 || errno == EOPNOTSUPP || errno == ENOSYS) return;
  throw core::FileError(path.string(),
                        fmt::format("cannot reserve the {} needed: {}",
                                    core::to_byte_text(static_cast<double>(size)), std::strerror(errno)));
}

ResultsFile ResultsFile::open(const std::filesystem::path& path, MPI_Comm comm) {
  start_library();
  return naming(path, [&] { return ResultsFile(std::make_unique<Open>(path, comm)); });
}

std::string ResultsFile::sweep_hash() const {
  return naming(open_->path, [&] { return read_text_attribute(open_->file, "sweep_hash"); });
}

void ResultsFile::write(const model::Block& block, const model::BlockResult& result, core::Rank rank) {
  core::require(open_ != nullptr, "a closed results file was written");
  Open& to = *open_;
  to.require_fitting(block, result);

  const std::size_t trials = result.status.size();
  const std::size_t curve_size = trials * static_cast<std::size_t>(to.evaluations);
  const std::vector<std::uint64_t> sums = model::checksums(result);
  const std::vector<double> seconds(trials, result.seconds / static_cast<double>(trials));
  const std::vector<std::int32_t> ranks(trials, static_cast<std::int32_t>(rank.value));
  const auto states = reinterpret_cast<const std::uint8_t*>(result.status.data());

  naming(to.path, [&] {
    const std::vector<std::int64_t> axes = to.grid.coordinates(block.point);
    select_block(to.cells, axes, block);
    select_block(to.curves, axes, block);
    for (std::size_t m = 0; m < to.metrics.size(); ++m) {
      const auto final = std::span(result.final).subspan(m * trials, trials);
      const auto curve = std::span(result.curve).subspan(m * curve_size, curve_size);
      write_selected(to.metrics[m].final, to.cells, final);
      write_selected(to.metrics[m].curve, to.curves, curve);
    }
    write_selected(to.diverged_step, to.cells, std::span(result.diverged_step));
    write_selected(to.checksum, to.cells, std::span(sums));
    write_selected(to.seconds, to.cells, std::span(seconds));
    write_selected(to.rank, to.cells, std::span(ranks));
    auto attempts = read_selected<std::int32_t>(to.attempt, to.cells);
    for (std::int32_t& attempt : attempts) attempt += result.attempts;
    write_selected(to.attempt, to.cells, std::span<const std::int32_t>(attempts));
    if (!result.failure.empty()) to.write_failure(axes, block.seed, result.failure);
    // Last: a cell that is not pending is complete.
    write_selected(to.status, to.cells, std::span(states, trials));
  });
}

void ResultsFile::sync() {
  core::require(open_ != nullptr, "a closed results file was synced");
  if (::fdatasync(open_->descriptor) != 0) throw core::FileError(open_->path.string(), std::strerror(errno));
}

void ResultsFile::close() {
  core::require(open_ != nullptr, "a results file was closed twice");
  sync();
  const std::filesystem::path path = open_->path;
  const hid_t file = open_->file.release();
  open_.reset();  // the variables first: HDF5 does not close a parallel file with open ones
  naming(path, [&] { check(H5Fclose(file), "cannot close the file"); });
}

std::string library_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  check(H5get_libversion(&major, &minor, &release), "cannot ask HDF5 for its version");
  return fmt::format("{}.{}.{}", major, minor, release);
}

bool has_unclosable_file() {
  return h5::has_unclosable_file();
}

}  // namespace rhosweep::store
