#include "collector/backup/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "common/delta.h"
#include "common/files.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kPiece = 256 * 1024;

std::unexpected<Error> CannotRead(const std::string& path) {
  const Code code = errno == ENOENT ? Code::kNotFound : errno == EACCES ? Code::kPermissionDenied : Code::kDataLoss;
  return Fail(code, path + ": cannot be read: " + std::generic_category().message(errno));
}

class Reader {
 public:
  explicit Reader(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), buffer_(kPiece, '\0') {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool is_open() const { return fd_ >= 0; }
  // Empty: the end.
  std::optional<std::string_view> Next() {
    for (;;) {
      const ssize_t size = ::read(fd_, buffer_.data(), buffer_.size());
      if (size >= 0) return std::string_view(buffer_.data(), static_cast<std::size_t>(size));
      if (errno != EINTR) return std::nullopt;
    }
  }

 private:
  int fd_;
  std::string buffer_;
};

// What libarchive's callback writes to, and the error that it ran into.
struct Target {
  AtomicFile file;
  Status status;
};

la_ssize_t WriteToTarget(archive* /*writer*/, void* data, const void* bytes, std::size_t size) {
  auto& target = *static_cast<Target*>(data);
  target.status = target.file.Append(std::string_view(static_cast<const char*>(bytes), size));
  return target.status ? static_cast<la_ssize_t>(size) : -1;
}

class Writer {
 public:
  Writer(const std::string& file, Target& target) : file_(file), target_(target), writer_(::archive_write_new()) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { ::archive_write_free(writer_); }

  Status Begin() {
    const bool good = ::archive_write_set_format_pax_restricted(writer_) == ARCHIVE_OK &&
                      ::archive_write_add_filter_zstd(writer_) == ARCHIVE_OK &&
                      // Zeros behind the last frame are nothing that zstd reads.
                      ::archive_write_set_bytes_in_last_block(writer_, 1) == ARCHIVE_OK &&
                      ::archive_write_open(writer_, &target_, nullptr, WriteToTarget, nullptr) == ARCHIVE_OK;
    return good ? Status() : Broken();
  }

  Status Header(const std::string& name, std::int64_t bytes, mode_t mode, UnixTime at) {
    const std::unique_ptr<archive_entry, decltype(&::archive_entry_free)> entry(::archive_entry_new(),
                                                                                &::archive_entry_free);
    ::archive_entry_set_pathname(entry.get(), name.c_str());
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), mode);
    ::archive_entry_set_size(entry.get(), bytes);
    ::archive_entry_set_mtime(entry.get(), at, 0);
    return ::archive_write_header(writer_, entry.get()) == ARCHIVE_OK ? Status() : Broken();
  }

  Status Data(std::string_view bytes) {
    const auto written = ::archive_write_data(writer_, bytes.data(), bytes.size());
    return written == static_cast<la_ssize_t>(bytes.size()) ? Status() : Broken();
  }

  Status End() {
    if (::archive_write_close(writer_) != ARCHIVE_OK) return Broken();
    return target_.file.Commit();
  }

 private:
  Status Broken() const {
    if (!target_.status) return target_.status;
    const char* words = ::archive_error_string(writer_);
    return Fail(Code::kInternal, file_ + ": cannot be written: " + (words != nullptr ? words : "unknown"));
  }

  const std::string& file_;
  Target& target_;
  archive* const writer_;
};

Status WriteMember(Writer& writer, const std::string& folder, const BackupMember& member, UnixTime at) {
  const std::string path = folder + "/" + member.path;
  struct stat found{};
  Reader reader(path);
  if (!reader.is_open() || ::stat(path.c_str(), &found) != 0) return CannotRead(path);
  if (auto done = writer.Header(member.path, member.bytes, found.st_mode & 0777, at); !done) return done;
  for (auto piece = reader.Next();; piece = reader.Next()) {
    if (!piece) return CannotRead(path);
    if (piece->empty()) return {};
    if (auto done = writer.Data(*piece); !done) return done;
  }
}

}  // namespace

