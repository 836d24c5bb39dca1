#include "mlp_kernel.hpp"

#include "drawn_samples.hpp"
#include "loss_totals.hpp"
#include "optimizer.hpp"
#include "sampler.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace rhosweep::sgd {

namespace {

using data::Dataset;
using problem::Mlp;

/// Samples per pass over a data set.
constexpr std::int64_t samples_per_pass = 64;

/// A mini-batch of up to this many samples is processed in one pass. For a larger mini-batch, the full batch,
/// or an optimizer that needs the whole gradient, the gradient is summed over several passes in one more
/// tile.
constexpr std::int64_t most_batch_samples = 512;

/// Factor by which chunks are made longer. The first mini-batch of each chunk must be scored separately, so
/// fewer chunks take less time.
constexpr double steps_per_chunk = 16;

/// Some samples of a data set, as dense or as sparse rows.
template <class Real>
struct Samples {
  std::int64_t count = 0;
  const Real* const* dense = nullptr;          ///< (count) rows of features
  const SparseSample<Real>* sparse = nullptr;  ///< (count), used instead of `dense`
  const Real* labels = nullptr;                ///< (count)
};

template <class Real>
class MlpKernel final : public Kernel<Real> {
 public:
  MlpKernel(const Mlp& mlp, const model::SgdSettings& sgd, std::int64_t seed, PacedYield& yield)
      : mlp_(mlp),
        layers_(mlp.layers()),
        code_(vector_code<Real>()),
        optimizer_(sgd),
        yield_(yield),
        hidden_(mlp.settings().activation == problem::Activation::relu ? Transfer::relu : Transfer::tanh),
        l2_(static_cast<Real>(mlp.settings().l2)),
        average_(sgd.iterate == model::Iterate::average),
        batch_size_(sgd.batch_size) {
    if (sgd.sampling != model::Sampling::full_batch)
      sampler_.emplace(sgd.sampling, mlp.samples(), batch_size_, seed);
    const std::int64_t most = is_one_pass() ? std::max(batch_size_, samples_per_pass) : samples_per_pass;
    std::int64_t widest = 0;
    for (const Mlp::Layer& layer : layers_) {
      outputs_.emplace_back(layer.outputs * most * lanes);
      slopes_.emplace_back(layer.outputs * most * lanes);
      widest = std::max({widest, layer.inputs, layer.outputs});
    }
    row_ = AlignedArray<Real>(widest * lanes);
    if (!is_one_pass()) gradients_ = Tile<Real>(mlp.dimension());
  }

  double numbers_per_step() const override {
    const Dataset& train = mlp_.train();
    const double share =
        sampler_ ? static_cast<double>(batch_size_) / static_cast<double>(train.samples()) : 1.0;
    return share * static_cast<double>(train.nonzeros()) / steps_per_chunk;
  }

  void draw(std::int64_t first, std::int64_t count) override {
    if (!sampler_) return;
    indices_.resize(count * batch_size_);
    sampler_->draw(first, indices_);
    drawn_.find(mlp_.train(), indices_);
  }

  void advance(const Steps<Real>& steps, TileState<Real>& tile) override {
    bool is_scored = false;  // whether the first layer has scored the mini-batch of step k
    for (std::int64_t k = 0; k < steps.count; ++k) {
      const Real* const eta = steps.stepsizes + k * lanes;
      if (is_one_pass()) {
        optimizer_.begin_step(steps.first + k);
        const Samples<Real> next = k + 1 < steps.count ? drawn(k + 1) : Samples<Real>{};
        step(drawn(k), next, is_scored, eta, tile);
        is_scored = next.count > 0;
        if (!yield_.after(multiplications(batch_size_))) return;
      } else {
        sum_gradients(k, tile.iterates);
        optimizer_.take_step(steps.first + k, eta, gradients_.data(), Real(0), tile);
      }
      if (!average_) continue;
      const Real weight = Real(1) / static_cast<Real>(steps.first + k + 1);
      code_.average(weight, tile.iterates.columns(), tile.iterates.data(), tile.average.data());
    }
  }

  void evaluate(std::span<const Measurement<Real>> tiles) override {
    for (const auto& [iterates, values] : tiles) evaluate(*iterates, *values);
  }

