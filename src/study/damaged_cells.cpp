#include "rhosweep/study/damaged_cells.hpp"

#include "rhosweep/core/log.hpp"

namespace rhosweep::study {

void warn_of_torn(const store::ResultsReader& file, std::int64_t cells, std::string_view fate) {
  const std::string path = file.path().string();
  if (cells == 1) core::log::warning("{}: 1 cell is not as its checksum says, {}", path, fate);
  if (cells > 1) core::log::warning("{}: {} cells are not as their checksums say, {}", path, cells, fate);
}

}  // namespace rhosweep::study
