#include "trial_files.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/temporary_folder.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::program {

namespace {

namespace fs = std::filesystem;

constexpr const char* multipliers_name = "multipliers.txt";

/// Makes a new file, or uses the file at this index for other multipliers.
/// @param place index of the file; at most one after the last file
/// @param make returns a new file
template <class Make>
void renew(std::vector<MultipliersFile>& files, std::size_t place,
           const std::vector<const model::Schedule*>& schedules, std::int64_t steps, const Make& make) {
  if (place < files.size() && files[place].assign(schedules, steps)) return;
  MultipliersFile made = make();
  if (place < files.size())
    files[place] = std::move(made);
  else
    files.push_back(std::move(made));
}

}  // namespace

fs::path TrialFiles::scratch(std::size_t trial) const {
  return folder_ / fmt::format("{}", trial);
}

fs::path TrialFiles::multipliers(std::size_t trial) const {
  return scratch(trial) / multipliers_name;
}

fs::path TrialFiles::table() const {
  return first_ == 0 ? fs::path() : folder_ / "multipliers.npy";
}

void TrialFiles::prepare(const std::vector<const model::Schedule*>& schedules, std::int64_t steps,
                         bool with_table) {
  first_ = with_table ? 1 : 0;
  in_use_ = first_ + schedules.size();
  if (with_table)
    renew(files_, 0, schedules, steps, [&] {
      fs::remove(table());
      return MultipliersFile::table(table(), schedules, steps);
    });
  for (std::size_t i = 0; i < schedules.size(); ++i)
    renew(files_, first_ + i, {schedules[i]}, steps, [&] {
      core::remove_folder(scratch(i));
      std::error_code failure;
      if (!fs::create_directory(scratch(i), failure))
        throw core::FileError(scratch(i).string(), failure.message());
      return MultipliersFile::text(multipliers(i), *schedules[i], steps);
    });
}

void TrialFiles::clear() {
  for (std::size_t i = 0; first_ + i < in_use_; ++i) {
    std::error_code ignored;
    const auto is_foreign = [](const fs::directory_entry& entry) {
      return entry.path().filename() != multipliers_name;
    };
    const fs::directory_iterator entries(scratch(i), ignored);
    if (!ignored && std::none_of(begin(entries), end(entries), is_foreign)) continue;
    core::remove_folder(scratch(i));
    files_[first_ + i].drop();
  }
}

}  // namespace rhosweep::program
