#include "rhosweep/model/metric.hpp"

#include <limits>
#include <vector>

namespace rhosweep::model::metrics {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
}

const Metric train_loss{"train_loss", "training objective, regulariser included", "1", infinity};
const Metric excess_loss{"excess_loss", "training objective minus its minimum", "1", infinity};
const Metric test_loss{"test_loss", "mean loss on held-out data, without the regulariser", "1", infinity};
const Metric train_accuracy{"train_accuracy", "share of training samples classified correctly", "1", 0.0,
                            1.0};
const Metric test_accuracy{"test_accuracy", "share of held-out samples classified correctly", "1", 0.0, 1.0};
const Metric distance{"distance", "Euclidean distance to the minimiser", "1", infinity};

std::span<const Metric> all() {
  static const std::vector<Metric> list{train_loss,     excess_loss,   test_loss,
                                        train_accuracy, test_accuracy, distance};
  return list;
}

}  // namespace rhosweep::model::metrics
