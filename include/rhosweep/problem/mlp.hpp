#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/problem/losses.hpp"
#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace rhosweep::problem {

enum class Activation { relu, tanh };

/// A multi-layer perceptron: a_0 = x, a_l = f(W_l a_{l−1} + b_l), and scores W_L a_{L−1} + b_L. The objective
/// is the mean loss over the samples plus (l2/2)‖w‖², where w includes the biases. The loss is the softmax
/// loss of the scores or, for least_squares, half the squared difference between the single score and the
/// label. ReLU's derivative at 0 is 0. The parameters of a trial are stored layer by layer: the rows of W_l
/// (outputs, inputs), then b_l.
class Mlp : public Problem {
 public:
  /// The network, its loss and the regulariser.
  struct Settings {
    std::vector<std::int64_t> hidden;  ///< units of the hidden layers, at least one layer
    Activation activation = Activation::relu;
    Loss loss = Loss::softmax;  ///< softmax or least_squares
    std::int64_t classes = 2;   ///< number of classes, for softmax
    double l2 = 0.0;
  };

  /// The size of a layer, and the place of its parameters: first its weights, then its biases.
  struct Layer {
    std::int64_t inputs;
    std::int64_t outputs;
    std::int64_t first;  ///< index of the layer's first weight among the parameters

    std::int64_t biases() const { return first + inputs * outputs; }
    std::int64_t end() const { return biases() + outputs; }
  };

  /// @param settings the layers and the loss
  /// @param train samples that mini-batches are drawn from
  /// @param test held-out data, may be null
  Mlp(Settings settings, std::shared_ptr<const data::Dataset> train,
      std::shared_ptr<const data::Dataset> test);

  const Settings& settings() const { return settings_; }
  std::span<const Layer> layers() const { return layers_; }
  const data::Dataset& train() const { return *train_; }
  /// Returns the held-out data, or nullptr.
  const data::Dataset* test() const { return test_.get(); }
  /// Returns whether labels are classes. If so, the metrics include accuracies.
  bool is_classifier() const { return settings_.loss == Loss::softmax; }

  Family family() const override { return this; }
  std::int64_t dimension() const override { return layers_.back().end(); }
  std::int64_t samples() const override { return train_->samples(); }
  double radius() const override { return 0.0; }
  /// Weights are independent and normal with mean 0 and variance 2/inputs for ReLU (He et al., arXiv
  /// 1502.01852) or 2/(inputs + outputs) for tanh (Glorot & Bengio 2010). Biases are 0.
  std::vector<double> initial_point(std::int64_t seed) const override;
  /// The metrics are train_loss, test_loss, train_accuracy and test_accuracy. Metrics on test data exist only
  /// if there is test data, accuracies only for classifiers.
  const std::vector<model::Metric>& metrics() const override { return metrics_; }
  const optimum::Minimiser* minimiser() const override { return nullptr; }
  std::optional<double> diameter() const override { return std::nullopt; }
  std::optional<double> gradient_bound() const override { return std::nullopt; }
  double step_work(const model::SgdSettings& sgd) const override;
  double evaluation_work() const override;

 private:
  /// Number of floating-point operations to compute the scores of `samples` samples.
  double forward_work(const data::Dataset& data, double samples) const;

  Settings settings_;
  std::shared_ptr<const data::Dataset> train_;
  std::shared_ptr<const data::Dataset> test_;
  std::vector<Layer> layers_;
  std::vector<model::Metric> metrics_;
};

}  // namespace rhosweep::problem
