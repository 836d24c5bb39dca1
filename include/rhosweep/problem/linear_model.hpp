#pragma once

#include "rhosweep/problem/dataset.hpp"
#include "rhosweep/problem/problem.hpp"

#include <memory>
#include <optional>

namespace rhosweep::problem {

/// Losses of a linear model, as functions of the label y and the score z = x·w.
enum class Loss { logistic };

/// mean over samples of loss(y, x·w), plus (l2/2)‖w‖²; labels are −1 and +1.
class LinearModel : public Problem {
 public:
  struct Settings {
    Loss loss = Loss::logistic;
    double l2 = 0.0;
    double radius = 0.0;                  ///< 0: no projection
    std::optional<double> diameter = {};  ///< D without projection
  };

  /// @param test held-out data, may be null
  /// @param minimiser as minimise() finds it; nothing if there is none
  LinearModel(const Settings& settings, std::shared_ptr<const Dataset> train,
              std::shared_ptr<const Dataset> test, std::optional<Minimiser> minimiser);

  const Settings& settings() const { return settings_; }
  const Dataset& train() const { return *train_; }
  /// Null without held-out data.
  const Dataset* test() const { return test_.get(); }

  std::int64_t dimension() const override;
  std::int64_t samples() const override;
  double radius() const override { return settings_.radius; }
  /// train_loss, excess_loss, test_loss, train_accuracy, test_accuracy, distance: without those of test data
  /// and of a minimiser when there is none.
  const std::vector<model::Metric>& metrics() const override { return metrics_; }
  const Minimiser* minimiser() const override { return minimiser_ ? &*minimiser_ : nullptr; }
  /// 2·radius with projection, else the setting.
  std::optional<double> diameter() const override;
  /// √(mean ‖x‖²) over the training samples: the loss changes by at most 1 per unit of the score. The
  /// regulariser is left out. None if all samples are zero.
  std::optional<double> gradient_bound() const override;
  double step_work(const model::SgdSettings& sgd) const override;
  double evaluation_work() const override;

 private:
  Settings settings_;
  std::shared_ptr<const Dataset> train_;
  std::shared_ptr<const Dataset> test_;
  std::vector<model::Metric> metrics_;
  std::optional<Minimiser> minimiser_;
  double gradient_bound_ = 0.0;
};

/// The minimiser of the objective over the domain, by a deterministic solver: f − f_star <= 1e-10. Nothing if
/// the data is separable and neither l2 nor radius keeps the weights finite, or if the solver does not
/// converge (it logs a warning).
std::optional<Minimiser> minimise(const LinearModel::Settings& settings, const Dataset& train);

}  // namespace rhosweep::problem
