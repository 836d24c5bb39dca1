#pragma once

#include "rhosweep/core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace rhosweep::core {

/// Reports that more memory was requested than is available. Data is read before the program starts or writes
/// anything, so the program ends with ExitCode::bad_input.
class MemoryError : public Error {
 public:
  explicit MemoryError(const std::string& message) : Error(message, ExitCode::bad_input) {}
};

/// Returns the number of bytes that this process can still get: the least of three numbers: what the system
/// has available, what the process's control group allows (the memory of a Slurm job or a container), and
/// what fits into the process's address space.
/// @param given_back bytes that the process holds and will release in exchange; their addresses stay in use
std::int64_t available_memory(std::int64_t given_back = 0);

/// Throws MemoryError "WHAT needs 12 GiB of memory, 8.0 GiB are available" if fewer bytes are available. Call
/// this function before a large allocation: Linux also allocates memory that it does not have, and kills the
/// process when it writes to this memory.
/// @param bytes the number of bytes needed
/// @param what what the memory is for; the message begins with it
/// @param given_back bytes that the process will release, as for available_memory()
void require_memory(std::int64_t bytes, const std::string& what, std::int64_t given_back = 0);

/// Allocates zeroed, page-aligned memory. The system provides a page when it is first written; large pages
/// are used where possible, because they cost far less to map. Throws std::bad_alloc.
std::shared_ptr<std::byte> allocate_pages(std::size_t size);

/// How a process will first use the memory.
enum class Access { read, write };

/// Maps all whole pages among these bytes at once, which costs far less than one page fault for each. Does
/// nothing on Linux before 5.14.
void map_pages(std::span<const std::byte> bytes, Access access);

/// Returns the whole pages among these bytes to the system at once. No other process may share them. The
/// memory stays allocated and reads as zero until it is written again.
void give_back_pages(std::span<std::byte> bytes);

/// Makes the process keep freed memory, up to some hundred MiB, for later allocations. Buffers of some MiB
/// are allocated and freed often, and to get a new page from the system costs more than most work on the
/// page. Call it once, at the start. It overrides the user's environment (MALLOC_TRIM_THRESHOLD_, …).
void keep_freed_memory();

}  // namespace rhosweep::core
