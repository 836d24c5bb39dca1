#include "rhosweep/study/damaged_cells.hpp"

#include "rhosweep/core/log.hpp"

namespace rhosweep::study {

void warn_of_damaged(const store::ResultsReader& file, std::int64_t cells, std::string_view treatment) {
  const std::string path = file.path().string();
  if (cells == 1) core::log::warning("{}: 1 cell does not match its checksum and is {}", path, treatment);
  if (cells > 1)
    core::log::warning("{}: {} cells do not match their checksums and are {}", path, cells, treatment);
}

}  // namespace rhosweep::study
