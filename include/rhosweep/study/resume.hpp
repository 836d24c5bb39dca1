#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/study.hpp"

#include <string_view>

namespace rhosweep::study {

/// Throws core::InputError that names what differs unless the file is of the study's sweep, with the same
/// data and the same stepsizes, minima and steps to the last bit. `way_out` ends the message.
void require_same_study(const store::ResultsReader& file, const Study& study, std::string_view way_out = {});

/// Throws core::FileError unless the coordinates of a file are those of the sweep that it holds: what makes
/// its cells what they are said to be.
void require_own_coordinates(const store::ResultsReader& file);

/// The cells of a results file that are still to be run: pending, failed, or not as their checksums say. A
/// warning tells of the latter. Throws what ResultsReader and require_same_study throw.
model::CellSet cells_to_resume(const std::filesystem::path& path, const Study& study);

}  // namespace rhosweep::study
