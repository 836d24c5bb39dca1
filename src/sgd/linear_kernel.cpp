#include "linear_kernel.hpp"

#include "products.hpp"
#include "sampler.hpp"
#include "stepwise_kernel.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/problem/losses.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

namespace rhosweep::sgd {

namespace {

using problem::Dataset;
using problem::LinearModel;

/// Samples per pass over the data set: their scores stay in the first-level cache.
constexpr std::int64_t pass_samples = 64;

template <class Real, class Loss>
class LinearKernel final : public StepwiseKernel<Real> {
 public:
  LinearKernel(const LinearModel& model, const model::SgdSettings& sgd, std::int64_t seed)
      : StepwiseKernel<Real>(model, sgd),
        model_(model),
        sparse_(model.train().storage() == Dataset::Storage::sparse),
        l2_(static_cast<Real>(model.settings().l2)) {
    if (sgd.sampling == model::Sampling::full_batch) return;
    batch_size_ = sgd.batch_size;
    sampler_.emplace(sgd.sampling, model.samples(), batch_size_, seed);
    scores_.resize(tile_width, batch_size_);
  }

  void draw(std::int64_t first, std::int64_t count) override {
    if (!sampler_) return;
    indices_.resize(count * batch_size_);
    sampler_->draw(first, indices_);
    gather();
  }

  void gradient(std::int64_t k, const Tile<Real>& tile, Tile<Real>& gradient_tile) override {
    const auto iterates = tile.array();
    auto gradients = gradient_tile.array();
    gradients = iterates * l2_;
    if (sampler_) {
      score_batch(k, iterates);
      for (std::int64_t b = 0; b < batch_size_; ++b)
        scores_.col(b) =
            Loss::derivative(labels_[k * batch_size_ + b], scores_.col(b)) / static_cast<Real>(batch_size_);
      add_batch(k, gradients);
    } else {
      add_full_gradient(iterates, gradients);
    }
  }

  void descend(std::int64_t k, const Real* eta, Tile<Real>& tile) override {
    if (!sampler_) return StepwiseKernel<Real>::descend(k, eta, tile);
    const Eigen::Map<const Lanes<Real>> stepsizes(eta);
    auto iterates = tile.array();
    score_batch(k, iterates);
    const Lanes<Real> scale = -stepsizes / static_cast<Real>(batch_size_);
    for (std::int64_t b = 0; b < batch_size_; ++b)
      scores_.col(b) = scale * Loss::derivative(labels_[k * batch_size_ + b], scores_.col(b));
    if (l2_ != Real(0)) iterates.colwise() *= (Real(1) - stepsizes * l2_).eval();
    add_batch(k, iterates);
  }

  void evaluate(const Tile<Real>& tile, Tile<double>& value_tile) override {
    const auto iterates = tile.array();
    auto values = value_tile.array();
    const Fit train = fit(model_.train(), iterates);
    const auto& widened = iterates.template cast<double>();
    const Lanes<double> train_loss =
        train.loss + 0.5 * model_.settings().l2 * widened.square().rowwise().sum();
    const problem::Minimiser* minimiser = model_.minimiser();

    std::int64_t column = 0;
    values.col(column++) = train_loss;
    values.col(column++) = train_loss - (minimiser != nullptr ? minimiser->value : unknown);
    std::optional<Fit> test;
    if (model_.test() != nullptr) {
      test = fit(*model_.test(), iterates);
      values.col(column++) = test->loss;
    }
    values.col(column++) = train.accuracy;
    if (test) values.col(column++) = test->accuracy;
    values.col(column) = Lanes<double>::Constant(unknown);
    if (minimiser != nullptr) {
      const Eigen::Map<const Eigen::Array<double, 1, Eigen::Dynamic>> point(
          minimiser->point.data(), static_cast<std::int64_t>(minimiser->point.size()));
      values.col(column) = (widened.rowwise() - point).square().rowwise().sum().sqrt();
    }
  }

 private:
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  struct Fit {
    Lanes<double> loss;      ///< mean, without the regulariser
    Lanes<double> accuracy;  ///< share of samples on the right side
  };

  /// Copies what the chunk's batches hold next to each other: dense samples and labels.
  void gather() {
    const Dataset& train = model_.train();
    const auto all_labels = train.template labels<Real>();
    labels_.resize(indices_.size());
    std::transform(indices_.begin(), indices_.end(), labels_.begin(),
                   [&](std::int64_t i) { return all_labels[i]; });
    if (sparse_) return;
    const std::int64_t dimension = train.features();
    samples_.resize(indices_.size() * static_cast<std::size_t>(dimension));
    auto out = samples_.begin();
    for (const std::int64_t i : indices_)
      out = std::copy_n(train.template dense_row<Real>(i), dimension, out);
  }

