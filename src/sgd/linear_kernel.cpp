#include "linear_kernel.hpp"

#include "drawn_samples.hpp"
#include "loss_totals.hpp"
#include "prefetch.hpp"
#include "sampler.hpp"
#include "stepwise_kernel.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace rhosweep::sgd {

namespace {

using data::Dataset;
using problem::LinearModel;

/// Number of samples that a pass over the data set scores at once, so few that the scores stay in the
/// first-level cache.
constexpr std::int64_t pass_samples = 32;

/// An evaluation reads dense data in parts of this many numbers. All tiles process one part before the next
/// is read, so the part stays in the second-level cache.
constexpr std::int64_t shared_numbers = 16384;

template <class Real>
class LinearKernel final : public StepwiseKernel<Real> {
 public:
  LinearKernel(const LinearModel& model, const model::SgdSettings& sgd, std::int64_t seed, PacedYield& yield)
      : StepwiseKernel<Real>(model, sgd),
        model_(model),
        steps_(sgd.steps),
        is_sparse_(model.train().storage() == Dataset::Storage::sparse),
        classes_(model.scores()),
        family_{.dimension = model.train().features(),
                .batch_size = sgd.batch_size,
                .l2 = static_cast<Real>(model.settings().l2),
                .radius = this->radius(),
                .loss = {.kind = model.settings().loss,
                         .threshold = static_cast<Real>(model.settings().threshold)}},
        yield_(yield) {
    scores_.reserve(lanes * classes_ * std::max(pass_samples, sgd.batch_size));
    if (sgd.sampling != model::Sampling::full_batch)
      sampler_.emplace(sgd.sampling, model.samples(), sgd.batch_size, seed);
  }

  double numbers_per_step() const override {
    const Dataset& train = model_.train();
    const double share =
        sampler_ ? static_cast<double>(family_.batch_size) / static_cast<double>(train.samples()) : 1.0;
    return share * static_cast<double>(train.nonzeros());
  }

  void draw(std::int64_t first, std::int64_t count) override {
    if (!sampler_) return;
    const std::int64_t size = count * family_.batch_size;
    if (first == ahead_first_ && size <= std::ssize(ahead_)) {
      std::swap(drawn_, next_);  // `drawn_` may now hold more samples than this chunk needs
    } else {
      ahead_.resize(size);
      sampler_->draw(first, ahead_);
      drawn_.find(model_.train(), ahead_);
    }
    measure_squares(size);
    ahead_first_ = first + count;
    ahead_.resize(std::min(count, steps_ - ahead_first_) * family_.batch_size);
    sampler_->draw(ahead_first_, ahead_);
    next_.find(model_.train(), ahead_);
    next_.dense.resize(drawn_.dense.size(), drawn_.dense.empty() ? nullptr : drawn_.dense.front());
    fetched_ = 0;
    is_first_ = true;
  }

  void advance(const Steps<Real>& steps, TileState<Real>& tile) override {
    fetch_sparse();
    run_chunk(steps, tile);
    is_first_ = false;
  }

  void evaluate(std::span<const Measurement<Real>> tiles) override {
    const std::vector<Fit> train = fit(model_.train(), tiles);
    std::vector<Fit> test;
    if (model_.test() != nullptr) test = fit(*model_.test(), tiles);
    for (std::size_t i = 0; i < tiles.size(); ++i)
      put_metrics(*tiles[i].iterates, train[i], test.empty() ? nullptr : &test[i], *tiles[i].values);
  }

 protected:
  void gradient(std::int64_t k, const Tile<Real>& iterates, Tile<Real>& gradients) override {
    gradients.array() = family_.l2 * iterates.array();
    if (!sampler_) return add_full_gradient(iterates, gradients);
    slopes(k, iterates, Lanes<Real>::Constant(Real(-1)));
    add_batch(k, gradients);
  }

  void descend(std::int64_t k, const Real* stepsizes, Tile<Real>& iterates) override {
    if (!sampler_) return StepwiseKernel<Real>::descend(k, stepsizes, iterates);
    slopes(k, iterates, Eigen::Map<const Lanes<Real>>(stepsizes));
    if (family_.l2 != Real(0)) this->code().decay(family_.l2, iterates.columns(), stepsizes, iterates.data());
    add_batch(k, iterates);
  }

