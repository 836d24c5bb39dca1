#include "make_kernel.hpp"

#include "ball_kernel.hpp"
#include "direct_kernel.hpp"
#include "linear_kernel.hpp"
#include "mlp_kernel.hpp"

#include <variant>

namespace rhosweep::sgd {

template <class Real>
std::unique_ptr<Kernel<Real>> make_kernel(const problem::Problem& problem, const model::SgdSettings& sgd,
                                          std::int64_t seed, PacedYield& yield) {
  struct Maker {
    const model::SgdSettings& sgd;
    std::int64_t seed;
    PacedYield& yield;

    std::unique_ptr<Kernel<Real>> operator()(const problem::LinearModel* linear) const {
      return make_linear_kernel<Real>(*linear, sgd, seed, yield);
    }
    std::unique_ptr<Kernel<Real>> operator()(const problem::Mlp* mlp) const {
      return make_mlp_kernel<Real>(*mlp, sgd, seed, yield);
    }
    std::unique_ptr<Kernel<Real>> operator()(const problem::BallProblem* ball) const {
      return std::make_unique<BallKernel<Real>>(*ball, sgd, seed, yield);
    }
    std::unique_ptr<Kernel<Real>> operator()(const problem::DirectProblem* direct) const {
      return std::make_unique<DirectKernel<Real>>(*direct, sgd, seed, yield);
    }
  };
  return std::visit(Maker{sgd, seed, yield}, problem.family());
}

template std::unique_ptr<Kernel<double>> make_kernel(const problem::Problem&, const model::SgdSettings&,
                                                     std::int64_t, PacedYield&);
template std::unique_ptr<Kernel<float>> make_kernel(const problem::Problem&, const model::SgdSettings&,
                                                    std::int64_t, PacedYield&);

}  // namespace rhosweep::sgd
