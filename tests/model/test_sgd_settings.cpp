#include "rhosweep/core/error.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <cmath>
#include <map>
#include <string>
#include <variant>

#include <catch2/catch.hpp>

using namespace rhosweep::model;

TEST_CASE("the learning curve is geometric in [1, steps] where integers allow") {
  using Steps = std::vector<std::int64_t>;
  CHECK(evaluation_steps(10000, 5) == Steps{1, 10, 100, 1000, 10000});
  CHECK(evaluation_steps(1024, 11) == Steps{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024});
  // 100^(i/7) is 1, 1.93, 3.73, 7.20, 13.89, 26.83, 51.79, 100.
  CHECK(evaluation_steps(100, 8) == Steps{1, 2, 4, 7, 14, 27, 52, 100});
  CHECK(evaluation_steps(5, 5) == Steps{1, 2, 3, 4, 5});
  CHECK(evaluation_steps(7, 1) == Steps{7});
  CHECK(evaluation_steps(1, 1) == Steps{1});
}

TEST_CASE("the learning curve's steps increase strictly and end at the last step") {
  for (const std::int64_t steps : {1, 2, 3, 7, 10, 33, 100, 1000}) {
    for (std::int64_t evaluations = 1; evaluations <= steps; ++evaluations) {
      const auto at = evaluation_steps(steps, evaluations);
      REQUIRE(std::ssize(at) == evaluations);
      REQUIRE(at.front() >= 1);
      REQUIRE(at.back() == steps);
      for (std::size_t i = 1; i < at.size(); ++i) REQUIRE(at[i] > at[i - 1]);
    }
  }
}

TEST_CASE("a learning curve of more points than steps is a bug of the caller") {
  CHECK_THROWS_AS(evaluation_steps(3, 4), rhosweep::core::InternalError);
  CHECK_THROWS_AS(evaluation_steps(3, 0), rhosweep::core::InternalError);
}

TEST_CASE("every word of the keys of [sgd] has its own setting") {
  const auto sampling = [](const char* word) {
    return to_sgd_settings({{"sampling", Value{std::string(word)}}}).sampling;
  };
  CHECK(sampling("with_replacement") == Sampling::with_replacement);
  CHECK(sampling("shuffle") == Sampling::shuffle);
  CHECK(sampling("full_batch") == Sampling::full_batch);
  const auto precision = [](const char* word) {
    return to_sgd_settings({{"precision", Value{std::string(word)}}}).precision;
  };
  CHECK(precision("float64") == Precision::float64);
  CHECK(precision("float32") == Precision::float32);
  const auto iterate = [](const char* word) {
    return to_sgd_settings({{"iterate", Value{std::string(word)}}}).iterate;
  };
  CHECK(iterate("last") == Iterate::last);
  CHECK(iterate("average") == Iterate::average);
}

TEST_CASE("every optimizer has its word and its setting") {
  for (const Optimizer optimizer : optimizers())
    CHECK(to_sgd_settings({{"optimizer", Value{name_of(optimizer)}}}).optimizer == optimizer);
  CHECK(optimizers().front() == SgdSettings{}.optimizer);
}

TEST_CASE("the defaults of the keys of [sgd] are those of the settings") {
  std::map<std::string, Value> values;
  for (const KeySpec& key : sgd_keys(Optimizer::sgd)) {
    if (key.fallback) values.emplace(key.name, *key.fallback);
  }
  const SgdSettings from_keys = to_sgd_settings(values);
  const SgdSettings settings;
  CHECK(from_keys.batch_size == settings.batch_size);
  CHECK(from_keys.sampling == settings.sampling);
  CHECK(from_keys.momentum == settings.momentum);
  CHECK(from_keys.nesterov == settings.nesterov);
  CHECK(from_keys.precision == settings.precision);
  CHECK(from_keys.evaluations == settings.evaluations);
  CHECK(from_keys.iterate == settings.iterate);
}

TEST_CASE("what an optimizer keeps of each parameter is its state in the papers") {
  const auto kept = [](Optimizer kind, Iterate iterate = Iterate::last) {
    return numbers_kept({.optimizer = kind, .iterate = iterate});
  };
  CHECK(kept(Optimizer::sgd) == 1);
  CHECK(numbers_kept({.momentum = 0.9}) == 2);
  CHECK(kept(Optimizer::adamw) == 3);
  CHECK(kept(Optimizer::sign_momentum) == 2);
  CHECK(kept(Optimizer::dog) == 2);            // w, w_0
  CHECK(kept(Optimizer::prodigy) == 5);        // w, m, v, s, w_0
  CHECK(kept(Optimizer::schedule_free) == 3);  // x, y, z
  CHECK(kept(Optimizer::dog, Iterate::average) == 3);
}

TEST_CASE("the values of settings stand for the same settings, whatever the optimizer") {
  for (const Optimizer optimizer : optimizers()) {
    std::map<std::string, Value> values{{"steps", Value{std::int64_t{7}}},
                                        {"optimizer", Value{name_of(optimizer)}}};
    for (const KeySpec& key : sgd_keys(optimizer)) {
      if (!key.fallback) continue;
      // The value differs from the default, so the test notices if the default is used instead.
      if (const auto* number = std::get_if<double>(&*key.fallback))
        values.emplace(key.name, *number / 2 + 0.25);
      if (const auto* number = std::get_if<std::int64_t>(&*key.fallback))
        values.emplace(key.name, *number + 1);
      if (const auto* flag = std::get_if<bool>(&*key.fallback)) values.emplace(key.name, !*flag);
      if (!key.choices.empty()) values.emplace(key.name, key.choices.back());
    }
    const auto found = to_values(to_sgd_settings(values));
    for (const auto& [name, value] : values) CHECK(found.at(name) == value);
  }
}

TEST_CASE("keys of other optimizers have their defaults among the values") {
  const auto values = to_values({.steps = 7, .optimizer = Optimizer::adamw});
  CHECK(values.at("momentum") == Value{0.0});
  CHECK(values.at("d0") == Value{1e-6});
}