 private:
  void run_chunk(const Steps<Real>& steps, TileState<Real>& tile) {
    if (!sampler_ || !this->is_plain() || is_softmax()) return StepwiseKernel<Real>::advance(steps, tile);
    if (is_sparse_) {
      this->code().descend_by_sparse_samples(family_, steps, drawn_.sparse.data(), drawn_.labels.data(),
                                             sparse_scratch(steps.count), tile.iterates.data());
    } else if (family_.batch_size == 1) {
      this->code().descend_by_samples(family_, steps, {dense_batch(0), squares_.data()}, drawn_.labels.data(),
                                      tile.iterates.data());
    } else {
      StepwiseKernel<Real>::advance(steps, tile);
    }
  }

  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  struct Fit {
    Lanes<double> loss;      ///< mean, without the regulariser
    Lanes<double> accuracy;  ///< for classifiers: share of correctly classified samples
  };

  /// Samples first … end − 1 of a data set.
  struct Range {
    std::int64_t first;
    std::int64_t end;
  };

  bool is_softmax() const { return family_.loss.kind == problem::Loss::softmax; }

  /// Writes the metrics of a tile to `values`. @param test the fit to the test data; nullptr without test
  /// data
  void put_metrics(const Tile<Real>& tile, const Fit& train, const Fit* test, Tile<double>& values) const {
    const Lanes<double> train_loss = train.loss + 0.5 * model_.settings().l2 * squared_norms(tile);
    const optimum::Minimiser* minimiser = model_.minimiser();

    auto metrics = values.array();
    std::int64_t column = 0;
    metrics.col(column++) = train_loss;
    metrics.col(column++) = train_loss - (minimiser != nullptr ? minimiser->value : unknown);
    if (test != nullptr) metrics.col(column++) = test->loss;
    if (model_.is_classifier()) {
      metrics.col(column++) = train.accuracy;
      if (test != nullptr) metrics.col(column++) = test->accuracy;
    }
    metrics.col(column) =
        minimiser != nullptr ? distances(tile, minimiser->w.data()) : Lanes<double>::Constant(unknown);
  }

  void measure_squares(std::int64_t samples) {
    if (is_sparse_ || family_.batch_size > 1 || family_.radius == Real(0)) return;
    squares_.resize(samples);
    this->code().measure_samples(family_.dimension, samples, drawn_.dense.data(), squares_.data());
  }

  /// Prefetches half of those sparse samples of the next chunk that have not been prefetched yet. Random rows
  /// of a large data set come from main memory; the tiles of this chunk keep the core busy meanwhile.
  void fetch_sparse() {
    const std::int64_t end = fetched_ + (std::ssize(next_.sparse) - fetched_ + 1) / 2;
    for (; fetched_ < end; ++fetched_) {
      const SparseSample<Real>& sample = next_.sparse[fetched_];
      prefetch<Cache::second_level>(sample.values, sample.size);
      prefetch<Cache::second_level>(sample.columns, sample.size);
    }
  }

  /// Returns scratch memory for a chunk of sparse samples. Copying the columns of a group of lanes costs
  /// about as much as visiting each column twice, so a short chunk leaves the columns in the tile.
  SparseScratch<Real> sparse_scratch(std::int64_t steps) {
    const bool is_worth_it =
        static_cast<double>(steps) * numbers_per_step() > 2 * static_cast<double>(family_.dimension);
    if (is_worth_it) group_.reserve(family_.dimension * sparse_group_bytes / std::int64_t{sizeof(Real)});
    return {.slopes = scores_.data(), .group = is_worth_it ? group_.data() : nullptr};
  }

  /// Returns the dense samples of step k of the chunk. While the first tile runs, also returns the samples of
  /// step k of the next chunk, to be prefetched for all tiles.
  DenseRows<Real> dense_batch(std::int64_t k) const {
    const std::int64_t first = k * family_.batch_size;
    return {.rows = drawn_.dense.data() + first, .next = is_first_ ? next_.dense.data() + first : nullptr};
  }
  const SparseSample<Real>* sparse_batch(std::int64_t k) const {
    return drawn_.sparse.data() + k * family_.batch_size;
  }

