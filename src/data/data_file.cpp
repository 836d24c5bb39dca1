#include "rhosweep/data/data_file.hpp"

#include "row_sink.hpp"
#include "text_lines.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/random.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rhosweep::data {

const char* const DataFile::allowed =
    "LIBSVM text (.libsvm, .svm, .txt or no ending) or CSV (.csv), perhaps compressed (.gz, .bz2, .xz), HDF5 "
    "(.h5, .hdf5) or NumPy (.npy, .npz); for other names, problem.format = \"libsvm\", \"csv\", \"hdf5\" or "
    "\"npy\"";

FileFormat format_of(const std::string& name) {
  if (name == "csv") return FileFormat::csv;
  if (name == "hdf5") return FileFormat::hdf5;
  if (name == "npy") return FileFormat::npy;
  core::require(name == "libsvm", "a format is known");
  return FileFormat::libsvm;
}

std::string DataFile::ending() const {
  return text_ending(path);
}

std::optional<FileFormat> DataFile::format() const {
  if (given_format) return given_format;
  const std::string whole_ending = path.extension().string();
  if (whole_ending == ".h5" || whole_ending == ".hdf5") return FileFormat::hdf5;
  if (whole_ending == ".npy" || whole_ending == ".npz") return FileFormat::npy;
  const std::string ending = text_ending(path);
  if (ending == ".csv") return FileFormat::csv;
  // The usual endings of LIBSVM files, and the endings in the LIBSVM collection (a9a, a9a.t,
  // rcv1_train.binary.bz2).
  constexpr std::array libsvm{"", ".libsvm", ".svm", ".txt", ".t", ".tr", ".val", ".binary", ".scale"};
  if (std::find(libsvm.begin(), libsvm.end(), ending) != libsvm.end()) return FileFormat::libsvm;
  return std::nullopt;
}

std::string DataFile::where(std::int64_t place) const {
  const bool has_rows = format() == FileFormat::hdf5 || format() == FileFormat::npy;
  return fmt::format("{}:{}{}", path.string(), has_rows ? " row " : "", place);
}

bool Split::holds_out(std::int64_t sample) const {
  return core::RandomStream(seed, core::Purpose::split).uniform(sample, 0) < share;
}

namespace {

FileRows read_format(const DataFile& file, model::Precision precision, const std::optional<Split>& split) {
  const auto format = file.format();
  if (!format) core::refuse(file.path.string(), "the file type " + file.ending(), DataFile::allowed);
  switch (*format) {
    case FileFormat::csv:
      return read_csv(file, precision, split);
    case FileFormat::hdf5:
      return read_hdf5(file, precision, split);
    case FileFormat::npy:
      return read_npy(file, precision, split);
    case FileFormat::libsvm:
      break;
  }
  return read_libsvm(file, precision, split);
}

/// Sets the number of features to file.features. Throws if the data has more features, or if
/// the file states another number.
void set_features(const DataFile& file, FileRows& rows) {
  const std::int64_t found = rows.rows.features;
  if (found > file.features || (rows.has_all_features && found != file.features))
    core::refuse(
        file.path.string(), core::counted(found, "feature"),
        fmt::format("{}{} (problem.features)", rows.has_all_features ? "" : "up to ", file.features));
  rows.rows.features = rows.held_out.features = file.features;
  rows.has_all_features = true;
}

}  // namespace

FileRows read_rows(const DataFile& file, model::Precision precision, const std::optional<Split>& split) {
  FileRows rows = read_format(file, precision, split);
  if (file.features > 0) set_features(file, rows);
  return rows;
}

}  // namespace rhosweep::data
