#pragma once

#include "vector_code.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::sgd {

/// The two products of a linear model with dense samples, for one tile of trials: scores W X and updates
/// W ← W + C Xᵀ, where X (dimension, count) holds samples one after the other. LIBXSMM makes their code for
/// the processor at hand. With a tile's height it sums over features (or samples) in their order, each
/// product fused, on every instruction set: the bits are those of VectorCode's own products, which stand in
/// where it makes none.
template <class Real>
class Products {
 public:
  explicit Products(std::int64_t dimension);

  void score(std::int64_t count, const Real* samples, const Real* iterates, Real* scores);
  void add_outer(std::int64_t count, const Real* samples, const Real* factors, Real* target);

 private:
  using Product = void (*)(const Real* a, const Real* b, Real* c, ...);
  /// For a number of samples; null where LIBXSMM makes none.
  struct Pair {
    std::int64_t count;
    Product score;
    Product add_outer;
  };
  const Pair& products(std::int64_t count);

  const VectorCode<Real>& code_;
  std::int64_t dimension_;
  std::vector<Pair> made_;  ///< a batch, a pass and what is left of it: few
};

}  // namespace rhosweep::sgd
