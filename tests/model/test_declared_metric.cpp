#include "rhosweep/core/error.hpp"
#include "rhosweep/model/declared_metric.hpp"
#include "rhosweep/model/sweep.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::model;
using Catch::Contains;
using Metrics = std::vector<DeclaredMetric>;

namespace {

/// Returns a kind of problem whose only key is metrics.
std::vector<ProblemSchema> reporting() {
  return {{.kind = "reporting",
           .summary = "",
           .keys = {{.name = "metrics", .type = ValueType::metrics, .fallback = Metrics{{"train_loss"}}}},
           .samplings = {"with_replacement"},
           .check = {}}};
}

/// Reads a sweep file whose line 3 is the key metrics.
Sweep with_metrics(const std::string& list) {
  return Sweep::parse(
      "[problem]\nkind = \"reporting\"\nmetrics = " + list +
          "\n[sgd]\nsteps = 8\n[grid]\nstepsize = 1\nschedule = \"linear\"\nrho = 1\nseed = 0\n",
      "m.toml", {}, reporting());
}

Metrics read(const std::string& list) {
  return with_metrics(list).problem(rhosweep::core::PointIndex{0}).metrics("metrics");
}

}  // namespace

TEST_CASE("common measures are known in both directions, with the usual words around them") {
  for (const char* name : {"accuracy",
                           "acc",
                           "val_acc",
                           "test_accuracy",
                           "auc",
                           "roc_auc",
                           "AUC",
                           "auroc",
                           "f1",
                           "f1_macro",
                           "macro_f1_score",
                           "val_f1",
                           "r2",
                           "r2_score",
                           "precision",
                           "recall_at_5",
                           "average_precision",
                           "ndcg",
                           "balanced_accuracy",
                           "neg_mean_squared_error",
                           "mcc"}) {
    const auto known = known_measure(name);
    REQUIRE((known && known->more_is_better && known->at_most));
    CHECK(known->worst < *known->at_most);
  }
  for (const char* name :
       {"loss", "val_loss", "test_error", "perplexity", "mse", "rmse", "mae", "nll", "accuracy_loss",
        "word_error_rate", "wer", "cross_entropy", "neg_log_likelihood", "brier_score"}) {
    const auto known = known_measure(name);
    REQUIRE((known && !known->more_is_better));
    CHECK(std::isinf(known->worst));
  }
  CHECK(known_measure("bleu")->more_is_better);
  CHECK_FALSE(known_measure("bleu")->at_most);
  for (const char* name : {"score", "test_score", "grad_norm", "accuracyx", "val", "", "_", "5"})
    CHECK_FALSE(known_measure(name));
}

TEST_CASE("metrics are names or tables with a direction and a bound") {
  CHECK(read(R"(["train_loss", "auc", "val_mse"])") == Metrics{{"train_loss"}, {"auc", 1.0}, {"val_mse"}});
  CHECK(read(R"(["train_loss", { name = "utility", best = "max", at_most = 5 }])") ==
        Metrics{{"train_loss"}, {"utility", 5.0}});
  CHECK(read(R"(["train_loss", { name = "score", best = "min" }])") == Metrics{{"train_loss"}, {"score"}});
  CHECK(read(R"([{ name = "test_accuracy", at_most = 100 }])") == Metrics{{"test_accuracy", 100.0}});
}

TEST_CASE("a metric of unknown direction or bound is refused with its line and key") {
  const auto is_refused = [](const std::string& list, const std::string& words) {
    CHECK_THROWS_WITH(with_metrics(list), Catch::StartsWith("m.toml:3: problem.metrics") && Contains(words));
  };
  is_refused(R"(["train_loss", "score"])",
             R"({ name = "score", best = "min" } or { name = "score", best = "max", at_m)");
  is_refused(R"(["train_loss", "bleu"])", "without a bound");
  is_refused(R"(["train_loss", { name = "utility", best = "max" }])", "without a bound");
  is_refused(R"(["train_loss", { name = "score", best = "more" }])", "best: found \"more\"");
  is_refused(R"(["train_loss", { name = "score", best = "min", at_most = 1 }])", "at_most only with");
  is_refused(R"(["train_loss", { name = "auc", at_most = inf }])", "at_most: found inf");
  is_refused(R"(["train_loss", { name = "auc", worst = 1 }])", "unknown key");
  is_refused(R"(["train_loss", { best = "max" }])", "the key name");
  is_refused(R"(["train_loss", "a b"])", "names of letters");
  is_refused(R"(["train_loss", 3])", "names of letters");
  is_refused(R"("train_loss")", "a list of names");
}

TEST_CASE("metrics of equal meaning are equal sweeps, and a sweep's text can be read again") {
  const auto hash = [](const std::string& list) { return with_metrics(list).hash(); };
  CHECK(hash(R"(["train_loss", "auc"])") ==
        hash(R"(["train_loss", { name = "auc", best = "max", at_most = 1.0 }])"));
  CHECK(hash(R"(["train_loss", "auc"])") != hash(R"(["train_loss", { name = "auc", best = "min" }])"));
  // A metric that its name alone declares is written as its name alone, as in earlier versions. This keeps
  // the hashes of existing sweeps.
  CHECK_THAT(with_metrics(R"(["train_loss", { name = "test_accuracy" }])").to_toml(),
             Contains(R"(metrics = ["train_loss", "test_accuracy"])"));
  CHECK_THAT(
      with_metrics(R"(["train_loss", "auc", "val_mse"])").to_toml(),
      Contains(R"(metrics = ["train_loss", { name = "auc", best = "max", at_most = 1.0 }, "val_mse"])"));
  for (const std::string list :
       {R"(["train_loss", "auc"])", R"([{ name = "score", best = "min" }, { name = "bleu", best = "min" }])",
        R"([{ name = "u", best = "max", at_most = 1e30 }, { name = "accuracy", best = "min" }])"}) {
    const Metrics metrics = read(list);
    std::string text;
    for (const DeclaredMetric& metric : metrics) text += (text.empty() ? "[" : ", ") + to_toml(metric);
    CHECK(read(text + "]") == metrics);
  }
}

TEST_CASE("a results file's bare names mean what they meant before directions could be declared") {
  const Sweep sweep = Sweep::parse_stored(
      "title = \"caf\xe9\"\n[problem]\nkind = \"reporting\"\nmetrics = [\"strangeness\", \"auc\", \"test_accuracy\", "
      "{ name = \"f1\", best = \"max\", at_most = 1.0 }]\n[sgd]\nsteps = 8\n"
      "[grid]\nstepsize = 1\nschedule = \"linear\"\nrho = 1\nseed = 0\n",
      "m.h5", {}, reporting());
  CHECK(sweep.title() == "caf\uFFFD");
  CHECK(sweep.problem(rhosweep::core::PointIndex{0}).metrics("metrics") ==
        Metrics{{"strangeness"}, {"auc"}, {"test_accuracy", 1.0}, {"f1", 1.0}});
  // For a text that is written today, parse() and parse_stored() give the same sweep.
  const std::string text = sweep.to_toml();
  CHECK(Sweep::parse(text, "m.toml", {}, reporting()).to_toml() == text);
  CHECK(Sweep::parse_stored(text, "m.h5", {}, reporting()).to_toml() == text);
}