  /// Returns the columns of a tile that belong to class c.
  template <class TileOfReal>
  auto* weights(TileOfReal& tile, std::int64_t c) const {
    return tile.data() + c * family_.dimension * lanes;
  }
  /// Returns where the scores of class c begin in scores_, which has the scores of `count` samples for each
  /// class.
  Real* scores(std::int64_t c, std::int64_t count) { return scores_.data() + c * count * lanes; }

  /// scores_ ← W X, class by class.
  void score(std::int64_t count, DenseRows<Real> dense, const Tile<Real>& iterates) {
    for (std::int64_t c = 0; c < classes_; ++c) {
      this->code().score(family_.dimension, count, dense, weights(iterates, c), scores(c, count));
      dense.next = nullptr;
    }
  }
  void score(std::int64_t count, const SparseSample<Real>* sparse, const Tile<Real>& iterates) {
    for (std::int64_t c = 0; c < classes_; ++c)
      this->code().score_sparse(count, sparse, weights(iterates, c), scores(c, count));
  }

  /// target += scores_ Xᵀ, class by class.
  void add_outer(std::int64_t count, const DenseRows<Real>& dense, Tile<Real>& target) {
    for (std::int64_t c = 0; c < classes_; ++c)
      this->code().add_outer(family_.dimension, count, dense.rows, scores(c, count), weights(target, c));
  }
  void add_outer(std::int64_t count, const SparseSample<Real>* sparse, Tile<Real>& target) {
    for (std::int64_t c = 0; c < classes_; ++c)
      this->code().add_outer_sparse(count, sparse, scores(c, count), weights(target, c));
  }

  ClassScores<Real> class_scores(std::int64_t count, const Real* labels) const {
    return {.classes = classes_, .count = count, .labels = labels};
  }

  /// scores_ ← −scale · loss′(scores_)
  void replace_by_slopes(std::int64_t count, const Real* labels, const Lanes<Real>& scale) {
    if (is_softmax()) {
      this->code().replace_by_softmax_slopes(class_scores(count, labels), scale.data(), scores_.data());
    } else {
      this->code().replace_by_slopes(family_.loss, count, labels, scale.data(), scores_.data());
    }
  }

  /// scores_ ← −scale times the derivatives of the mean loss of step k's batch with respect to the batch's
  /// scores.
  void slopes(std::int64_t k, const Tile<Real>& iterates, const Lanes<Real>& scale) {
    const std::int64_t batch = family_.batch_size;
    if (is_sparse_) {
      score(batch, sparse_batch(k), iterates);
    } else {
      score(batch, dense_batch(k), iterates);
    }
    replace_by_slopes(batch, drawn_.labels.data() + k * batch, scale / static_cast<Real>(batch));
  }

  /// target += scores_ Xᵀ over the batch of step k.
  void add_batch(std::int64_t k, Tile<Real>& target) {
    if (is_sparse_) {
      add_outer(family_.batch_size, sparse_batch(k), target);
    } else {
      add_outer(family_.batch_size, dense_batch(k), target);
    }
  }

  /// Processes some samples of a data set in passes: computes the scores of a pass in scores_ and calls
  /// visit(first, count). Stops if the block is abandoned.
  /// @param is_first whether this tile is the first to read these samples; it then prefetches the samples of
  /// each next pass
  template <class Visit>
  void for_each_pass(const Dataset& data, const Range& samples, bool is_first, const Tile<Real>& iterates,
                     Visit&& visit) {
    const double per_sample =
        static_cast<double>(data.nonzeros() * classes_) / static_cast<double>(data.samples());
    for (std::int64_t first = samples.first; first < samples.end && yield_.goes_on(); first += pass_samples) {
      const std::int64_t count = std::min(pass_samples, samples.end - first);
      const bool fetches = is_first && first + 2 * count <= data.samples();
      pass_.find(data, first, fetches ? 2 * count : count);
      if (data.storage() == Dataset::Storage::dense) {
        const Real* const* const rows = pass_.dense.data();
        score(count, DenseRows<Real>{.rows = rows, .next = fetches ? rows + count : nullptr}, iterates);
      } else {
        score(count, pass_.sparse.data(), iterates);
      }
      visit(first, count);
      yield_.after(per_sample * static_cast<double>(count));
    }
  }

