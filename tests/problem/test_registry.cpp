#include "support/problem_settings.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/problem/absolute_value.hpp"
#include "rhosweep/problem/linear_model.hpp"
#include "rhosweep/problem/quadratic.hpp"
#include "rhosweep/problem/registry.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

using namespace rhosweep::problem;
using Catch::Contains;
using rhosweep::core::InputError;
using rhosweep::core::InternalError;
using rhosweep::model::KeyError;
using rhosweep::model::KeySpec;
using rhosweep::model::Precision;
using rhosweep::model::ProblemSettings;
using rhosweep::model::Value;
using Values = std::map<std::string, Value>;

namespace {

const ProblemKind& kind_of(const std::string& name) {
  for (const ProblemKind& kind : kinds())
    if (kind.schema.kind == name) return kind;
  throw std::out_of_range(name);
}

/// Returns the settings of a small logistic regression problem.
ProblemSettings small(Values values = {}) {
  values.try_emplace("samples", std::int64_t{50});
  values.try_emplace("dimension", std::int64_t{3});
  values.try_emplace("test_samples", std::int64_t{20});
  return problem_settings("logistic_regression", values);
}

void check(const ProblemSettings& settings) {
  kind_of(settings.kind()).schema.check(settings);
}

}  // namespace

TEST_CASE("every kind of problem and every key of it is documented, and defaults are allowed") {
  for (const ProblemKind& kind : kinds()) {
    CAPTURE(kind.schema.kind);
    CHECK_FALSE(kind.schema.summary.empty());
    CHECK_FALSE(kind.objective.empty());
    CHECK_FALSE(kind.metrics.empty());
    CHECK_FALSE(kind.constants.empty());
    CHECK_FALSE(kind.schema.samplings.empty());
    for (const KeySpec& key : kind.schema.keys) {
      CAPTURE(key.name);
      CHECK_FALSE(key.help.empty());
      if (!key.fallback || !key.is_number()) continue;
      if (key.type == rhosweep::model::ValueType::integer)
        CHECK(key.range.contains(static_cast<double>(std::get<std::int64_t>(*key.fallback))));
      else
        CHECK(key.range.contains(std::get<double>(*key.fallback)));
    }
  }
}

TEST_CASE("a quadratic is made from its keys") {
  Materials materials;
  const auto problem = make_problem_with_needs(
      problem_settings("quadratic", {{"curvature", 0.25}, {"radius", 2.0}, {"dimension", std::int64_t{4}}}),
      Precision::float64, materials);
  CHECK(problem->dimension() == 4);
  CHECK(problem->radius() == 2.0);
  // The bound is sqrt(1^2 + (0.25*2)^2).
  CHECK(*problem->gradient_bound() == Approx(1.118033988749895).epsilon(1e-15));
  CHECK(problem->initial_point(0) == std::vector<double>(4, 1.0));
  const auto* quadratic = dynamic_cast<const Quadratic*>(problem.get());
  REQUIRE(quadratic != nullptr);
  Eigen::ArrayXXd values(1, 3);
  quadratic->evaluate(Eigen::ArrayXXd::Ones(1, 4), values);
  CHECK(values(0, 0) == 0.5);
  CHECK(materials.data_sets().empty());
  const auto bounded = make_problem_with_needs(problem_settings("quadratic", {{"gradient_bound", 3.0}}),
                                               Precision::float64, materials);
  CHECK(bounded->gradient_bound() == 3.0);
}

TEST_CASE("an absolute value is made from its keys") {
  Materials materials;
  const auto problem = make_problem_with_needs(
      problem_settings("absolute_value", {{"slope", 0.75}, {"radius", 2.0}, {"dimension", std::int64_t{4}}}),
      Precision::float64, materials);
  CHECK(problem->dimension() == 4);
  CHECK(problem->radius() == 2.0);
  CHECK(problem->gradient_bound() == 1.25);  // sqrt(0.75^2 + 1)
  const auto* absolute_value = dynamic_cast<const AbsoluteValue*>(problem.get());
  REQUIRE(absolute_value != nullptr);
  Eigen::ArrayXXd values(1, 3);
  absolute_value->evaluate(Eigen::ArrayXXd::Ones(1, 4), values);
  CHECK(values(0, 0) == 1.5);
  const auto bounded = make_problem_with_needs(problem_settings("absolute_value", {{"gradient_bound", 3.0}}),
                                               Precision::float64, materials);
  CHECK(bounded->gradient_bound() == 3.0);
}

