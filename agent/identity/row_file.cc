#include "agent/identity/row_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "common/files.h"
#include "common/protocol.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kFormatName = "daicho rows ";
constexpr std::string_view kMagic = "daicho rows 1\n";
constexpr std::size_t kHeaderBytes = kMagic.size() + 8 + kDigestBytes;
constexpr std::size_t kMaxRowFileBytes = 256u << 20;

void AppendBigEndian(std::uint64_t value, int bytes, std::string& out) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

std::uint64_t TakeBigEndian(std::string_view& in, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return value;
}

Result<RowFile> ParseHeader(std::string_view& content, const std::string& file) {
  if (!content.starts_with(kMagic)) {
    const std::size_t line_end = content.find('\n');
    if (content.starts_with(kFormatName) && line_end < kMagic.size() + 4) {
      return Fail(Code::kFailedPrecondition,
                  file + ": written by a newer agent; it is replaced at the next full report");
    }
    return Fail(Code::kDataLoss, file + ": not a file of rows; it is replaced at the next full report");
  }
  if (content.size() < kHeaderBytes) {
    return Fail(Code::kDataLoss, file + ": cut in its header; it is replaced at the next full report");
  }
  content.remove_prefix(kMagic.size());
  RowFile header;
  header.time = static_cast<UnixTime>(TakeBigEndian(content, 8));
  header.digest = content.substr(0, kDigestBytes);
  content.remove_prefix(kDigestBytes);
  return header;
}

}  // namespace

std::string FormatRowFile(UnixTime time, const Rows& ordered) {
  std::size_t size = kHeaderBytes;
  for (const std::string& row : ordered) size += 4 + row.size();
  std::string content(kMagic);
  content.reserve(size);
  AppendBigEndian(static_cast<std::uint64_t>(time), 8, content);
  content += DigestRows(ordered);
  for (const std::string& row : ordered) {
    AppendBigEndian(row.size(), 4, content);
    content += row;
  }
  return content;
}

Result<RowFile> ParseRowFile(std::string_view content, const std::string& file) {
  auto parsed = ParseHeader(content, file);
  if (!parsed) return parsed;
  while (!content.empty()) {
    const std::string place = file + ": row " + std::to_string(parsed->rows.size() + 1);
    if (content.size() < 4)
      return Fail(Code::kDataLoss, place + " is cut; the file is replaced at the next full report");
    const std::uint64_t size = TakeBigEndian(content, 4);
    if (size > content.size() || size > kMaxRowBytes) {
      return Fail(Code::kDataLoss, place + " is cut or damaged; the file is replaced at the next full report");
    }
    parsed->rows.emplace_back(content.substr(0, size));
    content.remove_prefix(size);
  }
  if (!RowsAreOrdered(parsed->rows) || DigestRows(parsed->rows) != parsed->digest) {
    return Fail(Code::kDataLoss,
                file +
                    ": rows do not have the digest written with them; the file is replaced at the next "
                    "full report");
  }
  return parsed;
}

Result<RowFile> LoadRowFile(const std::string& path) {
  auto content = ReadFile(path, kMaxRowFileBytes);
  if (!content) return std::unexpected(std::move(content.error()));
  return ParseRowFile(*content, path);
}

Result<RowFile> LoadRowFileHeader(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(Code::kNotFound, path + ": cannot open");
  char buffer[kHeaderBytes];
  const ssize_t size = ::read(fd, buffer, sizeof buffer);
  ::close(fd);
  std::string_view content(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  return ParseHeader(content, path);
}

Status SaveRowFile(const std::string& path, UnixTime time, const Rows& ordered) {
  return WriteFileAtomically(path, FormatRowFile(time, ordered), 0600);
}

}  // namespace daicho::agent