Result<BackupMember> DescribeFile(const std::string& path, const std::string& name) {
  Reader reader(path);
  if (!reader.is_open()) return CannotRead(path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> digest(::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
  ::EVP_DigestInit_ex(digest.get(), ::EVP_sha256(), nullptr);
  BackupMember member{.path = name, .bytes = 0, .sha256 = {}};
  for (auto piece = reader.Next();; piece = reader.Next()) {
    if (!piece) return CannotRead(path);
    if (piece->empty()) break;
    ::EVP_DigestUpdate(digest.get(), piece->data(), piece->size());
    member.bytes += static_cast<std::int64_t>(piece->size());
  }
  std::array<unsigned char, kDigestBytes> bytes{};
  ::EVP_DigestFinal_ex(digest.get(), bytes.data(), nullptr);
  member.sha256 = Hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return member;
}

Status WriteArchive(const std::string& file, const std::string& folder, const Manifest& manifest, UnixTime at) {
  auto made = AtomicFile::Create(file, 0600);
  if (!made) return std::unexpected(made.error());
  Target target{.file = std::move(*made), .status = {}};
  Writer writer(file, target);
  const std::string text = FormatManifest(manifest);
  Status done = writer.Begin();
  if (done) done = writer.Header(kManifestName, static_cast<std::int64_t>(text.size()), 0600, at);
  if (done) done = writer.Data(text);
  for (const BackupMember& member : manifest.members) {
    if (done) done = WriteMember(writer, folder, member, at);
  }
  return done ? writer.End() : done;
}

void ArchiveReader::Close::operator()(archive* reader) const { ::archive_read_free(reader); }

std::unexpected<Error> ArchiveReader::Damaged() const {
  const char* words = ::archive_error_string(reader_.get());
  return Fail(Code::kDataLoss, file_ + ": is no backup of Daicho, or is damaged: " +
                                   (words != nullptr ? CleanText(words) : std::string("it ends too early")));
}

Result<ArchiveReader> ArchiveReader::Open(const std::string& file) {
  if (!Reader(file).is_open()) return CannotRead(file);
  ArchiveReader made(::archive_read_new(), file);
  archive* const reader = made.reader_.get();
  ::archive_read_support_format_tar(reader);
  ::archive_read_support_filter_zstd(reader);
  if (::archive_read_open_filename(reader, file.c_str(), kPiece) != ARCHIVE_OK) return made.Damaged();
  return made;
}

Result<std::optional<ArchiveReader::Entry>> ArchiveReader::Next() {
  archive_entry* entry = nullptr;
  const int result = ::archive_read_next_header(reader_.get(), &entry);
  if (result == ARCHIVE_EOF) return std::optional<Entry>();
  if (result != ARCHIVE_OK) return Damaged();
  const char* const name = ::archive_entry_pathname(entry);
  if (name == nullptr || !IsMemberName(name)) {
    return Fail(Code::kDataLoss, file_ + ": has a member \"" + CleanText(name != nullptr ? name : "") +
                                     "\", which no backup of Daicho has; nothing of it is used");
  }
  const bool is_plain = ::archive_entry_filetype(entry) == AE_IFREG && ::archive_entry_hardlink(entry) == nullptr &&
                        ::archive_entry_size_is_set(entry) != 0;
  if (!is_plain) return Fail(Code::kDataLoss, file_ + ": its member " + name + " is no plain file");
  return Entry{.name = name, .bytes = ::archive_entry_size(entry), .mode = ::archive_entry_perm(entry)};
}

Result<std::string> ArchiveReader::ReadText(std::size_t max_bytes) {
  std::string text(max_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const la_ssize_t more = ::archive_read_data(reader_.get(), text.data() + size, text.size() - size);
    if (more < 0) return Damaged();
    if (more == 0) break;
    size += static_cast<std::size_t>(more);
  }
  if (size > max_bytes) return Fail(Code::kDataLoss, file_ + ": its manifest is too long");
  text.resize(size);
  return text;
}

Status ArchiveReader::Extract(const std::string& path, mode_t mode) {
  auto target = AtomicFile::Create(path, mode);
  if (!target) return std::unexpected(target.error());
  std::string piece(kPiece, '\0');
  for (;;) {
    const la_ssize_t size = ::archive_read_data(reader_.get(), piece.data(), piece.size());
    if (size < 0) return Damaged();
    if (size == 0) return target->Commit();
    if (auto done = target->Append(std::string_view(piece.data(), static_cast<std::size_t>(size))); !done) return done;
  }
}

}  // namespace daicho::collector