 private:
  struct Fit {
    Lanes<double> loss;      ///< mean, without the regulariser
    Lanes<double> accuracy;  ///< for classifiers
  };

  void evaluate(const Tile<Real>& tile, Tile<double>& values) {
    const Fit train = fit(mlp_.train(), tile);
    std::optional<Fit> test;
    if (mlp_.test() != nullptr) test = fit(*mlp_.test(), tile);
    auto metrics = values.array();
    std::int64_t column = 0;
    metrics.col(column++) = train.loss + 0.5 * mlp_.settings().l2 * squared_norms(tile);
    if (test) metrics.col(column++) = test->loss;
    if (!mlp_.is_classifier()) return;
    metrics.col(column++) = train.accuracy;
    if (test) metrics.col(column++) = test->accuracy;
  }

  std::int64_t features() const { return layers_.front().inputs; }
  /// Returns the number of multiplications per lane that the scores of this many samples take.
  double multiplications(std::int64_t samples) const {
    return static_cast<double>(samples * mlp_.dimension());
  }
  bool is_one_pass() const {
    return sampler_ && batch_size_ <= most_batch_samples && !optimizer_.needs_whole_gradient();
  }
  std::size_t last() const { return layers_.size() - 1; }

  static bool is_sparse(const Dataset& data) { return data.storage() == Dataset::Storage::sparse; }

  /// Returns samples first … first + count − 1 of the mini-batch of the chunk's step k.
  Samples<Real> drawn(std::int64_t k, std::int64_t first, std::int64_t count) const {
    const std::int64_t at = k * batch_size_ + first;
    const bool sparse = is_sparse(mlp_.train());
    return {.count = count,
            .dense = sparse ? nullptr : drawn_.dense.data() + at,
            .sparse = sparse ? drawn_.sparse.data() + at : nullptr,
            .labels = drawn_.labels.data() + at};
  }
  Samples<Real> drawn(std::int64_t k) const { return drawn(k, 0, batch_size_); }

  /// Returns `count` samples of a data set, starting at `first`.
  Samples<Real> taken(const Dataset& data, std::int64_t first, std::int64_t count) {
    pass_.find(data, first, count);
    return {.count = count,
            .dense = is_sparse(data) ? nullptr : pass_.dense.data(),
            .sparse = is_sparse(data) ? pass_.sparse.data() : nullptr,
            .labels = pass_.labels.data()};
  }

  Real* output(std::size_t layer, std::int64_t unit, std::int64_t count) {
    return outputs_[layer].data() + unit * count * lanes;
  }
  /// Returns the place of a unit's slopes. In the last layer, the slopes overwrite the scores.
  Real* slope(std::size_t layer, std::int64_t unit, std::int64_t count) {
    return (layer == last() ? outputs_ : slopes_)[layer].data() + unit * count * lanes;
  }
  static const Real* column(const Tile<Real>& tile, std::int64_t place) {
    return tile.data() + place * lanes;
  }

  /// Computes the scores of a unit of the first layer, without the unit's bias.
  void score_unit(const Samples<Real>& samples, std::int64_t unit, const Tile<Real>& iterates) {
    const Real* const weights = column(iterates, layers_.front().first + unit * features());
    Real* const out = output(0, unit, samples.count);
    if (samples.sparse != nullptr) {
      code_.score_sparse(samples.count, samples.sparse, weights, out);
    } else {
      code_.score(features(), samples.count, {.rows = samples.dense}, weights, out);
    }
  }

  void score_first_layer(const Samples<Real>& samples, const Tile<Real>& iterates) {
    for (std::int64_t unit = 0; unit < layers_.front().outputs; ++unit) score_unit(samples, unit, iterates);
  }

