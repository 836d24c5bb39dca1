#pragma once

namespace rhosweep::bench {

/// Fused multiply-adds per second of this core times two, in registers, at the vector width that rhosweep
/// uses here. Measured anew at every call, for about ten milliseconds of this thread's time.
template <class Real>
double fma_peak();

/// Bytes per second that this core loads, multiplies, adds and stores again in place, in arrays that fill
/// half of the first-level cache: the roof of an update w ← w + c x.
template <class Real>
double update_bandwidth();

}  // namespace rhosweep::bench