TEST_CASE("a logistic regression on synthetic data is made from its keys") {
  Materials materials;
  const auto problem = make_problem_with_needs(small({{"radius", 5.0}}), Precision::float32, materials);
  const auto* model = dynamic_cast<const LinearModel*>(problem.get());
  REQUIRE(model != nullptr);
  CHECK(model->dimension() == 3);
  CHECK(model->samples() == 50);
  CHECK(model->train().precision() == Precision::float32);
  REQUIRE(model->test() != nullptr);
  CHECK(model->test()->samples() == 20);
  CHECK(model->diameter() == 10.0);
  CHECK(model->initial_point(7) == std::vector<double>(3, 0.0));
  const auto alone =
      make_problem_with_needs(small({{"test_samples", std::int64_t{0}}}), Precision::float32, materials);
  CHECK(dynamic_cast<const LinearModel&>(*alone).test() == nullptr);
}

TEST_CASE("a logistic regression on files is made from its keys") {
  std::ofstream("train.libsvm") << "0 1:1 2:1\n1 1:1\n0 1:2 2:-1\n1 2:1\n";
  std::ofstream("test.libsvm") << "1 1:1\n";
  Materials materials;
  const auto settings = problem_settings("logistic_regression", {{"data", std::string("train.libsvm")},
                                                                 {"test_data", std::string("test.libsvm")}});
  CHECK_NOTHROW(check(settings));
  const auto problem = make_problem_with_needs(settings, Precision::float64, materials);
  const auto& model = dynamic_cast<const LinearModel&>(*problem);
  CHECK(model.samples() == 4);
  CHECK(model.test()->samples() == 1);
  CHECK(model.test()->labels<double>()[0] == 1.0);
}

TEST_CASE("a data file that cannot be read leaves nothing behind") {
  Materials materials;
  const auto settings = problem_settings("logistic_regression", {{"data", std::string("absent.libsvm")}});
  CHECK_THROWS_WITH(make_problem_with_needs(settings, Precision::float64, materials),
                    Contains("absent.libsvm: No such file or directory"));
  CHECK(materials.data_sets().empty());
}

TEST_CASE("a gradient bound below what a quadratic's gradients reach is refused") {
  const auto with = [](double curvature, double bound) {
    return problem_settings("quadratic", {{"curvature", curvature}, {"gradient_bound", bound}});
  };
  CHECK_THROWS_AS(check(with(1.0, 1.4142135623730949)), KeyError);
  CHECK_THROWS_WITH(check(with(1.0, 1.0)), Contains("found 1; allowed: at least 1.4142135623730951"));
  CHECK_NOTHROW(check(with(1.0, 1.4142135623730951)));
  CHECK_NOTHROW(check(with(0.5, 1.2)));
}

TEST_CASE("settings that no single key can check are refused") {
  CHECK_THROWS_AS(check(small({{"test_data", std::string("x.libsvm")}})), KeyError);
  CHECK_THROWS_WITH(check(small({{"test_data", std::string("x.libsvm")}})), Contains("without problem.data"));
  CHECK_THROWS_WITH(check(small({{"radius", 1.0}, {"diameter", 2.0}})),
                    Contains("together with problem.radius > 0"));
  CHECK_NOTHROW(check(small({{"diameter", 2.0}})));
  CHECK_NOTHROW(check(small({{"radius", 1.0}})));
  for (const std::string file :
       {"x.libsvm", "x.svm", "x.txt", "a.folder/x", "a9a.t", "rcv1_train.binary.bz2", "x.libsvm.gz", "a9a.gz",
        "x.csv", "x.csv.gz", "x.csv.bz2", "x.csv.xz", "x.h5", "x.hdf5", "x.npy", "x.npz"})
    CHECK_NOTHROW(check(problem_settings("logistic_regression", {{"data", file}})));
  for (const std::string file :
       {"x.zip", "x.libsvm.zip", "x.h5.gz", "x.npz.gz", "x.parquet", "rcv1_train.multiclass.bz2"})
    CHECK_THROWS_WITH(check(problem_settings("logistic_regression", {{"data", file}})),
                      Contains("allowed: LIBSVM text (.libsvm, .svm, .txt or no ending) or CSV"));
  CHECK_THROWS_WITH(
      check(problem_settings("logistic_regression", {{"data", std::string("rcv1_train.multiclass.bz2")}})),
      Contains("found the file type .multiclass; ") && Contains("problem.format"));
  for (const std::string format : {"libsvm", "csv", "hdf5", "npy"})
    CHECK_NOTHROW(check(problem_settings("logistic_regression",
                                         {{"data", std::string("german.numer_scale")}, {"format", format}})));
  for (const auto& [key, value] : std::map<std::string, Value>{
           {"format", std::string("csv")}, {"header", true}, {"features", std::int64_t{3}}})
    CHECK_THROWS_AS(check(small({{key, value}})), KeyError);
  const auto labelled = [](const std::string& file) {
    return problem_settings("logistic_regression", {{"data", file}, {"label_column", std::string("y")}});
  };
  CHECK_NOTHROW(check(labelled("x.csv.gz")));
  CHECK_THROWS_WITH(check(labelled("x.libsvm")), Contains("without CSV or .npy data"));
  CHECK_THROWS_WITH(check(small({{"label_column", std::string("y")}})), Contains("without CSV or .npy data"));
}

