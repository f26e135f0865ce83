// The second field of passwd(5) and shadow(5), as crypt(5) and passwd(1) -S understand it:
//
//   field                                   state
//   ""                                      kEmpty   logs in without a password
//   starts with "!"  ("!", "!!", "!$6$…")   kLocked  usermod -L; passwd -S says L
//   "$id$…", "_…" of 20, 13 characters      kSet     what crypt(3) can give
//   anything else    ("*", "x", "*LK*")     kNone    no password can ever match
//
// The field itself goes no further than this function. Pure.
#pragma once

#include <string_view>

namespace daicho::agent {

enum class PasswordState { kEmpty, kSet, kLocked, kNone };

PasswordState ClassifyPassword(std::string_view field);

// As facts.proto writes it: "empty", "set", "locked", "none".
std::string_view PasswordStateName(PasswordState state);

}  // namespace daicho::agent
