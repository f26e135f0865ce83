#include "collector/store/postgres/url.h"

#include <algorithm>
#include <cctype>

#include "common/text.h"

namespace daicho::collector {

namespace {

struct Parts {
  std::string_view scheme;     // "postgresql://"
  std::string_view authority;  // "user:secret@host:5432"; as libpq reads it, a password may have a question mark in it
  std::string_view rest;       // "/database?parameters"
};

Parts PartsOf(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  const std::size_t user = url.find_first_of("@/", begin);
  const bool has_user = user != std::string_view::npos && url[user] == '@';
  const std::size_t end = std::min(url.find_first_of("/?", has_user ? user : begin), url.size());
  return {url.substr(0, begin), url.substr(begin, end - begin), url.substr(end)};
}

bool HasOddPercent(std::string_view url) {
  const auto is_hex = [&](std::size_t at) {
    return at < url.size() && std::isxdigit(static_cast<unsigned char>(url[at])) != 0;
  };
  for (std::size_t at = url.find('%'); at != std::string_view::npos; at = url.find('%', at + 1)) {
    if (!is_hex(at + 1) || !is_hex(at + 2)) return true;
  }
  return false;
}

// The name of a parameter may be written with %XX, too; none that libpq knows needs it.
bool IsSecret(std::string_view parameter) {
  const std::string_view name = parameter.substr(0, parameter.find('='));
  return name == "password" || name == "sslpassword" || name.find('%') != std::string_view::npos;
}

}  // namespace

bool IsPostgresUrl(std::string_view store) {
  return store.starts_with("postgresql://") || store.starts_with("postgres://");
}

Status CheckPostgresUrl(std::string_view url) {
  if (!IsPostgresUrl(url)) {
    return Fail(Code::kInvalidArgument, "a URL postgresql://USER@HOST:PORT/DATABASE is needed");
  }
  if (CleanText(url) != url || url.find_first_of(" '\"\\") != std::string_view::npos) {
    return Fail(Code::kInvalidArgument,
                "the URL has a blank, a quote, a backslash, or something that is no UTF-8 text; write it as %XX");
  }
  if (HasOddPercent(url)) {
    return Fail(Code::kInvalidArgument, "the URL has a % that no two hexadecimal digits follow; write % itself as %25");
  }
  const Parts parts = PartsOf(url);
  if (std::ranges::count(parts.authority, '@') > 1 || parts.rest.find('@') != std::string_view::npos) {
    return Fail(Code::kInvalidArgument,
                "the URL has an @ that does not end its user; write @ in a name or a password as %40, and / as %2F");
  }
  return {};
}

std::string WithoutPassword(std::string_view url) {
  if (!IsPostgresUrl(url)) return std::string(url);
  const Parts parts = PartsOf(url);
  std::string shown(parts.scheme);
  const std::size_t host = parts.authority.find('@');
  const std::size_t colon = parts.authority.find(':');
  const bool has_password = host != std::string_view::npos && colon < host;
  shown += has_password ? std::string(parts.authority.substr(0, colon)) + std::string(parts.authority.substr(host))
                        : std::string(parts.authority);
  const std::size_t query = parts.rest.find('?');
  shown += parts.rest.substr(0, query);
  if (query == std::string_view::npos) return shown;
  char before = '?';
  for (const std::string_view parameter : Split(parts.rest.substr(query + 1), '&')) {
    if (IsSecret(parameter)) continue;
    shown += before + std::string(parameter);
    before = '&';
  }
  return shown;
}

std::string PasswordWarning(std::string_view url, std::string_view file) {
  if (WithoutPassword(url) == url) return "";
  return "warning: a password is in the URL, so it now stands in " + CleanText(file) +
         ", in its backups, and in this shell's history. Write the URL there without it, and the password into "
         "~/.pgpass "
         "of the collector's user (mode 0600): HOST:PORT:DATABASE:USER:PASSWORD\n";
}

}  // namespace daicho::collector
