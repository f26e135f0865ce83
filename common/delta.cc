#include "common/delta.h"

// EVP, which OpenSSL 3 wants instead, first reads openssl.cnf and loads providers: 1 ms and 2 MB in processes that live
// for ten, and no digest at all where that file leaves out the default provider. These functions cannot fail.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <utility>

#include "daicho/v1/agent.pb.h"

namespace daicho {

namespace {

class Sha256Stream {
 public:
  Sha256Stream() { SHA256_Init(&context_); }
  // Small pieces are gathered: a call for each of them costs more than the hash.
  void Add(std::string_view data) {
    if (data.size() > buffer_.size() - used_) Flush();
    if (data.size() > buffer_.size()) {
      SHA256_Update(&context_, data.data(), data.size());
      return;
    }
    std::copy(data.begin(), data.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += data.size();
  }
  std::string Finish() {
    Flush();
    std::string digest(kDigestBytes, '\0');
    SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &context_);
    return digest;
  }

 private:
  void Flush() {
    SHA256_Update(&context_, buffer_.data(), used_);
    used_ = 0;
  }

  SHA256_CTX context_{};
  std::array<char, 4096> buffer_;
  std::size_t used_ = 0;
};

template <typename T>
bool StrictlyAscending(const T& values) {
  return std::adjacent_find(values.begin(), values.end(), [](const auto& a, const auto& b) { return !(a < b); }) ==
         values.end();
}

}  // namespace

std::string Sha256(std::string_view data) {
  Sha256Stream stream;
  stream.Add(data);
  return stream.Finish();
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

RowViews ViewRows(const Rows& rows) { return {rows.begin(), rows.end()}; }

Rows CopyRows(const RowViews& rows) { return {rows.begin(), rows.end()}; }

// std::string compares as unsigned bytes (char_traits<char>::lt), which is the order that delta.h promises.
void OrderRows(Rows& rows) {
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
}

bool RowsAreOrdered(const Rows& rows) { return StrictlyAscending(rows); }

namespace {

template <typename AnyRows>
std::string Digest(const AnyRows& ordered) {
  using namespace std::string_view_literals;
  Sha256Stream stream;
  stream.Add("daicho.section.v1\0"sv);
  for (const std::string_view row : ordered) {
    const auto size = static_cast<std::uint32_t>(row.size());
    const std::array<char, 4> length = {static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                                        static_cast<char>(size >> 8), static_cast<char>(size)};
    stream.Add({length.data(), length.size()});
    stream.Add(row);
  }
  return stream.Finish();
}

}  // namespace

std::string DigestRows(const Rows& ordered) { return Digest(ordered); }

std::string DigestRows(const RowViews& ordered) { return Digest(ordered); }

void MakeFull(const Rows& now, v1::SectionDelta& delta) {
  delta.clear_base_digest();
  delta.clear_removed();
  delta.set_result_digest(DigestRows(now));
  delta.mutable_added()->Assign(now.begin(), now.end());
}

void MakeDelta(const Rows& base, const Rows& now, v1::SectionDelta& delta) {
  delta.set_base_digest(DigestRows(base));
  delta.set_result_digest(DigestRows(now));
  delta.clear_removed();
  delta.clear_added();
  std::size_t b = 0;
  std::size_t n = 0;
  while (b < base.size() || n < now.size()) {
    const int order = b == base.size() ? 1 : n == now.size() ? -1 : base[b].compare(now[n]);
    if (order < 0) delta.add_removed(static_cast<std::uint32_t>(b));
    if (order > 0) delta.add_added(now[n]);
    if (order <= 0) ++b;
    if (order >= 0) ++n;
  }
}

Result<RowViews> ApplyDelta(const RowViews& base, const v1::SectionDelta& delta) {
  const std::string section = "section '" + delta.name() + "': ";
  if (!StrictlyAscending(delta.removed())) {
    return Fail(Code::kInvalidArgument, section + "removed positions are not ascending");
  }
  if (!delta.removed().empty() && *delta.removed().rbegin() >= base.size()) {
    return Fail(Code::kInvalidArgument, section + "removed position " + std::to_string(*delta.removed().rbegin()) +
                                            " is outside the base of " + std::to_string(base.size()) + " rows");
  }
  if (!StrictlyAscending(delta.added())) {
    return Fail(Code::kInvalidArgument, section + "added rows are not ascending or not distinct");
  }
  RowViews rows;
  rows.reserve(base.size() + static_cast<std::size_t>(delta.added_size()));
  std::size_t next = 0;  // of the base
  auto removed = delta.removed().begin();
  const auto next_is_removed = [&] { return removed != delta.removed().end() && *removed == next; };
  const auto keep_until = [&](std::size_t end) {
    for (; next < end; ++next) {
      if (next_is_removed()) {
        ++removed;
      } else {
        rows.push_back(base[next]);
      }
    }
  };
  for (const std::string_view added : delta.added()) {
    const auto place = std::lower_bound(base.begin() + static_cast<std::ptrdiff_t>(next), base.end(), added);
    keep_until(static_cast<std::size_t>(place - base.begin()));
    if (place != base.end() && *place == added && !next_is_removed()) {
      return Fail(Code::kInvalidArgument, section + "an added row is in the base already");
    }
    rows.push_back(added);
  }
  keep_until(base.size());
  if (DigestRows(rows) == delta.result_digest()) return rows;
  return Fail(Code::kAborted, section + "rows do not have the digest that the report states");
}

}  // namespace daicho
