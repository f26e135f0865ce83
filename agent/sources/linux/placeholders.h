// Texts that firmware carries where nobody filled in a value. Two machines with serial "Default string" are not the
// same machine.
#pragma once

#include <string_view>

namespace daicho::agent {

// True for the known texts (compared without case and surrounding blanks), for one character repeated ("0000000"), for
// counting ("0123456789", "123456789"), and for UUIDs that boards of many makers share. False for the empty text.
bool IsPlaceholder(std::string_view value);

}  // namespace daicho::agent
