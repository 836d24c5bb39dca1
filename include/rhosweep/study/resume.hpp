#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/study.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::study {

/// Returns whether two texts describe the same sweep. The same sweep may have different texts, because older
/// versions of rhosweep wrote some sweeps differently.
/// @param stored the text in a results file
/// @param sweep a text of Sweep::to_toml()
bool is_same_sweep(const std::string& stored, const std::string& sweep);

/// Throws core::InputError unless the file belongs to the study: same sweep, same data, and stepsizes, minima
/// and steps that are equal bit by bit. The message names the difference and ends with the advice `way_out`.
void require_same_study(const store::ResultsReader& file, const Study& study, std::string_view way_out = {});

/// Returns the names of the parts of a file, such as "attribute title", that differ from what the study
/// computes. Covers only parts that lie outside the cells and that require_same_study() does not check.
/// @param study the study of the file. @pre require_same_study() does not throw
std::vector<std::string> changed_parts(const store::ResultsReader& file, const Study& study);

/// Throws core::FileError if the coordinates of a file differ from the coordinates in the sweep that the file
/// stores. Without this check, a damaged coordinate would attribute results to other trials.
void require_own_coordinates(const store::ResultsReader& file);

/// Opens a results file to show or export its contents. Throws what ResultsReader throws, and core::FileError
/// if the file's coordinates differ from the coordinates in its sweep. Does not check the coordinates if this
/// version cannot read the sweep, for example the sweep of a program with custom problems.
store::ResultsReader open_results(const std::filesystem::path& path);

/// Returns the cells of a results file that are left to run: pending cells, failed cells, and cells that fail
/// their checksum. Logs a warning if cells fail their checksum. Clears cells that contradict the sweep
/// (store::Misfit). Throws what ResultsReader, require_same_study and ResultsFile throw.
model::CellSet cells_to_resume(const std::filesystem::path& path, const Study& study);

}  // namespace rhosweep::study
