#pragma once

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::store {

using namespace h5;  // the handles and checked calls that this room is written in

/// The root attribute that marks results, and its value.
inline constexpr const char* format_attribute = "rhosweep_format";
inline constexpr std::int32_t file_format = 1;

/// The variable of a metric at the last step; its curve has the metric's own name.
inline constexpr std::string_view final_prefix = "final_";
std::string final_name(const std::string& metric);
/// The variable of a metric at the initial point.
std::string initial_name(const std::string& metric);

/// Bytes of the texts that /run keeps: why a trial failed, where a cell was copied from.
inline constexpr std::size_t text_characters = 160;
/// A text as it stands there: on one line, cut if need be, and filled up.
std::string fixed_text(const std::string& text);

/// Files of which a resumed run may copy cells, beyond those that a file was made with.
inline constexpr std::int64_t spare_sources = 4;
/// A cell's source is a number of 16 bits.
inline constexpr std::size_t most_sources = 65535;

/// The index of the axis sgd.steps; the number of axes if there is none.
std::int64_t steps_axis(const model::Grid& grid);

/// Seeds whose cells are read at once: a few MiB.
std::int64_t seeds_per_slab(const FileDescription& description);

/// Throws core::FileError unless the file can be read, core::InputError unless it is an HDF5 file.
void require_hdf5(const std::filesystem::path& path);
/// Throws core::InputError unless the open file is a results file of a format that is known here.
void require_results(hid_t file, const std::filesystem::path& path);

/// The axes, seeds, schedules and ρ.
model::Grid read_grid(hid_t file);
/// The metrics' names, in the order of their variables.
std::vector<std::string> metric_names(hid_t file);

/// Throws Hdf5Error unless every variable has the shape that the grid, the evaluations and the metrics ask
/// for. What stands on a file's shapes relies on it.
void require_shapes(hid_t file, const model::Grid& grid, std::int64_t evaluations,
                    const std::vector<std::string>& metrics);

/// Selects the cells of a block, and all evaluations where there are some: one contiguous piece of the file.
/// @param space (axes…, seeds, schedules, ρ) or (…, evaluations)
/// @param axes coordinates of the block's axes point
void select_block(hid_t space, const std::vector<std::int64_t>& axes, const model::Block& block);

/// Selects everything of consecutive seeds at an axes point.
/// @param space (axes…, seeds, …)
void select_seeds(hid_t space, const std::vector<std::int64_t>& axes, std::int64_t first, std::int64_t seeds);

/// Selects a schedule's cells of some seeds: one contiguous piece of the file for each seed.
void select_slab(hid_t space, const std::vector<std::int64_t>& axes, const SeedRange& seeds,
                 std::int64_t schedule);

/// Reads texts of fixed length.
std::vector<std::string> split_texts(const std::vector<char>& characters);

/// States of cells; one that there is not is damage: to be run again.
std::vector<model::CellStatus> to_states(const std::vector<std::uint8_t>& values);

/// Runs what uses HDF5; its errors get the file's name.
template <class Action>
auto naming(const std::filesystem::path& path, Action&& action) {
  try {
    return action();
  } catch (const Hdf5Error& error) {
    // It may quote names from a damaged file.
    throw core::FileError(path.string(), core::one_line(error.what()));
  }
}

}  // namespace rhosweep::store
