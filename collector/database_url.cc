#include "collector/database_url.h"

#include <iostream>

#include "common/text.h"

namespace daicho::collector {

namespace {

// The name of a parameter may be written with %XX, too; none that libpq knows needs it.
bool IsSecret(std::string_view parameter) {
  const std::string_view name = parameter.substr(0, parameter.find('='));
  return name == "password" || name == "sslpassword" || name.find('%') != std::string_view::npos;
}

// Takes "user:secret@" from the front of `url` and gives "user@". As libpq reads it, a password may have a question
// mark in it, but no slash.
std::string TakeUser(std::string_view& url) {
  const std::size_t at = url.substr(0, url.find('/')).rfind('@');
  if (at == std::string_view::npos) return "";
  const std::string_view user = url.substr(0, at);
  url.remove_prefix(at);
  return std::string(user.substr(0, user.find(':')));
}

}  // namespace

bool IsPlainUrl(std::string_view url) {
  return CleanText(url) == url && url.find_first_of("\"\\") == std::string_view::npos;
}

std::string WithoutPassword(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  std::string shown(url.substr(0, scheme + 3));
  url.remove_prefix(shown.size());
  shown += TakeUser(url);
  const std::size_t query = url.find('?');
  shown += url.substr(0, query);
  if (query == std::string_view::npos) return shown;
  char before = '?';
  for (std::string_view left = url.substr(query + 1); !left.empty();) {
    const std::size_t end = left.find('&');
    const std::string_view parameter = left.substr(0, end);
    if (!IsSecret(parameter)) {
      shown += before + std::string(parameter);
      before = '&';
    }
    left = end == std::string_view::npos ? "" : left.substr(end + 1);
  }
  return shown;
}

void WarnOfPassword(std::string_view url, std::string_view file) {
  while (url.ends_with('?') || url.ends_with('&')) url.remove_suffix(1);
  if (WithoutPassword(url) == url) return;
  std::cerr << "warning: a password is in the URL, so it now stands in " << CleanText(file)
            << ", in its backups, and in this shell's history. Write the URL there without it, and the password into "
               "~/.pgpass of the collector's user (mode 0600): HOST:PORT:DATABASE:USER:PASSWORD\n";
}

}  // namespace daicho::collector
