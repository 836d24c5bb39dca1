#include "rhosweep/theory/bound_curve.hpp"

#include "sum_from_the_end.hpp"

#include "rhosweep/core/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace rhosweep::theory {

namespace {

constexpr double spacing = 1e-6;

/// Returns the first i in [begin, end) with is_true(i); `end` if there is none. @pre is_true is false before
/// that i and true from it on
template <class Predicate>
std::int64_t first_where(std::int64_t begin, std::int64_t end, const Predicate& is_true) {
  while (begin < end) {
    const std::int64_t middle = begin + (end - begin) / 2;
    if (is_true(middle))
      end = middle;
    else
      begin = middle + 1;
  }
  return begin;
}

}  // namespace

BoundCurve::BoundCurve(const model::Schedule& schedule, std::int64_t steps, Form form) {
  const ScheduleSums tuned = tuned_sums(schedule, steps, form);
  if (tuned.s == 0.0) return;
  cap_ = std::sqrt(tuned.s / tuned.q);

  // As k falls, distance falls and noise grows, so each new line becomes the lowest one for small ρ. The
  // lines are collected from large to small ρ and reversed at the end.
  const auto crossing = [](const Line& later, const Line& earlier) {  // the ρ where both lines are equal
    return std::sqrt((later.distance - earlier.distance) / (earlier.noise - later.noise));
  };
  const auto add = [&](const Line& line) {
    if (!lines_.empty() && !(line.distance < lines_.back().distance)) return;
    while (!lines_.empty() && !(lines_.back().noise < line.noise)) lines_.pop_back();
    while (lines_.size() > 1 &&
           crossing(lines_.back(), line) >= crossing(lines_[lines_.size() - 2], lines_.back()))
      lines_.pop_back();
    lines_.push_back(line);
  };
  std::optional<Line> skipped;
  sum_from_the_end(schedule, steps, form, [&](const ScheduleSums& sums, double) {
    const Line line{.distance = tuned.s / sums.s, .noise = sums.q / tuned.q, .restart = sums.restart};
    const bool is_close = !lines_.empty() && line.restart != tuned.restart &&
                          lines_.back().distance < line.distance * (1.0 + spacing) &&
                          line.noise < lines_.back().noise * (1.0 + spacing);
    skipped = is_close ? std::optional(line) : std::nullopt;
    if (!is_close) add(line);
  });
  if (skipped) add(*skipped);
  std::reverse(lines_.begin(), lines_.end());
  from_.push_back(0.0);
  for (std::size_t i = 1; i < lines_.size(); ++i) from_.push_back(crossing(lines_[i], lines_[i - 1]));
  find_valleys();
}

double BoundCurve::bottom_of(std::int64_t line) const {
  return std::sqrt(lines_[line].distance / lines_[line].noise);
}

double BoundCurve::end_of(std::int64_t line) const {
  return line + 1 < std::ssize(from_) ? from_[line + 1] : std::numeric_limits<double>::infinity();
}

double BoundCurve::value(std::int64_t line, double rho) const {
  return 0.5 * (lines_[line].distance / rho + lines_[line].noise * rho);
}

void BoundCurve::find_valleys() {
  for (std::int64_t i = 0; i < std::ssize(lines_); ++i) {
    Valley valley{.first = i};
    while (bottom_of(i) > end_of(i)) ++i;
    valley.bottom = i;
    while (i + 1 < std::ssize(lines_) && bottom_of(i + 1) <= from_[i + 1]) ++i;
    valley.last = i;
    valleys_.push_back(valley);
  }
}

BoundRatio BoundCurve::at(double rho) const {
  const std::int64_t line = std::upper_bound(from_.begin() + 1, from_.end(), rho) - from_.begin() - 1;
  const double distance = lines_[line].distance / rho;
  const double noise = lines_[line].noise * rho;
  const BoundRatio found{.ratio = 0.5 * (distance + noise),
                         .restart = lines_[line].restart,
                         .slope = (noise - distance) / (noise + distance)};
  if (found.ratio < cap_) return found;
  return {.ratio = cap_, .restart = found.restart, .slope = 0.0};
}

std::vector<BoundCurve::Interval> BoundCurve::at_most(double level) const {
  std::vector<Interval> intervals;
  for (const Valley& valley : valleys_) {
    const double bottom = std::clamp(bottom_of(valley.bottom), from_[valley.bottom], end_of(valley.bottom));
    if (value(valley.bottom, bottom) > level) continue;
    // Finds the first and the last line of the valley that are at most `level` at some ρ. From the first line
    // to the bottom the ratio falls, so the first such line is the first whose end is at most `level`.
    const std::int64_t left = first_where(valley.first, valley.bottom,
                                          [&](std::int64_t i) { return value(i, end_of(i)) <= level; });
    const std::int64_t right = first_where(valley.bottom + 1, valley.last + 1,
                                           [&](std::int64_t i) { return value(i, from_[i]) > level; }) -
                               1;
    // The roots of distance/ρ + noise·ρ = 2·level, in a form without cancellation.
    const auto root_sum = [&](std::int64_t i) {
      const double square = level * level - lines_[i].distance * lines_[i].noise;
      return level + std::sqrt(std::max(0.0, square));
    };
    const double from = std::max(from_[left], lines_[left].distance / root_sum(left));
    const double to = std::min(end_of(right), root_sum(right) / lines_[right].noise);
    if (!intervals.empty() && core::elementary::log(from) <= intervals.back().to)
      intervals.back().to = core::elementary::log(to);
    else
      intervals.push_back({.from = core::elementary::log(from), .to = core::elementary::log(to)});
  }
  return intervals;
}

}  // namespace rhosweep::theory
