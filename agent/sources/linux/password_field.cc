#include "agent/sources/linux/password_field.h"

#include <algorithm>

namespace daicho::agent {

namespace {

// crypt(5): printable ASCII without blanks and without : ; * ! and backslash.
bool IsHashCharacter(char c) {
  return c > ' ' && c < 0x7f && std::string_view(":;*!\\").find(c) == std::string_view::npos;
}

bool IsClassicCharacter(char c) {
  return c == '.' || c == '/' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool IsHash(std::string_view field) {
  if (field.starts_with('$')) {
    const auto id_end = field.find('$', 1);
    return id_end != std::string_view::npos && id_end > 1 && id_end + 1 < field.size() &&
           std::ranges::all_of(field, IsHashCharacter);
  }
  if (field.starts_with('_')) return field.size() == 20 && std::ranges::all_of(field.substr(1), IsClassicCharacter);
  // DES has 13 characters, bigcrypt 11 more for each further eight of the password.
  return field.size() >= 13 && (field.size() - 13) % 11 == 0 && field.size() <= 178 &&
         std::ranges::all_of(field, IsClassicCharacter);
}

}  // namespace

PasswordState ClassifyPassword(std::string_view field) {
  if (field.empty()) return PasswordState::kEmpty;
  if (field.starts_with('!')) return PasswordState::kLocked;
  return IsHash(field) ? PasswordState::kSet : PasswordState::kNone;
}

std::string_view PasswordStateName(PasswordState state) {
  switch (state) {
    case PasswordState::kEmpty:
      return "empty";
    case PasswordState::kSet:
      return "set";
    case PasswordState::kLocked:
      return "locked";
    case PasswordState::kNone:
      break;
  }
  return "none";
}

}  // namespace daicho::agent
