#include "rhosweep/model/declared_metric.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <ranges>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A common measure whose larger values are better.
struct Known {
  std::string_view name;
  std::optional<double> at_most = 1.0;
  double worst = 0.0;
};

constexpr auto more_is_better = std::to_array<Known>({
    {"accuracy"},
    {"acc"},
    {"acc1"},
    {"acc5"},
    {"auc"},
    {"auroc"},
    {"auprc"},
    {"ap"},
    {"map"},
    {"f1"},
    {"precision"},
    {"recall"},
    {"sensitivity"},
    {"specificity"},
    {"iou"},
    {"miou"},
    {"dice"},
    {"jaccard"},
    {"ndcg"},
    {"mrr"},
    {"win_rate"},
    {"success_rate"},
    {"r2", 1.0, -infinity},
    {"explained_variance", 1.0, -infinity},
    {"mcc", 1.0, -1.0},
    {"kappa", 1.0, -1.0},
    {"ssim", 1.0, -1.0},
    {"pearson", 1.0, -1.0},
    {"spearman", 1.0, -1.0},
    {"correlation", 1.0, -1.0},
    // The metrics below get no bound: some implementations give bleu, rouge, chrf and meteor in per cent, and
    // the last three are unbounded.
    {"bleu", std::nullopt},
    {"rouge", std::nullopt},
    {"chrf", std::nullopt},
    {"meteor", std::nullopt},
    {"psnr", std::nullopt, -infinity},
    {"reward", std::nullopt, -infinity},
    {"log_likelihood", std::nullopt, -infinity},
});

constexpr auto less_is_better = std::to_array<std::string_view>(
    {"loss",          "error", "err",           "error_rate", "perplexity",    "ppl",
     "mse",           "rmse",  "mae",           "mape",       "nll",           "ce",
     "xent",          "bce",   "cross_entropy", "kl",         "kl_divergence", "wer",
     "cer",           "fid",   "brier",         "ece",        "bpc",           "bpb",
     "bits_per_byte", "cost",  "deviance",      "distance",   "regret",        "negative_log_likelihood"});

/// Words that may follow the name of a measure.
constexpr auto suffixes =
    std::to_array<std::string_view>({"score", "macro", "micro", "weighted", "mean", "avg", "at", "ema",
                                     "train", "val", "valid", "test", "dev", "eval", "top"});

bool is_suffix(std::string_view word) {
  const bool is_number =
      !word.empty() && word.find_first_not_of("0123456789k") == std::string_view::npos && word.size() < 4;
  return is_number || std::ranges::find(suffixes, word) != suffixes.end();
}

/// Returns whether a metric's name, given as words joined by _, ends with the name of a known measure.
bool ends_with(const std::string& words, std::string_view known) {
  return words == known || words.ends_with(fmt::format("_{}", known));
}

std::optional<Measure> measure_at_end(const std::string& words) {
  // If several known names fit, the longest counts: "negative_log_likelihood" is no "log_likelihood".
  std::size_t longest = 0;
  std::optional<Measure> found;
  const auto take = [&](std::string_view name, const Measure& measure) {
    if (name.size() <= longest || !ends_with(words, name)) return;
    longest = name.size();
    found = measure;
  };
  for (const Known& known : more_is_better)
    take(known.name, {.more_is_better = true, .at_most = known.at_most, .worst = known.worst});
  for (const std::string_view name : less_is_better) take(name, {.worst = infinity});
  const bool is_negated = words.starts_with("neg_") || words.find("_neg_") != std::string::npos;
  if (!found || !is_negated) return found;
  return found->more_is_better ? Measure{.worst = infinity}
                               : Measure{.more_is_better = true, .at_most = 0.0, .worst = -infinity};
}

}  // namespace

std::optional<double> former_at_most(std::string_view name) {
  return name.ends_with("accuracy") ? std::optional(1.0) : std::nullopt;
}

std::optional<Measure> known_measure(std::string_view name) {
  std::string words(name);
  for (char& c : words)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (;;) {
    if (const auto found = measure_at_end(words)) return found;
    const std::size_t last = words.rfind('_');
    if (last == std::string::npos || !is_suffix(std::string_view(words).substr(last + 1)))
      return std::nullopt;
    words.erase(last);
  }
}

std::string known_measures(bool are_more_better) {
  if (!are_more_better) return fmt::format("{}", fmt::join(less_is_better, ", "));
  std::vector<std::string> names;
  names.reserve(std::size(more_is_better));
  for (const Known& known : more_is_better)
    names.push_back(fmt::format("{}{}", known.name, known.at_most ? "" : " (needs at_most)"));
  return fmt::format("{}", fmt::join(names, ", "));
}

Metric to_metric(const DeclaredMetric& declared) {
  for (const Metric& known : metrics::all()) {
    if (known.name != declared.name || known.at_most.has_value() != declared.at_most.has_value()) continue;
    Metric metric = known;
    metric.at_most = declared.at_most;
    return metric;
  }
  const auto known = known_measure(declared.name);
  const bool is_more = declared.at_most.has_value();
  const double worst =
      known && known->more_is_better == is_more ? known->worst : (is_more ? -infinity : infinity);
  return {declared.name, declared.name + ", as the program reports it", "1", worst, declared.at_most};
}

std::string to_toml(const DeclaredMetric& declared) {
  std::string name = fmt::format("\"{}\"", declared.name);
  const auto known = known_measure(declared.name);
  if (known && known->more_is_better == declared.at_most.has_value() && known->at_most == declared.at_most &&
      former_at_most(declared.name) == declared.at_most)
    return name;
  if (!declared.at_most) return fmt::format("{{ name = {}, best = \"min\" }}", name);
  std::string bound = core::to_text(*declared.at_most);
  if (bound.find_first_of(".en") == std::string::npos) bound += ".0";
  return fmt::format("{{ name = {}, best = \"max\", at_most = {} }}", name, bound);
}

}  // namespace rhosweep::model
