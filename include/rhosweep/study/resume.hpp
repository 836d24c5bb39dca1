#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/study.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::study {

/// Returns whether the text of a results file describes the same sweep as a text of Sweep::to_toml(). Older
/// versions wrote some sweeps in other words.
bool is_same_sweep(const std::string& stored, const std::string& sweep);

/// Throws core::InputError unless the file belongs to the study: same sweep, same data, and stepsizes, minima
/// and steps that are equal bit by bit. The message names the difference and ends with `way_out`.
void require_same_study(const store::ResultsReader& file, const Study& study, std::string_view way_out = {});

/// Returns the parts of a file outside its cells that require_same_study() leaves unchecked and that differ
/// from what the study computes: "attribute title".
/// @param study the file's; require_same_study() has passed
std::vector<std::string> changed_parts(const store::ResultsReader& file, const Study& study);

/// Throws core::FileError if the coordinates of a file differ from those of the sweep stored in it. Without
/// this check, a damaged coordinate would attribute results to other trials.
void require_own_coordinates(const store::ResultsReader& file);

/// Opens a results file to read it for people or scripts. Throws what ResultsReader throws, and
/// core::FileError if its coordinates differ from those of its sweep. A sweep that this version cannot read,
/// such as one of a program with problems of its own, is not compared.
store::ResultsReader open_results(const std::filesystem::path& path);

/// Returns the cells of a results file that are left to run: pending cells, failed cells, and cells that fail
/// their checksum, of which a warning is logged. Clears cells that the sweep rules out (store::Misfit).
/// Throws what ResultsReader, require_same_study and ResultsFile throw.
model::CellSet cells_to_resume(const std::filesystem::path& path, const Study& study);

}  // namespace rhosweep::study
