#include "rhosweep/store/results_file.hpp"

#include "beside.hpp"
#include "layout.hpp"

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/communicator.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <semaphore.h>
#include <unistd.h>

namespace rhosweep::store {

using namespace h5;

/// Does nothing: closing is collective on several ranks, so no destructor may do it. This is outside the
/// anonymous namespace because ResultsFile::Open has external linkage.
herr_t leave_open(hid_t) {
  return 0;
}
using OpenFile = Handle<leave_open>;

namespace {

OpenFile open_alone(const std::filesystem::path& path) {
  require_hdf5(path);
  OpenFile file(
      check(H5Fopen(path.c_str(), H5F_ACC_RDWR, unlocked_access()), "cannot open the file for writing"));
  require_results(file, path);
  return file;
}

/// Removes the semaphore that Open MPI uses while it opens a file of this name, in any folder. A process
/// killed at that moment leaves the semaphore locked, and every later process would wait forever. Throws if
/// the semaphore belongs to another user, because Open MPI would then fail without giving a reason, or wait.
/// Collective: no rank may create the new semaphore before all ranks have removed the old one.
void remove_semaphore(const std::filesystem::path& path, MPI_Comm comm) {
  constexpr std::size_t longest = 251;  // where Open MPI 4.1 cuts the name (sharedfp_sm_file_open.c)
  const std::string name = ("OMPIO_" + path.filename().string()).substr(0, longest - 1);
  const bool is_gone = ::sem_unlink(("/" + name).c_str()) == 0 || errno == ENOENT;
  int is_foreign = is_gone ? 0 : 1;
  MPI_Allreduce(MPI_IN_PLACE, &is_foreign, 1, MPI_INT, MPI_MAX, comm);
  if (is_foreign != 0)
    throw Hdf5Error(
        "/dev/shm/sem." + name +
        " is another user's, and Open MPI needs it for a file of this name; name the file otherwise");
}

OpenFile open_parallel(const std::filesystem::path& path, MPI_Comm comm) {
  require_hdf5(path);
  remove_semaphore(path, comm);
  // Keeps Open MPI from creating lock files next to the results, for shared file pointers that are not used
  // here. Open MPI reads this variable when a process opens its first file; no MPI_Info has the same effect.
  constexpr int keep_the_users = 0;
  ::setenv("OMPI_MCA_sharedfp", "^lockedfile,individual", keep_the_users);
  const PropertyList access = unlocked_access();
  check(H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL), "cannot choose MPI-IO");
  // Open MPI cannot open a name of one character without a folder.
  const std::filesystem::path name = folder_of(path) / path.filename();
  OpenFile file(check(H5Fopen(name.c_str(), H5F_ACC_RDWR, access), "cannot open the file for writing"));
  require_results(file, path);
  return file;
}

/// Returns the text of errno if it is a disk error. Open MPI tells HDF5 only that fewer bytes were written
/// than requested, not why.
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

/// Everything that is needed to write a block, opened once.
struct ResultsFile::Open {
  struct MetricVariables {
    Dataset final;
    Dataset curve;
  };

  Open(const std::filesystem::path& file_path, OpenFile open_file)
      : path(file_path),
        descriptor(file_path, O_RDWR),
        file(std::move(open_file)),
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
    if (has_variable(file, "run/source")) {
      source = open_dataset(file, "run/source");
      source_file = open_dataset(file, "run/source_file");
    }
    if (has_variable(file, std::string("run/") + use_names.back()))
      for (const char* const name : use_names) use.push_back(open_dataset(file, std::string("run/") + name));
  }

  void require_fitting(const model::Block& block, const model::BlockResult& result) const {
    const std::int64_t finals = std::ssize(metrics) * block.trials;
    core::require(block.point.value >= 0 && block.point.value < grid.axes_points(),
                  "a block's axes point exists");
    core::require(block.seed >= 0 && block.seed < std::ssize(grid.seeds), "a block's seed exists");
    core::require(
        block.first >= 0 && block.trials > 0 && block.first + block.trials <= grid.trials_per_seed(),
        "a block's trials exist");
    core::require(result.trials() == block.trials, "one status per trial");
    core::require(std::ssize(result.diverged_step) == block.trials, "one diverged_step per trial");
    core::require(std::ssize(result.final) == finals, "one final value per metric and trial");
    core::require(std::ssize(result.curve) == finals * evaluations,
                  "one value per metric, trial and evaluation");
  }

  /// Writes the results, the history and, last, the states of a block.
  void write(const model::Block& block, const model::BlockResult& result, const CellHistory& history,
             std::uint16_t from) {
    const std::size_t trials = result.status.size();
    write_payload(result, model::checksums(result));
    write_selected(seconds, cells, std::span(history.seconds));
    write_selected(rank, cells, std::span(history.ranks));
    write_selected(attempt, cells, std::span(history.attempts));
    if (source >= 0) {
      const std::vector<std::uint16_t> sources(trials, from);
      write_selected(source, cells, std::span(sources));
    }
    if (!result.failure.empty()) write_failure(block, result.failure);
    // The status comes last, so a cell that is not pending is complete.
    write_states(result);
  }

