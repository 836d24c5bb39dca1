#include "distribution.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rhosweep::analysis {

namespace {

/// Returns u^p − (u − part)^p without cancellation.
double power_difference(double u, double part, double p) {
  return part >= u ? std::pow(u, p) : -std::pow(u, p) * std::expm1(p * std::log1p(-part / u));
}

bool is_flat(const RankedPiece& piece) {
  return piece.rank_begin == piece.rank_end;
}

/// Ranks that differ by less than this, relative to 1 plus the rank, count as equal, so that rounding does
/// not decide the order on a plateau.
constexpr double rank_rounding = 1e-12;

/// Returns the distinct ranks, increasing.
std::vector<double> distinct(std::vector<double> ranks) {
  std::sort(ranks.begin(), ranks.end());
  std::vector<double> found;
  for (const double rank : ranks)
    if (found.empty() || rank - found.back() > rank_rounding * (1.0 + std::abs(rank))) found.push_back(rank);
  return found;
}

/// Returns the distinct rank that a rank counts as: the largest that is not above it.
/// @param ranks the result of distinct()
double standing_for(const std::vector<double>& ranks, double rank) {
  return *(std::upper_bound(ranks.begin(), ranks.end(), rank) - 1);
}

}  // namespace

Distribution::Distribution(std::vector<RankedPiece> pieces) {
  std::vector<double> ranks;
  for (RankedPiece& piece : pieces) {
    if (piece.rank_begin > piece.rank_end) {
      std::swap(piece.rank_begin, piece.rank_end);
      std::swap(piece.worth_begin, piece.worth_end);
    }
    ranks.insert(ranks.end(), {piece.rank_begin, piece.rank_end});
  }
  ranks = distinct(std::move(ranks));
  for (RankedPiece& piece : pieces) {
    piece.rank_begin = standing_for(ranks, piece.rank_begin);
    piece.rank_end = standing_for(ranks, piece.rank_end);
  }
  std::sort(pieces.begin(), pieces.end(),
            [](const RankedPiece& a, const RankedPiece& b) { return a.rank_begin < b.rank_begin; });
  std::vector<RankedPiece> active;
  auto next = pieces.begin();
  for (std::size_t k = 0; k < ranks.size(); ++k) {
    std::erase_if(active, [&](const RankedPiece& piece) { return piece.rank_end <= ranks[k]; });
    // Places of equal rank are chosen equally often, so each counts with the mean worth of all of them.
    Layer flat{.begin = ranks[k], .end = ranks[k], .width = 0.0, .worth_begin = 0.0, .worth_end = 0.0};
    for (; next != pieces.end() && next->rank_begin == ranks[k]; ++next) {
      if (is_flat(*next)) {
        flat.width += next->width;
        flat.worth_begin += 0.5 * next->width * (next->worth_begin + next->worth_end);
      } else {
        active.push_back(*next);
      }
    }
    if (flat.width > 0.0) {
      flat.worth_begin /= flat.width;
      flat.worth_end = flat.worth_begin;
      layers_.push_back(flat);
    }
    if (!active.empty()) add_layer(ranks[k], ranks[k + 1], active);
  }
}

void Distribution::add_layer(double begin, double end, std::span<const RankedPiece> pieces) {
  Layer layer{.begin = begin, .end = end, .width = 0.0, .worth_begin = 0.0, .worth_end = 0.0};
  for (const RankedPiece& piece : pieces) {
    const double share = (end - begin) / (piece.rank_end - piece.rank_begin);
    const double width = share * piece.width;
    const auto worth = [&](double rank) {
      const double at = (rank - piece.rank_begin) / (piece.rank_end - piece.rank_begin);
      return piece.worth_begin + at * (piece.worth_end - piece.worth_begin);
    };
    layer.width += width;
    layer.worth_begin += width * worth(begin);
    layer.worth_end += width * worth(end);
  }
  if (layer.width == 0.0) return;
  layer.worth_begin /= layer.width;
  layer.worth_end /= layer.width;
  layers_.push_back(layer);
}

double Distribution::quantile(double share) const {
  if (layers_.empty()) return unknown;
  double total = 0.0;
  for (const Layer& layer : layers_) total += layer.width;
  double rest = share * total;
  for (const Layer& layer : layers_) {
    if (rest <= layer.width) return layer.begin + rest / layer.width * (layer.end - layer.begin);
    rest -= layer.width;
  }
  return layers_.back().end;
}

Distribution::Least Distribution::least_of(double draws, double width) const {
  double total = 0.0;
  for (const Layer& layer : layers_) total += layer.width;
  // `above` is the share of the width where a draw is a miss or has a rank above the current layer's. The
  // loop begins with the highest layer, above which there are only misses. If the total equals the width up
  // to rounding, no draw is a miss.
  constexpr double rounding = 1e-9;
  double above = total >= width * (1.0 - rounding) ? 0.0 : 1.0 - total / width;
  const double scale = (1.0 - above) / total;
  const double all_miss = std::pow(above, draws);
  if (layers_.empty()) return {.worth = unknown, .all_miss = 1.0};
  double worth = 0.0;
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    // ∫ worth · n · u^(n−1) du over this layer, by parts. For a place, u is the share of the width where a
    // draw is a miss or has a higher rank; n is `draws`.
    const double part = scale * layer->width;
    const double below = above + part;
    const double mean_power = power_difference(below, part, draws + 1.0) / ((draws + 1.0) * part);
    worth += layer->worth_begin * std::pow(below, draws) - layer->worth_end * std::pow(above, draws) +
             (layer->worth_end - layer->worth_begin) * mean_power;
    above = below;
  }
  return {.worth = worth / (1.0 - all_miss), .all_miss = all_miss};
}

}  // namespace rhosweep::analysis
