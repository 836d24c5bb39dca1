// All vector code for one instruction set. Each of portable.cpp, neon.cpp, avx2.cpp and avx512.cpp sets
// RHOSWEEP_VECTOR_UNIT, includes this file and is compiled with the options of its instruction set.
#include "ball.hpp"
#include "dense_products.hpp"
#include "dense_samples.hpp"
#include "layers.hpp"
#include "losses.hpp"
#include "norms.hpp"
#include "optimizers.hpp"
#include "sparse_products.hpp"
#include "sparse_samples.hpp"
#include "stepsizes.hpp"
#include "vector_code.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

template <class Real>
constexpr VectorCode<Real> table{.multiply_stepsizes = multiply_stepsizes<Real>,
                                 .descend_on_ball = descend_on_ball<Real>,
                                 .descend_by_samples = descend_by_dense_samples<Real>,
                                 .descend_by_sparse_samples = descend_by_sparse_samples<Real>,
                                 .measure_samples = measure_samples<Real>,
                                 .score = score<Real>,
                                 .score_sparse = score_sparse<Real>,
                                 .add_outer = add_outer<Real>,
                                 .add_outer_sparse = add_outer_sparse<Real>,
                                 .replace_by_slopes = replace_by_slopes<Real>,
                                 .replace_by_softmax_slopes = replace_by_softmax_slopes<Real>,
                                 .add_losses = add_losses<Real>,
                                 .add_softmax_losses = add_softmax_losses<Real>,
                                 .decay = decay<Real>,
                                 .descend = descend<Real>,
                                 .descend_with_momentum = descend_with_momentum<Real>,
                                 .descend_by_adamw = descend_by_adamw<Real>,
                                 .descend_by_sign = descend_by_sign<Real>,
                                 .descend_by_prodigy = descend_by_prodigy<Real>,
                                 .follow_average = follow_average<Real>,
                                 .square_norms = square_norms<Real>,
                                 .square_distances = square_distances<Real>,
                                 .multiply_lanes = multiply_lanes<Real>,
                                 .add_lane_outer = add_lane_outer<Real>,
                                 .add_lane_sum = add_lane_sum<Real>,
                                 .transfer = transfer<Real>,
                                 .multiply_by_transfer_slopes = multiply_by_transfer_slopes<Real>,
                                 .project = project<Real>,
                                 .average = average<Real>};

}  // namespace

template <class Real>
const VectorCode<Real>& vector_code() {
  return table<Real>;
}
template const VectorCode<double>& vector_code();
template const VectorCode<float>& vector_code();

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
