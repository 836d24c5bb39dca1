#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::analysis {

/// A piece of a line of places, each with a rank and a worth. If several places are drawn, the one with the
/// least rank is chosen, and its worth is the result. Rank and worth are linear along the piece.
struct RankedPiece {
  double width = 0.0;
  double rank_begin = 0.0;
  double rank_end = 0.0;
  double worth_begin = 0.0;
  double worth_end = 0.0;
};

/// The exact distribution of the rank of a place that is drawn uniformly from pieces of a line. Its quantile
/// function is the increasing rearrangement of the rank.
class Distribution {
 public:
  explicit Distribution(std::vector<RankedPiece> pieces);

  /// Returns a quantile of the rank. @param share the quantile's level, in [0, 1]
  double quantile(double share) const;

  /// The result of drawing places uniformly and choosing the drawn place with the least rank.
  struct Least {
    double worth;     ///< expected worth of the chosen place, given that not all draws miss
    double all_miss;  ///< probability that all draws miss
  };
  /// @param draws the number of draws, at least 1, not necessarily whole
  /// @param width the width of the interval that is drawn from; a draw outside the pieces is a miss
  Least least_of(double draws, double width) const;

 private:
  /// A range of ranks, throughout which the same pieces have places of each rank. A layer with equal ends
  /// holds the pieces that have this rank at all places.
  struct Layer {
    double begin;
    double end;
    double width;        ///< total width of the places with these ranks
    double worth_begin;  ///< mean over the places of rank `begin`
    double worth_end;    ///< the same for rank `end`
  };
  void add_layer(double begin, double end, std::span<const RankedPiece> pieces);

  std::vector<Layer> layers_{};  ///< by increasing rank
};

}  // namespace rhosweep::analysis
