#include "rhosweep/analysis/search.hpp"

#include "estimate.hpp"
#include "judge_valley.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/elementary.hpp"
#include "rhosweep/theory/grid_cost.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rhosweep::analysis {

namespace {

namespace elementary = core::elementary;

/// Tolerance for rounding of a distance between two ρ of a grid, in log ρ.
constexpr double distance_rounding = 1e-9;

/// The ρ of a curve that a search has visited, and what the search concludes from the errors there.
class Visited {
 public:
  Visited(const SearchRules& rules, std::span<const double> rhos, const SeedErrors& errors,
          std::span<const std::int64_t> seeds)
      : rules_(rules), errors_(errors), seeds_(seeds.begin(), seeds.end()) {
    for (const double rho : rhos) places_.push_back(elementary::log(rho));
    find_leader();
    for (std::int64_t i = 0; i < size(); ++i) heights_.push_back(height(i));
  }

  /// Returns the index of the best ρ among the ρ with the most seeds; −1 if no such ρ has a finite error.
  std::int64_t leader() const { return leader_; }

  /// Adds the ρ of the first round, from the middle of the grid outwards.
  void add_first() {
    const double middle = 0.5 * (places_.front() + places_.back());
    const auto nearest = std::min_element(places_.begin(), places_.end(), [&](double a, double b) {
      return std::abs(a - middle) < std::abs(b - middle);
    });
    const std::int64_t start = nearest - places_.begin();
    visit(start);
    for (const int direction : {-1, 1}) {
      const double edge = direction < 0 ? places_.front() : places_.back();
      for (std::int64_t i = start; i != (direction < 0 ? 0 : size() - 1);) {
        if (std::abs(edge - places_[i]) < stride() - distance_rounding) break;
        i = stride_from(i, direction);
        visit(i);
      }
    }
  }

  /// Adds a ρ in each gap beside the best ρ where a better one may lie, or beyond the best ρ if it is at an
  /// end of the visited range.
  void add_places() {
    if (leader_ < 0) return add_where_all_diverge();
    if (mean(leader_, seeds_[leader_]) == 0.0) return;  // taken as the least possible error
    const auto centre = std::min_element(heights_.begin(), heights_.end()) - heights_.begin();
    for (const int direction : {-1, 1}) {
      const std::int64_t neighbour = visited_from(centre, direction);
      if (neighbour < 0) {
        if (centre + direction >= 0 && centre + direction < size()) visit(stride_from(centre, direction));
      } else if (can_be_better_between(centre, neighbour)) {
        visit(middle_of(centre, neighbour));
      }
    }
  }

  /// Adds seeds at the ρ that may be better than the leader, and as many at the leader.
  void add_seeds() {
    if (leader_ < 0) return;
    std::vector<std::int64_t> more = seeds_;
    for (std::int64_t i = 0; i < size(); ++i) {
      if (seeds_[i] == 0 || seeds_[i] == most_seeds() || is_no_better(i)) continue;
      more[i] = std::min(most_seeds(), 2 * seeds_[i]);
      more[leader_] = std::max(more[leader_], more[i]);
    }
    seeds_ = more;
  }

  const std::vector<std::int64_t>& seeds() const { return seeds_; }

 private:
  std::int64_t size() const { return std::ssize(places_); }
  std::int64_t most_seeds() const { return std::ssize(errors_.front()); }

  void visit(std::int64_t i) { seeds_[i] = std::max(seeds_[i], std::min(rules_.first_seeds, most_seeds())); }

  /// Returns the number of ρ that the leader is compared with, at least one.
  double comparisons() const {
    const auto visited = std::ranges::count_if(seeds_, [](std::int64_t seeds) { return seeds > 0; });
    return std::max(1.0, static_cast<double>(visited - 1));
  }

  double mean(std::int64_t i, std::int64_t seeds) const {
    return std::accumulate(errors_[i].begin(), errors_[i].begin() + seeds, 0.0) / static_cast<double>(seeds);
  }

  void find_leader() {
    const std::int64_t most = *std::max_element(seeds_.begin(), seeds_.end());
    double least = infinite;
    for (std::int64_t i = 0; i < size(); ++i) {
      if (seeds_[i] < most || most == 0 || mean(i, most) >= least) continue;
      leader_ = i;
      least = mean(i, most);
    }
  }

