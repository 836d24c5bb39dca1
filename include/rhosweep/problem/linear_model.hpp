#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/problem/losses.hpp"
#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace rhosweep::problem {

/// The objective is the mean of loss(y, x·w) over the samples, plus (l2/2)‖w‖². Labels are −1 and +1 for
/// logistic, hinge and squared_hinge, and numbers for least_squares, absolute and huber. For softmax, labels
/// are 0 … classes − 1, the parameters are the weight vectors of all classes, one after another, and the loss
/// is log Σ_c exp(x·w_c) − x·w_y.
class LinearModel : public Problem {
 public:
  /// The loss, the regulariser and the domain.
  struct Settings {
    Loss loss = Loss::logistic;
    double threshold = 1.0;    ///< threshold of the huber loss
    std::int64_t classes = 2;  ///< number of classes, for softmax
    double l2 = 0.0;
    double radius = 0.0;                  ///< 0: no projection
    std::optional<double> diameter = {};  ///< D, if there is no projection
  };

  /// @param settings the loss and its constants
  /// @param train samples that mini-batches are drawn from
  /// @param test held-out data, may be null
  /// @param minimiser the result of minimise()
  LinearModel(const Settings& settings, std::shared_ptr<const data::Dataset> train,
              std::shared_ptr<const data::Dataset> test, std::optional<optimum::Minimiser> minimiser);

  const Settings& settings() const { return settings_; }
  /// Number of scores per sample: the number of classes for softmax, else 1.
  std::int64_t scores() const;
  /// Returns whether labels are classes. If so, the metrics include accuracies. An accuracy is the share of
  /// samples whose score has the sign of the label or, with softmax, whose largest score is that of the
  /// label's class. A tie counts as wrong.
  bool is_classifier() const;
  const data::Dataset& train() const { return *train_; }
  /// Returns the held-out data, or nullptr.
  const data::Dataset* test() const { return test_.get(); }

  Family family() const override { return this; }
  std::int64_t dimension() const override;
  std::int64_t samples() const override;
  double radius() const override { return settings_.radius; }
  /// The metrics are train_loss, excess_loss, test_loss, train_accuracy, test_accuracy and distance. Metrics
  /// on test data exist only if there is test data, accuracies only for classifiers.
  const std::vector<model::Metric>& metrics() const override { return metrics_; }
  const optimum::Minimiser* minimiser() const override { return minimiser_ ? &*minimiser_ : nullptr; }
  bool is_convex() const override { return true; }
  /// 2·radius with projection, else the setting `diameter`.
  std::optional<double> diameter() const override;
  /// The root mean square of b·‖x‖ over the training samples, where b is a bound on the loss's derivative
  /// with respect to the score. b is 1 for logistic, hinge and absolute, and √2 for softmax. On the ball, b
  /// is |y| + radius·‖x‖ for least_squares, the same but at most the threshold for huber, and 2·(1 +
  /// radius·‖x‖) for squared_hinge. A regulariser adds l2·radius (Minkowski's inequality) or, without
  /// projection, l2·2·diameter, since w_0 = 0 and all iterates are within the diameter of the minimiser.
  /// Nullopt if the bound is zero or not finite.
  std::optional<double> gradient_bound() const override;
  double step_work(const model::SgdSettings& sgd) const override;
  double evaluation_work() const override;

 private:
  Settings settings_;
  std::shared_ptr<const data::Dataset> train_;
  std::shared_ptr<const data::Dataset> test_;
  std::vector<model::Metric> metrics_;
  std::optional<optimum::Minimiser> minimiser_;
  double gradient_bound_ = 0.0;
};

/// Computes a minimiser of the objective over the domain with a deterministic solver, to f − f_star <= 1e-10.
/// Returns nullopt if there is no minimiser (logistic or softmax, separable data, l2 = 0 and radius = 0).
/// Returns nullopt and logs a warning if the solver does not converge.
std::optional<optimum::Minimiser> minimise(const LinearModel::Settings& settings, const data::Dataset& train);

}  // namespace rhosweep::problem
