#pragma once

/// Elementary functions for every computation that affects results. They return the same bits with every C
/// library, compiler, optimisation level, instruction set and processor, because they use IEEE operations
/// only, without fused multiply-add. Errors are below 0.55 units in the last place; for sine, cosine and
/// denormal results they are below 0.8 (tests/core/test_elementary.cpp measures them against MPFR). The C
/// library's functions differ between versions and processors; a policy test keeps them out of results.
namespace rhosweep::core::elementary {

/// eˣ
double exp(double x);

/// The natural logarithm: −∞ at 0, NaN for negative x.
double log(double x);

/// log(1 + x), accurate also for small x.
double log1p(double x);

/// xʸ for x ≥ 0: 1 for y = 0 and for x = 1. @pre x is finite
double pow(double x, double y);

struct SineCosine {
  double sine;
  double cosine;
};

/// The sine and cosine of πx. Both are exact at multiples of ½. @pre |x| ≤ 2⁵⁰
SineCosine sine_cosine_of_pi(double x);

/// cos(πx). @pre |x| ≤ 2⁵⁰
double cosine_of_pi(double x);

}  // namespace rhosweep::core::elementary
