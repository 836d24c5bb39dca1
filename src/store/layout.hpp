#pragma once

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::store {

/// The root attribute that identifies results files, and its value.
inline constexpr const char* format_attribute = "rhosweep_format";
inline constexpr std::int32_t file_format = 1;

/// Prefix of the name of the variable that holds a metric's values at the last step. The variable of the
/// metric's learning curve has the metric's name without a prefix.
inline constexpr std::string_view final_prefix = "final_";
std::string final_name(const std::string& metric);
/// Returns the name of the variable with a metric's values at the initial point.
std::string initial_name(const std::string& metric);

/// Size in bytes of the strings in /run: why a trial failed, and where a cell was copied from.
inline constexpr std::size_t text_characters = model::failure_characters;
/// Converts a text to `text_characters` bytes: on one line, cut if too long, and padded.
std::string fixed_text(const std::string& text);

/// Number of files from which a resumed run may copy cells, in addition to the files from which cells were
/// copied when the results file was created.
inline constexpr std::int64_t spare_sources = 4;
/// Largest number of files from which cells may be copied: /run/source stores the file's number in 16 bits.
inline constexpr std::size_t most_sources = 65535;

/// Names of the variables in /run that store the members of RanksUse, in the order of the members.
inline constexpr std::array<const char*, 4> use_names{"blocks_seconds", "busy_share", "processor_share",
                                                      "writing_share"};

/// Returns the index of the axis sgd.steps, or the number of axes if there is none.
std::int64_t steps_axis(const model::Grid& grid);

/// Returns how many seeds to read at once, so that the cells of these seeds take a few MiB of memory.
std::int64_t seeds_per_slab(const FileDescription& description);

/// Throws core::FileError if the file cannot be read, core::InputError if it is not a regular file in HDF5
/// format.
void require_hdf5(const std::filesystem::path& path);
/// Throws core::InputError unless the open file is a results file in a format that this version knows.
void require_results(hid_t file, const std::filesystem::path& path);

/// Reads the axes, seeds, schedules and ρ.
model::Grid read_grid(hid_t file);
/// Returns the metrics' names, in the order of the metrics' variables in the file.
std::vector<std::string> metric_names(hid_t file);

/// Throws Hdf5Error unless every variable has the shape that follows from the grid, the evaluations and the
/// metrics, and the values of the dimensions are possible in a sweep. Code that uses a file relies on this
/// check.
void require_shapes(hid_t file, const model::Grid& grid, std::int64_t evaluations,
                    const std::vector<std::string>& metrics);

/// Selects the cells of a block, with all evaluations if there are any: one contiguous piece of the file.
/// `space` has the shape (axes…, seeds, schedules, ρ) or (axes…, seeds, schedules, ρ, evaluations); `axes`
/// are the coordinates of the block's axes point.
void select_block(hid_t space, const std::vector<std::int64_t>& axes, const model::Block& block);

/// Selects all values of consecutive seeds at an axes point. `space` has the shape (axes…, seeds, …).
void select_seeds(hid_t space, const std::vector<std::int64_t>& axes, std::int64_t first, std::int64_t seeds);

/// Selects the cells of one schedule and some seeds: one contiguous piece of the file per seed.
void select_slab(hid_t space, const std::vector<std::int64_t>& axes, const SeedRange& seeds,
                 std::int64_t schedule);

/// Splits an array of characters into strings of `text_characters` bytes, without the padding.
std::vector<std::string> split_texts(const std::vector<char>& characters);

/// Converts stored values to states. An invalid value is damage and becomes pending, so that the cell is run
/// again.
std::vector<model::CellStatus> to_states(const std::vector<std::uint8_t>& values);

/// Runs code that uses HDF5 and adds the file's name to its errors.
template <class Action>
auto naming(const std::filesystem::path& path, Action&& action) {
  try {
    return action();
  } catch (const h5::Hdf5Error& error) {
    // The message may quote names from a damaged file.
    throw core::FileError(path.string(), core::one_line(error.what()));
  }
}

}  // namespace rhosweep::store
