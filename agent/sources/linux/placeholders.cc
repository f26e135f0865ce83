#include "agent/sources/linux/placeholders.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "common/text.h"

namespace daicho::agent {

namespace {

// Lower case, sorted by maker's habit rather than letter: board vendors' BIOS kits first.
constexpr std::string_view kTexts[] = {"default string",
                                       "default",
                                       "default_string",
                                       "defaultstring",
                                       "to be filled by o.e.m.",
                                       "to be filled by o.e.m",
                                       "to be filled by oem",
                                       "tobefilledbyo.e.m.",
                                       "to be filled by o.e.m. by more string",
                                       "filled by oem",
                                       "o.e.m.",
                                       "oem",
                                       "oem default string",
                                       "system serial number",
                                       "system manufacturer",
                                       "system product name",
                                       "system version",
                                       "system uuid",
                                       "base board serial number",
                                       "base board asset tag",
                                       "board serial number",
                                       "board manufacturer",
                                       "board product name",
                                       "chassis serial number",
                                       "chassis manufacturer",
                                       "chassis version",
                                       "type1sku0",
                                       "type1family",
                                       "type1productconfigid",
                                       "type2 - board serial number",
                                       "serialnumber",
                                       "serial number",
                                       "serial",
                                       "sernum",
                                       "sn",
                                       "s/n",
                                       "serial no",
                                       "ssn12345678901234567",
                                       "asset-1234567890",
                                       "no asset tag",
                                       "no asset information",
                                       "asset tag",
                                       "none",
                                       "null",
                                       "nil",
                                       "n/a",
                                       "na",
                                       "not available",
                                       "not applicable",
                                       "not specified",
                                       "not defined",
                                       "not set",
                                       "not present",
                                       "not used",
                                       "no serial",
                                       "unknown",
                                       "unknow",
                                       "undefined",
                                       "unspecified",
                                       "invalid",
                                       "empty",
                                       "blank",
                                       "standard",
                                       "vendor",
                                       "manufacturer",
                                       "product name",
                                       "product",
                                       "test",
                                       "(none)",
                                       "<none>",
                                       "<null>",
                                       "$(serial_number)",
                                       "$(default_string)",
                                       "%serial%",
                                       "mb-1234567890",
                                       "bss-0123456789",
                                       "123-1234-123",
                                       "1234-5678-9012"};

// Lower case, with hyphens.
constexpr std::string_view kUuids[] = {"03000200-0400-0500-0006-000700080009", "03020100-0504-0706-0809-0a0b0c0d0e0f",
                                       "00020003-0004-0005-0006-000700080009", "12345678-1234-5678-90ab-cddeefaabbcc",
                                       "12345678-1234-1234-1234-123456789abc", "00010203-0405-0607-0809-0a0b0c0d0e0f",
                                       "01020304-0506-0708-090a-0b0c0d0e0f10", "10000000-0000-8000-0040-000000000000",
                                       "4c4c4544-0000-2010-8020-80c04f202020", "4c4c4544-0020-2010-8020-a0c04f202020",
                                       "fefefefe-fefe-fefe-fefe-fefefefefefe"};

constexpr std::string_view kSeparators = "-_.: /";

bool IsSame(std::string_view text) { return text.find_first_not_of(text.front()) == std::string_view::npos; }

// "0123456789", "12345678901234567890": each digit follows the one before, and there are enough of them to be no
// chance.
bool IsCounting(std::string_view text) {
  if (text.size() < 5 || (text.front() != '0' && text.front() != '1')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    if (i > 0 && text[i] - '0' != (text[i - 1] - '0' + 1) % 10) return false;
  }
  return true;
}

}  // namespace

bool IsPlaceholder(std::string_view value) {
  std::string text(Trim(value));
  if (text.empty()) return false;
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  if (std::ranges::find(kTexts, text) != std::end(kTexts) || std::ranges::find(kUuids, text) != std::end(kUuids)) {
    return true;
  }
  std::erase_if(text, [](char c) { return kSeparators.find(c) != std::string_view::npos; });
  return text.empty() || (IsSame(text) && (text.size() >= 3 || text == "0")) || IsCounting(text);
}

}  // namespace daicho::agent
