#include "collector/store/forbidden_name.h"

namespace daicho::collector {

// WITH name [(columns)] AS [[NOT] MATERIALIZED] (SELECT …): a view's name is followed by "AS (", "AS NOT",
// "AS MATERIALIZED" or "(" in no other place of a SELECT.
std::string FindForbiddenName(std::span<const SqlToken> tokens, const SqlNames& views, const SqlNames& own_tables) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    if (token.kind == SqlTokenKind::kName && own_tables.contains(token.text)) {
      return "'" + token.text + "' is the store's own; only the documented views can be read";
    }
    const bool opens = token.Is("(") || token.Is("not") || token.Is("materialized");
    const SqlToken* shadow = nullptr;
    if (opens && i >= 2 && tokens[i - 1].Is("as")) shadow = &tokens[i - 2];
    if (token.Is("(") && i >= 1 && tokens[i - 1].kind == SqlTokenKind::kName) {
      shadow = tokens[i - 1].Is("as") ? shadow : &tokens[i - 1];
    }
    if (shadow != nullptr && shadow->kind == SqlTokenKind::kName && views.contains(shadow->text)) {
      return "'" + shadow->text + "' is a view; give the WITH table another name";
    }
  }
  return {};
}

}  // namespace daicho::collector
