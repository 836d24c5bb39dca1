#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// A place's share of all, over which what it is ranked by and what it is worth go linearly.
struct RankedPiece {
  double width = 0.0;
  double rank_begin = 0.0;
  double rank_end = 0.0;
  double worth_begin = 0.0;
  double worth_end = 0.0;
};

/// The distribution of the rank over pieces of a line: the increasing rearrangement, exact.
class Distribution {
 public:
  explicit Distribution(std::vector<RankedPiece> pieces);

  /// The least rank that a share of the places does not exceed. @param share in [0, 1]
  double quantile(double share) const;

  /// The expectation of the worth of the place with the least rank among some that are drawn uniformly, given
  /// that not all of them miss, and the probability that all do.
  struct Least {
    double worth;
    double all_miss;
  };
  /// @param draws at least 1, not necessarily whole
  /// @param width from which they are drawn: what it exceeds that of the pieces by is missed
  Least least_of(double draws, double width) const;

 private:
  /// A range of ranks with the same pieces at all of them; with the same rank at both ends, a flat piece.
  struct Layer {
    double begin;
    double end;
    double width;        ///< of the places
    double worth_begin;  ///< mean over the places at that rank
    double worth_end;
  };
  void add_layer(double begin, double end, std::span<const RankedPiece> pieces);

  std::vector<Layer> layers_{};  ///< by increasing rank
};

}  // namespace rhosweep::analysis