  /// Returns log(e/e_L), where e is the mean error at ρ number i and e_L that of the leader over the same
  /// seeds; +∞ if the ρ is not visited or has diverged. Errors may be negative, so log(1 + (e − e_L)/|e_L|)
  /// is computed.
  double height(std::int64_t i) const {
    if (seeds_[i] == 0 || leader_ < 0) return infinite;
    const double least = mean(leader_, seeds_[i]);
    const double excess = mean(i, seeds_[i]) - least;
    if (excess == 0.0) return 0.0;
    constexpr double lowest = -0.99;
    return elementary::log1p(std::max(lowest, excess / std::abs(least)));
  }

  /// Whether it is certain, at the confidence asked for, that a ρ beats the leader by at most the tolerance.
  bool is_no_better(std::int64_t i) const {
    const std::int64_t seeds = seeds_[i];
    if (i == leader_ || heights_[i] == infinite) return true;
    const double margin = heights_[i] + elementary::log1p(rules_.tolerance);
    if (seeds < 2 || margin <= 0.0) return false;
    double sum = 0.0;
    double squares = 0.0;
    for (std::int64_t s = 0; s < seeds; ++s) {
      const double difference = errors_[i][s] - errors_[leader_][s];
      sum += difference;
      squares += difference * difference;
    }
    const auto n = static_cast<double>(seeds);
    const double variance = (squares - sum * sum / n) / (n - 1.0);
    if (variance <= 0.0) return true;
    const double deviation =
        std::sqrt(variance / n) / (std::abs(mean(leader_, seeds)) * elementary::exp(heights_[i]));
    return student_below(margin / deviation, seeds - 1) >= 1.0 - (1.0 - rules_.confidence) / comparisons();
  }

  /// Returns the distance in log ρ between neighbours in the first round, which has at least three ρ if
  /// possible.
  double stride() const {
    return std::min(elementary::log(rules_.first_ratio), 0.5 * (places_.back() - places_.front()));
  }
  /// Returns the index of the farthest ρ within a stride of ρ number i in the given direction. If even the
  /// next ρ is farther away, returns the index of the next ρ.
  std::int64_t stride_from(std::int64_t i, int direction) const {
    std::int64_t found = i + direction;
    for (std::int64_t j = found; j >= 0 && j < size(); j += direction)
      if (std::abs(places_[j] - places_[i]) <= stride() + distance_rounding) found = j;
    return found;
  }

  /// Returns the index of the first visited ρ from ρ number i in the given direction; −1 if there is none.
  std::int64_t visited_from(std::int64_t i, int direction) const {
    for (std::int64_t j = i + direction; j >= 0 && j < size(); j += direction)
      if (seeds_[j] > 0) return j;
    return -1;
  }

  /// Returns the index of the ρ between two others that is nearest to the middle of these in log ρ.
  std::int64_t middle_of(std::int64_t a, std::int64_t b) const {
    const auto [low, high] = std::minmax(a, b);
    const double middle = 0.5 * (places_[low] + places_[high]);
    std::int64_t found = low + 1;
    for (std::int64_t i = low + 1; i < high; ++i)
      if (std::abs(places_[i] - middle) < std::abs(places_[found] - middle)) found = i;
    return found;
  }

  /// Whether a ρ between the best ρ and its visited neighbour may be better than the best by more than the
  /// tolerance.
  bool can_be_better_between(std::int64_t best, std::int64_t neighbour) const {
    const int direction = neighbour > best ? 1 : -1;
    if (std::abs(neighbour - best) == 1) return false;
    // Far from the best ρ, log e need not be convex in log ρ: for a strongly convex objective it falls faster
    // and faster as ρ grows. So a wide gap is halved in any case.
    if (std::abs(places_[neighbour] - places_[best]) > elementary::log(coarsest_judged_step)) return true;
    for (std::int64_t i = best + direction; i != neighbour; i += direction) {
      // Beyond two points of a convex function, the line through them lies below the function and so bounds
      // it.
      const double bound = std::max(extended(visited_from(best, -direction), best, i),
                                    extended(visited_from(neighbour, direction), neighbour, i));
      if (bound < heights_[best] - elementary::log1p(rules_.tolerance)) return true;
    }
    return false;
  }

