// Root may write anywhere, so root looks on as somebody else as long as this lives.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

namespace daicho {

class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    if (user_ == 0) {
      EXPECT_EQ(::seteuid(65534), 0);
    }
  }
  ~WithoutPrivileges() { EXPECT_EQ(::seteuid(user_), 0); }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

 private:
  const uid_t user_ = ::geteuid();
};

}  // namespace daicho
