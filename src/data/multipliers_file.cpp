#include "rhosweep/data/multipliers_file.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/input_file.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/h5/require_readable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

constexpr std::string_view white_space = " \t\r\f\v";
const std::string allowed_value = "a number in [0, 1]";

std::string up_to_most() {
  return fmt::format("up to {} values, which table(FILE, interpolate) joins by lines", most_multipliers);
}

/// Returns whether a schedule may have this value as a multiplier; false for NaN.
bool is_multiplier(double value) {
  return value >= 0.0 && value <= 1.0;
}

double to_multiplier(std::string_view word, const std::string& where) {
  double value = 0.0;
  const char* const last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, value);
  if (error != std::errc{} || end != last || !is_multiplier(value))
    core::refuse(where, core::one_line(word, 40), allowed_value);
  return value;
}

std::vector<double> read_text(const std::filesystem::path& file) {
  constexpr std::size_t largest = std::size_t{1} << 20;
  std::ifstream stream = core::open_input(file);
  std::string text(largest + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  core::check_read(stream, file);
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest) core::refuse(file.string(), "more than 1 MiB", up_to_most());

  std::vector<double> values;
  std::int64_t number = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    ++number;
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    line = line.substr(0, line.find('#'));
    const std::string where = fmt::format("{}:{}", file.string(), number);
    for (std::size_t begin = line.find_first_not_of(white_space); begin != std::string_view::npos;
         begin = line.find_first_not_of(white_space)) {
      line.remove_prefix(begin);
      const std::size_t length = std::min(line.find_first_of(white_space), line.size());
      if (values.size() == most_multipliers)
        core::refuse(where, fmt::format("more than {} values", most_multipliers), up_to_most());
      values.push_back(to_multiplier(line.substr(0, length), where));
      line.remove_prefix(length);
    }
  }
  if (values.empty()) core::refuse(file.string(), "no numbers", "numbers in [0, 1]");
  return values;
}

/// Returns the name of the only dataset in a file. Throws if the file does not have exactly one object.
std::string only_name(hid_t root, const std::string& where) {
  std::vector<std::string> names;
  h5::append_link_names(root, H5_INDEX_NAME, names);
  if (names.size() != 1)
    core::refuse(where, core::counted(std::ssize(names), "object"),
                 "one data set, or the name of one: table(FILE:/NAME)");
  return names.front();
}

std::vector<double> read_data_set(const std::filesystem::path& file, std::string name) {
  core::open_input(file);  // throws the system's reason if the file cannot be opened
  h5::start_library();
  try {
    h5::require_readable(file);
    const h5::File root(
        h5::check(H5Fopen(file.c_str(), H5F_ACC_RDONLY, h5::unlocked_access()), "cannot read this file"));
    if (name.empty()) name = only_name(root, file.string());
    const std::string where = fmt::format("{}:/{}", file.string(), core::one_line(name, 80));
    const h5::Dataset dataset = h5::open_dataset(root, name);
    const h5::Datatype type(h5::check(H5Dget_type(dataset), "cannot read the type of " + name));
    const H5T_class_t kind = H5Tget_class(type);
    constexpr std::size_t largest = 16;  // size of long double in bytes
    if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || H5Tget_size(type) > largest)
      core::refuse(where, "another type of elements", "integers or floating-point numbers");
    const h5::Extents extents = h5::extents_of(h5::space_of(dataset));
    if (extents.size() != 1) core::refuse(where, fmt::format("{} dimensions", extents.size()), "1");
    if (extents.front() == 0 || extents.front() > most_multipliers)
      core::refuse(where, fmt::format("{} values", extents.front()), up_to_most());
    std::vector<double> values = h5::read_selected<double>(dataset, h5::space_of(dataset));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!is_multiplier(values[i]))
        core::refuse(fmt::format("{}[{}]", where, i), core::to_text(values[i]), allowed_value);
    return values;
  } catch (const h5::Hdf5Error& error) {
    throw core::InputError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

bool is_hdf5(const std::filesystem::path& file) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  std::array<char, signature.size()> begin{};
  std::ifstream stream = core::open_input(file);
  stream.read(begin.data(), begin.size());
  return std::string_view(begin.data(), begin.size()) == signature;
}

}  // namespace

std::vector<double> read_multipliers(const std::filesystem::path& file) {
  const std::string text = file.string();
  constexpr std::string_view separator = ":/";
  std::error_code ignored;
  if (const std::size_t end = text.rfind(separator);
      end != std::string::npos && !std::filesystem::exists(file, ignored))
    return read_data_set(text.substr(0, end), text.substr(end + separator.size()));
  return is_hdf5(file) ? read_data_set(file, "") : read_text(file);
}

}  // namespace rhosweep::data
