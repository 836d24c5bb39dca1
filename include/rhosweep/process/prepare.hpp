#pragma once

namespace rhosweep::process {

/// Prepares this process for writing files. Call it at the beginning of main().
///
/// Opens standard descriptors that are closed, so that no other file gets their numbers and receives
/// messages. Writing to them still fails. Ignores SIGPIPE and SIGXFSZ, so that a pipe without a reader and a
/// file size limit cause write errors (EPIPE, EFBIG) and do not end the process. Programs that a Child starts
/// have the default actions.
void prepare();

}  // namespace rhosweep::process
