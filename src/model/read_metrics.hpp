#pragma once

#include "document.hpp"

#include "rhosweep/model/declared_metric.hpp"

#include <string>
#include <vector>

namespace rhosweep::model {

/// Reads a list of metrics: names, or tables `{ name, best = "min" or "max", at_most }`. A table may omit
/// entries that known_measure() derives from the name. Throws core::InputError with the place, the key, what
/// was found and what is allowed. Throws, too, if `best` is neither given nor known from the name. The same
/// holds for `at_most` of a metric of which more is better.
std::vector<DeclaredMetric> read_metrics(const Node& node, const std::string& key);

}  // namespace rhosweep::model
