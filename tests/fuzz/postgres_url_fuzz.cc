// A URL that is taken is shown without a password, and what is shown names, as libpq reads it, the same server,
// database and options.
#include <libpq-fe.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "collector/store/postgres/url.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string ValueOf(const PQconninfoOption& option) { return option.val == nullptr ? "" : option.val; }

bool IsPassword(const PQconninfoOption& option) {
  return std::string_view(option.keyword) == "password" || std::string_view(option.keyword) == "sslpassword";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daicho::collector;
  const std::string url(reinterpret_cast<const char*>(data), size);
  if (const auto good = CheckPostgresUrl(url); !good) {
    Require(!good.error().message.empty());
    return 0;
  }
  const std::string shown = WithoutPassword(url);
  Require(CheckPostgresUrl(shown).has_value() && WithoutPassword(shown) == shown);
  const Options whole(PQconninfoParse(url.c_str(), nullptr));
  if (!whole) return 0;
  const Options bare(PQconninfoParse(shown.c_str(), nullptr));
  Require(bare != nullptr);
  // A parameter whose name is written with %XX is not shown.
  const auto query = url.find('?');
  const bool is_plain = query == std::string::npos || url.find('%', query) == std::string::npos;
  for (std::size_t i = 0; whole.get()[i].keyword != nullptr; ++i) {
    const PQconninfoOption& option = bare.get()[i];
    if (IsPassword(option)) {
      Require(ValueOf(option).empty());
    } else if (is_plain) {
      Require(ValueOf(option) == ValueOf(whole.get()[i]));
    }
  }
  return 0;
}
