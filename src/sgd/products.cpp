#include "products.hpp"

#include <algorithm>

#include <libxsmm.h>

namespace rhosweep::sgd {

namespace {

// LIBXSMM's names differ by precision.
auto dispatch(double /*precision*/) {
  return libxsmm_dmmdispatch;
}
auto dispatch(float /*precision*/) {
  return libxsmm_smmdispatch;
}

}  // namespace

template <class Real>
Products<Real>::Products(std::int64_t dimension) : code_(vector_code<Real>()), dimension_(dimension) {}

template <class Real>
const typename Products<Real>::Pair& Products<Real>::products(std::int64_t count) {
  const auto found =
      std::find_if(made_.begin(), made_.end(), [&](const Pair& pair) { return pair.count == count; });
  if (found != made_.end()) return *found;
  Pair pair{.count = count, .score = nullptr, .add_outer = nullptr};
  // Below AVX2 it multiplies and adds apart.
  if (chosen_instruction_set() != InstructionSet::portable) {
    const auto make = dispatch(Real{});
    const auto height = static_cast<libxsmm_blasint>(lanes);
    const auto features = static_cast<libxsmm_blasint>(dimension_);
    const auto samples = static_cast<libxsmm_blasint>(count);
    const Real zero = 0;
    const Real one = 1;
    const int transposed = LIBXSMM_GEMM_FLAG_TRANS_B;
    pair.score = make(height, samples, features, &height, &features, &height, &one, &zero, nullptr, nullptr);
    pair.add_outer =
        make(height, features, samples, &height, &features, &height, &one, &one, &transposed, nullptr);
  }
  return made_.emplace_back(pair);
}

template <class Real>
void Products<Real>::score(std::int64_t count, const Real* samples, const Real* iterates, Real* scores) {
  if (const Product product = products(count).score) return product(iterates, samples, scores);
  code_.score(dimension_, count, samples, iterates, scores);
}

template <class Real>
void Products<Real>::add_outer(std::int64_t count, const Real* samples, const Real* factors, Real* target) {
  if (const Product product = products(count).add_outer) return product(factors, samples, target);
  code_.add_outer(dimension_, count, samples, factors, target);
}

template class Products<double>;
template class Products<float>;

}  // namespace rhosweep::sgd