TEST_CASE("problems that differ in what the data does not depend on share one copy of it") {
  Materials materials;
  for (const double l2 : {0.0, 0.1, 0.2})
    make_problem_with_needs(small({{"l2", l2}}), Precision::float64, materials);
  make_problem_with_needs(small({{"radius", 2.0}}), Precision::float64, materials);
  CHECK(materials.data_sets().size() == 2);  // training and held-out
  make_problem_with_needs(small({{"samples", std::int64_t{60}}}), Precision::float64, materials);
  CHECK(materials.data_sets().size() == 3);  // the held-out samples stay the same
  make_problem_with_needs(small(), Precision::float32, materials);
  make_problem_with_needs(small({{"data_seed", std::int64_t{2}}}), Precision::float64, materials);
  make_problem_with_needs(small({{"flip_probability", 0.2}}), Precision::float64, materials);
  CHECK(materials.data_sets().size() == 9);
}

TEST_CASE("what a problem needs is known before anything is read, and the same at every call") {
  const auto settings =
      problem_settings("logistic_regression", {{"data", std::string("nowhere.csv")}, {"test_share", 0.5}});
  const Needs needs = needs_of(settings, Precision::float64);
  REQUIRE(needs.data_sets.size() == 2);
  REQUIRE(needs.minimiser.has_value());
  const Needs again = needs_of(settings, Precision::float64);
  for (std::size_t i = 0; i < 2; ++i) CHECK(needs.data_sets[i].name == again.data_sets[i].name);
  CHECK(needs.minimiser->name == again.minimiser->name);
  CHECK(needs_of(small({{"test_samples", std::int64_t{0}}}), Precision::float64).data_sets.size() == 1);
  const Needs of_formula = needs_of(problem_settings("quadratic", {}), Precision::float64);
  CHECK((of_formula.data_sets.empty() && !of_formula.minimiser));
  Materials materials;
  CHECK_THROWS_AS(materials.make(needs), InputError);
}

TEST_CASE("a problem is not made from materials that lack what it needs") {
  CHECK_THROWS_AS(make_problem(small(), Precision::float64, Materials()), InternalError);
}

TEST_CASE("materials of another rank are used without reading or solving again") {
  Materials maker;
  const auto made = make_problem_with_needs(small({{"l2", 0.5}}), Precision::float64, maker);
  Materials materials;
  for (const auto& [name, set] : maker.data_sets()) materials.add(name, set);
  for (const auto& [name, minimiser] : maker.minimisers())
    materials.add(name, rhosweep::optimum::Minimiser{0.25, {1, 2, 3}});
  const auto problem = make_problem_with_needs(small({{"l2", 0.5}}), Precision::float64, materials);
  CHECK(&dynamic_cast<const LinearModel&>(*problem).train() ==
        &dynamic_cast<const LinearModel&>(*made).train());
  CHECK(problem->minimiser()->value == 0.25);
  CHECK(made->minimiser()->value != 0.25);
}

TEST_CASE("that there is no minimiser is known, too") {
  Materials materials;
  const auto problem =
      make_problem_with_needs(small({{"flip_probability", 0.0}}), Precision::float64, materials);
  CHECK(problem->minimiser() == nullptr);
  REQUIRE(materials.minimisers().size() == 1);
  CHECK_FALSE(materials.minimisers().begin()->second.has_value());
}

