#include "rhosweep/problem/mlp.hpp"

#include "kinds.hpp"

#include "rhosweep/core/random.hpp"
#include "rhosweep/data/labelled_data.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

std::vector<model::KeySpec> mlp_keys() {
  using T = model::ValueType;
  std::vector<model::KeySpec> list{
      {.name = "hidden",
       .type = T::integers,
       .fallback = std::vector<std::int64_t>{128},
       .range = {.lower = 1, .upper = 1e6},
       .help = "units of the hidden layers, the one next to the samples first"},
      {.name = "activation",
       .type = T::text,
       .fallback = std::string("relu"),
       .choices = {"relu", "tanh"},
       .help = "f of the hidden layers; weights start normal with variance 2/inputs (relu, He) or "
               "2/(inputs + outputs) (tanh, Glorot)"},
      {.name = "loss",
       .type = T::text,
       .fallback = std::string("softmax"),
       .choices = {"softmax", "squared"},
       .help = "softmax: labels are classes; squared: labels are numbers"},
  };
  std::ranges::move(data::data_keys(), std::back_inserter(list));
  const auto place = [&] { return std::ranges::find(list, "test_samples", &model::KeySpec::name); };
  for (const data::Labels labels : {data::Labels::classes, data::Labels::numbers}) {
    for (model::KeySpec key : data::label_keys(labels)) {
      // The schema has no default for these keys, because settings with one loss would then contain the keys
      // of the other loss.
      key.help += fmt::format("; default {}; only with loss = \"{}\"", model::to_toml(*key.fallback),
                              labels == data::Labels::numbers ? "squared" : "softmax");
      key.fallback.reset();
      list.insert(place(), std::move(key));
    }
  }
  list.push_back({.name = "l2",
                  .type = T::real,
                  .fallback = 0.0,
                  .range = model::not_negative,
                  .help = "weight of the regulariser (l2/2)*|w|^2, biases included"});
  return list;
}

bool is_softmax(const model::ProblemSettings& settings) {
  return settings.text("loss") == "softmax";
}

void check_mlp(const model::ProblemSettings& settings) {
  data::check_data(settings);
  const data::Labels other = is_softmax(settings) ? data::Labels::numbers : data::Labels::classes;
  for (const model::KeySpec& key : data::label_keys(other))
    if (settings.has(key.name))
      throw model::KeyError("problem." + key.name,
                            fmt::format("with problem.loss = \"{}\"", settings.text("loss")),
                            "only with the other loss");
}

data::LabelledData mlp_data(const model::ProblemSettings& settings, model::Precision precision) {
  return data::labelled_data(is_softmax(settings) ? data::Labels::classes : data::Labels::numbers, settings,
                             precision);
}

Needs mlp_needs(const model::ProblemSettings& settings, model::Precision precision) {
  return {.data_sets = mlp_data(settings, precision).sources()};
}

std::shared_ptr<const Problem> make_mlp(const model::ProblemSettings& settings, model::Precision precision,
                                        const Materials& materials) {
  const data::LabelledData data = mlp_data(settings, precision);
  const auto train = materials.data_set(data.train.name);
  const auto test = data.test ? materials.data_set(data.test->name) : nullptr;
  Mlp::Settings mlp{
      .hidden = settings.integers("hidden"),
      .activation = settings.text("activation") == "relu" ? Activation::relu : Activation::tanh,
      .loss = is_softmax(settings) ? Loss::softmax : Loss::least_squares,
      .l2 = settings.real("l2"),
  };
  if (mlp.loss == Loss::softmax) mlp.classes = data::count_classes(settings, *train);
  return std::make_shared<Mlp>(std::move(mlp), train, test);
}

}  // namespace

