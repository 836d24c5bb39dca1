#include "zip_archive.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/input_file.hpp"

#include <algorithm>
#include <ios>
#include <string_view>
#include <utility>

#include <boost/crc.hpp>
#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/filter/zlib.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <fmt/format.h>

namespace rhosweep::data {

namespace {

constexpr std::uint32_t large = 0xFFFFFFFF;  ///< stands in place of a number that the 64-bit extension holds
/// The largest allowed ratio of a member's size to its packed size. A valid member stays below it, since
/// deflate packs at most 1032 bytes into one byte.
constexpr std::int64_t largest_ratio = 1040;

[[noreturn]] void fail_damaged(const std::filesystem::path& file, const char* what) {
  core::refuse(file.string(), fmt::format("damaged or truncated data ({})", what), "a whole .npz file");
}

/// Reads little-endian numbers from bytes.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::filesystem::path& file) : rest_(bytes), file_(file) {}

  std::string_view take(std::size_t count) {
    if (count > rest_.size()) fail_damaged(file_, "its directory ends early");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint64_t number(std::size_t bytes) {
    const std::string_view taken = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(taken[i]);
    return value;
  }
  std::uint16_t two() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t four() { return static_cast<std::uint32_t>(number(4)); }
  std::int64_t eight() {
    const std::uint64_t value = number(8);
    if (value >> 62 != 0) fail_damaged(file_, "a number of its directory");
    return static_cast<std::int64_t>(value);
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  const std::filesystem::path& file_;
};

std::string read_at(std::ifstream& in, std::int64_t offset, std::int64_t size,
                    const std::filesystem::path& file) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  in.clear();
  in.seekg(offset);
  in.read(bytes.data(), size);
  core::check_read(in, file);
  if (in.gcount() != size) fail_damaged(file, "it ends early");
  return bytes;
}

/// A part of a file as a source of Boost.Iostreams.
class FilePart {
 public:
  using char_type = char;
  using category = boost::iostreams::source_tag;

  FilePart(std::ifstream& in, std::int64_t size) : in_(&in), left_(size) {}

  std::streamsize read(char* into, std::streamsize size) {
    const std::streamsize wanted = std::min<std::streamsize>(size, left_);
    if (wanted == 0) return -1;
    in_->read(into, wanted);
    left_ -= in_->gcount();
    return in_->gcount() > 0 ? in_->gcount() : -1;
  }

 private:
  std::ifstream* in_;
  std::streamsize left_;
};

class MemberStream final : public ByteStream {
 public:
  MemberStream(const std::filesystem::path& file, const ZipArchive::Member& member)
      : file_(file), in_(core::open_input(file)), left_(member.size), checksum_(member.checksum) {
    constexpr std::int64_t fixed = 30;
    const std::string header = read_at(in_, member.offset, fixed, file_);
    Bytes bytes(header, file_);
    if (bytes.four() != 0x04034b50) fail_damaged(file_, "a member's header");
    bytes.take(22);
    const std::int64_t name_and_extra = bytes.two() + std::int64_t{bytes.two()};
    in_.seekg(member.offset + fixed + name_and_extra);
    if (member.method == 8) {
      boost::iostreams::zlib_params raw;
      raw.noheader = true;
      bytes_.push(boost::iostreams::zlib_decompressor(raw));
    }
    bytes_.push(FilePart(in_, member.packed));
  }

  std::int64_t left() const override { return left_; }

  void read(char* into, std::size_t size) override {
    const auto wanted = static_cast<std::streamsize>(size);
    std::streamsize count = 0;
    try {
      while (count < wanted) {
        const std::streamsize more = bytes_.sgetn(into + count, wanted - count);
        if (more <= 0) break;
        count += more;
      }
    } catch (const std::ios_base::failure&) {
      core::check_read(in_, file_);
      fail_damaged(file_, "compressed data");
    }
    core::check_read(in_, file_);
    if (count != wanted) fail_damaged(file_, "it ends early");
    found_.process_bytes(into, size);
    left_ -= count;
    if (left_ == 0 && found_.checksum() != checksum_) fail_damaged(file_, "a checksum differs");
  }

