#include "collector/enrol/token.h"

#include "common/delta.h"
#include "common/text.h"
#include "common/x509.h"

namespace daicho::collector {

std::string NewToken() { return RandomHex(32); }

std::string TokenHash(std::string_view token) { return Hex(Sha256(Trim(token))); }

}  // namespace daicho::collector