  /// Extends the line of heights through two visited ρ, `from` and `to`, to the ρ `at` beyond `to`, and
  /// returns its value there. Returns −∞, which bounds nothing, if there is no finite height at `from` or if
  /// the line rises from `from` to `to`.
  double extended(std::int64_t from, std::int64_t to, std::int64_t at) const {
    if (from < 0 || std::isinf(heights_[from]) || heights_[from] < heights_[to]) return -infinite;
    const double slope = (heights_[to] - heights_[from]) / (places_[to] - places_[from]);
    return heights_[to] + slope * (places_[at] - places_[to]);
  }

  /// Looks for a ρ at which trials do not diverge: first below the visited ρ; if there is none, in the gaps
  /// between them and above them.
  void add_where_all_diverge() {
    std::int64_t last = 0;
    while (seeds_[last] == 0) ++last;
    if (last > 0) return visit(stride_from(last, -1));
    for (std::int64_t next = visited_from(last, 1); next >= 0; next = visited_from(last, 1)) {
      if (next > last + 1) visit(middle_of(last, next));
      last = next;
    }
    if (last + 1 < size()) visit(stride_from(last, 1));
  }

  const SearchRules& rules_;
  const SeedErrors& errors_;
  std::vector<std::int64_t> seeds_;
  std::vector<double> places_;  ///< (ρ): log ρ
  std::int64_t leader_ = -1;
  std::vector<double> heights_;  ///< (ρ): height() of each ρ
};

}  // namespace

SearchRules search_rules(const model::SearchSettings& settings, const model::Schedule& schedule,
                         std::int64_t steps) {
  // The ratio hardly depends on the number of steps, but the time to compute the ratio is proportional to
  // that number, so the number is limited.
  constexpr std::int64_t most_steps = 10'000;
  constexpr double first_cost = 0.25;
  SearchRules rules{.tolerance = settings.tolerance,
                    .confidence = settings.confidence,
                    .first_seeds = settings.first_seeds,
                    .first_ratio = settings.first_ratio.value_or(infinite)};
  if (settings.first_ratio) return rules;
  const double ratio =
      theory::crossing_ratios(schedule, std::min(steps, most_steps), std::span(&first_cost, 1)).front();
  if (ratio > 1.0) rules.first_ratio = ratio;
  return rules;
}

std::vector<std::int64_t> next_seeds(const SearchRules& rules, std::span<const double> rhos,
                                     const SeedErrors& errors, std::span<const std::int64_t> seeds) {
  Visited visited(rules, rhos, errors, seeds);
  if (std::all_of(seeds.begin(), seeds.end(), [](std::int64_t count) { return count == 0; })) {
    visited.add_first();
    return visited.seeds();
  }
  visited.add_places();
  if (std::ranges::equal(visited.seeds(), seeds)) visited.add_seeds();
  return visited.seeds();
}

std::int64_t SearchCourse::cells() const {
  return std::accumulate(seeds.begin(), seeds.end(), std::int64_t{0});
}

SearchCourse follow_search(const SearchRules& rules, std::span<const double> rhos, const SeedErrors& errors) {
  SearchCourse course{.seeds = std::vector<std::int64_t>(rhos.size(), 0)};
  const auto is_known = [&] {
    for (std::size_t i = 0; i < rhos.size(); ++i)
      if (std::any_of(errors[i].begin(), errors[i].begin() + course.seeds[i],
                      [](double error) { return std::isnan(error); }))
        return false;
    return true;
  };
  while (is_known()) {
    std::vector<std::int64_t> next = next_seeds(rules, rhos, errors, course.seeds);
    course.has_ended = next == course.seeds;
    if (course.has_ended) {
      course.best = Visited(rules, rhos, errors, course.seeds).leader();
      break;
    }
    course.seeds = std::move(next);
    ++course.rounds;
  }
  return course;
}

}  // namespace rhosweep::analysis
