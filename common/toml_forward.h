// Names of toml++ (TOML 1.0, version 3.3) for headers: the whole library costs every includer seconds. Whoever parses
// includes common/toml.h; nothing includes toml++ otherwise, because all must see the same settings.
//
// The library asserts what input can break ("[[= 1"), and a release build goes on regardless: here its assertions
// throw, in every build, and ParseToml() tells them as what they are, bad input.
#pragma once

#include <stdexcept>

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : throw std::logic_error("no key where one is expected"))
#include <toml++/impl/forward_declarations.h>
#pragma pop_macro("NDEBUG")
