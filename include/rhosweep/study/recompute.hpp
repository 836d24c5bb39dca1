#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::study {

/// The outcome of computing finished cells again.
struct Recomputed {
  std::int64_t cells = 0;
  std::vector<model::Block> differing;  ///< the cells whose new result differs, as blocks of one trial
};

/// Runs a uniform random sample of a file's finished cells again and compares the results bit by bit. Each
/// call draws a new sample. If the trials are programs, starts these programs, and throws core::InputError if
/// that is not possible.
/// @param study the study of `file`
/// @param file results file, which is only read
/// @param unfinished cells that are never drawn
/// @param cells maximum number of cells in the sample
/// @param stops the limits at which trials are stopped early, from store::survey(); nullptr without
/// [stop_when]
Recomputed recompute_sample(const Study& study, const store::ResultsReader& file,
                            const model::CellSet& unfinished, std::int64_t cells,
                            const model::StopTable* stops = nullptr);

}  // namespace rhosweep::study
