#pragma once

#include "rhosweep/core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace rhosweep::core {

/// More memory was asked for than there is.
class MemoryError : public Error {
 public:
  using Error::Error;
};

/// Bytes that this process can still get: the least of what the system has to give, its control group allows
/// (a Slurm job's or a container's memory), and its address space has room for.
/// @param given_back bytes that it holds and gives back in exchange; their addresses stay taken
std::int64_t available_memory(std::int64_t given_back = 0);

/// Throws MemoryError "WHAT needs 12 GiB of memory, 8.0 GiB are available" unless that many bytes are. To be
/// called before large pieces of memory: Linux gives out more than it has, and kills who then uses it.
/// @param bytes how many
/// @param what needs them
/// @param given_back as for available_memory()
void require_memory(std::int64_t bytes, const std::string& what, std::int64_t given_back = 0);

/// So many bytes, all zero and aligned to a page. The system gives a page when it is first written, and large
/// ones where it can, since giving them costs far less. Throws std::bad_alloc.
std::shared_ptr<std::byte> allocate_pages(std::size_t size);

/// What a process will do first with memory.
enum class Access { read, write };

/// Maps the whole pages of memory at once, which costs far less than one after the other as they are first
/// touched. Linux before 5.14 cannot; then nothing happens.
void map_pages(std::span<const std::byte> bytes, Access access);

/// Gives the whole pages among these bytes, which no other process may share, back to the system at once.
/// They can still be freed, and are zero until they are written again.
void give_back_pages(std::span<std::byte> bytes);

/// Lets the process keep the memory that it frees, up to some hundred MiB, for what it allocates next: pieces
/// of some MiB come and go, and a page that the system gives anew costs more than most work on it. To be
/// called once, at the start; what the user's environment says (MALLOC_TRIM_THRESHOLD_, …) is passed over.
void keep_freed_memory();

}  // namespace rhosweep::core
