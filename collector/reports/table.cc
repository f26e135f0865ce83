#include "collector/reports/table.h"

namespace daicho::collector {

Result<Language> ParseLanguage(std::string_view text) {
  if (text == "ja") return Language::kJapanese;
  if (text == "en") return Language::kEnglish;
  return Fail(Code::kInvalidArgument, "'" + std::string(text) + "' is no language of the reports; valid: ja, en");
}

}  // namespace daicho::collector