  /// Writes all results of a block except its states.
  void write_payload(const model::BlockResult& result, const std::vector<std::uint64_t>& sums) {
    const std::size_t trials = result.status.size();
    const std::size_t curve_size = trials * static_cast<std::size_t>(evaluations);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      write_selected(metrics[m].final, cells, std::span(result.final).subspan(m * trials, trials));
      write_selected(metrics[m].curve, curves, std::span(result.curve).subspan(m * curve_size, curve_size));
    }
    write_selected(diverged_step, cells, std::span(result.diverged_step));
    write_selected(checksum, cells, std::span(sums));
  }

  void write_states(const model::BlockResult& result) {
    const auto states = reinterpret_cast<const std::uint8_t*>(result.status.data());
    write_selected(status, cells, std::span(states, result.status.size()));
  }

  /// Selects the cells of this block for the next reads and writes.
  void select(const model::Block& block) {
    const std::vector<std::int64_t> axes = grid.coordinates(block.point);
    select_block(cells, axes, block);
    select_block(curves, axes, block);
  }

  /// Writes the failure message of a seed. All trials of the seed share this message, so the message that is
  /// written last stays.
  void write_failure(const model::Block& block, const std::string& message) {
    const std::string line = fixed_text(message);
    const Dataspace space = space_of(failure);
    select_seeds(space, grid.coordinates(block.point), block.seed, 1);
    write_selected(failure, space, std::span<const char>(line));
  }

  std::filesystem::path path;
  core::Descriptor descriptor;  // opened on the same file for fdatasync
  OpenFile file;
  model::Grid grid;
  std::int64_t evaluations;
  Dataset status, diverged_step, checksum, seconds, rank, attempt, failure;
  Dataset source, source_file;  // invalid in files of older versions, which lack these variables
  std::vector<Dataset> use;     // variables of RanksUse; empty in files of older versions
  std::vector<MetricVariables> metrics;
  Dataspace cells;   // (axes…, seeds, schedules, ρ)
  Dataspace curves;  // (axes…, seeds, schedules, ρ, evaluations)
};

ResultsFile::ResultsFile(std::unique_ptr<Open> open) : open_(std::move(open)) {}
ResultsFile::~ResultsFile() = default;
ResultsFile::ResultsFile(ResultsFile&&) noexcept = default;
ResultsFile& ResultsFile::operator=(ResultsFile&&) noexcept = default;

void ResultsFile::require_writable(const std::filesystem::path& path) {
  const core::Descriptor file(path, O_RDWR);
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
  // posix_fallocate would write zeros on file systems that cannot reserve space.
  if (::fallocate(file.number(), 0, 0, size) == 0 || errno == EOPNOTSUPP || errno == ENOSYS) return;
  throw core::FileError(path.string(),
                        fmt::format("cannot reserve the {} needed: {}",
                                    core::to_byte_text(static_cast<double>(size)), std::strerror(errno)));
}

ResultsFile ResultsFile::open(const std::filesystem::path& path, const Communicator& comm) {
  start_library();
  return naming(path,
                [&] { return ResultsFile(std::make_unique<Open>(path, open_parallel(path, comm.handle))); });
}

ResultsFile ResultsFile::open(const std::filesystem::path& path) {
  start_library();
  return naming(path, [&] { return ResultsFile(std::make_unique<Open>(path, open_alone(path))); });
}

std::string ResultsFile::sweep() const {
  return naming(open_->path, [&] { return read_text_attribute(open_->file, "sweep"); });
}

void ResultsFile::write(const model::Block& block, const model::BlockResult& result, core::Rank rank) {
  core::require(open_ != nullptr, "a closed results file was written");
  Open& to = *open_;
  to.require_fitting(block, result);
  const std::size_t trials = result.status.size();
  naming(to.path, [&] {
    to.select(block);
    CellHistory history{.seconds = std::vector<double>(trials, result.seconds / static_cast<double>(trials)),
                        .ranks = std::vector<std::int32_t>(trials, static_cast<std::int32_t>(rank.value)),
                        .attempts = read_selected<std::int32_t>(to.attempt, to.cells)};
    for (std::int32_t& attempt : history.attempts) attempt += result.attempts;
    to.write(block, result, history, 0);
  });
}

void ResultsFile::write_failure(const model::Block& block, std::string_view reason) {
  core::require(open_ != nullptr, "a closed results file was written");
  naming(open_->path, [&] { open_->write_failure(block, std::string(reason)); });
}

