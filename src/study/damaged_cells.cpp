#include "rhosweep/study/damaged_cells.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/study/cell_label.hpp"

namespace rhosweep::study {

void warn_of_damaged(const store::ResultsReader& file, std::int64_t cells, std::string_view treatment) {
  const std::string path = file.path().string();
  if (cells == 1) core::log::warning("{}: 1 cell does not match its checksum and is {}", path, treatment);
  if (cells > 1)
    core::log::warning("{}: {} cells do not match their checksums and are {}", path, cells, treatment);
}

void clear_misfits(const std::filesystem::path& path, const model::Grid& grid,
                   const std::vector<store::Misfit>& misfits) {
  if (misfits.empty()) return;
  core::log::warning("{}: {} not as the sweep says and {} cleared; the first is {}: {}", path.string(),
                     misfits.size() == 1 ? "1 cell is" : core::counted(std::ssize(misfits), "cell") + " are",
                     misfits.size() == 1 ? "is" : "are", cell_label(grid, misfits.front().cell),
                     misfits.front().complaint);
  store::ResultsFile::require_writable(path);
  store::ResultsFile file = store::ResultsFile::open(path);
  for (const store::Misfit& misfit : misfits) file.clear(misfit.cell, misfit.proper);
  file.close();
}

}  // namespace rhosweep::study