  /// Computes the outputs of all layers from the scores of the first layer. The last layer's outputs are its
  /// scores.
  void forward(std::int64_t count, const Tile<Real>& iterates) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Mlp::Layer& layer = layers_[l];
      if (l > 0)
        code_.multiply_lanes({.numbers = column(iterates, layer.first),
                              .rows = layer.outputs,
                              .depth = layer.inputs,
                              .row_stride = layer.inputs,
                              .depth_stride = 1},
                             count, output(l - 1, 0, count), output(l, 0, count));
      for (std::int64_t unit = 0; unit < layer.outputs; ++unit)
        code_.transfer(l == last() ? Transfer::identity : hidden_, count,
                       column(iterates, layer.biases() + unit), output(l, unit, count));
    }
  }

  ClassScores<Real> class_scores(const Samples<Real>& samples) const {
    return {.classes = layers_.back().outputs, .count = samples.count, .labels = samples.labels};
  }

  /// Computes the slopes −scale · loss′ of all layers from the scores of the last layer. Goes from the last
  /// layer to the first, and calls visit(l) once the slopes of layer l are known and its parameters are no
  /// longer needed.
  template <class Visit>
  void backward(const Samples<Real>& samples, const Lanes<Real>& scale, const Tile<Real>& iterates,
                const Visit& visit) {
    const std::int64_t count = samples.count;
    Real* const scores = output(last(), 0, count);
    if (mlp_.is_classifier()) {
      code_.replace_by_softmax_slopes(class_scores(samples), scale.data(), scores);
    } else {
      code_.replace_by_slopes(squared, count, samples.labels, scale.data(), scores);
    }
    for (std::size_t l = last();; --l) {
      const Mlp::Layer& layer = layers_[l];
      if (l == 0) return visit(l);
      code_.multiply_lanes({.numbers = column(iterates, layer.first),
                            .rows = layer.inputs,
                            .depth = layer.outputs,
                            .row_stride = 1,
                            .depth_stride = layer.inputs},
                           count, slope(l, 0, count), slope(l - 1, 0, count));
      code_.multiply_by_transfer_slopes(hidden_, count * layer.inputs, output(l - 1, 0, count),
                                        slope(l - 1, 0, count));
      visit(l);
    }
  }

  /// target += slopes · inputsᵀ for the weights of one unit.
  void add_row(const Samples<Real>& samples, std::size_t l, std::int64_t unit, Real* target) {
    const std::int64_t count = samples.count;
    const Real* const factors = slope(l, unit, count);
    if (l > 0) {
      code_.add_lane_outer(layers_[l].inputs, count, output(l - 1, 0, count), factors, target);
    } else if (samples.sparse != nullptr) {
      code_.add_outer_sparse(count, samples.sparse, factors, target);
    } else {
      code_.add_outer(features(), count, samples.dense, factors, target);
    }
  }

  void add_biases(const Samples<Real>& samples, std::size_t l, Real* target) {
    for (std::int64_t unit = 0; unit < layers_[l].outputs; ++unit)
      code_.add_lane_sum(samples.count, slope(l, unit, samples.count), target + unit * lanes);
  }

  /// Runs a whole step with the samples of a mini-batch. Also scores the samples `next` in the first layer,
  /// if there are any.
  void step(const Samples<Real>& samples, const Samples<Real>& next, bool is_scored, const Real* eta,
            TileState<Real>& tile) {
    const bool is_plain = optimizer_.is_plain();
    if (!is_scored) score_first_layer(samples, tile.iterates);
    forward(samples.count, tile.iterates);
    Lanes<Real> scale = Lanes<Real>::Constant(Real(-1));
    if (is_plain) scale = Eigen::Map<const Lanes<Real>>(eta);
    // A plain optimizer keeps no state, so the slopes include the stepsize and are added to the weights
    // directly.
    const auto update = [&](std::int64_t first, std::int64_t count, const auto& add) {
      Real* const weights = tile.iterates.data() + first * lanes;
      if (is_plain) {
        if (l2_ != Real(0)) code_.decay(l2_, count, eta, weights);
        return add(weights);
      }
      const std::span gradient(row_.data(), static_cast<std::size_t>(count * lanes));
      if (l2_ != Real(0)) {
        std::transform(weights, weights + count * lanes, gradient.begin(), [&](Real w) { return l2_ * w; });
      } else {
        std::ranges::fill(gradient, Real(0));
      }
      add(row_.data());
      optimizer_.update(eta, first, count, row_.data(), tile);
    };
    backward(samples, scale / static_cast<Real>(samples.count), tile.iterates, [&](std::size_t l) {
      const Mlp::Layer& layer = layers_[l];
      for (std::int64_t unit = 0; unit < layer.outputs; ++unit) {
        update(layer.first + unit * layer.inputs, layer.inputs,
               [&](Real* target) { add_row(samples, l, unit, target); });
        if (l == 0 && next.count > 0) score_unit(next, unit, tile.iterates);
      }
      update(layer.biases(), layer.outputs, [&](Real* target) { add_biases(samples, l, target); });
    });
  }

  /// gradients_ ← the gradient at the chunk's step k, over the step's mini-batch or, with the full batch,
  /// over all samples.
  void sum_gradients(std::int64_t k, const Tile<Real>& iterates) {
    gradients_.array() = l2_ * iterates.array();
    const std::int64_t count = sampler_ ? batch_size_ : mlp_.samples();
    const Lanes<Real> scale = Lanes<Real>::Constant(Real(-1) / static_cast<Real>(count));
    for (std::int64_t first = 0; first < count; first += samples_per_pass) {
      const std::int64_t some = std::min(samples_per_pass, count - first);
      const Samples<Real> samples = sampler_ ? drawn(k, first, some) : taken(mlp_.train(), first, some);
      score_first_layer(samples, iterates);
      forward(some, iterates);
      backward(samples, scale, iterates, [&](std::size_t l) {
        const Mlp::Layer& layer = layers_[l];
        for (std::int64_t unit = 0; unit < layer.outputs; ++unit)
          add_row(samples, l, unit, gradients_.data() + (layer.first + unit * layer.inputs) * lanes);
        add_biases(samples, l, gradients_.data() + layer.biases() * lanes);
      });
      if (!yield_.after(multiplications(some))) return;
    }
  }

  Fit fit(const Dataset& data, const Tile<Real>& iterates) {
    LossTotals<Real> totals(mlp_.is_classifier() ? layers_.back().outputs : 1);
    for (std::int64_t from = 0; from < data.samples(); from += samples_per_pass) {
      const Samples<Real> samples = taken(data, from, std::min(samples_per_pass, data.samples() - from));
      score_first_layer(samples, iterates);
      forward(samples.count, iterates);
      const Real* const scores = output(last(), 0, samples.count);
      totals.add(samples.count, [&](std::int64_t first, std::int64_t some, LossSums<Real>& sums) {
        if (mlp_.is_classifier()) {
          code_.add_softmax_losses(class_scores(samples), first, some, scores, sums);
        } else {
          code_.add_losses(squared, some, samples.labels + first, scores + first * lanes, sums);
        }
      });
      if (!yield_.after(multiplications(samples.count))) break;
    }
    const auto samples = static_cast<double>(data.samples());
    return {totals.loss() / samples, totals.right() / samples};
  }

  static constexpr LossRule<Real> squared{.kind = problem::Loss::least_squares};

  const Mlp& mlp_;
  std::span<const Mlp::Layer> layers_;
  const VectorCode<Real>& code_;
  Optimizer<Real> optimizer_;
  PacedYield& yield_;
  Transfer hidden_;
  Real l2_;
  bool average_;
  std::int64_t batch_size_;
  std::optional<Sampler> sampler_;           ///< unset with the full batch
  std::vector<std::int64_t> indices_;        ///< sample indices of the chunk, (steps × batch_size)
  DrawnSamples<Real> drawn_;                 ///< samples of the chunk
  DrawnSamples<Real> pass_;                  ///< samples of a pass over the data
  std::vector<AlignedArray<Real>> outputs_;  ///< outputs of every layer: (lanes, samples, units)
  std::vector<AlignedArray<Real>> slopes_;   ///< slopes of every layer but the last, shaped like outputs_
  AlignedArray<Real> row_;                   ///< the gradient of a unit's weights or of a layer's biases
  Tile<Real> gradients_;                     ///< whole gradient; empty if one pass covers the mini-batch
};

}  // namespace

template <class Real>
std::unique_ptr<Kernel<Real>> make_mlp_kernel(const Mlp& mlp, const model::SgdSettings& sgd,
                                              std::int64_t seed, PacedYield& yield) {
  return std::make_unique<MlpKernel<Real>>(mlp, sgd, seed, yield);
}

template std::unique_ptr<Kernel<double>> make_mlp_kernel(const Mlp&, const model::SgdSettings&, std::int64_t,
                                                         PacedYield&);
template std::unique_ptr<Kernel<float>> make_mlp_kernel(const Mlp&, const model::SgdSettings&, std::int64_t,
                                                        PacedYield&);

}  // namespace rhosweep::sgd
