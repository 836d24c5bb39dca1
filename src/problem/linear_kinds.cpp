#include "kinds.hpp"

#include "rhosweep/core/memory.hpp"
#include "rhosweep/data/file_data.hpp"
#include "rhosweep/data/labelled_data.hpp"
#include "rhosweep/problem/linear_model.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

/// The properties in which the kinds of linear models differ.
struct LinearKind {
  std::string name;
  Loss loss;
  data::Labels labels;
  std::string summary;
  std::string formula;  ///< formula of the loss
  /// The cases without a minimiser, where excess_loss and distance are NaN. Empty if there is always one.
  std::string minimiser;
  std::string gradient_bound;
  /// A bound on the second derivative of the loss with respect to the score. The smoothness of the problem is
  /// this bound times the largest eigenvalue of the mean of x xᵀ, plus l2. Empty if the loss has a kink.
  std::string smoothness;
};

/// Returns the keys that all kinds of linear models have, except the keys for labels.
std::vector<model::KeySpec> common_keys() {
  using T = model::ValueType;
  std::vector<model::KeySpec> list = data::data_keys();
  list.insert(
      std::ranges::find(list, "samples", &model::KeySpec::name),
      {.name = "intercept",
       .type = T::boolean,
       .fallback = false,
       .absent_at_fallback = true,
       .help = "appends a feature that is always 1 to data; l2 and radius also apply to its weight (unlike "
               "scikit-learn's LogisticRegression)"});
  for (const model::KeySpec& key : std::vector<model::KeySpec>{
           {.name = "l2",
            .type = T::real,
            .fallback = 0.0,
            .range = model::not_negative,
            .help = "weight of the regulariser (l2/2)*|w|^2"},
           {.name = "radius",
           .type = T::real,
           .fallback = 0.0,
           .range = {.lower = 0.0, .upper = 1e9},  // the solver is accurate up to radius 1e13
            .help = "radius of the ball around 0 onto which iterates are projected; 0: no projection"},
           {.name = "diameter",
           .type = T::real,
           .range = model::positive,
           .help = "D of the theory without projection: bounds the distance of any iterate to the minimiser"},
       })
    list.push_back(key);
  return list;
}

std::vector<model::KeySpec> keys(const LinearKind& kind) {
  using T = model::ValueType;
  std::vector<model::KeySpec> list = common_keys();
  const auto insert_before = [&](const std::string& name, const model::KeySpec& key) {
    list.insert(std::ranges::find(list, name, &model::KeySpec::name), key);
  };
  if (kind.labels == data::Labels::two_classes)
    insert_before(
        "test_share",
        {.name = "positive_label",
         .former_name = "labels",
         .type = T::real,
         .help = "the label of data that becomes +1, all others become -1; if absent, data must have two "
                 "labels, and the larger one becomes +1"});
  for (const model::KeySpec& key : data::label_keys(kind.labels)) insert_before("test_samples", key);
  if (kind.loss == Loss::huber)
    insert_before("l2", {.name = "threshold",
                         .type = T::real,
                         .fallback = 1.0,
                         .range = {.lower = 1e-9, .upper = 1e9},
                         .help = "size of a residual beyond which the loss is linear"});
  return list;
}

void check(const model::ProblemSettings& settings) {
  data::check_data(settings);
  if (settings.has("diameter") && settings.real("radius") > 0)
    throw model::KeyError("problem.diameter", "together with problem.radius > 0",
                          "only without projection, since the diameter of the ball is 2*radius");
}

/// What is known of a linear model before its data is read.
struct Plan {
  LinearModel::Settings model;
  data::LabelledData data;
  std::string minimiser;  ///< name of the minimiser among the Materials
};

Plan plan(const LinearKind& kind, const model::ProblemSettings& settings, model::Precision precision) {
  Plan plan{.model = {.loss = kind.loss,
                      .l2 = settings.real("l2"),
                      .radius = settings.real("radius"),
                      .diameter =
                          settings.has("diameter") ? std::optional(settings.real("diameter")) : std::nullopt},
            .data = data::labelled_data(kind.labels, settings, precision),
            .minimiser = {}};
  std::string objective;
  if (kind.loss == Loss::huber) {
    plan.model.threshold = settings.real("threshold");
    objective = fmt::format(", threshold {}", plan.model.threshold);
  }
  // The logistic loss was once the only loss. Its name is left out, so that the names in older files stay the
  // same.
  if (kind.loss != Loss::logistic) objective += fmt::format(" of {}", kind.name);
  plan.minimiser = fmt::format("l2 {}, radius {}{} on {}", plan.model.l2, plan.model.radius, objective,
                               plan.data.train.name);
  return plan;
}

/// Adds to the settings of the model what the data determines: the number of classes.
LinearModel::Settings complete(LinearModel::Settings model, const model::ProblemSettings& settings,
                               const data::Dataset& train) {
  if (model.loss == Loss::softmax) model.classes = data::count_classes(settings, train);
  return model;
}

Needs needs(const LinearKind& kind, const model::ProblemSettings& settings, model::Precision precision) {
  Plan plan = problem::plan(kind, settings, precision);
  const auto solve = [settings, model = plan.model, name = plan.data.train.name](const Materials& materials) {
    const auto train = materials.data_set(name);
    constexpr std::int64_t vectors = 12;  // about as many vectors as the solvers keep
    core::require_memory(vectors * train->features() * static_cast<std::int64_t>(sizeof(double)),
                         fmt::format("the minimum over {} weights", train->features()));
    return minimise(complete(model, settings, *train), *train);
  };
  return {.data_sets = plan.data.sources(),
          .minimiser = MinimiserSource{.name = std::move(plan.minimiser), .solve = solve}};
}

