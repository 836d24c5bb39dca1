#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/problem/losses.hpp"
#include "rhosweep/problem/problem.hpp"

#include <memory>
#include <optional>

namespace rhosweep::problem {

/// mean over samples of loss(y, x·w), plus (l2/2)‖w‖². Labels are −1 and +1 for logistic, hinge and
/// squared_hinge, numbers for least_squares, absolute and huber. Of softmax they are 0 … classes − 1, the
/// parameters are a weight vector per class, one after the other, and the loss is log Σ_c exp(x·w_c) − x·w_y.
class LinearModel : public Problem {
 public:
  /// Which loss, with which constants.
  struct Settings {
    Loss loss = Loss::logistic;
    double threshold = 1.0;    ///< of huber
    std::int64_t classes = 2;  ///< of softmax
    double l2 = 0.0;
    double radius = 0.0;                  ///< 0: no projection
    std::optional<double> diameter = {};  ///< D without projection
  };

  /// @param settings its loss and constants
  /// @param train what mini-batches are drawn from
  /// @param test held-out data, may be null
  /// @param minimiser as minimise() finds it; nothing if there is none
  LinearModel(const Settings& settings, std::shared_ptr<const data::Dataset> train,
              std::shared_ptr<const data::Dataset> test, std::optional<optimum::Minimiser> minimiser);

  const Settings& settings() const { return settings_; }
  /// How many scores a sample has: the classes of softmax, else 1.
  std::int64_t scores() const;
  /// Whether labels are classes, and so accuracies are metrics: the share of samples whose score has the sign
  /// of the label, or is the largest at the label's class; a tie is wrong.
  bool is_classifier() const;
  const data::Dataset& train() const { return *train_; }
  /// Null without held-out data.
  const data::Dataset* test() const { return test_.get(); }

  Family family() const override { return this; }
  std::int64_t dimension() const override;
  std::int64_t samples() const override;
  double radius() const override { return settings_.radius; }
  /// train_loss, excess_loss, test_loss, train_accuracy, test_accuracy, distance: without those of test data
  /// when there is none, and without accuracies unless it is a classifier.
  const std::vector<model::Metric>& metrics() const override { return metrics_; }
  const optimum::Minimiser* minimiser() const override { return minimiser_ ? &*minimiser_ : nullptr; }
  bool is_convex() const override { return true; }
  /// 2·radius with projection, else the setting.
  std::optional<double> diameter() const override;
  /// √(mean (b ‖x‖)²) over the training samples, where b bounds the loss's derivative by the score: 1 for
  /// logistic, hinge and absolute, √2 for softmax; on the ball |y| + radius ‖x‖ for least_squares, at most
  /// the threshold for huber, and 2 (1 + radius ‖x‖) for squared_hinge. With a regulariser plus l2·radius, by
  /// Minkowski's inequality; without projection plus l2·2·diameter, as w_0 = 0 and any iterate are within the
  /// diameter of the minimiser. None if that is zero or not finite.
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

/// A minimiser of the objective over the domain, by a deterministic solver: f − f_star <= 1e-10. Nothing if
/// the data is separable and neither l2 nor radius keeps the weights finite (logistic and softmax), or if the
/// solver does not converge (it logs a warning).
std::optional<optimum::Minimiser> minimise(const LinearModel::Settings& settings, const data::Dataset& train);

}  // namespace rhosweep::problem
