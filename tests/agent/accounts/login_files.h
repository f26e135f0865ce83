// Builders of login records, byte by byte as utmp(5) and lastlog(8) lay them out, and of compressed files.
#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"

namespace daicho::agent {

// 2026-11-23T06:00:00Z
inline constexpr UnixTime kNow = 1'795'413'600;
inline constexpr UnixTime kDay = 86'400;

struct LoginRecordText {
  int type = 7;  // USER_PROCESS
  std::string_view user = {};
  std::string_view line = "pts/0";
  std::string_view host = {};
  UnixTime at = 0;
};

std::string MakeLoginRecord(const LoginRecordText& text);

// USER_PROCESS of `user` from `host`.
std::string Login(std::string_view user, UnixTime at, std::string_view host = "10.1.2.33");

// BOOT_TIME record, as systemd-update-utmp(8) writes it.
std::string Boot(UnixTime at);

// Writes the entry of `uid` into a lastlog, which grows as far as needed.
void SetLastlog(std::string& lastlog, std::uint32_t uid, UnixTime at, std::string_view host = "10.1.2.44");

std::string Gzip(std::string_view data);
std::string Xz(std::string_view data);
std::string Zstd(std::string_view data);

}  // namespace daicho::agent
