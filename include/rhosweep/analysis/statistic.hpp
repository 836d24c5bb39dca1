#pragma once

#include "rhosweep/analysis/bootstrap.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::analysis {

/// How the values of several seeds become one number.
struct Statistic {
  enum class Kind { mean, quantile, trimmed };
  Kind kind = Kind::mean;
  double level = 0.5;  ///< level of the quantile, in [0, 1]; 0.5 is the median
};

/// Reads "mean", "median", "trimmed" or "quantile=Q" with Q in [0, 1]. Returns nullopt for any other text.
std::optional<Statistic> parse_statistic(std::string_view text);
/// Returns the text that parse_statistic() reads; "median" for quantile=0.5.
std::string name_of(const Statistic& statistic);
/// Returns the noun to write after an article in a sentence: "mean", "trimmed mean", "median", "0.8
/// quantile".
std::string noun_of(const Statistic& statistic);

/// The share of the seeds, rounded down to whole seeds, that a trimmed mean leaves out at each end of the
/// sorted values.
inline constexpr double trimmed_share = 0.1;

/// Returns the statistic of values; +∞ counts as larger than any number. NaN if a value is NaN or there are
/// no values. A quantile interpolates between order statistics (type 7 of Hyndman and Fan 1996, NumPy's
/// default).
double statistic_of(const Statistic& statistic, std::span<const double> values);

/// Returns the statistic of every column in every resample of the seeds. A column with a NaN has NaN in all
/// resamples.
/// @param costs the values, shape (seeds, columns)
/// @return the statistics, shape (resamples, columns)
std::vector<double> resampled_statistic(const Statistic& statistic, std::span<const double> costs,
                                        std::int64_t columns, const Bootstrap& bootstrap);

}  // namespace rhosweep::analysis