  const Real* dense_batch(std::int64_t k) const {
    return samples_.data() + k * batch_size_ * model_.dimension();
  }

  void score_batch(std::int64_t k, const ConstColumns<Real>& iterates) {
    if (!sparse_) return score_dense<Real>(iterates, dense_batch(k), scores_);
    for (std::int64_t b = 0; b < batch_size_; ++b)
      scores_.col(b) = score_sparse<Real>(
          iterates, model_.train().template sparse_row<Real>(indices_[k * batch_size_ + b]));
  }

  /// target += Σ_b scores_.col(b) x_bᵀ
  void add_batch(std::int64_t k, Columns<Real> target) {
    if (!sparse_) return add_outer_dense<Real>(scores_, dense_batch(k), target);
    for (std::int64_t b = 0; b < batch_size_; ++b)
      add_outer_sparse<Real>(scores_.col(b),
                             model_.train().template sparse_row<Real>(indices_[k * batch_size_ + b]), target);
  }

  /// Calls visit(first, scores) for the scores of consecutive samples of a data set.
  template <class Visit>
  void pass(const Dataset& data, const ConstColumns<Real>& iterates, Visit&& visit) {
    typename Tile<Real>::Array scores(tile_width, pass_samples);
    for (std::int64_t first = 0; first < data.samples(); first += pass_samples) {
      const std::int64_t count = std::min(pass_samples, data.samples() - first);
      auto some = scores.leftCols(count);
      if (data.storage() == Dataset::Storage::dense) {
        score_dense<Real>(iterates, data.template dense_row<Real>(first), some);
      } else {
        for (std::int64_t b = 0; b < count; ++b)
          some.col(b) = score_sparse<Real>(iterates, data.template sparse_row<Real>(first + b));
      }
      visit(first, some);
    }
  }

  void add_full_gradient(const ConstColumns<Real>& iterates, Columns<Real> gradients) {
    const Dataset& train = model_.train();
    const auto labels = train.template labels<Real>();
    const Real share = Real(1) / static_cast<Real>(train.samples());
    pass(train, iterates, [&](std::int64_t first, auto& scores) {
      for (std::int64_t b = 0; b < scores.cols(); ++b) {
        scores.col(b) = share * Loss::derivative(labels[first + b], scores.col(b));
        if (sparse_)
          add_outer_sparse<Real>(scores.col(b), train.template sparse_row<Real>(first + b), gradients);
      }
      if (!sparse_) add_outer_dense<Real>(scores, train.template dense_row<Real>(first), gradients);
    });
  }

  Fit fit(const Dataset& data, const ConstColumns<Real>& iterates) {
    const auto labels = data.template labels<Real>();
    Fit sums{Lanes<double>::Zero(), Lanes<double>::Zero()};
    pass(data, iterates, [&](std::int64_t first, const auto& scores) {
      Lanes<Real> loss = Lanes<Real>::Zero();
      Lanes<Real> right = Lanes<Real>::Zero();
      for (std::int64_t b = 0; b < scores.cols(); ++b) {
        const Real y = labels[first + b];
        loss += Loss::value(y, scores.col(b));
        right += (scores.col(b) * y > Real(0)).template cast<Real>();
      }
      sums.loss += loss.template cast<double>();
      sums.accuracy += right.template cast<double>();
    });
    const auto samples = static_cast<double>(data.samples());
    return {sums.loss / samples, sums.accuracy / samples};
  }

  const LinearModel& model_;
  bool sparse_;
  Real l2_;
  std::int64_t batch_size_ = 0;
  std::optional<Sampler> sampler_;     ///< none with the full batch
  std::vector<std::int64_t> indices_;  ///< of the chunk: (steps × batch_size)
  std::vector<Real> labels_;           ///< of the chunk
  std::vector<Real> samples_;          ///< of the chunk, if dense: (steps × batch_size × dimension)
  typename Tile<Real>::Array scores_;  ///< (tile_width, batch_size)
};

}  // namespace

template <class Real>
std::unique_ptr<Kernel<Real>> make_linear_kernel(const LinearModel& model, const model::SgdSettings& sgd,
                                                 std::int64_t seed) {
  switch (model.settings().loss) {
    case problem::Loss::logistic:
      return std::make_unique<LinearKernel<Real, problem::LogisticLoss>>(model, sgd, seed);
  }
  throw core::InternalError("unknown loss");
}

template std::unique_ptr<Kernel<double>> make_linear_kernel(const LinearModel&, const model::SgdSettings&,
                                                            std::int64_t);
template std::unique_ptr<Kernel<float>> make_linear_kernel(const LinearModel&, const model::SgdSettings&,
                                                           std::int64_t);

}  // namespace rhosweep::sgd
