#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::study {

/// What running finished cells again gave.
struct Recomputed {
  std::int64_t cells = 0;
  std::vector<model::Block> differing;  ///< one trial each
};

/// Runs a uniform random sample of a file's finished cells again and compares the results bit by bit. Trials
/// that are programs are started. Throws core::InputError where they cannot be.
/// @param study that the file is of
/// @param file only read here
/// @param unfinished the cells that are not drawn
/// @param cells size of the sample, at most; another sample each time
Recomputed recompute_sample(const Study& study, const store::ResultsReader& file,
                            const model::CellSet& unfinished, std::int64_t cells);

}  // namespace rhosweep::study
