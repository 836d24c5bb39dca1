// rhosweep with a problem of your own. Phase retrieval: find x, up to its sign, from y = (a·x)² + noise. The
// objective is the mean of ((a·w)² − y)²/4 over the samples; it is not convex.
#include "rhosweep/app/main.hpp"
#include "rhosweep/core/random.hpp"
#include "rhosweep/problem/direct_problem.hpp"
#include "rhosweep/problem/registry.hpp"

#include <cmath>

using namespace rhosweep;

class PhaseRetrieval : public problem::LockstepProblem<PhaseRetrieval> {
 public:
  explicit PhaseRetrieval(const model::ProblemSettings& keys)
      : a_(keys.integer("dimension"), keys.integer("samples")), y_(a_.cols()), x_(a_.rows()) {
    x_.setConstant(1 / std::sqrt(double(x_.size())));
    const core::RandomStream random(keys.integer("data_seed"), core::Purpose::features);
    for (std::uint32_t i = 0; i < a_.cols(); ++i) {
      for (std::uint32_t j = 0; j < a_.rows(); ++j) a_(j, i) = random.normal_pair(i, j).first;
      y_[i] = std::pow(a_.col(i).dot(x_), 2) + keys.real("noise") * random.normal_pair(i, 0).second;
    }
  }

  std::int64_t dimension() const override { return a_.rows(); }
  std::int64_t samples() const override { return a_.cols(); }
  const std::vector<model::Metric>& metrics() const override { return metrics_; }

  std::vector<double> initial_point(std::int64_t seed) const override {
    const core::RandomStream random(seed, core::Purpose::initial_point);
    std::vector<double> point(dimension());
    for (std::uint32_t j = 0; j < point.size(); ++j) point[j] = random.normal_pair(0, j).first * x_[0];
    return point;
  }

  template <class Real>
  void gradients_at(const problem::StepDraw& draw, const problem::ConstTrials<Real>& iterates,
                    problem::Trials<Real>& gradients) const {
    gradients.setZero();
    for (const std::int64_t i : draw.samples) {
      const Eigen::Vector<Real, Eigen::Dynamic> a = a_.col(i).cast<Real>() / Real(draw.samples.size());
      const Eigen::Vector<Real, Eigen::Dynamic> z = iterates.matrix() * a_.col(i).cast<Real>();  // (trials)
      gradients.matrix() += ((z.array().square() - Real(y_[i])) * z.array()).matrix() * a.transpose();
    }
  }

  template <class Real>
  void metrics_at(const problem::ConstTrials<Real>& iterates, problem::Trials<double>& values) const {
    const Eigen::MatrixXd w = iterates.matrix().template cast<double>();
    values.setZero();
    for (std::int64_t i = 0; i < samples(); ++i)
      values.col(0) += ((w * a_.col(i)).array().square() - y_[i]).square() / double(4 * samples());
    const Eigen::MatrixXd from_x = w.rowwise() - x_.transpose(), from_minus_x = w.rowwise() + x_.transpose();
    values.col(1) = from_x.rowwise().norm().cwiseMin(from_minus_x.rowwise().norm());
  }

 private:
  Eigen::MatrixXd a_;  // (dimension, samples)
  Eigen::VectorXd y_, x_;
  std::vector<model::Metric> metrics_{model::metrics::train_loss,
                                      {"recovery_error", "distance to x up to its sign", "1", INFINITY}};
};

int main(int argc, char** argv) {
  const auto count = [](const char* name, std::int64_t usual, const char* help) {
    model::KeySpec key{.name = name, .type = model::ValueType::integer, .fallback = usual, .help = help};
    key.range = model::at_least_one;
    return key;
  };
  problem::register_problem(
      {.schema = {.kind = "phase_retrieval",
                  .summary = "a vector x from the squares of its products with random vectors",
                  .keys = {count("samples", 200, "number of squares"),
                           count("dimension", 10, "length of x"),
                           count("data_seed", 1, "fixes the data"),
                           {.name = "noise", .fallback = 0.1, .range = model::not_negative, .help = "of y"}},
                  .samplings = {"with_replacement", "shuffle", "full_batch"}},
       .objective = "mean of ((a.w)^2 - y)^2 / 4 with y = (a.x)^2 + noise, a standard normal, |x| = 1",
       .metrics = "train_loss, recovery_error",
       .constants = "neither D nor G is known: grid.stepsize is a number",
       .make = [](const model::ProblemSettings& keys, model::Precision, const problem::Materials&) {
         return std::make_shared<PhaseRetrieval>(keys);
       }});
  return rhosweep::main(argc, argv);
}
