#include "row_sink.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace rhosweep::data {

RowSink::RowSink(const DataFile& file, model::Precision precision, const std::optional<Split>& split,
                 ColumnNamer name_column)
    : file_(file), precision_(precision), split_(split), name_column_(std::move(name_column)) {
  parts_.rows.values = parts_.held_out.values = Numbers(precision);
}

void RowSink::begin(std::int64_t place) {
  place_ = place;
  part_ = split_ && split_->holds_out(samples_) ? &parts_.held_out : &parts_.rows;
}

void RowSink::add(std::int64_t column, double value) {
  const double largest = largest_value(precision_);
  if (!(std::abs(value) <= largest))
    fail(fmt::format("the value {} of {}", core::to_text(value), name_column_(column)),
         std::isfinite(value)
             ? fmt::format("numbers up to {} with precision {}", largest, model::name_of(precision_))
             : "a finite number");
  if (value == 0.0) return;
  require_growth();
  part_->columns.push_back(static_cast<std::int32_t>(column));
  part_->values.push_back(value);
}

void RowSink::end(double label, std::int64_t features) {
  part_->labels.push_back(label);
  part_->lines.push_back(place_);
  part_->offsets.push_back(static_cast<std::int64_t>(part_->values.size()));
  features_ = std::max(features_, features);
  if (features_ > affordable_) {
    require_room_for_weights();
    affordable_ = 2 * features_;
  }
  ++samples_;
}

FileRows RowSink::finish() && {
  if (features_ > affordable_ / 2) require_room_for_weights();
  parts_.rows.features = parts_.held_out.features = features_;
  return std::move(parts_);
}

void RowSink::require_growth() const {
  const std::int64_t bytes = part_->values.growth() + part_->columns.growth();
  if (bytes > 0) core::require_memory(bytes, "reading beyond " + file_.where(place_));
}

/// Throws if the vectors of weights for all features do not fit into memory. A short file may need this much
/// memory, since one line of text can claim billions of features.
void RowSink::require_room_for_weights() const {
  // The solver of the minimum keeps about this many vectors, and a block of trials keeps at least as many.
  constexpr std::int64_t vectors = 12;
  const std::int64_t needed = vectors * features_ * static_cast<std::int64_t>(sizeof(double));
  const std::int64_t available = core::available_memory();
  if (needed <= available) return;
  fail(fmt::format("the {}, whose weights need {} of memory, {} are available", name_column_(features_ - 1),
                   core::to_byte_text(static_cast<double>(needed)),
                   core::to_byte_text(static_cast<double>(available))),
       fmt::format(
           "up to {} features; number them 1, 2, 3, ... without gaps, or use a machine with more memory",
           available / (vectors * static_cast<std::int64_t>(sizeof(double)))));
}

void RowSink::fail(std::string_view found, std::string_view allowed) const {
  core::refuse(file_.where(place_), found, allowed);
}

void RowSink::fail_file(std::string_view found, std::string_view allowed) const {
  core::refuse(file_.path.string(), found, allowed);
}

std::optional<double> to_real(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string in_quotes(std::string_view word) {
  constexpr std::size_t longest = 40;
  return '"' + core::one_line(word.substr(0, longest + 1), longest) + '"';
}

}  // namespace rhosweep::data