std::shared_ptr<const Problem> make(const LinearKind& kind, const model::ProblemSettings& settings,
                                    model::Precision precision, const Materials& materials) {
  const Plan plan = problem::plan(kind, settings, precision);
  const auto train = materials.data_set(plan.data.train.name);
  const auto test = plan.data.test ? materials.data_set(plan.data.test->name) : nullptr;
  return std::make_shared<LinearModel>(complete(plan.model, settings, *train), train, test,
                                       materials.minimiser(plan.minimiser));
}

const std::string two_class_labels = "labels y are -1 (the smaller label of a file) and +1";
const std::string unbounded = "separable data with l2 = 0 and radius = 0";

const std::vector<LinearKind>& all_linear_kinds() {
  static const std::vector<LinearKind> all{
      {.name = "logistic_regression",
       .loss = Loss::logistic,
       .labels = data::Labels::two_classes,
       .summary = "two-class logistic regression, on synthetic data or a file; without intercept unless "
                  "asked for",
       .formula = "log(1 + exp(-y*x.w))",
       .minimiser = unbounded,
       .gradient_bound = "sqrt(mean of |x|^2)",
       .smoothness = "1/4"},
      {.name = "softmax_regression",
       .loss = Loss::softmax,
       .labels = data::Labels::classes,
       .summary = "logistic regression for any number of classes: weights w_c for every class c",
       .formula = "log(sum over c of exp(x.w_c)) - x.w_y",
       .minimiser = unbounded,
       .gradient_bound = "sqrt(2 * mean of |x|^2)",
       .smoothness = "1/2"},
      {.name = "hinge",
       .loss = Loss::hinge,
       .labels = data::Labels::two_classes,
       .summary = "the linear support vector machine",
       .formula = "max(0, 1 - y*x.w)",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of |x|^2)",
       .smoothness = ""},
      {.name = "squared_hinge",
       .loss = Loss::squared_hinge,
       .labels = data::Labels::two_classes,
       .summary = "the linear support vector machine with squared losses",
       .formula = "max(0, 1 - y*x.w)^2",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of (2*(1 + radius*|x|)*|x|)^2), only with radius > 0",
       .smoothness = "2"},
      {.name = "least_squares",
       .loss = Loss::least_squares,
       .labels = data::Labels::numbers,
       .summary = "linear regression; ridge regression with l2",
       .formula = "(x.w - y)^2/2",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of ((|y| + radius*|x|)*|x|)^2), only with radius > 0",
       .smoothness = "1"},
      {.name = "absolute",
       .loss = Loss::absolute,
       .labels = data::Labels::numbers,
       .summary = "linear regression by least absolute deviations",
       .formula = "|x.w - y|",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of |x|^2)",
       .smoothness = ""},
      {.name = "huber",
       .loss = Loss::huber,
       .labels = data::Labels::numbers,
       .summary = "linear regression by Huber's loss: squares of small residuals, sizes of large ones",
       .formula = "r^2/2 if |r| <= threshold, else threshold*(|r| - threshold/2), r = x.w - y",
       .minimiser = "",
       .gradient_bound =
           "sqrt(mean of (b*|x|)^2) with b = min(threshold, |y| + radius*|x|), or b = threshold if radius = 0",
       .smoothness = "1"},
  };
  return all;
}

/// Makes the description of a kind from its properties.
ProblemKind document(const LinearKind& kind) {
  const bool has_numbers = kind.labels == data::Labels::numbers;
  const std::string labels = kind.labels == data::Labels::two_classes ? two_class_labels
                             : has_numbers                            ? "labels y are numbers"
                                           : "labels y are the classes, whole numbers in a file";
  const std::string derivative = "a derivative at a kink is 0; ";
  const std::string smoothness =
      kind.smoothness.empty()
          ? "not smooth"
          : fmt::format("smoothness = {}*(largest eigenvalue of the mean of x x^T) + l2", kind.smoothness);
  const std::string missing = kind.minimiser.empty() ? "NaN if the solver fails, with a warning"
                                                     : "NaN if there is no minimiser: " + kind.minimiser;
  return {
      .schema = {.kind = kind.name,
                 .summary = kind.summary,
                 .keys = keys(kind),
                 .samplings = {"with_replacement", "shuffle", "full_batch"},
                 .check = check},
      .objective = fmt::format("mean of {}, plus (l2/2)*|w|^2, w_0 = 0; {}{}", kind.formula,
                               kind.smoothness.empty() ? derivative : "", labels),
      .metrics = fmt::format("train_loss, excess_loss and distance ({}), test_loss{} (with held-out data){}",
                             missing, has_numbers ? "" : " and test_accuracy",
                             has_numbers ? "" : ", train_accuracy"),
      .constants = fmt::format("D = 2*radius, or diameter if there is no projection; G = {}, plus l2*radius "
                               "(2*l2*diameter if there is no projection); {}",
                               kind.gradient_bound, smoothness),
      .needs = [kind](const model::ProblemSettings& settings,
                      model::Precision precision) { return needs(kind, settings, precision); },
      .make = [kind](const model::ProblemSettings& settings, model::Precision precision,
                     const Materials& materials) { return make(kind, settings, precision, materials); }};
}

}  // namespace

std::vector<ProblemKind> linear_kinds() {
  std::vector<ProblemKind> list;
  for (const LinearKind& kind : all_linear_kinds()) list.push_back(document(kind));
  return list;
}

}  // namespace rhosweep::problem
