#include "collector/store/sqlite/sql_functions.h"

#include <google/protobuf/message.h>
#include <sqlite3.h>

#include <new>
#include <optional>

#include "common/json.h"
#include "common/version_order.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

std::string_view Argument(sqlite3_value* value) {
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))) : std::string_view();
}

void VersionKeyFunction(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[1]) == SQLITE_NULL) return;
  const std::string key = VersionKey(Argument(arguments[0]), Argument(arguments[1]));
  sqlite3_result_blob64(context, key.data(), key.size(), SQLITE_TRANSIENT);
}

// A view asks for several fields of the same item in a row: it is parsed once.
const v1::Software& ParsedItem(std::string_view item) {
  thread_local std::string bytes;
  thread_local v1::Software software;
  if (bytes != item) {
    bytes.assign(item);
    if (!software.ParseFromArray(item.data(), static_cast<int>(item.size()))) software.Clear();
  }
  return software;
}

void SoftwareFieldFunction(sqlite3_context* context, int, sqlite3_value** arguments) {
  const v1::Software& software = ParsedItem(Argument(arguments[0]));
  const auto* field = v1::Software::descriptor()->FindFieldByName(std::string(Argument(arguments[1])));
  if (!field || field->is_repeated() || field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    sqlite3_result_error(context, "software_field: message Software has no such text field", -1);
    return;
  }
  std::string scratch;
  const std::string& text = software.GetReflection()->GetStringReference(software, field, &scratch);
  if (!text.empty()) sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

// Far above every list of a view, and as long as a value may be in SQL that viewers write.
constexpr int kMaxListBytes = 1 << 20;

// The list grows in the engine's own memory, where it is counted (select.cc).
void JsonListStep(sqlite3_context* context, int, sqlite3_value** arguments) {
  auto** memory = static_cast<sqlite3_str**>(sqlite3_aggregate_context(context, sizeof(sqlite3_str*)));
  if (!memory) return sqlite3_result_error_nomem(context);
  if (!*memory) *memory = sqlite3_str_new(sqlite3_context_db_handle(context));
  sqlite3_str* list = *memory;
  const std::string_view text = Argument(arguments[0]);
  if (sqlite3_str_length(list) + static_cast<sqlite3_int64>(text.size()) > kMaxListBytes) {
    return sqlite3_result_error_toobig(context);
  }
  std::string item(1, sqlite3_str_length(list) == 0 ? '[' : ',');
  AppendJsonString(text, item);
  sqlite3_str_append(list, item.data(), static_cast<int>(item.size()));
}

// Called after an error too.
void JsonListFinal(sqlite3_context* context) {
  auto** memory = static_cast<sqlite3_str**>(sqlite3_aggregate_context(context, 0));
  if (!memory || !*memory) return sqlite3_result_text(context, "[]", -1, SQLITE_STATIC);
  sqlite3_str* list = *memory;
  sqlite3_str_append(list, "]", 1);
  const int error = sqlite3_str_errcode(list);
  const auto size = static_cast<sqlite3_uint64>(sqlite3_str_length(list));
  char* text = sqlite3_str_finish(list);
  if (text) return sqlite3_result_text64(context, text, size, sqlite3_free, SQLITE_UTF8);
  if (error == SQLITE_TOOBIG) return sqlite3_result_error_toobig(context);
  sqlite3_result_error_nomem(context);
}

// The smallest or largest of the numbers that are there, as in other engines (and unlike SQLite's own min and max of
// several values, which are NULL if one of them is).
template <bool kLargest>
void ExtremeFunction(sqlite3_context* context, int count, sqlite3_value** arguments) {
  std::optional<sqlite3_int64> extreme;
  for (int i = 0; i < count; ++i) {
    if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) continue;
    const sqlite3_int64 value = sqlite3_value_int64(arguments[i]);
    if (!extreme || (kLargest ? value > *extreme : value < *extreme)) extreme = value;
  }
  if (extreme) sqlite3_result_int64(context, *extreme);
}

// No exception may pass through the engine, which is C.
template <void (*Function)(sqlite3_context*, int, sqlite3_value**)>
void Guarded(sqlite3_context* context, int count, sqlite3_value** arguments) {
  try {
    Function(context, count, arguments);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

struct SqlFunction {
  const char* name;
  int arguments;
  void (*call)(sqlite3_context*, int, sqlite3_value**);
  void (*step)(sqlite3_context*, int, sqlite3_value**);
  void (*finish)(sqlite3_context*);
};

constexpr SqlFunction kFunctions[] = {
    {"version_key", 2, Guarded<VersionKeyFunction>, nullptr, nullptr},
    {"software_field", 2, Guarded<SoftwareFieldFunction>, nullptr, nullptr},
    {"least", -1, ExtremeFunction<false>, nullptr, nullptr},
    {"greatest", -1, ExtremeFunction<true>, nullptr, nullptr},
    {"json_list", 1, nullptr, Guarded<JsonListStep>, JsonListFinal},
};

}  // namespace

Status RegisterSqlFunctions(SqliteConnection& connection) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const SqlFunction& function : kFunctions) {
    const int result = sqlite3_create_function_v2(connection.handle(), function.name, function.arguments, kFlags,
                                                  nullptr, function.call, function.step, function.finish, nullptr);
    if (result != SQLITE_OK) return std::unexpected(connection.ErrorOf(result, sqlite3_errstr(result)));
  }
  return {};
}

}  // namespace daicho::collector
