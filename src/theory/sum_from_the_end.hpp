#pragma once

#include "rhosweep/core/compensated_sum.hpp"
#include "rhosweep/theory/bounds.hpp"

#include <limits>

namespace rhosweep::theory {

/// Calls visit(sums, h_k) for every k = T − 1 … 0 with h_k > 0; `sums` covers the steps k … T − 1. Starting
/// at the end avoids differences of sums, in which digits cancel. Skipping h_k = 0 loses nothing, because the
/// sums from k on then equal those from k + 1 on. An h_k whose square would underflow to 0 still adds its
/// term to each sum.
template <class Visit>
void sum_from_the_end(const model::Schedule& schedule, std::int64_t steps, Form form, const Visit& visit) {
  core::CompensatedSum s;
  core::CompensatedSum q;
  for (std::int64_t k = steps; k-- > 0;) {
    const double h = schedule(k, steps);
    if (!(h > 0.0)) continue;
    const double after = s.value();
    s.add(h);
    const double divisor = form == Form::last_gradient && after > 0.0 ? after : s.value();
    const double square = h * h;
    q.add(square >= std::numeric_limits<double>::min() ? square / divisor : h * (h / divisor));
    visit(ScheduleSums{.s = s.value(), .q = q.value(), .restart = k}, h);
  }
}

}  // namespace rhosweep::theory