void ResultsFile::write_use(const RanksUse& use) {
  core::require(open_ != nullptr, "a closed results file was written");
  const std::array values{use.seconds, use.busy, use.processor, use.writing};
  naming(open_->path, [&] {
    for (std::size_t i = 0; i < open_->use.size(); ++i)
      write_selected(open_->use[i], space_of(open_->use[i]), std::span(values).subspan(i, 1));
  });
}

void ResultsFile::copy(const model::Block& block, const model::BlockResult& result,
                       const CellHistory& history, std::uint16_t source) {
  core::require(open_ != nullptr, "a closed results file was written");
  open_->require_fitting(block, result);
  naming(open_->path, [&] {
    open_->select(block);
    open_->write(block, result, history, source);
  });
}

StoredStates ResultsFile::read_states(const model::Block& block) const {
  core::require(open_ != nullptr, "a closed results file was read");
  Open& from = *open_;
  return naming(from.path, [&] {
    from.select(block);
    StoredStates states{.status = to_states(read_selected<std::uint8_t>(from.status, from.cells)),
                        .checksums = read_selected<std::uint64_t>(from.checksum, from.cells),
                        .sources = {}};
    if (from.source >= 0)
      states.sources = read_selected<std::uint16_t>(from.source, from.cells);
    else
      states.sources.resize(states.status.size(), 0);
    return states;
  });
}

void ResultsFile::write_status(const model::Block& block, model::CellStatus status) {
  core::require(open_ != nullptr, "a closed results file was written");
  core::require(!model::has_run(status), "a state without results");
  const std::vector<std::uint8_t> values(block.trials, static_cast<std::uint8_t>(status));
  naming(open_->path, [&] {
    open_->select(block);
    write_selected(open_->status, open_->cells, std::span(values));
  });
}

void ResultsFile::clear(const model::Block& block, model::CellStatus status) {
  core::require(open_ != nullptr, "a closed results file was written");
  core::require(!model::has_run(status), "a state without results");
  model::BlockResult blank(block.trials, std::ssize(open_->metrics), open_->evaluations);
  std::ranges::fill(blank.status, status);
  naming(open_->path, [&] {
    open_->select(block);
    open_->write_payload(blank, std::vector<std::uint64_t>(block.trials, 0));
    open_->write_states(blank);
  });
}

void ResultsFile::stop(const model::Block& cell, std::int64_t evaluation) {
  core::require(open_ != nullptr, "a closed results file was written");
  Open& to = *open_;
  core::require(cell.trials == 1 && evaluation >= 0 && evaluation < to.evaluations,
                "a trial has this evaluation");
  model::BlockResult result(1, std::ssize(to.metrics), to.evaluations);
  result.status.front() = model::CellStatus::stopped;
  naming(to.path, [&] {
    to.select(cell);
    for (std::size_t m = 0; m < to.metrics.size(); ++m) {
      const auto curve = read_selected<double>(to.metrics[m].curve, to.curves);
      std::copy_n(curve.begin(), evaluation + 1,
                  result.curve.begin() + static_cast<std::int64_t>(m) * to.evaluations);
    }
    to.write_payload(result, model::checksums(result));
    to.write_states(result);
  });
}

std::uint16_t ResultsFile::add_source(const std::string& text) {
  core::require(open_ != nullptr, "a closed results file was written");
  Open& to = *open_;
  return naming(to.path, [&] {
    if (to.source < 0)
      throw core::InputError(
          to.path.string() +
          ": made by an older version of rhosweep, so it cannot record the sources of copied "
          "cells; copy into a new file");
    const std::string line = fixed_text(text);
    const Dataspace space = space_of(to.source_file);
    const std::vector<std::string> known = split_texts(read_selected<char>(to.source_file, space));
    const std::string wanted = split_texts({line.begin(), line.end()}).front();
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (known[i] == wanted) return static_cast<std::uint16_t>(i + 1);
      if (!known[i].empty()) continue;
      const Extents start{i, 0};
      const Extents count{1, text_characters};
      check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
            "cannot select a text");
      write_selected(to.source_file, space, std::span<const char>(line));
      return static_cast<std::uint16_t>(i + 1);
    }
    core::refuse(to.path.string(), fmt::format("cells from {} files, as many as it can record", known.size()),
                 "cells from these files");
  });
}

void ResultsFile::sync() {
  core::require(open_ != nullptr, "a closed results file was synced");
  if (::fdatasync(open_->descriptor.number()) != 0)
    throw core::FileError(open_->path.string(), std::strerror(errno));
}

void ResultsFile::require_in_place() const {
  core::require(open_ != nullptr, "a closed results file was looked for");
  if (!open_->descriptor.is_at(open_->path))
    throw core::FileError(open_->path.string(), "this file was replaced or removed while the run wrote it");
}

void ResultsFile::close() {
  core::require(open_ != nullptr, "a results file was closed twice");
  sync();
  const std::filesystem::path path = open_->path;
  const hid_t file = open_->file.release();
  open_.reset();  // closes the variables first: HDF5 does not close a parallel file while some are open
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