  void add_full_gradient(const Tile<Real>& iterates, Tile<Real>& gradients) {
    const Dataset& train = model_.train();
    const auto labels = train.template labels<Real>();
    const Lanes<Real> share = Lanes<Real>::Constant(Real(-1) / static_cast<Real>(train.samples()));
    for_each_pass(train, {0, train.samples()}, true, iterates, [&](std::int64_t first, std::int64_t count) {
      replace_by_slopes(count, labels.data() + first, share);
      if (is_sparse_) {
        add_outer(count, pass_.sparse.data(), gradients);
      } else {
        add_outer(count, DenseRows<Real>{.rows = pass_.dense.data()}, gradients);
      }
    });
  }

  /// Adds the losses of samples first … first + some − 1 to `sums`. scores_ has the scores of `count`
  /// samples.
  void add_losses(std::int64_t count, const Real* labels, std::int64_t first, std::int64_t some,
                  LossSums<Real>& sums) {
    if (is_softmax()) {
      this->code().add_softmax_losses(class_scores(count, labels), first, some, scores_.data(), sums);
    } else {
      this->code().add_losses(family_.loss, some, labels + first, scores_.data() + first * lanes, sums);
    }
  }

  /// Returns the mean loss and the accuracy of every tile on a data set.
  std::vector<Fit> fit(const Dataset& data, std::span<const Measurement<Real>> tiles) {
    const auto labels = data.template labels<Real>();
    std::vector<LossTotals<Real>> totals(tiles.size(), LossTotals<Real>(classes_));
    const std::int64_t passes =
        std::max<std::int64_t>(1, shared_numbers / (family_.dimension * pass_samples));
    for (std::int64_t first = 0; first < data.samples(); first += passes * pass_samples) {
      const Range shared{first, std::min(first + passes * pass_samples, data.samples())};
      for (std::size_t i = 0; i < tiles.size(); ++i) {
        for_each_pass(data, shared, i == 0, *tiles[i].iterates, [&](std::int64_t pass, std::int64_t count) {
          totals[i].add(count, [&](std::int64_t from, std::int64_t some, LossSums<Real>& sums) {
            add_losses(count, labels.data() + pass, from, some, sums);
          });
        });
      }
    }
    const auto samples = static_cast<double>(data.samples());
    std::vector<Fit> fits;
    fits.reserve(totals.size());
    for (LossTotals<Real>& each : totals) fits.push_back({each.loss() / samples, each.right() / samples});
    return fits;
  }

  const LinearModel& model_;
  std::int64_t steps_;
  bool is_sparse_;
  std::int64_t classes_;  ///< scores per sample: the classes of softmax, otherwise 1
  LinearFamily<Real> family_;
  PacedYield& yield_;
  std::optional<Sampler> sampler_;   ///< unset with the full batch
  std::int64_t ahead_first_ = -1;    ///< first step of the next chunk
  std::vector<std::int64_t> ahead_;  ///< sample indices of the next chunk, at most as many as of this chunk
  DrawnSamples<Real> drawn_;         ///< samples of the current chunk
  DrawnSamples<Real> next_;          ///< samples of the next chunk
  std::int64_t fetched_ = 0;         ///< how many sparse samples of the next chunk have been prefetched
  bool is_first_ = false;            ///< whether no tile has run the chunk yet
  std::vector<Real> squares_;        ///< squared norms of the chunk's dense samples, for the projection
  DrawnSamples<Real> pass_;          ///< samples of a pass over the data
  AlignedArray<Real> group_;         ///< columns of a group of lanes, for sparse samples
  AlignedArray<Real> scores_;        ///< (lanes, samples of a batch or pass, classes)
};

}  // namespace

template <class Real>
std::unique_ptr<Kernel<Real>> make_linear_kernel(const LinearModel& model, const model::SgdSettings& sgd,
                                                 std::int64_t seed, PacedYield& yield) {
  return std::make_unique<LinearKernel<Real>>(model, sgd, seed, yield);
}

template std::unique_ptr<Kernel<double>> make_linear_kernel(const LinearModel&, const model::SgdSettings&,
                                                            std::int64_t, PacedYield&);
template std::unique_ptr<Kernel<float>> make_linear_kernel(const LinearModel&, const model::SgdSettings&,
                                                           std::int64_t, PacedYield&);

}  // namespace rhosweep::sgd