TEST_CASE("files are treated as the keys say, and every treatment is a data set of its own") {
  std::ofstream("train.csv") << "a,b,label\n1,2,0\n3,5,1\n0,4,2\n7,1,1\n2,2,0\n9,4,1\n8,1,0\n3,3,2\n";
  Materials materials;
  const auto make = [&](Values values) {
    values["data"] = std::string("train.csv");
    values.try_emplace("positive_label", 1.0);
    const auto settings = problem_settings("logistic_regression", values);
    check(settings);
    return std::dynamic_pointer_cast<const LinearModel>(
        make_problem_with_needs(settings, Precision::float64, materials));
  };
  const auto plain = make({});
  CHECK(plain->dimension() == 2);
  CHECK(plain->test() == nullptr);
  CHECK(make({{"intercept", true}})->dimension() == 3);
  const auto split = make({{"test_share", 0.5}, {"data_seed", std::int64_t{2}}});
  REQUIRE(split->test() != nullptr);
  CHECK(split->samples() + split->test()->samples() == 8);
  make({{"standardize", true}});
  make({{"positive_label", 0.0}});
  make({{"label_column", std::string("2")}, {"positive_label", 2.0}});
  CHECK(materials.data_sets().size() == 7);
  CHECK(make({})->train().hash() == plain->train().hash());
  CHECK(materials.data_sets().size() == 7);
  CHECK(materials.data_sets().contains("train.csv in float64, label 1 against the rest"));
}

TEST_CASE("keys of file data are refused without it, and test_share beside test_data") {
  for (const Values& values : {Values{{"positive_label", 1.0}}, Values{{"test_share", 0.5}},
                               Values{{"standardize", true}}, Values{{"intercept", true}}})
    CHECK_THROWS_WITH(check(small(values)), Contains("without problem.data"));
  CHECK_THROWS_WITH(check(problem_settings(
                        "logistic_regression",
                        {{"data", std::string("a")}, {"test_data", std::string("b")}, {"test_share", 0.5}})),
                    Contains("together with problem.test_data"));
}

TEST_CASE("every kind of linear model is made from its keys, on synthetic data and on files") {
  std::ofstream("many.libsvm") << "0 1:1 2:1\n1 1:1\n2 1:2 2:-1\n1 2:1\n0 1:3\n";
  std::ofstream("two.libsvm") << "0 1:1 2:1\n1 1:1\n0 1:2 2:-1\n1 2:1\n0 1:3\n";
  Materials materials;
  for (const std::string kind : {"logistic_regression", "softmax_regression", "hinge", "squared_hinge",
                                 "least_squares", "absolute", "huber"}) {
    CAPTURE(kind);
    const bool has_many = kind == "softmax_regression";
    const Values synthetic{{"samples", std::int64_t{40}}, {"dimension", std::int64_t{3}}, {"l2", 0.1}};
    const auto drawn =
        make_problem_with_needs(problem_settings(kind, synthetic), Precision::float64, materials);
    const auto* model = dynamic_cast<const LinearModel*>(drawn.get());
    REQUIRE(model != nullptr);
    CHECK(model->dimension() == (has_many ? 30 : 3));
    REQUIRE(model->minimiser() != nullptr);
    CHECK(std::ssize(model->minimiser()->w) == model->dimension());
    const std::string file = has_many ? "many.libsvm" : "two.libsvm";
    const auto read = make_problem_with_needs(problem_settings(kind, {{"data", file}, {"radius", 2.0}}),
                                              Precision::float32, materials);
    CHECK(read->dimension() == (has_many ? 6 : 2));
    CHECK(read->gradient_bound().has_value());
  }
}

