#include "rhosweep/data/data_file.hpp"

#include "row_sink.hpp"
#include "text_lines.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rhosweep::data {

const char* const DataFile::allowed =
    "LIBSVM text (.libsvm, .svm, .txt or no ending) or CSV (.csv), perhaps compressed (.gz, .bz2), or HDF5 "
    "(.h5, .hdf5)";

std::optional<FileFormat> DataFile::format() const {
  const std::string whole_ending = path.extension().string();
  if (whole_ending == ".h5" || whole_ending == ".hdf5") return FileFormat::hdf5;
  const std::string ending = text_ending(path);
  if (ending == ".csv") return FileFormat::csv;
  // The usual endings and those of the LIBSVM collection (a9a, a9a.t, rcv1_train.binary.bz2).
  constexpr std::array libsvm{"", ".libsvm", ".svm", ".txt", ".t", ".tr", ".val", ".binary", ".scale"};
  if (std::find(libsvm.begin(), libsvm.end(), ending) != libsvm.end()) return FileFormat::libsvm;
  return std::nullopt;
}

std::string DataFile::where(std::int64_t place) const {
  return fmt::format("{}:{}{}", path.string(), format() == FileFormat::hdf5 ? " row " : "", place);
}

bool Split::holds_out(std::int64_t sample) const {
  return core::RandomStream(seed, core::Purpose::split).uniform(sample, 0) < share;
}

FileRows read_rows(const DataFile& file, model::Precision precision, const std::optional<Split>& split) {
  const auto format = file.format();
  if (!format)
    core::refuse(file.path.string(), "the file type " + file.path.extension().string(), DataFile::allowed);
  switch (*format) {
    case FileFormat::csv:
      return read_csv(file, precision, split);
    case FileFormat::hdf5:
      return read_hdf5(file, precision, split);
    case FileFormat::libsvm:
      break;
  }
  return read_libsvm(file, precision, split);
}

}  // namespace rhosweep::data
