#include "collector/config_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/toml.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;

// Where line number `line` (from 1) begins.
std::size_t BeginOfLine(std::string_view text, std::size_t line) {
  std::size_t begin = 0;
  for (; line > 1; --line) begin = text.find('\n', begin) + 1;
  return begin;
}

// toml++ counts columns in characters, so a value is found by what stands before it: `store =`, which is ASCII.
Result<std::string> Replace(std::string_view text, const toml::node& node, const std::string& store,
                            const std::string& file) {
  const auto& place = node.source();
  if (place.begin.line != place.end.line) {
    return Fail(Code::kInvalidArgument, At(file, place, "store: is of several lines; write it in one"));
  }
  const std::size_t line = BeginOfLine(text, place.begin.line);
  const std::size_t begin = line + place.begin.column - 1;
  // The old value may have any characters; its end is found by its quotes.
  const char quote = text[begin];
  std::size_t end = begin + 1;
  while (end < text.size() && text[end] != quote) end += text[end] == '\\' && quote == '"' ? 2 : 1;
  if (end >= text.size() || (quote != '"' && quote != '\'')) {
    return Fail(Code::kInvalidArgument, At(file, place, "store: is not between plain quotes"));
  }
  return std::string(text.substr(0, begin)) + "\"" + store + "\"" + std::string(text.substr(end + 1));
}

}  // namespace

Result<std::string> WithStore(std::string_view text, const std::string& store, const std::string& file) {
  const auto table = ParseToml(text, file);
  if (!table) return std::unexpected(table.error());
  Result<std::string> changed = "store = \"" + store + "\"\n" + std::string(text);
  if (const toml::node* const node = table->get("store")) changed = Replace(text, *node, store, file);
  if (!changed) return changed;
  const auto again = ParseToml(*changed, file);
  if (again && again->get("store")->value_or(std::string()) == store) return changed;
  return Fail(Code::kInvalidArgument, file + ": its store cannot be changed; write the new one there by hand");
}

Status SetStoreOfConfig(const std::string& file, const std::string& store) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return Fail(Code::kNotFound, file + ": there is none");
  const auto text = ReadFile(file, kMaxConfigBytes);
  if (!text) return std::unexpected(text.error());
  const auto changed = WithStore(*text, store, file);
  if (!changed) return std::unexpected(changed.error());
  if (auto done = WriteFileAtomically(file, *changed, found.st_mode & 0777); !done) return done;
  if (::geteuid() == 0 && ::chown(file.c_str(), found.st_uid, found.st_gid) != 0) {
    return Fail(Code::kPermissionDenied, file + ": cannot be given back to its owner");
  }
  return {};
}

}  // namespace daicho::collector