Mlp::Mlp(Settings settings, std::shared_ptr<const data::Dataset> train,
         std::shared_ptr<const data::Dataset> test)
    : settings_(std::move(settings)),
      train_(std::move(train)),
      test_(std::move(test)),
      metrics_{model::metrics::train_loss} {
  std::int64_t inputs = train_->features();
  std::int64_t first = 0;
  const auto add_layer = [&](std::int64_t outputs) {
    layers_.push_back({.inputs = inputs, .outputs = outputs, .first = first});
    inputs = outputs;
    first = layers_.back().end();
  };
  for (const std::int64_t units : settings_.hidden) add_layer(units);
  add_layer(is_classifier() ? settings_.classes : 1);
  if (test_) metrics_.push_back(model::metrics::test_loss);
  if (!is_classifier()) return;
  metrics_.push_back(model::metrics::train_accuracy);
  if (test_) metrics_.push_back(model::metrics::test_accuracy);
}

std::vector<double> Mlp::initial_point(std::int64_t seed) const {
  const core::RandomStream stream(seed, core::Purpose::initial_point);
  std::vector<double> w(dimension(), 0.0);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const auto inputs = static_cast<double>(layer.inputs);
    const auto outputs = static_cast<double>(layer.outputs);
    const double scale =
        std::sqrt(2.0 / (settings_.activation == Activation::relu ? inputs : inputs + outputs));
    for (std::int64_t j = layer.first; j < layer.biases(); j += 2) {
      const auto lane = static_cast<std::uint32_t>((j - layer.first) / 2);
      const auto [one, other] = stream.normal_pair(static_cast<std::int64_t>(l), lane);
      w[j] = scale * one;
      if (j + 1 < layer.biases()) w[j + 1] = scale * other;
    }
  }
  return w;
}

double Mlp::forward_work(const data::Dataset& data, double samples) const {
  double weights = data.numbers_per_sample() * static_cast<double>(layers_.front().outputs);
  for (std::size_t l = 1; l < layers_.size(); ++l)
    weights += static_cast<double>(layers_[l].inputs * layers_[l].outputs);
  return 2 * weights * samples;
}

double Mlp::step_work(const model::SgdSettings& sgd) const {
  const bool is_full = sgd.sampling == model::Sampling::full_batch;
  const auto batch = static_cast<double>(is_full ? samples() : sgd.batch_size);
  // The backward pass of the first layer, which only needs the gradient of its weights, costs as much as its
  // forward pass. A later layer also needs the gradient of its inputs, so its backward pass costs twice as
  // much.
  const double forward = forward_work(*train_, batch);
  const double first =
      2 * train_->numbers_per_sample() * static_cast<double>(layers_.front().outputs) * batch;
  const double per_parameter = model::update_work(sgd) + (settings_.l2 > 0 ? 2 : 0);
  return 3 * forward - first + per_parameter * static_cast<double>(dimension());
}

double Mlp::evaluation_work() const {
  const auto work = [&](const data::Dataset& data) {
    return forward_work(data, static_cast<double>(data.samples()));
  };
  return work(*train_) + (test_ ? work(*test_) : 0.0);
}

ProblemKind mlp_kind() {
  return {.schema = {.kind = "mlp",
                     .summary = "a multi-layer perceptron with biases, on synthetic data or a file",
                     .keys = mlp_keys(),
                     .samplings = {"with_replacement", "shuffle", "full_batch"},
                     .precision = model::Precision::float32,
                     .check = check_mlp},
          .objective =
              "mean of log(sum over c of exp(z_c)) - z_y, or of (z - y)^2/2, of the scores z = W_L*a_{L-1} + "
              "b_L with a_l = f(W_l*a_{l-1} + b_l), a_0 = x; plus (l2/2)*|w|^2; the seed draws w_0; "
              "sgd.precision is float32 unless set",
          .metrics =
              "train_loss, test_loss (with held-out data), with loss = \"softmax\" train_accuracy "
              "and test_accuracy",
          .constants = "none: grid.stepsize is a number",
          .needs = mlp_needs,
          .make = make_mlp};
}

}  // namespace rhosweep::problem