 private:
  const std::filesystem::path file_;
  std::ifstream in_;
  boost::iostreams::filtering_istreambuf bytes_;
  std::int64_t left_;
  std::uint32_t checksum_;
  boost::crc_32_type found_;
};

/// Place and size of the archive's directory.
struct Directory {
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

Directory find_directory(std::ifstream& in, std::int64_t file_size, const std::filesystem::path& file) {
  constexpr std::int64_t fixed = 22;
  constexpr std::int64_t longest_comment = 65535;
  const std::int64_t size = std::min(file_size, fixed + longest_comment);
  const std::string tail = read_at(in, file_size - size, size, file);
  const std::size_t at = tail.rfind("PK\5\6");
  if (at == std::string::npos) fail_damaged(file, "it has no directory");
  Bytes end(std::string_view(tail).substr(at), file);
  end.take(12);
  Directory directory{.size = end.four()};
  directory.offset = end.four();
  constexpr std::int64_t locator_size = 20;
  const std::int64_t locator_at = file_size - size + static_cast<std::int64_t>(at) - locator_size;
  if (locator_at < 0) return directory;
  const std::string locator = read_at(in, locator_at, locator_size, file);
  if (!locator.starts_with("PK\6\7")) return directory;
  Bytes place(std::string_view(locator).substr(8), file);
  constexpr std::int64_t record_size = 56;
  const std::string record = read_at(in, place.eight(), record_size, file);
  if (!record.starts_with("PK\6\6")) fail_damaged(file, "its directory");
  Bytes numbers(std::string_view(record).substr(40), file);
  directory.size = numbers.eight();
  directory.offset = numbers.eight();
  return directory;
}

ZipArchive::Member read_member(Bytes& bytes, const std::filesystem::path& file) {
  if (bytes.four() != 0x02014b50) fail_damaged(file, "its directory");
  ZipArchive::Member member;
  bytes.take(4);
  member.flags = bytes.two();
  member.method = bytes.two();
  bytes.take(4);
  member.checksum = bytes.four();
  member.packed = bytes.four();
  member.size = bytes.four();
  const std::size_t name = bytes.two();
  const std::size_t extra = bytes.two();
  const std::size_t comment = bytes.two();
  bytes.take(8);
  member.offset = bytes.four();
  member.name = bytes.take(name);
  Bytes fields(bytes.take(extra), file);
  bytes.take(comment);
  while (!fields.empty()) {
    const std::uint16_t kind = fields.two();
    Bytes field(fields.take(fields.two()), file);
    if (kind != 1) continue;
    for (std::int64_t* number : {&member.size, &member.packed, &member.offset})
      if (*number == large) *number = field.eight();
  }
  return member;
}

}  // namespace

ZipArchive::ZipArchive(const std::filesystem::path& file) : file_(file) {
  std::ifstream in = core::open_input(file);
  in.seekg(0, std::ios::end);
  const std::int64_t size = in.tellg();
  const Directory directory = find_directory(in, size, file);
  if (directory.offset > size || directory.size > size - directory.offset)
    fail_damaged(file, "the place of its directory");
  const std::string text = read_at(in, directory.offset, directory.size, file);
  for (Bytes bytes(text, file); !bytes.empty();) {
    members_.push_back(read_member(bytes, file));
    const Member& member = members_.back();
    if (member.offset > size || member.packed > size - member.offset)
      fail_damaged(file, "the place of a member");
  }
}

std::unique_ptr<ByteStream> ZipArchive::open(const Member& member) const {
  const bool is_encrypted = (member.flags & 1) != 0;
  if (is_encrypted || (member.method != 0 && member.method != 8))
    core::refuse(file_.string(),
                 is_encrypted ? "an encrypted member" : fmt::format("compression method {}", member.method),
                 "the .npz files of numpy.savez and savez_compressed");
  const std::int64_t most = member.method == 0 ? member.packed : (member.packed + 1) * largest_ratio;
  if (member.size > most) fail_damaged(file_, "the size of a member");
  return std::make_unique<MemberStream>(file_, member);
}

}  // namespace rhosweep::data
