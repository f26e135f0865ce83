// Lexical elements of sudoers(5) within one logical line. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace daicho::agent {

class SudoersCursor {
 public:
  explicit SudoersCursor(std::string_view text) : rest_(text) {}

  bool AtEnd();
  // Skips blanks before each of these.
  bool Take(char c);
  // "!" any number of times; true if it negates.
  bool TakeNegation();
  // Takes `word` if it stands here followed by `then`, with or without blanks between.
  bool TakeKeyword(std::string_view word, char then);
  // A name: to the next unescaped blank or any of , : = ! ( ) outside quotes; an IPv6 address is one word. Empty: none.
  std::string Word();
  // A command's path or one of its digests: to the next unescaped blank, "," or ":".
  std::string CommandWord();
  // All arguments of a command: to the next unescaped "," or ":", trimmed.
  std::string Arguments();
  // Digests before a command ("sha256:…, sha512:…").
  void SkipDigests();
  // The value of an option: to the next unescaped blank or ",".
  void SkipValue();

  void SkipBlanks();
  std::string_view rest() const { return rest_; }

 private:
  std::string TakeUntil(std::string_view delimiters);

  std::string_view rest_;
};

}  // namespace daicho::agent
