#pragma once

namespace rhosweep::process {

/// Prepares this process for writing files. Call this function at the beginning of main().
///
/// Opens standard descriptors that are closed. Otherwise, a file that is opened later could get the number of
/// standard error, and messages would be written into that file. Writing to these descriptors still fails.
/// Ignores SIGPIPE and SIGXFSZ, so that a pipe without a reader and a file size limit cause write errors
/// (EPIPE, EFBIG) and do not end the process. Programs that a Child starts have the default actions of both
/// signals.
void prepare();

}  // namespace rhosweep::process