TEST_CASE("a perceptron is made from its keys, and refuses those of the other loss") {
  Materials materials;
  const Values values{{"hidden", std::vector<std::int64_t>{4, 3}},
                      {"samples", std::int64_t{30}},
                      {"dimension", std::int64_t{5}},
                      {"test_samples", std::int64_t{0}}};
  const auto with = [&](const std::string& key, const Value& value) {
    Values changed = values;
    changed[key] = value;
    return changed;
  };
  const auto parameters = [&](const Values& changed) {
    return make_problem_with_needs(problem_settings("mlp", changed), Precision::float32, materials)
        ->dimension();
  };
  CHECK(parameters(with("classes", std::int64_t{6})) == 5 * 4 + 4 + 4 * 3 + 3 + 3 * 6 + 6);
  CHECK(parameters(with("loss", std::string("squared"))) == 5 * 4 + 4 + 4 * 3 + 3 + 3 + 1);

  const auto check = kind_of("mlp").schema.check;
  check(problem_settings("mlp", with("classes", std::int64_t{6})));
  CHECK_THROWS_AS(check(problem_settings("mlp", with("noise", 0.1))), KeyError);
  Values squared = with("loss", std::string("squared"));
  check(problem_settings("mlp", squared));
  squared["classes"] = std::int64_t{6};
  CHECK_THROWS_AS(check(problem_settings("mlp", squared)), KeyError);
}

TEST_CASE("kinds have the keys that make sense for them") {
  const auto has = [](const std::string& kind, const std::string& name) {
    const auto& keys = kind_of(kind).schema.keys;
    return std::ranges::count(keys, name, &KeySpec::name) == 1;
  };
  CHECK(has("hinge", "positive_label"));
  CHECK_FALSE(has("softmax_regression", "positive_label"));
  CHECK(has("softmax_regression", "classes"));
  CHECK_FALSE(has("huber", "positive_label"));
  CHECK(has("huber", "threshold"));
  CHECK_FALSE(has("absolute", "threshold"));
  CHECK(has("absolute", "noise"));
  CHECK_FALSE(has("absolute", "flip_probability"));
}

TEST_CASE("a kind of problem that is registered joins the built-in ones, and is refused if it is not one") {
  const auto own = [](const std::string& name) {
    return ProblemKind{
        .schema = {.kind = name,
                   .summary = "a quadratic",
                   .keys = {{.name = "size", .fallback = 2.0, .help = "how large"}},
                   .samplings = {"with_replacement"},
                   .check = {}},
        .objective = "x^2",
        .metrics = "train_loss",
        .constants = "none",
        .make = [](const ProblemSettings& keys, Precision,
                   const Materials&) -> std::shared_ptr<const Problem> {
          return std::make_shared<Quadratic>(Quadratic::Settings{.curvature = keys.real("size")});
        }};
  };
  const std::size_t built_in = kinds().size();
  register_problem(own("own"));
  REQUIRE(kinds().size() == built_in + 1);
  CHECK(kinds().back().schema.kind == "own");
  Materials materials;
  const auto problem =
      make_problem_with_needs(problem_settings("own", {{"size", 5.0}}), Precision::float64, materials);
  CHECK(dynamic_cast<const Quadratic&>(*problem).curvature() == 5.0);

  const auto refused = [&](const std::string& reason, const std::function<void(ProblemKind&)>& spoil) {
    ProblemKind kind = own("other");
    spoil(kind);
    CHECK_THROWS_WITH(register_problem(kind), Contains(reason));
    CHECK_THROWS_AS(register_problem(kind), InternalError);
  };
  refused("of this name already", [](ProblemKind& kind) { kind.schema.kind = "own"; });
  refused("of this name already", [](ProblemKind& kind) { kind.schema.kind = "quadratic"; });
  refused("not an identifier", [](ProblemKind& kind) { kind.schema.kind = "my kind"; });
  refused("not an identifier", [](ProblemKind& kind) { kind.schema.kind.clear(); });
  refused("not an identifier", [](ProblemKind& kind) { kind.schema.kind = "2d"; });
  refused("key \"Size\"", [](ProblemKind& kind) { kind.schema.keys[0].name = "Size"; });
  refused("key kind is taken", [](ProblemKind& kind) { kind.schema.keys[0].name = "kind"; });
  refused("key size is taken", [](ProblemKind& kind) { kind.schema.keys.push_back(kind.schema.keys[0]); });
  refused("another type", [](ProblemKind& kind) { kind.schema.keys[0].fallback = std::int64_t{2}; });
  refused("no sampling", [](ProblemKind& kind) { kind.schema.samplings.clear(); });
  refused("\"all\" is not a sampling", [](ProblemKind& kind) { kind.schema.samplings = {"all"}; });
  refused("make is empty", [](ProblemKind& kind) { kind.make = nullptr; });
  CHECK(kinds().size() == built_in + 1);
}
