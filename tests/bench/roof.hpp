#pragma once

namespace rhosweep::bench {

/// Returns the peak of this core in flops per second: twice its fused multiply-adds per second in registers,
/// at the vector width that rhosweep uses here. Every call measures for about ten milliseconds of this
/// thread's time.
template <class Real>
double fma_peak();

/// Returns the bytes per second that this core loads, multiplies, adds and stores in place, in arrays that
/// fill half of the first-level cache. This is the peak of an update w ← w + c x.
template <class Real>
double update_bandwidth();

}  // namespace rhosweep::bench
