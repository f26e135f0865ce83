// Records of utmp(5) as glibc writes them on x86 and every other Linux that keeps 32-bit times in them. A record has
// 384 bytes, numbers little-endian, texts ended by a NUL unless they fill their field:
//
//     0  i16  ut_type         44  char[32]   ut_user          340  u32  ut_tv.tv_sec
//     2       padding         76  char[256]  ut_host          344  u32  ut_tv.tv_usec
//     4  i32  ut_pid         332  i16[2]     ut_exit          348  u8[16]  ut_addr_v6
//     8  char[32] ut_line    336  i32        ut_session       364  u8[20]  unused
//    40  char[4]  ut_id
//
// tv_sec is read unsigned (to 2106). Only USER_PROCESS records are the use of an account; "reboot", "shutdown",
// "runlevel" and "LOGIN" stand in records of other types, and somebody may have such a name. Pure; no copy, no
// allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/clock.h"

namespace daicho::agent {

inline constexpr std::size_t kLoginRecordBytes = 384;
inline constexpr std::size_t kLoginNameBytes = 32;

inline constexpr int kUserProcess = 7;
inline constexpr int kMaxRecordType = 9;  // ACCOUNTING
inline constexpr int kEmptyRecord = 0;

// Before this, the clock of the machine was not set: 2000-01-01.
inline constexpr UnixTime kEarliestLogin = 946'684'800;

// Whether a record's time can be true: not before 2000, not over a day in the future.
constexpr bool IsLoginTime(UnixTime at, UnixTime now) { return at >= kEarliestLogin && at <= now + 86'400; }

// A view of one record; precondition: it has kLoginRecordBytes bytes and outlives the view.
class LoginRecord {
 public:
  explicit LoginRecord(const char* bytes) : bytes_(bytes) {}

  int type() const { return static_cast<std::int16_t>(U32(0) & 0xffffu); }
  std::string_view line() const { return Text(8, 32); }
  std::string_view user() const { return Text(44, kLoginNameBytes); }
  std::string_view host() const { return Text(76, 256); }
  UnixTime at() const { return U32(340); }
  // Where somebody came from: remote host, otherwise the terminal.
  std::string_view from() const { return host().empty() ? line() : host(); }

 private:
  std::uint32_t U32(std::size_t offset) const;
  std::string_view Text(std::size_t offset, std::size_t size) const;

  const char* bytes_;
};

// Whole records of a file; what is left over at the end is a record that was cut.
class LoginRecords {
 public:
  explicit LoginRecords(std::string_view bytes) : bytes_(bytes) {}
  std::size_t size() const { return bytes_.size() / kLoginRecordBytes; }
  LoginRecord operator[](std::size_t i) const { return LoginRecord(bytes_.data() + i * kLoginRecordBytes); }
  bool cut() const { return bytes_.size() % kLoginRecordBytes != 0; }

 private:
  std::string_view bytes_;
};

// Records of machines that keep 64-bit times in them (aarch64 and others): wtmp 400, lastlog 296 bytes.
inline constexpr std::size_t kForeignLoginRecordBytes = 400;
inline constexpr std::size_t kForeignLastlogRecordBytes = 296;

inline constexpr std::string_view kForeignRecords = "holds records of another architecture (64-bit times); not read";

// Whether each record begins with a type that is in use if records have 400 bytes, and not if they have 384.
bool IsForeignLoginFile(std::string_view bytes);

// lastlog(8): 292 bytes a record, the record of a uid at uid × 292; all zero: never.
//
//     0  u32  ll_time    4  char[32]  ll_line    36  char[256]  ll_host
inline constexpr std::size_t kLastlogRecordBytes = 292;

struct LastlogEntry {
  UnixTime at = 0;  // 0: never
  std::string_view from;
};

// Of a record that is not whole (the file ends before or within it): never.
LastlogEntry ParseLastlogRecord(std::string_view record);

}  // namespace daicho::agent
