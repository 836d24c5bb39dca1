#include "rhosweep/problem/linear_model.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/with_real.hpp"
#include "rhosweep/optimum/interior_point.hpp"
#include "rhosweep/optimum/newton.hpp"

#include <cmath>
#include <numbers>

namespace rhosweep::problem {

namespace {

/// Returns the root mean square of b·‖x‖ over the samples x, with b = bound(label, ‖x‖).
template <class Bound>
double root_mean_square(const data::Dataset& data, const Bound& bound) {
  return model::with_real(data.precision(), [&](auto real) {
    using Real = decltype(real);
    double sum = 0.0;
    for (std::int64_t i = 0; i < data.samples(); ++i) {
      double square = 0.0;
      for (const double x : data.values<Real>(i)) square += x * x;
      if (square == 0.0) continue;
      const double factor = bound(static_cast<double>(data.labels<Real>()[i]), std::sqrt(square));
      for (const double x : data.values<Real>(i)) sum += factor * factor * (x * x);
    }
    return std::sqrt(sum / static_cast<double>(data.samples()));
  });
}

/// Returns a bound on the root mean square, over the samples, of the norm of the loss's gradient. The
/// regulariser is not included.
double bound_loss_gradients(const LinearModel::Settings& settings, const data::Dataset& data) {
  // The derivatives of softmax with respect to the scores are probabilities, with 1 subtracted for the
  // label's class. So the norm of their vector is at most √2.
  if (settings.loss == Loss::softmax)
    return root_mean_square(data, [](double, double) { return std::numbers::sqrt2; });
  const double radius = settings.radius > 0 ? settings.radius : losses::infinity;
  return with_loss(settings.loss, settings.threshold, [&](auto loss) {
    return root_mean_square(
        data, [&](double label, double norm) { return loss.slope_bound(label, radius * norm); });
  });
}

/// Returns a bound on the norm of all iterates: without projection, twice the diameter, because w_0 = 0 and
/// all iterates are within the diameter of the minimiser.
double reach(const LinearModel::Settings& settings) {
  if (settings.radius > 0) return settings.radius;
  return 2 * settings.diameter.value_or(losses::infinity);
}

double bound_gradients(const LinearModel::Settings& settings, const data::Dataset& data) {
  const double of_regulariser = settings.l2 > 0 ? settings.l2 * reach(settings) : 0.0;
  return bound_loss_gradients(settings, data) + of_regulariser;
}

}  // namespace

LinearModel::LinearModel(const Settings& settings, std::shared_ptr<const data::Dataset> train,
                         std::shared_ptr<const data::Dataset> test,
                         std::optional<optimum::Minimiser> minimiser)
    : settings_(settings),
      train_(std::move(train)),
      test_(std::move(test)),
      minimiser_(std::move(minimiser)),
      gradient_bound_(bound_gradients(settings, *train_)) {
  core::require(
      !test_ || (test_->features() == train_->features() && test_->precision() == train_->precision()),
      "held-out data must have the training data's features and precision");
  metrics_.push_back(model::metrics::train_loss);
  metrics_.push_back(model::metrics::excess_loss);
  if (test_) metrics_.push_back(model::metrics::test_loss);
  if (is_classifier()) metrics_.push_back(model::metrics::train_accuracy);
  if (is_classifier() && test_) metrics_.push_back(model::metrics::test_accuracy);
  metrics_.push_back(model::metrics::distance);
}

std::int64_t LinearModel::scores() const {
  return settings_.loss == Loss::softmax ? settings_.classes : 1;
}

bool LinearModel::is_classifier() const {
  if (settings_.loss == Loss::softmax) return true;
  return with_loss(settings_.loss, 1.0, [](auto loss) { return loss.is_classifier; });
}

std::int64_t LinearModel::dimension() const {
  return scores() * train_->features();
}

std::int64_t LinearModel::samples() const {
  return train_->samples();
}

std::optional<double> LinearModel::diameter() const {
  if (settings_.radius > 0) return 2 * settings_.radius;
  return settings_.diameter;
}

std::optional<double> LinearModel::gradient_bound() const {
  if (std::isfinite(gradient_bound_)) return gradient_bound_;
  return std::nullopt;
}

double LinearModel::step_work(const model::SgdSettings& sgd) const {
  const bool is_full = sgd.sampling == model::Sampling::full_batch;
  const auto batch = static_cast<double>(is_full ? samples() : sgd.batch_size);
  const double per_parameter =
      model::update_work(sgd) + (settings_.l2 > 0 ? 2 : 0) + (settings_.radius > 0 ? 3 : 0);
  return 4 * train_->numbers_per_sample() * batch * static_cast<double>(scores()) +
         per_parameter * static_cast<double>(dimension());
}

double LinearModel::evaluation_work() const {
  constexpr double loss_work = 20;  // exp and log1p
  const auto work = [&](const data::Dataset& data) {
    return (2 * data.numbers_per_sample() + loss_work) * static_cast<double>(data.samples() * scores());
  };
  return work(*train_) + (test_ ? work(*test_) : 0.0);
}

std::optional<optimum::Minimiser> minimise(const LinearModel::Settings& settings,
                                           const data::Dataset& train) {
  if (settings.loss == Loss::logistic) return optimum::minimise_logistic(train, settings.l2, settings.radius);
  if (settings.loss == Loss::softmax)
    return optimum::minimise_softmax(train, settings.classes, settings.l2, settings.radius);
  return with_loss(settings.loss, settings.threshold, [&](auto loss) -> std::optional<optimum::Minimiser> {
    if constexpr (requires { loss.saddle_form(); })
      return optimum::minimise_saddle(train, loss.saddle_form(), settings.l2, settings.radius);
    return std::nullopt;
  });
}

}  // namespace rhosweep::problem
