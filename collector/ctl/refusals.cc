#include "collector/ctl/refusals.h"

#include <optional>
#include <vector>

#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr RefusalSentence kSentences[] = {
    {"name a device by id or host name", "機器は、機器IDかホスト名で指定してください。"},
    {"no device has the id, id prefix of 4 digits or more, or host name {0}",
     "機器ID（先頭4桁以上でも可）またはホスト名が {0} の機器はありません。daicho devices で一覧を確認してください。"},
    {"{0} names several devices; use more of the id:{1}",
     "{0} に当てはまる機器が複数あります。機器IDをもっと長く指定してください:{1}"},
    {"device {0} was not known at {1}: it enrolled at {2}", "機器 {0} は {1} の時点では未登録です（登録日時 {2}）。"},
    {"device {0} is revoked; enrol it as a new device (a token without a device)",
     "機器 {0} は失効しています。--device を付けずにトークンを発行し、新しい機器として登録してください。"},
    {"no finding has the id, or id prefix of 4 characters or more, {0}",
     "指摘ID（先頭4文字以上でも可）が {0} の指摘はありません。daicho findings --status all で確認してください。"},
    {"{0} names several findings; use more of the id:{1}",
     "{0} に当てはまる指摘が複数あります。指摘IDをもっと長く指定してください:{1}"},
    {"finding {0} is not waived", "指摘 {0} は例外登録されていません。"},
    {"finding '{0}' is resolved; nothing to waive", "指摘 {0} は解消済みなので、例外登録はできません。"},
    {"the ledger has forgotten what was before {0} ([history] keep_days of the collector); ask for a time from then on",
     "台帳には {0} より前の記録が残っていません（収集サーバーの [history] "
     "keep_days）。それ以降の日時を指定してください。"},
    {"since {0} is after until {1}", "--since {0} が --until {1} より後です。"},
    {"--below needs a NAME: versions of different software do not compare",
     "--below には名称が必要です。異なるソフトウェアの版は比べられません。"},
    {"--below {0}: a version has a digit, such as 3.0.11",
     "--below {0}: 版は 3.0.11 のように数字を含めて指定してください。"},
    {"this needs the role {0}; {1} has the role {2}",
     "この操作には {0} の権限が必要ですが、{1} の権限は {2} です。権限のある管理者に依頼してください。"},
    {"a device's certificate gives no access here; use an admin profile",
     "端末の証明書では操作できません。管理者の接続設定を使ってください。"},
    {"{0}: required, say it for whoever reads the journal later",
     "{0} を指定してください。後で監査記録を読む人のためです。"},
    {"{0}: longer than 1,000 bytes", "{0} は 1,000 バイト以内にしてください。"},
    {"the call cannot be journaled, so it is not done: {0}", "監査記録を書けないため、実行しませんでした: {0}"},
    {"the collector is busy with other exports; try again",
     "ほかの書き出しを実行中です。しばらくしてから、もう一度実行してください。"},
    {"the export took longer than {0} s", "書き出しが {0} 秒以内に終わらないため、打ち切りました。"},
    {"only a SELECT on the documented views is allowed{0}", "実行できるのは、公開ビューへの SELECT 文だけです{0}"},
    {"only one statement is allowed; a second one begins{0}", "実行できるのは 1 文だけです。2 文目の始まり:{0}"},
    {"{0} is not allowed in a query; use json_list(value), which makes a JSON list",
     "{0} は使えません。JSON の配列を作るには json_list(値) を使ってください。"},
    {"function {0} is not for queries (VIEWS.md lists those that are){1}",
     "関数 {0} は使えません。使える関数は VIEWS.md にあります{1}"},
    {"the SELECT needs too much memory; narrow it, or ask for shorter values",
     "この SELECT 文はメモリを使いすぎます。条件を絞るか、短い値だけを求めてください。"},
    {"the collector is busy; come again later",
     "収集サーバーが混み合っています。しばらくしてから、もう一度実行してください。"},
    {"the call came without a certificate of this collector's authority; enrol first",
     "この収集サーバーの認証局が出した証明書がありません。接続設定を確認してください。"},
    {"there is no statement; write a SELECT on the documented views",
     "文がありません。公開ビューへの SELECT 文を書いてください。"},
};

// The text up to the next place, taken from the front of `pattern`.
std::string_view TakeWords(std::string_view& pattern) {
  std::size_t end = 0;
  while (end < pattern.size() && !IsPlace(pattern, end)) ++end;
  const std::string_view words = pattern.substr(0, end);
  pattern.remove_prefix(end);
  return words;
}

// What stands at the places of `pattern`; nothing if `text` is another sentence.
std::optional<std::vector<std::string_view>> ValuesOf(std::string_view pattern, std::string_view text) {
  const std::string_view begin = TakeWords(pattern);
  if (!text.starts_with(begin)) return std::nullopt;
  text.remove_prefix(begin.size());
  std::vector<std::string_view> values;
  while (!pattern.empty()) {
    pattern.remove_prefix(3);
    const std::string_view words = TakeWords(pattern);
    // The last words are the end of the text, so that a value may have them in it.
    const std::size_t end = words.empty() ? text.size() : pattern.empty() ? text.rfind(words) : text.find(words);
    if (end == std::string_view::npos) return std::nullopt;
    values.push_back(text.substr(0, end));
    text.remove_prefix(end + words.size());
  }
  if (!text.empty()) return std::nullopt;
  return values;
}

}  // namespace

std::span<const RefusalSentence> RefusalSentences() { return kSentences; }

std::string Refusal(Language language, std::string_view english) {
  if (language == Language::kEnglish) return std::string(english);
  for (const RefusalSentence& sentence : kSentences) {
    if (const auto values = ValuesOf(sentence.en, english)) return FillPlaces(sentence.ja, *values);
  }
  return std::string(english);
}

}  // namespace daicho::collector
